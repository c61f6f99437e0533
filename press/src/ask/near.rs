//! "Did you mean …?"

use std::error::Error;
use std::fmt;

/// Somebody asked for a name that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What there is not, in words.
    pub text: String,
    /// The name there is that looks most like it, if one does.
    pub nearest: Option<String>,
}

impl Unknown {
    /// `name` is none of `known`, which `text` says in words.
    pub fn new<'a>(
        text: String,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Unknown {
        let nearest = known
            .into_iter()
            .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
            .filter(|(likeness, _)| *likeness >= 0.4)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, known)| known.to_owned());
        Unknown { text, nearest }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

impl Error for Unknown {}
