//! What the book is searched in: its sections, in the words that a reader sees, and the words
//! that mean the same (`book/synonyms.toml`), and the entries of the list of symptoms, each
//! with the section that answers it. Who searches fetches it (`theme/src/find.ts`).
//!
//! Plain mdBook has no such file; its own index would hold code, and what is in popovers, too.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use scraper::node::Element;
use scraper::{ElementRef, Html, Node, Selector};
use serde::{Deserialize, Serialize};

/// The file, beside the pages; `theme/index.hbs` has the same name.
pub(super) const FILE: &str = "search.json";

/// Elements that are no text of the page: code, drawings, and what is there on demand only.
const LEFT_OUT: [&str; 10] =
    ["pre", "svg", "script", "style", "template", "form", "select", "input", "nav", "textarea"];

/// The same by class: addresses of files, signs and verdicts, and how a test was asked.
const LEFT_OUT_CLASSES: [&str; 18] = [
    "listing-file",
    "files",
    "run-line",
    "trial",
    "trial-note",
    "asked",
    "provenance",
    "warnings",
    "other",
    "chip",
    // Its claims are below, with their verdicts.
    "opener",
    // Tests one by one, which are below their claims.
    "late",
    // Each is found at the section that answers it.
    "symptoms",
    "scoreboard",
    // Among its options are wrong ones.
    "quiz",
    "draw",
    "progress",
    "footnote-reference",
];

/// Elements that stand in a line of text; between others words do not run together.
const IN_LINE: [&str; 16] = [
    "a", "abbr", "b", "button", "cite", "code", "dfn", "em", "i", "kbd", "mark", "q", "span",
    "strong", "sub", "sup",
];

/// As the script reads it.
#[derive(Debug, Serialize)]
struct Index {
    pages: Vec<Page>,
    #[serde(flatten)]
    words: Synonyms,
    symptoms: Vec<Symptom>,
}

/// What readers see, and the section that answers it.
#[derive(Debug, Serialize, PartialEq)]
struct Symptom {
    at: String,
    words: Vec<String>,
    says: String,
}

/// A page, its first section the text before any heading but its title.
#[derive(Debug, Default, Serialize, PartialEq)]
struct Page {
    at: String,
    title: String,
    sections: Vec<Section>,
}

#[derive(Debug, Default, Serialize, PartialEq)]
struct Section {
    /// What leads to it, below the page.
    id: String,
    heading: String,
    /// Whether it is an entry of a list, and not a section under a heading.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    entry: bool,
    text: String,
    /// Places in it that entries of the list of symptoms lead to.
    #[serde(skip)]
    marks: Vec<String>,
}

/// `book/synonyms.toml`.
#[derive(Debug, Default, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Synonyms {
    /// Words and phrases, each list of one thing.
    together: Vec<Vec<String>>,
    /// Where questions are answered in other words than they are asked in.
    #[serde(default)]
    asked: Vec<Asked>,
}

/// Whoever's question has all the words of one of `by` finds `at` first.
#[derive(Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Asked {
    at: String,
    by: Vec<String>,
}

