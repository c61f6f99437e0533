//! How much a record may say, and by which signs. A record may be a stranger's, so this is its
//! door: what passes is bounded, in range, and a line in every terminal. What Markdown or HTML
//! make of a line's signs is for pages to prevent.

use std::fmt::Write;
use std::ops::RangeInclusive;

use anyhow::{Result, bail};
use serde_json::{Value, json};

/// The largest file, in bytes: a hundred times what the book's own have.
pub const FILE: u64 = 16 << 20;
/// The longest name: of experiments, cases, variants, runners, metrics, packages and machines.
pub const NAME: usize = 64;
/// The longest line: a question, a label, a version.
pub const LINE: usize = 300;
/// The longest text: an answer, and in one line a warning or a state.
pub const TEXT: usize = 10_000;
/// The longest list. Lists of samples and of spans are as long as the file's size allows.
pub const LIST: usize = 1_000;
/// The largest count, and the longest time in nanoseconds (104 days): the last that a double
/// holds to the unit, so a page's script reads what we wrote, and no sum overflows.
pub const COUNT: u64 = (1 << 53) - 1;
/// How far a number is from zero, unless it is zero: beyond, ratios would leave a double.
pub const SIZE: RangeInclusive<f64> = 1e-30..=1e30;

/// What a name looks like: it is a part of addresses, of files and of selectors.
pub(super) const NAME_PATTERN: &str = "^[0-9A-Za-z][0-9A-Za-z_.-]{0,63}$";

/// What a line looks like, as far as a schema can tell.
pub(super) const LINE_PATTERN: &str =
    r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$";

/// What the names in a map look like, for the schema.
pub(super) fn names() -> Value {
    json!({ "pattern": NAME_PATTERN })
}

/// What answers look like, which are a map's names, for the schema.
pub(super) fn answers() -> Value {
    let lines = LINE_PATTERN.replacen(r"\u0000-\u001f", r"\u0000-\u0008\u000b-\u001f", 1);
    json!({ "pattern": lines, "minLength": 1, "maxLength": TEXT })
}

/// # Errors
/// When `text` is no name.
pub(super) fn name(text: &str) -> Result<()> {
    let has = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) || !text.chars().all(has) {
        bail!(
            "`{}` is not a name: letters, digits, `_`, `.` and `-`, of which the first is a \
             letter or a digit",
            printable(text)
        );
    }
    no_longer_than(text, NAME)
}

/// # Errors
/// When `name` is no name of a machine, which is its folder's, too.
pub fn machine(name: &str) -> Result<()> {
    let has = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() || name.starts_with('-') || !name.chars().all(has) {
        bail!("a machine's name has letters, digits and dashes, not `{}`", printable(name));
    }
    no_longer_than(name, NAME)
}

/// # Errors
/// When `text` is empty, or no line of at most `most` characters.
pub(super) fn said(text: &str, most: usize) -> Result<()> {
    if text.trim().is_empty() {
        bail!("it says nothing");
    }
    line(text, most)
}

/// What a variant answers, the only text that may have several lines.
///
/// # Errors
/// When `text` is empty or too long, or something in it acts.
pub(super) fn answer(text: &str) -> Result<()> {
    said(&text.replace(['\n', '\t'], " "), TEXT)
}

/// # Errors
/// When `text` is no line of at most `most` characters.
pub(super) fn line(text: &str, most: usize) -> Result<()> {
    if let Some(c) = text.chars().find(|c| acts(*c)) {
        let start = text.split(acts).next().unwrap_or_default();
        bail!(
            "U+{:04X} after `{}`: a line has no line breaks, no other controls and no marks of \
             direction",
            u32::from(c),
            printable(start)
        );
    }
    no_longer_than(text, most)
}

fn no_longer_than(text: &str, most: usize) -> Result<()> {
    // Bytes first: nobody counts the characters of a text of megabytes.
    if text.len() > most && text.chars().nth(most).is_some() {
        bail!("longer than {most} characters");
    }
    Ok(())
}

/// Whether a character does something instead of being seen: controls, ends of lines and of
/// paragraphs, marks of direction, of byte order and of annotations, and tags.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// # Errors
/// When there are too many of them.
pub(super) fn list(length: usize) -> Result<()> {
    match length {
        0..=LIST => Ok(()),
        n => bail!("{n} of them; a record has at most {LIST}"),
    }
}

/// # Errors
/// When a count is out of range.
pub(super) fn count(count: u64) -> Result<()> {
    match count {
        0..=COUNT => Ok(()),
        n => bail!("{n} is more than {COUNT}"),
    }
}

/// # Errors
/// When a number is none, or no computer's.
pub(super) fn number(number: f64) -> Result<()> {
    match number == 0.0 || SIZE.contains(&number.abs()) {
        true => Ok(()),
        false => bail!(
            "{number:e} is out of range, which is 0 and {:e} to {:e}",
            SIZE.start(),
            SIZE.end()
        ),
    }
}

