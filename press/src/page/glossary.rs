//! The glossary is one page, and its entries are read from it: `**Term.** Definition.` Each
//! has an address there, and where a page uses a term first, the word opens its definition.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use anyhow::{Result, bail};
use maud::{PreEscaped, html};
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd, html::push_html};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use super::markdown::{self, Code};
use super::scan::{Found, Is, scan};

/// Its page.
pub const PAGE: &str = "glossary.md";

/// What lists the words of an entry, behind its name.
pub(super) const FORMS: &str = "forms";

/// The words of a list; none of `none`.
pub(super) fn forms(rest: &str) -> Vec<String> {
    match rest.trim() {
        "none" => Vec::new(),
        rest => rest.split(',').map(|form| form.trim().to_owned()).collect(),
    }
}

/// What the book calls something.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    /// As its entry begins: `Lock, mutex`.
    title: String,
    /// Its addresses on the glossary's page, a name each; the first is the entry's.
    ids: Vec<String>,
    /// The definition, as HTML in a sentence.
    about: String,
    /// Where its name stands on the glossary's page.
    at: Range<usize>,
}

/// The terms, and the words by which pages use them.
#[derive(Clone, Debug, Default)]
pub struct Glossary {
    terms: Vec<Term>,
    /// For the first word of a form, in small letters: the forms that begin so, the longest
    /// first, each with its term.
    forms: HashMap<String, Vec<(String, usize)>>,
}

impl Glossary {
    /// Reads the glossary's page.
    ///
    /// # Errors
    /// When two terms have one address, or one form.
    pub fn read(page: &str) -> Result<Glossary> {
        let lists: Vec<(Range<usize>, &str)> = scan(page, &Code::of(page))
            .into_iter()
            .filter_map(|Found { range, is }| match is {
                Is::Directive { name: FORMS, rest } => Some((range, rest)),
                _ => None,
            })
            .collect();
        let mut glossary = Glossary::default();
        let (mut ids, mut known) = (HashSet::new(), HashSet::new());
        let mut at = 0;
        for paragraph in page.split("\n\n") {
            let whole = at..at + paragraph.len();
            at = whole.end + 2;
            let Some((title, rest)) =
                paragraph.strip_prefix("**").and_then(|text| text.split_once(".**"))
            else {
                continue;
            };
            let list = lists.iter().find(|(range, _)| whole.contains(&range.start));
            let about = match list {
                Some((range, _)) => &page[range.end..whole.end],
                None => rest,
            };
            let names = names(title);
            let term = Term {
                title: title.to_owned(),
                ids: names.iter().map(|name| address(name)).collect(),
                about: in_a_sentence(about.trim()),
                at: whole.start..whole.end - rest.len(),
            };
            if let Some(twice) = term.ids.iter().find(|id| !ids.insert((*id).clone())) {
                bail!("book/{PAGE}: two terms would have the address `{twice}`");
            }
            let words = match list {
                Some((_, list)) => forms(list),
                None => names.iter().flat_map(|name| used(name)).collect(),
            };
            for word in words {
                if !known.insert(word.clone()) {
                    bail!("book/{PAGE}: two terms would be meant by `{word}`");
                }
                let key = first_word(&word).to_lowercase();
                glossary.forms.entry(key).or_default().push((word, glossary.terms.len()));
            }
            glossary.terms.push(term);
        }
        for forms in glossary.forms.values_mut() {
            forms.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        }
        Ok(glossary)
    }

