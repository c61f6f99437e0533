//! A page in another language, made of the original and of `book/LANGUAGE/PAGE.md`, which has a
//! translation for each paragraph. Each names by a digest which paragraph it translates:
//!
//! ```text
//! <!-- of 3f2a91c0 -->
//! Threads …
//! ```
//!
//! The original gives the order, the code and the figures that have no words. A paragraph that
//! was changed since has another digest: until somebody looks at it, the page has it in the
//! original's language and says so. The directives of a translation are the original's, but
//! for their words; one that was lost is a mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::markdown::{Code, line_of};
use super::scan::{Found, Is, scan};
use super::symptoms;
use super::words::Words;
use crate::store::seal::sha256;

/// A page put together.
#[derive(Debug)]
pub struct Composed {
    /// Its Markdown.
    pub text: String,
    /// Its first heading.
    pub title: String,
    /// Where each line is from.
    lines: Vec<Origin>,
    /// The paragraphs that stand there in the original's language.
    pub left: Vec<Left>,
}

/// Where a line is from: the line of its file, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Original(usize),
    Translation(usize),
}

/// A paragraph without a translation, and a translation without a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// A paragraph that was changed: its line, that of the translation, and its first words.
    Changed(usize, usize, String),
    /// A paragraph of the original that is new: its line and its first words.
    Untranslated(usize, String),
    /// A translation of what is not on the page any more: its line and its first words.
    Gone(usize, String),
}

impl Composed {
    /// The file and the line that a line of the page, counted from 1, is from; `true` for the
    /// translation's.
    pub fn origin(&self, line: usize) -> (bool, usize) {
        match self.lines.get(line.saturating_sub(1)) {
            Some(Origin::Original(line)) => (false, *line),
            Some(Origin::Translation(line)) => (true, *line),
            None => (true, 1),
        }
    }

    fn push(&mut self, text: &str, origin: impl Fn(usize) -> Origin) {
        for (i, line) in text.split('\n').enumerate() {
            self.lines.push(origin(i));
            self.text.push_str(line);
            self.text.push('\n');
        }
        self.lines.push(origin(0));
        self.text.push('\n');
    }
}

/// A paragraph, a list, a table, a block of code: what blank lines stand around.
struct Block<'p> {
    text: &'p str,
    /// From 1.
    line: usize,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let code = Code::of(page);
    let mut all = Vec::new();
    let mut open: Option<Range<usize>> = None;
    let mut at = 0;
    let mut end = |open: &mut Option<Range<usize>>| {
        if let Some(range) = open.take() {
            all.push(Block { line: line_of(page, range.start), text: page[range].trim_end() });
        }
    };
    for line in page.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let is_inside =
            code.blocks.iter().any(|block| block.range.start < start && at <= block.range.end);
        if line.trim().is_empty() && !is_inside {
            end(&mut open);
        } else {
            let range = open.get_or_insert(start..at);
            range.end = at;
        }
    }
    end(&mut open);
    all
}

/// What stands above a translation.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^<!-- of ([0-9a-f]{8})(: to do)? -->\n").expect("it is a valid pattern")
});

/// A paragraph of a translation.
struct Translated<'t> {
    digest: &'t str,
    is_done: bool,
    text: &'t str,
    line: usize,
}

/// The paragraphs of a translation; a line for each that does not say what it translates.
fn translated<'t>(file: &str, page: &'t str) -> Result<Vec<Translated<'t>>, Vec<String>> {
    let (mut all, mut mistakes) = (Vec::new(), Vec::new());
    for Block { text, line } in blocks(page) {
        match STAMP.captures(text) {
            Some(stamp) => {
                let head = stamp.get(0).expect("the whole").end();
                let digest = stamp.get(1).expect("a digest").as_str();
                let is_done = stamp.get(2).is_none();
                all.push(Translated { digest, is_done, text: &text[head..], line: line + 1 });
            }
            None => mistakes.push(format!(
                "book/{file}:{line}: which paragraph is translated? Above it stands \
                 `<!-- of … -->`; `cargo book translate {file}` writes these lines"
            )),
        }
    }
    if mistakes.is_empty() { Ok(all) } else { Err(mistakes) }
}

/// A paragraph of the original without what is the search's alone.
fn without_marks(block: &str) -> String {
    let mut out = String::new();
    let mut done = 0;
    for Found { range, is } in scan(block, &Code::of(block)) {
        if matches!(is, Is::Directive { name: symptoms::MARKER, .. }) {
            out.push_str(&block[done..range.start]);
            done = range.end + usize::from(block[range.end..].starts_with('\n'));
        }
    }
    out + &block[done..]
}