/// # Errors
/// Like [`number`], and when it is negative.
pub(super) fn amount(amount: f64) -> Result<()> {
    number(amount)?;
    match amount < 0.0 {
        true => bail!("{amount} is negative"),
        false => Ok(()),
    }
}

/// `text` as a line that may be written into a record: what acts becomes a blank, and what is
/// too long is cut.
pub(super) fn cleaned(text: &str, most: usize) -> String {
    let mut out: String = text.chars().map(|c| if acts(c) { ' ' } else { c }).collect();
    if let Some((end, _)) = out.char_indices().nth(most) {
        out.truncate(out[..end].char_indices().last().map_or(0, |(last, _)| last));
        out.push('…');
    }
    out
}

/// The most characters of a stranger's text in a message.
const TOLD: usize = 400;

/// A stranger's text in a message of ours: in one line, its controls written out, and cut.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == TOLD {
            return out + "…";
        }
        match acts(c) {
            true => write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a String takes all"),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    fn fault(checked: Result<()>) -> String {
        checked.unwrap_err().to_string()
    }

    #[test]
    fn a_name_has_signs_that_are_safe_in_addresses_files_and_selectors() {
        let in_schema = Regex::new(NAME_PATTERN).unwrap();
        for good in ["threads_cpu", "0", "cpython-3.13t", "typing-extensions", &"a".repeat(64)]
        {
            name(good).unwrap_or_else(|e| panic!("{good}: {e}"));
            assert!(in_schema.is_match(good), "{good}");
        }
        for bad in ["", ".", "..", "-a", "_", "a/b", "a b", "a\\b", "ä", "a\n", "<b>", "{{#x}}"]
        {
            assert!(fault(name(bad)).contains("is not a name"), "{bad}");
            assert!(!in_schema.is_match(bad), "{bad}");
        }
        assert!(fault(name(&"a".repeat(65))).contains("longer than 64"));
        assert!(machine("ryzen-7950x-linux").is_ok());
        for bad in ["", "a.b", "a_b", "-", "../x", "<img>", "é"] {
            assert!(fault(machine(bad)).contains("letters, digits and dashes"), "{bad}");
        }
    }

    #[test]
    fn a_line_is_one_line_and_nothing_in_it_acts() {
        for good in ["", "1 % more: `x` <b> {{#a}} [x](y) |", "µs – 日本 🦀 × \u{202f}", " "]
        {
            line(good, LINE).unwrap_or_else(|e| panic!("{good}: {e}"));
        }
        for (bad, says) in [
            ("a\n\nb", "U+000A after `a`"),
            ("a\u{1b}[2J", "U+001B"),
            ("a\u{85}", "U+0085"),
            ("a\u{2028}", "U+2028"),
            ("a\u{202e}b", "U+202E"),
            ("\0", "U+0000 after ``"),
        ] {
            assert!(fault(line(bad, LINE)).contains(says), "{bad:?}");
        }
        assert!(line(&"ä".repeat(300), LINE).is_ok());
        assert!(fault(line(&"ä".repeat(301), LINE)).contains("longer than 300 characters"));
        assert!(fault(said(" ", LINE)).contains("nothing"));
        assert!(answer("two\n\n\tlines").is_ok());
        for bad in ["", "\n", "a\rb", "a\n\u{1b}[2J", &"x".repeat(TEXT + 1)] {
            assert!(answer(bad).is_err(), "{bad:.9}");
        }
    }

    #[test]
    fn a_number_has_a_size_with_which_one_can_reckon() {
        for good in [0.0, -0.0, 1e-30, -1e30, 5.0] {
            number(good).unwrap();
        }
        for bad in [5e-324, 1e-31, 1e300, f64::NAN, f64::INFINITY, -1e31] {
            assert!(fault(number(bad)).contains("is out of range"), "{bad}");
        }
        assert!(fault(amount(-1.0)).contains("is negative"));
        assert!(count(COUNT).is_ok() && count(COUNT + 1).is_err());
        assert!(list(LIST).is_ok() && list(LIST + 1).is_err());
    }

    #[test]
    fn what_is_cleaned_is_a_line_and_what_is_printable_tells_what_was_there() {
        for text in ["a\nb\u{1b}c", &"ä\n".repeat(500), "", "plain"] {
            let cleaned = cleaned(text, LINE);
            line(&cleaned, LINE).unwrap_or_else(|e| panic!("{cleaned}: {e}"));
            line(&printable(text), TEXT).unwrap();
        }
        assert_eq!(cleaned("a\nb", LINE), "a b");
        assert_eq!(cleaned("abcd", 3), "ab…");
        assert_eq!(cleaned("abc", 3), "abc");
        assert_eq!(printable("a\n\u{1b}["), "a\\u{a}\\u{1b}[");
        assert!(printable(&"x".repeat(1 << 20)).len() < 1_000);
    }
}
