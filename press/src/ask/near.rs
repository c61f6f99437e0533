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

/// The longest name that is compared, in bytes; of longer ones it takes long, and nobody has
/// misspelled one.
const LONGEST: usize = 200;

impl Unknown {
    /// `name` is none of `known`, which `text` says in words.
    pub fn new<'a>(
        text: String,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Unknown {
        let nearest = known
            .into_iter()
            .filter(|known| known.len().max(name.len()) <= LONGEST)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_told_and_none_that_takes_long_to_compare() {
        let text = |name: &str, known: &str| {
            Unknown::new("no".into(), name, [known, "something else"]).to_string()
        };
        assert_eq!(text("thread", "threads"), "no; did you mean `threads`?");
        assert_eq!(text("thread", "x"), "no");
        let long = "thread".repeat(1_000_000);
        assert_eq!(text(&long, &long), "no");
    }
}
