//! How a directive's text is taken apart.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, bail};

use crate::ask::near::Unknown;

/// `experiment: body`.
pub(super) fn split(rest: &str) -> Result<(&str, &str)> {
    let (experiment, body) = rest.split_once(':').unwrap_or((rest, ""));
    if experiment.trim().is_empty() {
        bail!("an experiment is missing; write `experiment: selector`");
    }
    Ok((experiment.trim(), body.trim()))
}

/// Of a directive that takes nothing.
pub(super) fn nothing(rest: &str) -> Result<()> {
    match rest {
        "" => Ok(()),
        _ => bail!("it takes nothing, and `{rest}` would say nothing"),
    }
}

/// A text that may have commas and quotation marks of its own, as it was written, and the
/// options behind it: from the first semicolon that is not between quotation marks.
pub(super) fn apart(body: &str) -> Result<(&str, Options)> {
    let mut quoted = false;
    let end = body.find(|c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    let (text, options) = body.split_at(end.unwrap_or(body.len()));
    Ok((text.trim(), Options::parse(options)?))
}

/// `item, item; key=value; key="value; with anything"`.
pub(super) struct Options {
    items: Vec<String>,
    given: BTreeMap<String, String>,
    /// What has been asked for, for who misspells it.
    known: Vec<&'static str>,
}

/// What is no Markdown: it stands in a figure's head or in a question.
const PLAIN: [&str; 3] = ["caption", "question", "title"];

impl Options {
    pub(super) fn parse(body: &str) -> Result<Options> {
        let mut parts = vec![String::new()];
        let mut quoted = false;
        for c in body.replace('\n', " ").chars() {
            match c {
                '"' => quoted = !quoted,
                ';' if !quoted => parts.push(String::new()),
                c => parts.last_mut().expect("there is always a part").push(c),
            }
        }
        if quoted {
            bail!("a quotation mark is not closed");
        }
        let items = parts[0].split(',').map(|item| item.trim().to_owned());
        let items = items.filter(|item| !item.is_empty()).collect();
        let mut given = BTreeMap::new();
        for part in parts[1..].iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
            let (key, value) = part
                .split_once('=')
                .ok_or_else(|| anyhow!("`{part}` is not an option; write `key=value`"))?;
            // "…", say, that somebody meant to come back to.
            if !value.contains(char::is_alphanumeric) {
                bail!("`{part}` says nothing");
            }
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            if PLAIN.contains(&&*key)
                && (value.matches('`').count() > 1 || value.contains("]("))
            {
                bail!("`{key}` is printed as it stands, without code and links: {value}");
            }
            if given.contains_key(&key) {
                bail!("`{key}` is given twice");
            }
            given.insert(key, value);
        }
        Ok(Options { items, given, known: Vec::new() })
    }

    /// The option `key`, if it was given.
    pub(super) fn take(&mut self, key: &'static str) -> Option<String> {
        self.known.push(key);
        self.given.remove(key)
    }

    /// The option `key`, without which the directive says nothing.
    pub(super) fn need(&mut self, key: &'static str) -> Result<String> {
        self.take(key).with_context(|| format!("a {key}=\"…\" is missing"))
    }

    /// What stands before the options. To be called last: an option that nobody has asked for
    /// is a mistake.
    pub(super) fn items(self) -> Result<Vec<String>> {
        match self.given.keys().next() {
            Some(key) => {
                let text = format!("no option is called `{key}`");
                bail!(Unknown::new(text, key, self.known))
            }
            None => Ok(self.items),
        }
    }
}