    /// What the names of the glossary's entries become on its page: places to lead to.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Range<usize>, String)> {
        self.terms.iter().map(|term| {
            let (id, others) = term.ids.split_first().expect("a term has a name");
            let name = html! {
                dfn id=(id) { a class="header" href={ "#" (id) } { (term.title) "." } }
                @for id in others { span id=(id) {} }
            };
            (term.at.clone(), markdown::inline(name))
        })
    }

    /// Where `page` uses each term first, but for what lies in `taken`: not in headings, links,
    /// code, tables and sources. A word that is stressed there is explained there.
    pub(super) fn first_uses(&self, page: &str, taken: &[Range<usize>]) -> Vec<Use> {
        let text = without(page, taken);
        let mut uses = Vec::new();
        let mut seen = HashSet::new();
        let (mut shut, mut stressed) = (0_usize, 0_usize);
        for (event, range) in
            new_cmark_parser(&text, &MarkdownOptions::default()).into_offset_iter()
        {
            match event {
                Event::Start(tag) if is_shut(&tag) => shut += 1,
                Event::End(tag) if is_shut_end(tag) => shut -= 1,
                Event::Start(Tag::Emphasis) => stressed += 1,
                Event::End(TagEnd::Emphasis) => stressed -= 1,
                Event::Text(_) if shut == 0 => {
                    for (word, term) in self.words(&text, range) {
                        if seen.insert(term) && stressed == 0 {
                            let tail = tail(&text[word.end..]);
                            uses.push(Use { whole: word.start..word.end + tail, word, term });
                        }
                    }
                }
                _ => {}
            }
        }
        uses
    }

    /// The terms in a piece of `text`, of two that begin at one place the longer.
    fn words(&self, text: &str, piece: Range<usize>) -> Vec<(Range<usize>, usize)> {
        let mut found = Vec::new();
        let mut at = piece.start;
        while at < piece.end {
            let rest = &text[at..piece.end];
            let word = first_word(rest);
            if word.is_empty() {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
            let forms = self.forms.get(&word.to_lowercase()).into_iter().flatten();
            let term = forms.into_iter().find(|(form, _)| begins_with(rest, form));
            match term {
                Some((form, term)) => {
                    found.push((at..at + form.len(), *term));
                    at += form.len();
                }
                None => at += word.len(),
            }
        }
        found
    }

    /// A word of `page` that opens its definition. What addresses on the page begin with is its
    /// `slug`, and it lies `depth` folders below the book's.
    pub(super) fn opens(&self, used: &Use, page: &str, slug: &str, depth: usize) -> String {
        let term = &self.terms[used.term];
        let id = format!("term-{slug}-{}", term.ids[0]);
        let entry = format!("{}glossary.html#{}", "../".repeat(depth), term.ids[0]);
        let tail = page[used.word.end..used.whole.end].replace('\'', "’");
        markdown::inline(html! {
            span class="used" {
                button type="button" class="term" popovertarget=(id) {
                    (page[used.word.clone()])
                }
                span popover id=(id) class="about definition" {
                    b { (term.title) } ". " (PreEscaped(&term.about)) " "
                    a href=(entry) { "In the glossary" }
                }
                (tail)
            }
        })
    }
}

/// Where a term is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    word: Range<usize>,
    /// With what no line may part from it.
    pub(super) whole: Range<usize>,
    term: usize,
}

/// The names of an entry: two of `Lock, mutex`, and two of `Global interpreter lock (GIL)`.
fn names(title: &str) -> Vec<String> {
    let parts = title.split([',', '(']).map(|name| name.trim_end_matches(')').trim());
    parts.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The address of a name on the glossary's page.
fn address(name: &str) -> String {
    let dashed = name.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "-");
    dashed.trim_matches('-').to_owned()
}

/// A name within a sentence, alone and in the plural.
fn used(name: &str) -> Vec<String> {
    let mut chars = name.chars();
    let first = chars.next().unwrap_or_default();
    // `TLB` and `I/O-bound` keep their capitals.
    let is_word = chars.clone().next().is_some_and(char::is_lowercase);
    let name = match is_word {
        true => first.to_lowercase().chain(chars).collect(),
        false => name.to_owned(),
    };
    let many = match name.as_bytes() {
        [.., b's' | b'x' | b'h'] => format!("{name}es"),
        [.., before, b'y'] if !b"aeiou".contains(before) => {
            format!("{}ies", &name[..name.len() - 1])
        }
        _ => format!("{name}s"),
    };
    vec![name, many]
}

/// What a word goes on with. A compound is another word: `thread-safe` is no thread.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || "-_/".contains(c)
}

fn first_word(text: &str) -> &str {
    text.split(|c| !is_of_word(c)).next().unwrap_or_default()
}

/// Whether `text` begins with `form` and with no more of a word. A sentence may begin with it.
fn begins_with(text: &str, form: &str) -> bool {
    let Some(head) = text.get(..form.len()) else { return false };
    let mut wanted = form.chars();
    let first = wanted.next().unwrap_or_default();
    let may_begin = wanted.clone().next().is_some_and(|c| c.is_lowercase() || c == '-');
    let mut given = head.chars();
    let is_first = given.next().is_some_and(|c| {
        c == first || (may_begin && c.to_lowercase().eq(std::iter::once(first)))
    });
    is_first && given.as_str() == wanted.as_str() && !text[form.len()..].starts_with(is_of_word)
}

/// How long what follows a word without a blank is: a genitive, punctuation. A browser would
/// break the line behind a button.
fn tail(rest: &str) -> usize {
    let genitive = ["'s", "’s", "'", "’"].into_iter().find(|ending| {
        rest.strip_prefix(ending).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    });
    let after = &rest[genitive.map_or(0, str::len)..];
    rest.len() - after.trim_start_matches(|c| ".,;:!?)”".contains(c)).len()
}

/// A page with something else, as long, where directives stand: what they are written with is
/// not Markdown.
pub(super) fn without(page: &str, taken: &[Range<usize>]) -> String {
    let mut text = page.to_owned();
    for range in taken {
        text.replace_range(range.clone(), &"x".repeat(range.len()));
    }
    text
}

fn is_shut(tag: &Tag<'_>) -> bool {
    is_shut_end(tag.to_end())
}

/// Where no word becomes a button: what is one already, leads somewhere, is a title, or a text
/// of somebody else's.
fn is_shut_end(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Heading(_)
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::FootnoteDefinition
            | TagEnd::Table
            | TagEnd::Strong
            | TagEnd::MetadataBlock(_)
    )
}