/// By which a translation names the paragraph: other marks of symptoms do not change it.
fn digest(block: &str) -> String {
    sha256(block.as_bytes())[..8].to_owned()
}

/// Options that have words.
const WORDED: [&str; 13] = [
    "also", "answers", "caption", "cases", "fold", "for", "marks", "question", "rows", "says",
    "there", "title", "wrong",
];

/// Directives whose items may be given names.
const NAMED: [&str; 6] = ["chart", "ladder", "matrix", "observed", "table", "timeline"];

/// A directive taken apart: what it asks for, which no translation changes, and its words.
struct Asked {
    essence: String,
    words: Vec<String>,
}

impl Asked {
    fn of(name: &str, rest: &str) -> Asked {
        let rest = rest.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut parts = vec![String::new()];
        let mut quoted = false;
        for c in rest.chars() {
            quoted ^= c == '"';
            match c {
                ';' if !quoted => parts.push(String::new()),
                c => parts.last_mut().expect("there is always a part").push(c),
            }
        }
        let mut asked = Asked { essence: name.to_owned(), words: Vec::new() };
        for (i, part) in parts.iter().map(|part| part.trim()).enumerate() {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            if i == 0 {
                asked.items(part, NAMED.contains(&name));
            } else if key == "columns" {
                asked.headings(part);
            } else if WORDED.contains(&key) && value != "none" {
                asked.essence += &format!("; {key}");
                asked.words.push(value.trim_matches('"').to_owned());
            } else {
                asked.essence += &format!("; {part}");
            }
        }
        asked
    }

    /// What stands before the options: lanes, of which some have names.
    fn items(&mut self, part: &str, may_be_named: bool) {
        let mut items = part.split(',');
        let named = |item: &str| match may_be_named {
            true => item.split_once(" as ").map(|(a, b)| (a.to_owned(), b.to_owned())),
            false => None,
        };
        let mut items: Vec<String> = items
            .by_ref()
            .map(|item| match named(item) {
                Some((item, name)) => {
                    self.words.push(name.trim().to_owned());
                    item.trim().to_owned()
                }
                None => item.trim().to_owned(),
            })
            .collect();
        items.retain(|item| !item.is_empty());
        self.essence += &format!(" {}", items.join(", "));
    }

    /// Columns, of which some have headings, in parentheses.
    fn headings(&mut self, part: &str) {
        let mut rest = part;
        self.essence += "; ";
        while let Some((before, after)) = rest.split_once('(') {
            self.essence += before.trim_end();
            let (heading, after) = after.split_once(')').unwrap_or((after, ""));
            self.words.push(heading.to_owned());
            rest = after;
        }
        self.essence += rest;
    }
}

/// The directives of a paragraph, each with its line in it, from 0; marks of symptoms and what
/// is none are left out.
fn asked(block: &str) -> Vec<(usize, String, Asked)> {
    let found = scan(block, &Code::of(block)).into_iter();
    let of = |Found { range, is }: Found<'_>| match is {
        Is::Directive { name, rest } if name != symptoms::MARKER => {
            let line = line_of(block, range.start) - 1;
            Some((line, block[range].to_owned(), Asked::of(name, rest)))
        }
        _ => None,
    };
    found.filter_map(of).collect()
}

/// What the translator wrote in directives.
pub(super) fn own_words(page: &str) -> Vec<String> {
    asked(page).into_iter().flat_map(|(.., asked)| asked.words).collect()
}

/// Whether there is anything to translate: not in code, nor in directives without words.
/// Sources are named in their own language; they may be translated.
fn has_words(block: &str) -> bool {
    if block.starts_with("```") || block.lines().all(|line| line.starts_with("[^")) {
        return false;
    }
    let mut rest = block.to_owned();
    for (_, whole, asked) in asked(block) {
        if !asked.words.is_empty() {
            return true;
        }
        rest = rest.replacen(&whole, "", 1);
    }
    rest.contains(char::is_alphabetic)
}

