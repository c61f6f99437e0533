//! What the tool itself writes on pages, and what records and the ledger say there, in another
//! language: a catalog, `book/LANGUAGE/words.toml`, by the English text.
//!
//! It is asked about every text between tags that a directive made, so no directive knows of
//! languages. What it does not have stays English, and is marked as English.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::ask::file;

/// The catalog of a language.
#[derive(Debug, Default)]
pub struct Words {
    /// What the language calls itself.
    pub name: String,
    /// The book, in a sentence.
    pub description: String,
    /// What the script of a page writes, which looks it up itself.
    pub script: BTreeMap<String, String>,
    exact: HashMap<String, String>,
    /// Texts with gaps, the longest first.
    patterns: Vec<(Vec<String>, String)>,
    /// What is called so in both languages.
    same: Vec<String>,
    /// What was asked for and is not there.
    missing: Mutex<BTreeSet<String>>,
}

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalog {
    name: String,
    description: String,
    same: Vec<String>,
    words: HashMap<String, String>,
    #[serde(default)]
    script: BTreeMap<String, String>,
}

/// Stands in a text for another: a number, a name, or what the catalog has as well.
const GAP: &str = "{}";

/// Elements whose text is nobody's words.
const LEFT: [&str; 4] = ["script", "style", "pre", "code"];

/// Elements that have text and no elements.
const PLAIN: [&str; 6] = ["title", "option", "textarea", "text", "tspan", "desc"];

/// Attributes that are read out or shown.
const READ: [&str; 4] = ["aria-label", "title", "placeholder", "alt"];

/// What stands behind a number.
const UNITS: [&str; 15] =
    ["→", "%", "×", "B", "GiB", "KiB", "MiB", "min", "ms", "ns", "s", "µs", "–", "+", "~"];

/// Where lists and sentences are taken apart.
const BETWEEN: [&str; 8] = ["; ", ". ", ", ", " · ", ": ", " | ", " / ", " - "];

/// How deep texts stand in gaps of others.
const DEPTH: usize = 9;

