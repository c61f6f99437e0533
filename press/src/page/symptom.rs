//! What a reader sees, types or searches, as a page says that it answers it: the words, other
//! words for it, of what kind it is, and the answer in a sentence.

use anyhow::{Result, bail};

use super::options::apart;
use crate::ask::near::Unknown;

/// What one has before one's eyes, if not a message, a name or a question.
pub(super) const SEEN: &str = "What you see";

/// A kind of symptom.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// As markers call it.
    pub(super) name: &'static str,
    /// As the list calls it.
    pub(super) title: &'static str,
    /// Whether it is part of [`SEEN`].
    pub(super) is_seen: bool,
}

const fn kind(name: &'static str, title: &'static str, is_seen: bool) -> Kind {
    Kind { name, title, is_seen }
}

/// All of them, in the order of the list.
pub(super) const KINDS: [Kind; 11] = [
    kind("message", "Messages", false),
    kind("slow", "Slow", true),
    kind("stuck", "Stuck", true),
    kind("lost", "Lost", true),
    kind("late", "Late", true),
    kind("memory", "Too much memory", true),
    kind("core", "One core only", true),
    kind("busy", "100 % CPU", true),
    kind("ending", "Will not end", true),
    kind("name", "Names of things", false),
    kind("question", "Questions", false),
];

/// Longer than this, words are no entry of a list, and an answer is a section.
const MOST: usize = 100;
const MOST_SAID: usize = 200;

/// An entry of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Symptom {
    pub(super) words: String,
    pub(super) also: Vec<String>,
    /// The first is where it is listed; it is found among the others, too.
    pub(super) kinds: Vec<&'static Kind>,
    pub(super) says: String,
}

impl Symptom {
    /// `"Words"; also="other words, others"; kind=message, stuck; says="A sentence."`.
    pub(super) fn parse(rest: &str) -> Result<Symptom> {
        let (words, mut options) = apart(rest)?;
        let words = match words.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
            Some(words) if !words.trim().is_empty() => words.trim().to_owned(),
            _ => bail!("the words come first, between quotation marks: `symptom \"Stuck\"; …`"),
        };
        let also = options.take("also").unwrap_or_default();
        let (kinds, says) = (options.need("kind")?, options.need("says")?);
        options.items()?;
        let also: Vec<String> =
            unquoted(&also).split(", ").map(|w| w.trim().to_owned()).collect();
        let also: Vec<String> = also.into_iter().filter(|words| !words.is_empty()).collect();
        let kinds = unquoted(&kinds).split(',').map(known).collect::<Result<Vec<_>>>()?;
        let symptom = Symptom { words, also, kinds, says: unquoted(&says).to_owned() };
        symptom.check()?;
        Ok(symptom)
    }

    fn check(&self) -> Result<()> {
        let Symptom { words, also, kinds, says } = self;
        for text in also.iter().chain([words, says]) {
            if let Some(what) = markup(text) {
                bail!("it is printed as it stands, and {what} would be seen in `{text}`");
            }
        }
        for (i, kind) in kinds.iter().enumerate() {
            if kinds[..i].contains(kind) {
                bail!("the kind `{}` is given twice", kind.name);
            }
        }
        let keys: Vec<String> = also.iter().chain([words]).map(|words| key(words)).collect();
        if let Some(i) =
            (0..keys.len()).find(|&i| keys[i].is_empty() || keys[..i].contains(&keys[i]))
        {
            let twice = also.get(i).unwrap_or(words);
            bail!("`{twice}` has no letter, or says what other words of this symptom say");
        }
        if kinds[0].name == "question" && !words.ends_with('?') {
            bail!("a question ends with its question mark: `{words}`");
        }
        if words.ends_with('.') || words.chars().count() > MOST {
            bail!("words that one would type have no period and at most {MOST} characters");
        }
        if !says.ends_with(['.', '?']) || says.ends_with("..") {
            bail!("`says` is a sentence, with its period: `{says}`");
        }
        if says.chars().count() > MOST_SAID {
            bail!("`says` has more than {MOST_SAID} characters; the rest is the section's");
        }
        if says.contains(|c: char| c.is_ascii_digit()) {
            bail!("a number in `says` would be typed; the section asks a record for it");
        }
        Ok(())
    }

    /// Its address, on the page that answers it.
    pub(super) fn id(&self) -> String {
        format!("symptom-{}", key(&self.words).replace(' ', "-"))
    }

    /// All words that lead to it.
    pub(super) fn all_words(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.words).chain(&self.also)
    }
}

/// What words are known by, however they are written: two of one key are the same.
pub(super) fn key(words: &str) -> String {
    let low = words.to_lowercase();
    let parts = low.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ")
}