/// A definition as HTML, without the paragraph around it.
fn in_a_sentence(markdown: &str) -> String {
    let mut html = String::new();
    let events = new_cmark_parser(markdown, &MarkdownOptions::default()).filter(|event| {
        !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
    });
    push_html(&mut html, events);
    html.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Glossary\n\n\
        **Core.** What runs instructions.\n\n\
        **Lock, mutex.** Lets *one* in, as `std` does.\n\n\
        **Global interpreter lock (GIL).**{{#forms global lock, GIL}} Held to run Python.\n\n\
        **Nice.**{{#forms none}} Wants less than its share.\n";

    /// What is marked on a page: the words, with what stands before each.
    fn marked(page: &str) -> Vec<String> {
        let glossary = Glossary::read(PAGE).unwrap();
        let code = Code::of(page);
        let taken: Vec<_> = scan(page, &code).into_iter().map(|found| found.range).collect();
        let uses = glossary.first_uses(page, &taken);
        uses.iter()
            .map(|used| page[..used.word.end].rsplit(' ').next().unwrap().into())
            .collect()
    }

    #[test]
    fn a_term_is_marked_where_a_page_uses_it_first() {
        assert_eq!(
            marked("Cores run. A core takes locks, one mutex each."),
            ["Cores", "locks"]
        );
        assert_eq!(marked("A core’s lock."), ["core", "lock"]);
    }

    #[test]
    fn what_follows_a_word_without_a_blank_stays_with_it() {
        let glossary = Glossary::read(PAGE).unwrap();
        let page = "(a core's lock), the GIL.{{#x}}";
        let taken = page.len() - 6..page.len();
        let uses = glossary.first_uses(page, std::slice::from_ref(&taken));
        let whole: Vec<&str> = uses.iter().map(|used| &page[used.whole.clone()]).collect();
        assert_eq!(whole, ["core's", "lock),", "GIL."]);
    }

    #[test]
    fn of_two_terms_at_one_place_the_longer_is_meant() {
        let glossary = Glossary::read(PAGE).unwrap();
        let page = "The global lock is a lock. A global lock, a GIL.";
        let uses = glossary.first_uses(page, &[]);
        let words: Vec<&str> = uses.iter().map(|used| &page[used.word.clone()]).collect();
        assert_eq!(words, ["global lock", "lock"]);
    }

    #[test]
    fn compounds_other_spellings_and_words_of_two_meanings_are_left_alone() {
        assert!(marked("multi-core, lock-free, a locksmith, gil, a nice day").is_empty());
    }

    #[test]
    fn titles_links_code_tables_sources_and_directives_have_no_marks() {
        for page in [
            "# A core",
            "[a core](x.md)",
            "`a core`",
            "```text\na core\n```",
            "| a | core |\n|-|-|\n| a | core |",
            "x[^a]\n\n[^a]: a core",
            "**A core.**",
            "<p>\na core\n</p>",
            "{{#chart a: *; caption=\"a core\"}}",
        ] {
            assert!(marked(page).is_empty(), "{page}");
            assert_eq!(marked(&format!("{page}\n\nthis core")), ["core"], "{page}");
        }
        // What a directive is written with is no Markdown.
        assert_eq!(marked("{{#table a: b/*, c/*}} one core {{#table a: d/*}}"), ["core"]);
    }

    #[test]
    fn a_word_that_is_stressed_where_it_is_first_used_is_explained_there() {
        assert!(marked("A *core* runs instructions. A core is there.").is_empty());
        assert_eq!(marked("A core is there. A *core* runs instructions."), ["core"]);
    }

    #[test]
    fn an_entry_has_an_address_for_each_of_its_names() {
        let glossary = Glossary::read(PAGE).unwrap();
        let html: Vec<String> = glossary.entries().map(|(_, html)| html).collect();
        insta::assert_snapshot!(html.join("\n"));
    }

    #[test]
    fn a_marked_word_opens_its_definition_and_leads_to_its_entry() {
        let glossary = Glossary::read(PAGE).unwrap();
        let page = "One Lock.";
        let uses = glossary.first_uses(page, &[]);
        let html = glossary.opens(&uses[0], page, "part-page", 1);
        insta::assert_snapshot!(html);
    }

    #[test]
    fn two_terms_of_one_address_or_one_form_are_a_mistake() {
        let twice = format!("{PAGE}\n**Mutex.** Again.\n");
        assert!(Glossary::read(&twice).unwrap_err().to_string().contains("address `mutex`"));
        let meant = format!("{PAGE}\n**Latch.**{{{{#forms locks}}}} Again.\n");
        assert!(Glossary::read(&meant).unwrap_err().to_string().contains("meant by `locks`"));
    }

    #[test]
    fn plurals_are_those_of_the_language() {
        let plural = |name: &str| used(name).pop().unwrap();
        assert_eq!(
            ["Process", "Mutex", "Core", "Speed-up", "TLB", "Memory"].map(plural),
            ["processes", "mutexes", "cores", "speed-ups", "TLBs", "memories"]
        );
    }
}