impl Words {
    /// Reads a catalog.
    ///
    /// # Errors
    /// When it is not understood, or a text and its translation differ in their gaps.
    pub fn read(path: &Path) -> Result<Words> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let Catalog { name, description, same, words, script } =
            file::read(&text).map_err(|e| anyhow!("{}:{e:#}", path.display()))?;
        let all_gaps = words.iter().chain(&script);
        for (english, other) in all_gaps {
            if english.matches(GAP).count() != other.matches(GAP).count() {
                bail!("{}: `{english}` has other gaps than `{other}`", path.display());
            }
        }
        let mut all = Words { name, description, same, script, ..Words::default() };
        for (english, other) in words {
            if english.contains(GAP) {
                let pieces = english.split(GAP).map(str::to_owned).collect();
                all.patterns.push((pieces, other));
            } else {
                all.exact.insert(english, other);
            }
        }
        let length = |pieces: &[String]| pieces.iter().map(String::len).sum::<usize>();
        all.patterns.sort_by_key(|(pieces, _)| (usize::MAX - length(pieces), pieces.clone()));
        Ok(all)
    }

    /// What was asked for and is not there, so far.
    pub fn missing(&self) -> Vec<String> {
        self.missing.lock().expect("nothing panics while it is held").iter().cloned().collect()
    }

    /// A text that pages have outside of directives; as it is, where the catalog lacks it.
    pub fn say(&self, english: &str) -> String {
        self.exact.get(english).cloned().unwrap_or_else(|| english.to_owned())
    }

    /// HTML in this language. What is part of `own` is the translator's already; what is one of
    /// `foreign` stays English, and should.
    pub fn localized(&self, html: &str, own: &[String], foreign: &[String]) -> String {
        let mut out = String::with_capacity(html.len() + html.len() / 4);
        let mut open: Vec<&str> = Vec::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            let (text, tag) = rest.split_at(at);
            out.push_str(&self.text(text, &open, own, foreign));
            let end = tag.find('>').map_or(tag.len(), |end| end + 1);
            let (tag, after) = tag.split_at(end);
            let name = tag.trim_start_matches(['<', '/']);
            let name = &name[..name.find([' ', '>', '/', '\n']).unwrap_or(name.len())];
            if tag.starts_with("</") {
                if open.last() == Some(&name) {
                    open.pop();
                }
            } else if (LEFT.contains(&name) || PLAIN.contains(&name)) && !tag.ends_with("/>") {
                open.push(name);
            }
            out.push_str(&self.attributes(tag, own));
            rest = after;
            if ["script", "style"].contains(&name) && !tag.starts_with("</") {
                let end = rest.find(&format!("</{name}")).unwrap_or(rest.len());
                out.push_str(&rest[..end]);
                rest = &rest[end..];
            }
        }
        out.push_str(&self.text(rest, &open, own, foreign));
        out
    }

    fn text(&self, raw: &str, open: &[&str], own: &[String], foreign: &[String]) -> String {
        let trimmed = raw.trim();
        if trimmed.is_empty() || open.iter().any(|name| LEFT.contains(name)) {
            return raw.to_owned();
        }
        let from = raw.find(trimmed).unwrap_or_default();
        let (before, after) = (&raw[..from], &raw[from + trimmed.len()..]);
        let plain = with_blanks(&decoded(trimmed));
        let is_foreign = foreign.contains(&plain);
        let said = match (!is_foreign).then(|| self.said(&plain, own, DEPTH)).flatten() {
            Some(said) if said == plain => trimmed.to_owned(),
            Some(said) => encoded(&said),
            None => {
                if !is_foreign {
                    self.lacks(plain);
                }
                match open.is_empty() {
                    true => format!("<span lang=\"en\">{trimmed}</span>"),
                    false => trimmed.to_owned(),
                }
            }
        };
        format!("{before}{said}{after}")
    }

    fn attributes(&self, tag: &str, own: &[String]) -> String {
        let mut out = tag.to_owned();
        for name in READ {
            let start = format!(" {name}=\"");
            let Some(from) = out.find(&start).map(|at| at + start.len()) else { continue };
            let Some(length) = out[from..].find('"') else { continue };
            let value = with_blanks(&decoded(&out[from..from + length]));
            match self.said(&value, own, DEPTH) {
                Some(said) => out.replace_range(from..from + length, &encoded(&said)),
                None => self.lacks(value),
            }
        }
        out
    }

    fn lacks(&self, text: String) {
        self.missing.lock().expect("nothing panics while it is held").insert(text);
    }

    /// A text in this language, if the catalog has it, or all that it is made of.
    fn said(&self, text: &str, own: &[String], depth: usize) -> Option<String> {
        let trimmed = text.trim();
        if let Some(said) = self.exact.get(trimmed) {
            return Some(text.replace(trimmed, said));
        }
        if is_quantity(trimmed) {
            let said = decimal(text).replace(' ', "\u{202f}");
            return Some(said.replace(";\u{202f}", "; "));
        }
        if !trimmed.contains(char::is_alphabetic) {
            return Some(text.to_owned());
        }
        if own.iter().any(|own| own.contains(trimmed)) || self.is_same(trimmed) {
            return Some(text.to_owned());
        }
        let depth = depth.checked_sub(1)?;
        for (pieces, other) in &self.patterns {
            if let Some(gaps) = gaps(trimmed, pieces)
                && let Some(said) = self.all_said(&gaps, own, depth)
            {
                let mut said = said.into_iter();
                let mut out = String::new();
                for (i, piece) in other.split(GAP).enumerate() {
                    if i > 0 {
                        out.push_str(&said.next().expect("as many gaps"));
                    }
                    out.push_str(piece);
                }
                return Some(text.replace(trimmed, &out));
            }
        }
        if let Some(sentence) = trimmed.strip_suffix('.')
            && let Some(said) = self.said(sentence, own, depth)
        {
            return Some(format!("{said}."));
        }
        for sign in BETWEEN {
            let parts: Vec<&str> = trimmed.split(sign).collect();
            if parts.len() > 1
                && let Some(said) = self.all_said(&parts, own, depth)
            {
                return Some(said.join(sign));
            }
        }
        None
    }

    fn all_said(&self, all: &[&str], own: &[String], depth: usize) -> Option<Vec<String>> {
        all.iter().map(|one| self.said(one, own, depth)).collect()
    }

    /// Whether a text is names and versions only.
    fn is_same(&self, text: &str) -> bool {
        self.same.iter().any(|same| same == text)
            || text.split_whitespace().all(|word| {
                self.same.iter().any(|same| same == word)
                    || word.contains(|c: char| c.is_ascii_digit() || "_/.()@=".contains(c))
                    || !word.contains(char::is_lowercase)
            })
    }
}

/// What stands in the gaps between `pieces`, of which the first begins and the last ends it.
fn gaps<'t>(text: &'t str, pieces: &[String]) -> Option<Vec<&'t str>> {
    let (first, more) = pieces.split_first()?;
    let (last, between) = more.split_last()?;
    let mut rest = text.strip_prefix(first.as_str())?.strip_suffix(last.as_str())?;
    let mut found = Vec::new();
    for piece in between {
        let (gap, after) = rest.split_once(piece.as_str())?;
        found.push(gap);
        rest = after;
    }
    found.push(rest);
    found.iter().all(|gap| !gap.trim().is_empty()).then_some(found)
}

/// Whether a text is numbers with their units, and nothing else.
fn is_quantity(text: &str) -> bool {
    text.split_whitespace().all(|word| {
        let number = word.trim_matches(['+', '-', '−', '(', ')', ',', ';', '%']);
        number.is_empty() || UNITS.contains(&word) || number.parse::<f64>().is_ok()
    })
}