/// Puts a page together. `page` is the original's file below the folder of all, `language` the
/// folder of the translations, `pages` the files that it has.
///
/// # Errors
/// Every mistake of the translation, a line each: a directive that was lost, or is not the
/// original's.
pub fn compose(
    page: &str,
    language: &str,
    original: &str,
    translation: &str,
    pages: &BTreeSet<String>,
    words: &Words,
) -> Result<Composed, Vec<String>> {
    let file = format!("{language}/{page}");
    let mut there = by_digest(translated(&file, translation)?);
    let mut composed = Composed {
        text: String::new(),
        title: String::new(),
        lines: Vec::new(),
        left: Vec::new(),
    };
    let mut mistakes = Vec::new();
    for Block { text, line } in blocks(original) {
        let marked = without_marks(text);
        let text = marked.as_str();
        let found = there.get_mut(&digest(text)).and_then(|all| {
            let next = all.iter().position(|one| one.is_done)?;
            Some(all.remove(next))
        });
        match found {
            Some(found) => {
                mistakes.extend(differing(&file, text, &found));
                let of = relinked(&with_address(text, found.text), pages);
                if composed.title.is_empty()
                    && let Some(title) = found.text.strip_prefix("# ")
                {
                    composed.title = title.to_owned();
                }
                composed.push(&of, |i| Origin::Translation(found.line + i));
            }
            None if !has_words(text) => {
                composed.push(&relinked(text, pages), |i| Origin::Original(line + i));
            }
            None => {
                composed.left.push(Left::Untranslated(line, first_words(text)));
                let note = words.say(UNTRANSLATED);
                let head = format!(
                    "<div class=\"untranslated\" lang=\"en\">\n\n\
                     <p class=\"note\" lang=\"{language}\">{note}</p>"
                );
                composed.push(&head, |_| Origin::Original(line));
                composed.push(&relinked(text, pages), |i| Origin::Original(line + i));
                composed.push("</div>", |_| Origin::Original(line));
            }
        }
    }
    let mut gone: Vec<_> = there.into_values().flatten().filter(|one| one.is_done).collect();
    gone.sort_by_key(|one| one.line);
    let mut gone = gone.into_iter();
    // What stands there no more and what is new are most likely the same paragraph, in order.
    for left in &mut composed.left {
        if let Left::Untranslated(line, words) = left
            && let Some(old) = gone.next()
        {
            *left = Left::Changed(*line, old.line, std::mem::take(words));
        }
    }
    composed.left.extend(gone.map(|one| Left::Gone(one.line, first_words(one.text))));
    if composed.title.is_empty() {
        mistakes.push(format!("book/{file}:1: the page's title is not translated"));
    }
    if mistakes.is_empty() { Ok(composed) } else { Err(mistakes) }
}

/// What readers of the translation are told.
const UNTRANSLATED: &str = "This paragraph has changed and is not translated yet.";