/// Writes the index of the pages in `html`, in the order of `names`.
///
/// # Errors
/// When a page cannot be read, a list of synonyms leads nowhere, or the index not be written.
pub(super) fn publish(root: &Path, html: &Path, names: &[String]) -> Result<()> {
    let texts: Vec<(&String, String)> = names
        .iter()
        .map(|name| Ok((name, fs::read_to_string(html.join(name))?)))
        .collect::<Result<_>>()
        .context("cannot search")?;
    let pages: Vec<Page> = texts.iter().map(|(name, text)| page(name, text)).collect();
    let mut symptoms = Vec::new();
    for (name, text) in &texts {
        symptoms.extend(listed(text, &pages).with_context(|| (*name).clone())?);
    }
    let path = root.join("book/synonyms.toml");
    let words = match path.is_file() {
        true => synonyms(&fs::read_to_string(&path)?, &pages).context("book/synonyms.toml")?,
        false => Synonyms::default(),
    };
    let path = html.join(FILE);
    fs::write(&path, serde_json::to_string(&Index { pages, words, symptoms })?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The lists in `text`, each of which must lead to something on `pages`.
fn synonyms(text: &str, pages: &[Page]) -> Result<Synonyms> {
    let words: Synonyms = toml::from_str(text)?;
    let sections = || pages.iter().flat_map(|page| &page.sections);
    let shown: Vec<_> =
        sections().map(|one| format!("{} {}", one.heading, one.text).to_lowercase()).collect();
    for list in &words.together {
        let is_there = |words: &String| {
            let words = words.to_lowercase();
            shown.iter().any(|text| text.contains(&words))
        };
        if list.len() < 2 || !list.iter().any(is_there) {
            bail!("of {list:?} nothing is on any page, or there is nothing beside it");
        }
    }
    for Asked { at, by } in &words.asked {
        let (name, id) = at.split_once('#').unwrap_or((at, ""));
        let mut its =
            pages.iter().filter(|page| page.at == name).flat_map(|page| &page.sections);
        if !its.any(|section| id.is_empty() || section.id == id) || by.is_empty() {
            bail!("nothing is at `{at}`, or nobody asks for it");
        }
    }
    Ok(words)
}

/// The entries of the list of symptoms that a page has, if it has one.
fn listed(text: &str, pages: &[Page]) -> Result<Vec<Symptom>> {
    // Few pages have one, and reading takes its time.
    if !text.contains("class=\"symptoms\"") {
        return Ok(Vec::new());
    }
    let css = |css: &str| Selector::parse(css).expect("it is valid CSS");
    let [entries, link, also, says] =
        ["ul.symptoms > li", "a[href]", ".also > span", ".says"].map(css);
    let parsed = Html::parse_document(text);
    let mut all = Vec::new();
    for entry in parsed.select(&entries) {
        let Some(link) = entry.select(&link).next() else { continue };
        let to = link.attr("href").unwrap_or_default();
        let (name, id) = to.split_once('#').unwrap_or((to, ""));
        let page = pages.iter().find(|page| page.at == name);
        let mut sections = page.into_iter().flat_map(|page| &page.sections).enumerate();
        let its = sections.find(|(_, section)| section.marks.iter().any(|mark| mark == id));
        let Some((i, section)) = its else { bail!("nothing is at `{to}`") };
        // As the script reads it: a page begins at its top.
        let is_top = i == 0 || section.id.is_empty();
        let at = if is_top { name.to_owned() } else { format!("{name}#{}", section.id) };
        let of = std::iter::once(words(link)).chain(entry.select(&also).map(words)).collect();
        let says = entry.select(&says).next().map(words).unwrap_or_default();
        all.push(Symptom { at, words: of, says });
    }
    Ok(all)
}

/// The sections of a page.
fn page(name: &str, text: &str) -> Page {
    let parsed = Html::parse_document(text);
    let main = Selector::parse("main").expect("`main` is valid CSS");
    let mut reader = Reader::default();
    if let Some(main) = parsed.select(&main).next() {
        reader.read(main);
    }
    let mut sections = reader.sections;
    for section in &mut sections {
        section.text = section.text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    sections.retain(|section| !(section.heading.is_empty() && section.text.is_empty()));
    let title = sections.first().map(|first| first.heading.clone()).unwrap_or_default();
    Page { at: name.to_owned(), title, sections }
}

#[derive(Default)]
struct Reader {
    sections: Vec<Section>,
}

impl Reader {
    fn read(&mut self, element: ElementRef<'_>) {
        for child in element.children() {
            if let Node::Text(text) = child.value() {
                self.say(text);
            }
            let Some(child) = ElementRef::wrap(child) else { continue };
            if is_left_out(child) {
                continue;
            }
            if is_mark(child) {
                self.say("");
                let section = self.sections.last_mut().expect("it was begun");
                section.marks.push(id(child));
                continue;
            }
            let name = child.value().name();
            if ["h1", "h2", "h3"].contains(&name) {
                self.begin(id(child), words(child), false);
                continue;
            }
            if let Some(heading) = entry(child) {
                self.begin(id(child), heading, true);
            }
            let is_in_line = IN_LINE.contains(&name);
            if !is_in_line {
                self.say(" ");
            }
            self.read(child);
            if !is_in_line {
                self.say(" ");
            }
        }
    }

    fn say(&mut self, text: &str) {
        if self.sections.is_empty() {
            self.sections.push(Section::default());
        }
        self.sections.last_mut().expect("there is one").text.push_str(text);
    }

    /// Without an address of its own, what begins here has that of what it stands in.
    fn begin(&mut self, id: String, heading: String, entry: bool) {
        let above = self.sections.last().map(|section| section.id.clone());
        let id = if id.is_empty() { above.unwrap_or_default() } else { id };
        self.sections.push(Section { id, heading, entry, ..Section::default() });
    }
}

fn is_left_out(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let is_of = |value: &Element, class: &str| value.classes().any(|its| its == class);
    let parent = || element.parent().and_then(ElementRef::wrap).map(|parent| parent.value());
    // Of a figure its caption; of a question what is asked, and not what one is to guess.
    let is_for_the_eye = || match parent() {
        Some(parent) if parent.name() == "figure" => value.name() != "figcaption",
        Some(parent) if is_of(parent, "predict") => value.name() == "details",
        _ => false,
    };
    // A claim is said again below.
    let is_line_of_a_claim = || {
        let above =
            element.parent().and_then(|parent| parent.parent()).and_then(ElementRef::wrap);
        value.name() == "summary" && above.is_some_and(|above| is_of(above.value(), "entry"))
    };
    let is_sign = || value.classes().any(|class| class.starts_with("is-"));
    let is_way_back = || value.attr("href").is_some_and(|href| href.starts_with("#fr-"));
    LEFT_OUT.contains(&value.name())
        || ["popover", "hidden"].iter().any(|name| value.attr(name).is_some())
        || LEFT_OUT_CLASSES.iter().any(|class| is_of(value, class))
        || (["b", "span"].contains(&value.name()) && is_sign())
        || is_of(value, "key")
        || is_for_the_eye()
        || is_line_of_a_claim()
        || (value.name() == "dt" && is_of_a_beginning(element))
        || is_way_back()
}

/// Whether an entry of the list of symptoms leads to it.
fn is_mark(element: ElementRef<'_>) -> bool {
    let mut classes = element.value().classes();
    element.value().name() == "span" && classes.any(|class| class == "symptom")
}

/// Whether it names a line of what a chapter begins with, which is no term.
fn is_of_a_beginning(element: ElementRef<'_>) -> bool {
    let list = element.parent().and_then(|parent| parent.parent()).and_then(ElementRef::wrap);
    list.is_some_and(|list| list.value().classes().any(|class| class == "begin"))
}

/// What a term of the glossary or a claim of the ledger goes by.
fn entry(element: ElementRef<'_>) -> Option<String> {
    let first = |css: &str| {
        let css = Selector::parse(css).expect("it is valid CSS");
        element.select(&css).next().map(words)
    };
    match element.value().name() {
        "dt" if !is_of_a_beginning(element) => Some(words(element)),
        "div" if element.value().classes().any(|class| class == "entry") => {
            first("summary .what")
        }
        // `**Term.** What it is.`
        "p" => {
            // Before its words may stand what an entry of the list of symptoms leads to.
            let mut shown = element.children().filter(|node| match node.value() {
                Node::Text(text) => !text.trim().is_empty(),
                _ => ElementRef::wrap(*node).is_some_and(|child| !is_mark(child)),
            });
            let first = shown.next()?;
            let starts = first.value().is_element();
            let child = std::iter::once(first).chain(shown).find_map(ElementRef::wrap)?;
            let term = words(child);
            let is_term = starts && ["strong", "dfn"].contains(&child.value().name());
            let plain = term.trim_end_matches('.');
            (is_term && plain != term && !plain.starts_with(char::is_numeric))
                .then(|| plain.to_owned())
        }
        _ => None,
    }
}

/// Its own address, or that of the first in it that has one.
fn id(element: ElementRef<'_>) -> String {
    let ids = Selector::parse("[id]:not([popover], .symptom)").expect("it is valid CSS");
    let own = element.attr("id");
    own.or_else(|| element.select(&ids).next().and_then(|first| first.attr("id")))
        .unwrap_or_default()
        .to_owned()
}

fn words(element: ElementRef<'_>) -> String {
    let mut reader = Reader::default();
    reader.read(element);
    let text: String = reader.sections.iter().map(|section| section.text.as_str()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(main: &str) -> Vec<(String, String, String)> {
        let page = page("p.html", &format!("<nav>Away</nav><main>{main}</main><p>Away"));
        page.sections.into_iter().map(|one| (one.id, one.heading, one.text)).collect()
    }

    fn section(id: &str, heading: &str, text: &str) -> (String, String, String) {
        (id.into(), heading.into(), text.into())
    }

    #[test]
    fn a_page_is_its_sections_in_the_words_that_are_seen() {
        let found = read(
            "<h1 id='p'><a href='#p'>Pa<b>ge</b></a></h1><dl class='begin'><div><dt>For</dt>\
             <dd>all.</dd></div></dl><p>One</p><p>two <code>x</code>.</p>\
             <h2 id='s'>Section</h2><pre>code</pre><div>three<ul><li>four</li></ul></div>\
             <p><button>9&#8239;s</button><span popover id='a'>in a popover</span> five \
             <span hidden>there</span></p><svg><text>drawn</text></svg>\
             <figure><figcaption>Caption</figcaption><p>1</p><details>data</details></figure>\
             <div class='predict'>Guess.<details>7</details></div>\
             <details class='solution'><summary>A solution</summary>six</details>",
        );
        assert_eq!(
            found,
            [
                section("p", "Page", "all. One two x."),
                section("s", "Section", "three four 9 s five Caption Guess. A solution six"),
            ]
        );
    }

    #[test]
    fn terms_and_claims_are_found_by_their_names() {
        let found = read(
            "<h1 id='g'>G</h1><p><strong>ABI.</strong> An agreement.</p>\
             <p id='gil'><dfn>GIL.</dfn> A lock.</p><p><strong>Not</strong> a term.</p>\
             <p><strong>1. An exercise.</strong> Do it.</p><dl><dt id='d'>Drop</dt><dd>Ends</dd></dl>\
             <div class='entry'><details><summary><b class='is-holds'>holds</b> <span class='what'>It is so</span>\
             </summary><div id='claim'>Why.</div></details></div>",
        );
        assert_eq!(
            found,
            [
                section("g", "G", ""),
                section("g", "ABI", "ABI. An agreement."),
                section("gil", "GIL", "GIL. A lock. Not a term. 1. An exercise. Do it."),
                section("d", "Drop", "Drop Ends"),
                section("claim", "It is so", "Why."),
            ]
        );
    }

    #[test]
    fn what_readers_see_is_found_at_the_section_that_answers_it() {
        let pages = [page(
            "p.html",
            "<main><h1 id='p'>P</h1><p><span class='symptom' id='symptom-a'></span>Top.</p>\
             <h2 id='s'>S</h2><p>Text <span class='symptom' id='symptom-b'></span> more.</p>\
             <p><span class='symptom' id='symptom-c'></span><strong>Term.</strong> Said.</p>",
        )];
        let list = |to: &str| {
            format!(
                "<main><ul class=\"symptoms\"><li><a href='p.html#symptom-{to}'>Too <code>many\
                 </code></a> <span class='also'><span>x, y</span> · <span>z</span></span> <span \
                 class='says'>It is.</span> <span class='where'>P</span></li></ul></main>"
            )
        };
        for (to, at) in [("a", "p.html"), ("b", "p.html#s"), ("c", "p.html#s")] {
            let found = listed(&list(to), &pages).unwrap();
            let words = ["Too many", "x, y", "z"].map(str::to_owned).to_vec();
            assert_eq!(found, [Symptom { at: at.into(), words, says: "It is.".into() }]);
        }
        assert!(listed(&list("d"), &pages).unwrap_err().to_string().contains("symptom-d"));
        let itself = page("l.html", &list("a"));
        assert!(itself.sections.is_empty(), "entries are found where they lead to");
        let term = &pages[0].sections[2];
        assert_eq!((term.id.as_str(), term.heading.as_str()), ("s", "Term"));
    }

    #[test]
    fn synonyms_of_nothing_on_any_page_are_refused() {
        let pages = [page("p.html", "<main><h1>P</h1>The global lock.</main>")];
        let fine = synonyms("together = [['GIL', 'Global lock']]", &pages).unwrap();
        assert_eq!(fine.together, [["GIL", "Global lock"]]);
        for wrong in ["together = [['GIL', 'GILs']]", "together = [['global lock']]", "x = 1"] {
            assert!(synonyms(wrong, &pages).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_question_leads_to_a_section_that_there_is() {
        let pages = [page("p.html", "<main><h1 id='p'>P</h1><h2 id='s'>S</h2>Text.</main>")];
        let asked = |at: &str| {
            synonyms(&format!("together = []\n[[asked]]\nat = '{at}'\nby = ['x']"), &pages)
        };
        for fine in ["p.html", "p.html#s"] {
            assert_eq!(asked(fine).unwrap().asked[0].at, fine);
        }
        for wrong in ["q.html", "p.html#t"] {
            assert!(asked(wrong).is_err(), "{wrong}");
        }
    }
}