fn known(name: &str) -> Result<&'static Kind> {
    let name = name.trim();
    KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let text = format!("no kind of symptom is called `{name}`");
        Unknown::new(text, name, KINDS.iter().map(|kind| kind.name)).into()
    })
}

fn unquoted(text: &str) -> &str {
    text.trim_matches('"').trim()
}

/// What of Markdown or HTML stands in a text that is neither.
fn markup(text: &str) -> Option<&'static str> {
    let before = |sign: char, is_next: fn(char) -> bool| {
        text.match_indices(sign).any(|(at, _)| text[at + 1..].starts_with(is_next))
    };
    if text.contains('`') {
        Some("a backtick")
    } else if text.contains('*') {
        Some("an asterisk")
    } else if text.contains("](") {
        Some("a link")
    } else if text.contains('|') {
        Some("a bar")
    } else if before('<', |c| c.is_ascii_alphabetic() || "/!".contains(c)) {
        Some("a tag")
    } else if before('&', |c| c.is_ascii_alphanumeric() || c == '#') {
        Some("a character by its name")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(rest: &str) -> String {
        Symptom::parse(rest).unwrap_err().to_string()
    }

    #[test]
    fn a_symptom_has_words_other_words_kinds_and_a_sentence() {
        let text = "\"Too many; open files\"; also=\"EMFILE, OSError: [Errno 24]\"; \
                    kind=message, stuck; says=\"Each holds one; the limit is low.\"";
        let one = Symptom::parse(text).unwrap();
        assert_eq!(one.words, "Too many; open files");
        assert_eq!(one.also, ["EMFILE", "OSError: [Errno 24]"]);
        let kinds: Vec<&str> = one.kinds.iter().map(|kind| kind.name).collect();
        assert_eq!(kinds, ["message", "stuck"]);
        assert_eq!(one.says, "Each holds one; the limit is low.");
        assert_eq!(one.id(), "symptom-too-many-open-files");
        assert_eq!(one.all_words().count(), 3);
    }

    #[test]
    fn what_would_be_no_entry_is_refused_and_says_how_to_mend_it() {
        let with = |words: &str, more: &str| fault(&format!("\"{words}\"; {more}"));
        let fine = "kind=stuck; says=\"It waits.\"";
        for (fault, says) in [
            (fault("Stuck; kind=stuck; says=\"It waits.\""), "between quotation marks"),
            (fault("\" \"; kind=stuck; says=\"It waits.\""), "between quotation marks"),
            (with("Stuck", "kind=stuck"), "a says=\"…\" is missing"),
            (with("Stuck", "says=\"It waits.\""), "a kind=\"…\" is missing"),
            (with("Stuck", &format!("{fine}; as=x")), "no option is called `as`"),
            (with("Stuck", "kind=stucks; says=\"It waits.\""), "did you mean `stuck`?"),
            (with("Stuck", "kind=stuck, stuck; says=\"It waits.\""), "given twice"),
            (with("Stuck", "kind=stuck; says=\"It waits\""), "with its period"),
            (with("Stuck", "kind=stuck; says=\"It waits...\""), "with its period"),
            (with("Stuck", "kind=stuck; says=\"It waits 2 s.\""), "would be typed"),
            (with("Is it stuck", "kind=question; says=\"It is.\""), "its question mark"),
            (with("It is stuck.", fine), "no period"),
            (with(&"x".repeat(101), fine), "at most 100 characters"),
            (
                with("Stuck", &format!("kind=stuck; says=\"{}.\"", "x".repeat(200))),
                "more than 200",
            ),
            (with("a `b`", fine), "a backtick"),
            (with("a *b*", fine), "an asterisk"),
            (with("a [b](c.md)", fine), "a link"),
            (with("a | b", fine), "a bar"),
            (with("a <b>c</b>", fine), "a tag"),
            (with("a &lt; b", fine), "a character by its name"),
            (with("Stuck", "kind=stuck; says=\"`It` waits.\""), "a backtick"),
            (with("Stuck", &format!("also=\"a <i>\"; {fine}")), "a tag"),
            (with("Stuck", &format!("also=\"x, stuck!\"; {fine}")), "says what other words"),
            (with("!?", fine), "no letter"),
        ] {
            assert!(fault.contains(says), "{says}: {fault}");
        }
        // What only looks like it is said by programs.
        for fine in ["x < y & z", "__main__", "[Errno 24] a", "a::b", "can't", "R&D; a"] {
            let text = format!("\"{fine}\"; kind=message; says=\"It is.\"");
            assert_eq!(Symptom::parse(&text).is_ok(), !fine.contains("R&D"), "{fine}");
        }
    }

    #[test]
    fn words_are_the_same_however_they_are_written() {
        assert_eq!(key("Too many open files"), key("too many “open files”!"));
        assert_ne!(key("open file"), key("open files"));
    }
}