fn by_digest(all: Vec<Translated<'_>>) -> BTreeMap<String, Vec<Translated<'_>>> {
    let mut found: BTreeMap<String, Vec<Translated<'_>>> = BTreeMap::new();
    for one in all {
        found.entry(one.digest.to_owned()).or_default().push(one);
    }
    found
}

/// The directives that a translation has lost, and those that are not the original's.
fn differing(file: &str, original: &str, translation: &Translated<'_>) -> Vec<String> {
    let mut theirs = asked(translation.text);
    let mut mistakes = Vec::new();
    for (_, whole, wanted) in asked(original) {
        match theirs.iter().position(|(.., one)| one.essence == wanted.essence) {
            Some(at) => {
                theirs.remove(at);
            }
            None => mistakes.push(format!(
                "book/{file}:{}: the translation has lost {whole}",
                translation.line
            )),
        }
    }
    mistakes.extend(theirs.iter().map(|(line, whole, _)| {
        format!(
            "book/{file}:{}: the original has no {whole} here; only its words are translated",
            translation.line + line
        )
    }));
    mistakes
}

/// The first words of a paragraph, for who looks for it.
fn first_words(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{} …", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

/// A heading with the original's address and classes, so that links lead to either.
fn with_address(original: &str, translation: &str) -> String {
    if !original.starts_with('#') || translation.contains('{') {
        return translation.to_owned();
    }
    let text = original.trim_start_matches('#').trim();
    let (text, classes) = match text.split_once(" { ") {
        Some((text, classes)) => (text, classes.trim_end_matches('}').trim()),
        None => (text, ""),
    };
    let id = text.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    let all = format!("#{} {classes}", id.collect::<String>());
    format!("{translation} {{ {} }}", all.trim_end())
}

/// A link to another page.
static LINK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\]\(([a-z0-9-]+\.md)").expect("it is a valid pattern"));

/// Links from the folder of the translations: to those that there are, else to the original.
fn relinked(text: &str, pages: &BTreeSet<String>) -> String {
    let to = |link: &regex::Captures<'_>| match pages.contains(&link[1]) {
        true => link[0].to_owned(),
        false => format!("](../{}", &link[1]),
    };
    LINK.replace_all(text, to).into_owned()
}

/// The file of a translation with a place for each paragraph that has none yet, which is marked
/// as to do and has the original's text.
///
/// # Errors
/// Paragraphs that do not say what they translate, a line each.
pub fn with_places(
    file: &str,
    original: &str,
    translation: &str,
) -> Result<String, Vec<String>> {
    let there = translated(file, translation)?;
    let mut is_used = vec![false; there.len()];
    let mut out: Vec<String> = Vec::new();
    let write = |one: &Translated<'_>| {
        let to_do = if one.is_done { "" } else { ": to do" };
        format!("<!-- of {}{to_do} -->\n{}", one.digest, one.text)
    };
    let wanted: BTreeSet<String> =
        blocks(original).iter().map(|block| digest(&without_marks(block.text))).collect();
    let mut next = 0;
    for block in blocks(original) {
        let text = without_marks(block.text);
        let digest = digest(&text);
        let found = (0..there.len()).find(|i| !is_used[*i] && there[*i].digest == digest);
        if let Some(found) = found {
            // What was before it, and belongs to nothing any more, stays before it.
            for i in next..found {
                if !is_used[i] && !wanted.contains(there[i].digest) && there[i].is_done {
                    is_used[i] = true;
                    out.push(write(&there[i]));
                }
            }
            next = next.max(found + 1);
            is_used[found] = true;
            out.push(write(&there[found]));
        } else if has_words(&text) {
            out.push(format!("<!-- of {digest}: to do -->\n{text}"));
        }
    }
    let rest = there.iter().zip(&is_used).filter(|(one, used)| !**used && one.is_done);
    out.extend(rest.map(|(one, _)| write(one)));
    Ok(out.join("\n\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::tests::pages;
    use crate::page::words::tests::words;

    const ORIGINAL: &str = "# Two of them { .keep }\n\n\
        They run {{#measured demo: chain/threads.speedup}} as fast.\
        {{#expect demo: chain/threads.speedup > 0.5}}\n\n\
        ```text\ncode\n\nmore of it\n```\n\n\
        {{#verdict a}}\n\n\
        {{#chart demo: chain/threads as two; columns=wall (time); caption=\"Fast.\"}}\n\n\
        See [that](work.md#a) and [this](locks.md).\n";

    /// A translation of all of it, or of what is not `but`.
    fn german(but: &str) -> String {
        let texts = [
            "# Zwei davon",
            "Beide laufen {{#measured demo: chain/threads.speedup}} so schnell.\
             {{#expect demo: chain/threads.speedup > 0.5}}",
            "{{#chart demo: chain/threads as zwei; columns=wall (Zeit); caption=\"Schnell.\"}}",
            "Siehe [das](work.md#a) und [dies](locks.md).",
        ];
        let all = blocks(ORIGINAL).into_iter().filter(|block| has_words(block.text));
        let both = all.zip(texts).filter(|(_, text)| but.is_empty() || !text.contains(but));
        let stamped =
            both.map(|(block, text)| format!("<!-- of {} -->\n{text}\n\n", digest(block.text)));
        stamped.collect()
    }

    fn composed(original: &str, translation: &str) -> Result<Composed, Vec<String>> {
        let there = BTreeSet::from(["page.md".to_owned(), "work.md".to_owned()]);
        compose("page.md", "de", original, translation, &there, &words(""))
    }

    #[test]
    fn a_page_has_the_originals_order_code_and_addresses_and_the_translations_words() {
        let page = composed(ORIGINAL, &german("")).unwrap();
        assert!(page.left.is_empty(), "{:?}", page.left);
        assert_eq!(page.title, "Zwei davon");
        assert!(
            page.text.starts_with("# Zwei davon { #two-of-them .keep }\n\n"),
            "{}",
            page.text
        );
        assert!(page.text.contains("\n\n```text\ncode\n\nmore of it\n```\n\n{{#verdict a}}\n"));
        assert!(page.text.contains("[das](work.md#a) und [dies](../locks.md)"));
        let line = 1 + page.text.lines().position(|line| line.starts_with("Beide")).unwrap();
        assert_eq!(page.origin(line), (true, 5));
    }

    #[test]
    fn a_lost_directive_and_one_that_is_not_the_originals_are_a_mistake_each() {
        let expect = "{{#expect demo: chain/threads.speedup > 0.5}}";
        let lost = composed(ORIGINAL, &german("").replace(expect, "")).unwrap_err();
        assert_eq!(lost, [format!("book/de/page.md:5: the translation has lost {expect}")]);
        let weaker = german("").replace("> 0.5}}", "> 0.1}}");
        let weaker = composed(ORIGINAL, &weaker).unwrap_err();
        assert_eq!(weaker.len(), 2, "{weaker:?}");
        assert!(weaker[1].contains("the original has no {{#expect"), "{weaker:?}");
        let more = german("").replace("(Zeit)", "(Zeit), cpu");
        assert_eq!(composed(ORIGINAL, &more).unwrap_err().len(), 2);
    }

    #[test]
    fn a_paragraph_that_changed_is_shown_in_its_own_language_and_told() {
        let changed = ORIGINAL.replace("as fast", "as slow");
        let page = composed(&changed, &german("")).unwrap();
        assert!(!page.text.contains("schnell.{{"), "{}", page.text);
        assert!(
            page.text.contains("<div class=\"untranslated\" lang=\"en\">"),
            "{}",
            page.text
        );
        assert!(page.text.contains("\nThey run {{#measured"), "{}", page.text);
        let [Left::Changed(3, 5, words)] = &page.left[..] else { panic!("{:?}", page.left) };
        assert!(words.starts_with("They run"), "{words}");
        let more = composed(&format!("{ORIGINAL}\nMore.\n"), &german("")).unwrap().left;
        assert_eq!(more, [Left::Untranslated(17, "More.".into())]);
        let less = composed(
            &ORIGINAL.replace("See [that](work.md#a) and [this](locks.md).", ""),
            &german(""),
        );
        assert!(matches!(less.unwrap().left[..], [Left::Gone(11, _)]));
        // Other words by which it is searched are no change.
        let marked = ORIGINAL
            .replace("They run", "{{#symptom \"Slow\"; kind=slow; says=\"It is.\"}}\nThey run");
        assert!(composed(&marked, &german("")).unwrap().left.is_empty());
    }

    #[test]
    fn a_sentence_that_the_record_contradicts_is_a_mistake_of_the_translation_too() {
        let wrong = "chain/threads.speedup > 5";
        let (original, translation) =
            (ORIGINAL.replace("chain/threads.speedup > 0.5", wrong), {
                let before = digest(blocks(ORIGINAL)[1].text);
                let of = ORIGINAL.replace("chain/threads.speedup > 0.5", wrong);
                let now = digest(blocks(&of)[1].text);
                german("").replace("chain/threads.speedup > 0.5", wrong).replace(&before, &now)
            });
        let page = composed(&original, &translation).unwrap();
        let mistakes = pages(None).render("de/page.md", &page.text).unwrap_err();
        let of = mistakes.iter().find(|mistake| mistake.contains("contradicted")).unwrap();
        assert!(of.starts_with("book/de/page.md:3: {{#expect"), "{of}");
    }

    #[test]
    fn what_is_not_translated_gets_a_place_and_what_is_stays() {
        let begun = with_places("de/page.md", ORIGINAL, "").unwrap();
        assert_eq!(begun.matches(": to do -->").count(), 4, "{begun}");
        assert!(!begun.contains("code") && !begun.contains("verdict"), "{begun}");
        let not_one = composed(ORIGINAL, &begun).unwrap_err();
        assert_eq!(not_one, ["book/de/page.md:1: the page's title is not translated"]);
        let whole = german("");
        assert_eq!(
            with_places("de/page.md", ORIGINAL, &whole).unwrap(),
            whole.trim_end().to_owned() + "\n"
        );
        let changed = ORIGINAL.replace("as fast", "as slow");
        let places = with_places("de/page.md", &changed, &whole).unwrap();
        assert_eq!(places.matches(": to do -->").count(), 1, "{places}");
        assert!(places.contains("Beide laufen") && places.contains("as slow"), "{places}");
        let lost = with_places("de/page.md", ORIGINAL, "Nur so.\n").unwrap_err();
        assert!(lost[0].starts_with("book/de/page.md:1: which paragraph"), "{lost:?}");
    }
}