/// Numbers as most of Europe writes them: with a comma where English has a point.
fn decimal(text: &str) -> String {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let all: Vec<char> = text.chars().collect();
    let at = |i: Option<usize>| i.and_then(|i| all.get(i)).copied();
    let sign = |(i, c): (usize, &char)| {
        let is_point = *c == '.' && is_digit(at(i.checked_sub(1))) && is_digit(at(Some(i + 1)));
        if is_point { ',' } else { *c }
    };
    all.iter().enumerate().map(sign).collect()
}

/// A text whose narrow blanks are as wide as a catalog's.
fn with_blanks(text: &str) -> String {
    text.replace(['\u{202f}', '\u{a0}'], " ")
}

/// A text without HTML's signs.
fn decoded(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let sign = after.split_once(';').and_then(|(name, after)| {
            let sign = match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "#x27" => '\'',
                _ => char::from_u32(name.strip_prefix('#')?.parse().ok()?)?,
            };
            Some((sign, after))
        });
        match sign {
            Some((sign, after)) => {
                out.push(sign);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

/// A text as HTML that Markdown, too, leaves as it is.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' | '\'' | '*' | '_' | '[' | ']' | '~' | '#' | '|' | '`'
            | '\\' | '{' | '\n' => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::page) fn words(catalog: &str) -> Words {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.toml");
        let head = "name = \"Deutsch\"\ndescription = \"d\"\nsame = [\"Rust\", \"Python\"]\n";
        std::fs::write(&path, format!("{head}[words]\n{catalog}")).unwrap();
        Words::read(&path).unwrap()
    }

    #[test]
    fn a_number_has_a_comma_where_it_has_a_point_and_a_version_keeps_it() {
        let words = words("\"{} to {}\" = \"{} bis {}\"\n");
        for (english, german) in [
            ("1.97\u{202f}×", "1,97\u{202f}×"),
            ("<b>0.5</b> 12.5\u{202f}%", "<b>0,5</b> 12,5\u{202f}%"),
            ("1.9 to 2.1\u{202f}×", "1,9 bis 2,1\u{202f}×"),
            ("(0.5 to 0.6\u{202f}%); 1.9", "(0,5 bis 0,6\u{202f}%); 1,9"),
            ("Python 3.11", "Python 3.11"),
            ("<strong>3.1.</strong>", "<strong>3.1.</strong>"),
            ("<a href=\"a-1.5.html\">-1.5</a>", "<a href=\"a-1.5.html\">-1,5</a>"),
        ] {
            assert_eq!(words.localized(english, &[], &[]), german);
        }
        assert!(words.missing().is_empty());
    }

    #[test]
    fn a_text_is_found_whole_by_its_gaps_or_by_its_parts() {
        let words = words(
            "\"holds\" = \"gilt\"\n\"time\" = \"Zeit\"\n\"threads\" = \"Threads\"\n\
             \"Time of “{}”.\" = \"Zeit von „{}“.\"\n",
        );
        let said = |text| words.localized(text, &[], &[]);
        assert_eq!(said("<b> holds</b>"), "<b> gilt</b>");
        assert_eq!(said("Time of “threads”."), "Zeit von „Threads“.");
        assert_eq!(said("time, threads"), "Zeit, Threads");
        assert_eq!(said("<i aria-label=\"time\">x1</i>"), "<i aria-label=\"Zeit\">x1</i>");
    }

    #[test]
    fn what_the_catalog_lacks_stays_english_and_is_marked_so() {
        let words = words("");
        let html = "<p>it waits</p><pre>it runs</pre><svg><text>a lane</text></svg>";
        assert_eq!(
            words.localized(html, &[], &[]),
            "<p><span lang=\"en\">it waits</span></p><pre>it runs</pre>\
             <svg><text>a lane</text></svg>"
        );
        assert_eq!(words.missing(), ["a lane", "it waits"]);
        // What the translator wrote is nobody's to mark.
        assert_eq!(
            words.localized("<p>es wartet</p>", &["Ja, es wartet.".into()], &[]),
            "<p>es wartet</p>"
        );
    }

    #[test]
    fn signs_of_html_and_of_markdown_come_through() {
        let words = words("\"a < b & c's\" = \"a < *b* und 'c'\"\n");
        assert_eq!(
            words.localized("<p>a &lt; b &amp; c&#39;s</p>", &[], &[]),
            "<p>a &#60; &#42;b&#42; und &#39;c&#39;</p>"
        );
    }

    #[test]
    fn a_translation_has_the_gaps_of_its_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.toml");
        let text = "name = \"D\"\ndescription = \"d\"\nsame = []\n[words]\n\"a {}\" = \"b\"\n";
        std::fs::write(&path, text).unwrap();
        let mistake = Words::read(&path).unwrap_err().to_string();
        assert!(mistake.contains("`a {}` has other gaps than `b`"), "{mistake}");
    }
}
