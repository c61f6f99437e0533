//! The preprocessor: replaces what the directives ask for by what the records say.
//!
//! It runs before mdBook's own `{{#include}}`, so that lines in messages are the author's.
//! All mistakes of all pages are collected and reported together; with any, nothing is
//! rendered. A directive is a file here (its name, how its text is read, how it is rendered),
//! and a line in the one table of them that everybody asks.

mod begin;
mod beside;
mod chart;
mod choose;
mod claims;
pub mod code;
mod compared;
mod data;
mod directive;
mod drawing;
pub mod elsewhere;
mod expect;
mod forms;
pub mod glossary;
pub mod hints;
mod jobs;
mod ladder;
mod lanes;
mod listing;
mod machines;
pub mod markdown;
mod matrix;
mod measured;
mod number;
mod observed;
mod opener;
mod options;
mod order;
mod planted;
mod predict;
mod predicted;
mod quiz;
mod reference;
mod replication;
mod run;
mod scan;
mod source;
mod symptom;
mod symptoms;
mod table;
mod timeline;
pub mod translation;
mod verdict;
pub mod words;

use std::collections::HashSet;
use std::ops::Range;

use anyhow::{Result, anyhow};
use maud::html;

use crate::ask::choosing::recorded;
use crate::ask::expectation::Expectation;
use crate::ask::near::Unknown;
use crate::store::results::Results;
use directive::{Directive, Page};
use elsewhere::{Asked, Elsewhere, Marked, Written};
use markdown::{Block, Code, line_of};
use number::Number;
use scan::{Found, Is, scan};

pub use directive::Pages;

/// How the text of a directive is read.
type Parse = fn(&str) -> Result<Box<dyn Directive>>;

/// All directives that are ours.
const DIRECTIVES: [(&str, Parse); 31] = [
    (measured::NAME, measured::parse),
    (table::NAME, table::parse),
    (chart::NAME, chart::parse),
    (ladder::NAME, ladder::parse),
    (matrix::NAME, matrix::parse),
    (observed::NAME, observed::parse),
    (timeline::NAME, timeline::parse),
    (drawing::NAME, drawing::parse),
    (order::NAME, order::parse),
    (expect::NAME, expect::parse),
    (predict::NAME, predict::parse),
    (opener::NAME, opener::parse),
    (verdict::NAME, verdict::parse),
    (claims::NAME, claims::parse),
    (listing::NAME, listing::parse),
    (run::NAME, run::parse),
    (machines::NAME, machines::parse),
    (compared::NAME, compared::parse),
    (data::NAME, data::parse),
    (planted::NAME, planted::parse),
    (replication::NAME, replication::parse),
    (begin::NAME, begin::parse),
    (reference::NAME, reference::parse),
    (forms::NAME, forms::parse),
    (jobs::NAME, jobs::parse),
    (choose::NAME, choose::parse),
    (predicted::NAME, predicted::parse),
    (quiz::NAME, quiz::parse),
    (quiz::ALL, quiz::parse_all),
    (symptoms::MARKER, symptoms::parse_marker),
    (symptoms::LIST, symptoms::parse_list),
];

/// What a directive of a page becomes, or why it is none.
type Read = Result<Box<dyn Directive>>;

/// The directives of a page that are ours or nobody's, and where they stand.
fn directives(page: &str, code: &Code) -> impl Iterator<Item = (Range<usize>, Read)> {
    scan(page, code).into_iter().map(|Found { range, is }| {
        let parsed = match is {
            Is::Mistake(why) => Err(anyhow!(why)),
            Is::Directive { name, rest } => {
                match DIRECTIVES.iter().find(|(known, _)| *known == name) {
                    Some((_, parse)) => parse(rest),
                    None => {
                        let text = format!("no directive is called `{name}`");
                        let known = DIRECTIVES.map(|(known, _)| known);
                        Err(Unknown::new(text, name, known).into())
                    }
                }
            }
        };
        (range, parsed)
    })
}

/// The experiments whose records a page cites.
pub fn cited(page: &str) -> HashSet<String> {
    directives(page, &Code::of(page))
        .filter_map(|(_, directive)| directive.ok())
        .flat_map(|directive| {
            directive.cites().into_iter().map(recorded).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// What a page expects, each with its line. A directive that is not understood expects nothing;
/// the build says what is wrong with it.
pub fn expectations(page: &str) -> Vec<(usize, Expectation)> {
    directives(page, &Code::of(page))
        .filter_map(|(range, directive)| {
            Some((line_of(page, range.start), directive.ok()?.expects()?.clone()))
        })
        .collect()
}

/// The lines of a page that mark what readers see.
pub fn symptoms(page: &str) -> Vec<usize> {
    directives(page, &Code::of(page))
        .filter_map(|(range, directive)| {
            directive.ok()?.symptom().map(|_| line_of(page, range.start))
        })
        .collect()
}

/// Where the numbers of all pages stand, which are given in their order.
pub fn elsewhere<'p>(
    pages: impl IntoIterator<Item = Written<'p>>,
    results: &Results,
) -> Elsewhere {
    let of_page = |page: Written<'p>| {
        let code = Code::of(page.text);
        let mut asked = Asked::default();
        let all: Vec<(Range<usize>, Read)> = directives(page.text, &code).collect();
        let taken: Vec<Range<usize>> = all.iter().map(|(range, _)| range.clone()).collect();
        for (range, directive) in all {
            let Ok(directive) = directive else { continue };
            asked.symptoms.extend(directive.symptom().map(|symptom| Marked {
                symptom: symptom.clone(),
                section: code.heading_above(page.text, range.start),
                line: line_of(page.text, range.start),
                is_in_text: is_in_text(page.text, &taken, range.start),
            }));
            asked.numbers.extend(directive.number().cloned());
            asked.has_ledger |= directive.is_ledger();
            let judged = directive.judges().map(str::to_owned);
            asked
                .judged
                .extend(judged.map(|c| (c, code.heading_above(page.text, range.start))));
        }
        (page, asked)
    };
    Elsewhere::of(pages.into_iter().map(of_page), results)
}

/// Whether this place of a page is in a paragraph that has words of its own, besides what is
/// `taken` by directives, and is no heading, table, code or source.
fn is_in_text(page: &str, taken: &[Range<usize>], at: usize) -> bool {
    let start = page[..at].rfind("\n\n").map_or(0, |blank| blank + 2);
    let end = page[at..].find("\n\n").map_or(page.len(), |blank| at + blank);
    let inside = taken.iter().filter(|range| start <= range.start && range.end <= end);
    let mut text = String::new();
    let mut done = start;
    for range in inside {
        text.push_str(&page[done..range.start]);
        done = range.end;
    }
    text.push_str(&page[done..end]);
    let text = text.trim_start();
    text.contains(char::is_alphanumeric)
        && !text.starts_with(['#', '|', '<', '~'])
        && !["```", "[^"].iter().any(|sign| text.starts_with(sign))
}

impl Pages {
    /// Replaces the directives of one page, and colors its fenced blocks.
    ///
    /// # Errors
    /// Every mistake of the page, a line each, with page and line.
    pub fn render(&self, page: &str, content: &str) -> Result<String, Vec<String>> {
        let code = Code::of(content);
        let mut state = Page::new(page);
        let read: Vec<(Range<usize>, Read)> = directives(content, &code).collect();
        let numbers: Vec<(usize, &Number)> = read
            .iter()
            .filter_map(|(range, directive)| {
                let paragraph = content[..range.start].matches("\n\n").count();
                Some((paragraph, directive.as_ref().ok()?.number()?))
            })
            .collect();
        state.digits = beside::digits(&numbers, &self.results);
        let taken: Vec<Range<usize>> = read.iter().map(|(range, _)| range.clone()).collect();
        state.minutes = begin::minutes(&glossary::without(content, &taken));
        let mut made: Vec<(Range<usize>, Result<String>)> = read
            .into_iter()
            .map(|(range, directive)| {
                (range, directive.and_then(|directive| directive.render(self, &mut state)))
            })
            .collect();
        // Inside a list or a quotation it would fall out of it.
        let blocks = code.blocks.iter().filter(|block| !block.is_inside);
        made.extend(blocks.map(|block| (block.range.clone(), self.colored(block))));
        if page == glossary::PAGE {
            made.extend(self.glossary.entries().map(|(range, html)| (range, Ok(html))));
        } else {
            made.extend(self.glossary.first_uses(content, &taken).into_iter().map(|used| {
                let html = self.glossary.opens(&used, content, &state.slug, state.depth);
                (used.whole, Ok(html))
            }));
        }
        if let Some(words) = &self.words {
            let mut own = translation::own_words(content);
            let is_beside = |other: &str| {
                let folder = page.rsplit_once('/').map(|(folder, _)| folder);
                folder.is_some() && other.rsplit_once('/').map(|(folder, _)| folder) == folder
            };
            let (of, others): (Vec<_>, Vec<_>) =
                self.titles.iter().partition(|(other, _)| is_beside(other));
            own.extend(of.into_iter().map(|(_, title)| title.clone()));
            // A word of the tool's may be the name of a chapter, too.
            let foreign: Vec<String> = others
                .into_iter()
                .map(|(_, title)| title.clone())
                .filter(|title| words.say(title) == *title)
                .collect();
            for (_, made) in &mut made {
                if let Ok(html) = made {
                    *html = words.localized(html, &own, &foreign);
                }
            }
        }
        made.sort_by_key(|(range, _)| range.start);

        let mut out = String::new();
        let mut ours = Vec::new();
        let mut mistakes = Vec::new();
        let mut done = 0;
        for (range, made) in made {
            out.push_str(&content[done..range.start]);
            done = range.end;
            match made {
                Ok(html) => {
                    ours.push((out.len()..out.len() + html.len(), range));
                    out.push_str(&html);
                }
                Err(e) => {
                    let line = line_of(content, range.start);
                    mistakes.push(format!("book/{page}:{line}: {}: {e:#}", &content[range]));
                }
            }
        }
        out.push_str(&content[done..]);
        if mistakes.is_empty() {
            mistakes = seen_again(page, content, &out, &ours);
        }
        if mistakes.is_empty() { Ok(out) } else { Err(mistakes) }
    }

    /// A fenced block, colored. One that is taken from a file is read here.
    fn colored(&self, block: &Block) -> Result<String> {
        let code = match block.included() {
            Some((path, anchor)) => {
                code::piece(&self.root, path.trim_start_matches("../"), anchor)?.text()
            }
            None => block.code.clone(),
        };
        let language = if block.language().is_empty() { "text" } else { block.language() };
        let html = code::block(language, &self.colors.lines(language, &code));
        let html = markdown::preformatted(html);
        Ok(match block.error_code() {
            Some(code) => {
                let address = format!("https://doc.rust-lang.org/error_codes/{code}.html");
                let head = html! {
                    div class="listing is-wrong" {
                        "\n"
                        p class="wrong" {
                            b { "Does not compile." } " " a href=(address) { (code) }
                        }
                    }
                };
                markdown::around(head, &html)
            }
            None => html,
        })
    }
}

/// What mdBook would read otherwise than it was meant, once what is `ours` stands in the page,
/// each beside where its directive stood: HTML as code, a directive in code as none, or text
/// of a record as a directive.
fn seen_again(
    page: &str,
    content: &str,
    out: &str,
    ours: &[(Range<usize>, Range<usize>)],
) -> Vec<String> {
    let code = Code::of(out);
    let mut mistakes = Vec::new();
    let mut mistake = |at: usize, what: &str, why: &str| {
        mistakes.push(format!("book/{page}:{}: {what}: {why}", line_of(content, at)));
    };
    for (here, there) in ours {
        let html = &out[here.clone()];
        let Some(begin) = html.find('<') else { continue };
        if code.has(here.start + begin) {
            let why = "what it becomes would be shown as code; begin a paragraph before it";
            mistake(there.start, &content[there.clone()], why);
        }
    }
    let ours_at =
        |at: usize| ours.iter().find(|(here, _)| here.start <= at + 1 && at < here.end);
    for (at, _) in out.match_indices("{{") {
        if let Some((_, there)) = ours_at(at) {
            let why = "text of a record would be read as a directive";
            mistake(there.start, &content[there.clone()], why);
        }
    }
    for found in
        scan(out, &code).into_iter().filter(|found| ours_at(found.range.start).is_none())
    {
        let at = found.range.start;
        let before = ours.iter().take_while(|(here, _)| here.end <= at).last();
        let there = before.map_or(at, |(here, there)| there.end + (at - here.end));
        let why = "it is in code no more, once the directives before it are replaced; mind \
                   their backticks";
        mistake(there, &out[found.range], why);
    }
    mistakes
}

#[cfg(test)]
pub(in crate::page) mod tests {
    use super::*;
    use crate::ask::choosing::Choosing;
    use crate::ask::claims::{Claims, Condition};
    use crate::store::record::tests::demo;
    use crate::store::record::{Record, Warning};
    use crate::store::results::LOCAL;
    use code::Colors;
    use glossary::Glossary;
    use lab::timeline::{Lane, Span, State};
    use std::collections::{BTreeMap, HashMap};
    use std::path::PathBuf;
    use std::sync::OnceLock;

    pub(in crate::page) fn pages(local: Option<Record>) -> Pages {
        let mut machines =
            BTreeMap::from([("ref".to_owned(), BTreeMap::from([("demo".to_owned(), demo())]))]);
        if let Some(local) = local {
            machines.insert(LOCAL.into(), BTreeMap::from([("demo".to_owned(), local)]));
        }
        Pages {
            results: Results { reference: "ref".into(), machines, ..Results::default() },
            together: OnceLock::new(),
            claims: Claims::default(),
            choosing: Choosing::default(),
            colors: Colors::default(),
            elsewhere: Elsewhere::default(),
            titles: Vec::new(),
            glossary: Glossary::default(),
            words: None,
            quiz: crate::ask::quiz::Quiz::default(),
            files: HashMap::from([("unmeasured".into(), "examples/demo/unmeasured.rs".into())]),
            repository: None,
            root: PathBuf::from("."),
        }
    }

    fn render(text: &str) -> Result<String, Vec<String>> {
        pages(None).render("page.md", text)
    }

    fn mistake(text: &str) -> String {
        render(text).unwrap_err().join("\n")
    }

    #[test]
    fn a_number_comes_with_its_interval_machine_and_date() {
        insta::assert_snapshot!(
            render("It is {{#measured demo: chain/threads.speedup}} here.").unwrap()
        );
    }

    #[test]
    fn a_table_has_the_columns_asked_for() {
        insta::assert_snapshot!(render(
            "{{#table demo: chain/*, python/chain/*; columns=wall,speedup,start_up_us,answer}}"
        )
        .unwrap());
    }

    #[test]
    fn a_chapter_begins_with_what_it_answers_and_is_asked_for_pages_that_there_are() {
        let mut pages = pages(None);
        pages.titles = vec![("work.md".into(), "Two & two".into())];
        let begin = |on: &str| {
            format!(
                "{{{{#begin {on}; answers=\"Is `a` b? And c?\"; for=\"anyone\"}}}}\n\nText.\n"
            )
        };
        insta::assert_snapshot!(pages.render("p.md", &begin("work")).unwrap());
        let mistake = pages.render("p.md", &begin("words")).unwrap_err().join("\n");
        assert!(mistake.contains("did you mean `work`?"), "{mistake}");
        let none = render("{{#begin ; answers=\"It is.\"; for=\"x\"}}").unwrap_err().join("\n");
        assert!(none.contains("takes questions"), "{none}");
    }

    #[test]
    fn forms_of_a_term_stand_in_the_glossary_and_the_reference_tells_its_machine() {
        assert!(mistake("{{#forms a, b}}").contains("behind a term of glossary.md"));
        assert_eq!(pages(None).render("glossary.md", "{{#forms a}}").unwrap(), "");
        insta::assert_snapshot!(render("It is {{#reference}}.").unwrap());
    }

    #[test]
    fn a_chart_draws_the_lanes_asked_for() {
        insta::assert_snapshot!(render(
            "{{#chart demo: chain/*; metric=speedup; axis=both; caption=\"Two; are \nbetter\"}}"
        )
        .unwrap());
    }

    #[test]
    fn a_drawing_is_found_by_its_name_and_a_mistake_in_it_has_its_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let drawings = folder.path().join("theme/drawings");
        std::fs::create_dir_all(&drawings).unwrap();
        let good = "<svg viewBox=\"0 0 9 9\"><title>T</title><desc>A `{{#data}}` *b*.</desc>\
                    <text>{{#data}}</text></svg>";
        std::fs::write(drawings.join("good.svg"), good).unwrap();
        std::fs::write(drawings.join("bad.svg"), "<svg viewBox=\"0 0 9 9\">\n<script/></svg>")
            .unwrap();
        let mut pages = pages(None);
        pages.root = folder.path().to_owned();
        let drawn = |text: &str| pages.render("p.md", text).map_err(|e| e.join("\n"));
        let page = drawn("a\n\n{{#drawing good; caption=\"All; of it\"}}").unwrap();
        assert!(page.contains("</b> All; of it</figcaption>"), "{page}");
        assert!(page.contains("&#123;&#123;#data}}</text>") && !page.contains("{{"), "{page}");
        for (text, why) in [
            ("{{#drawing good}}", "a caption=\"…\" is missing"),
            ("{{#drawing ; caption=\"a\"}}", "one drawing is named"),
            ("{{#drawing good, bad; caption=\"a\"}}", "one drawing is named"),
            ("{{#drawing good; caption=\"a\"; size=9}}", "no option is called `size`"),
            ("{{#drawing goof; caption=\"a\"}}", "did you mean `good`?"),
            ("{{#drawing ../drawings/good; caption=\"a\"}}", "no drawing is called"),
            (
                "{{#drawing bad; caption=\"a\"}}",
                "theme/drawings/bad.svg: line 2: a drawing has no <script>",
            ),
        ] {
            let mistake = drawn(text).unwrap_err();
            assert!(mistake.starts_with("book/p.md:1: ") && mistake.contains(why), "{mistake}");
        }
    }

    #[test]
    fn the_readers_numbers_stand_beside_the_references() {
        let mut local = demo();
        local.variants[1].samples[0].wall_ns = vec![80_000_000; 3];
        let pages = pages(Some(local));
        let page = pages.render("p.md", "{{#measured demo: chain/threads.speedup}}").unwrap();
        assert!(
            page.contains("1.00\u{202f}×</span>") && page.contains("ours</span> 2.00\u{202f}×"),
            "{page}"
        );
        let note =
            pages.render("p.md", "x{{#expect demo: chain/threads.speedup > 1.5}}").unwrap();
        assert!(note.contains("On your machine this does not hold"), "{note}");
    }

    #[test]
    fn a_number_on_two_pages_leads_from_each_to_the_other_however_it_is_written() {
        let written = [
            (
                "a.md",
                "Apples",
                "{{#measured demo: chain/threads.speedup}} {{#measured demo: \
              chain/threads.speedup}} {{#measured demo: chain/threads.wall}}",
            ),
            (
                "part/b.md",
                "Bread & *butter*",
                "`{{#measured demo: chain/threads.wall}}` \
              {{#measured demo: cpython-3.11/chain/threads.wall}} {{#predict demo: rust/chain/\
              sequential.wall / chain/threads.wall; question=\"x\"}}",
            ),
            ("c.md", "Corn", "{{#measured demo: python/chain/threads.wall}}"),
        ];
        let mut pages = pages(None);
        let of_page = |(page, title, text)| Written { page, title, text };
        pages.elsewhere = elsewhere(written.map(of_page), &pages.results);
        let [a, b, c] = written
            .map(|(page, _, text)| pages.render(page, text).unwrap().replace("&#42;", "*"));
        assert_eq!(a.matches("<a href=\"part/b.html#number-part-b-2\">").count(), 2, "{a}");
        assert!(a.contains("id=\"number-a-1\"") && !a.contains("id=\"number-a-2\""), "{a}");
        assert!(a.contains("Bread &amp; *butter*</a>"), "{a}");
        assert!(!a.contains("number-a-3") && !a.contains("#number-a"), "{a}");
        assert!(b.contains("Also in <a href=\"../a.html#number-a-1\">Apples</a>."), "{b}");
        assert!(b.contains("<a href=\"../c.html#number-c-1\">Corn</a>."), "{b}");
        assert!(b.contains("id=\"number-part-b-1\"") && b.contains("id=\"number-part-b-2\""));
        assert!(c.contains("<a href=\"part/b.html#number-part-b-1\">"), "{c}");
    }

    #[test]
    fn a_number_is_printed_as_the_smaller_beside_one_that_is_greater() {
        let mut pages = pages(None);
        let record = pages.results.machines.get_mut("ref").unwrap().get_mut("demo").unwrap();
        let metrics = &mut record.variants[1].samples[0].metrics;
        metrics.insert("late_us".into(), vec![1000.0, 3620.0, 9000.0]);
        metrics.insert("worst_us".into(), vec![3960.0, 3970.0, 3980.0]);
        let (late, worst) = (
            "{{#measured demo: chain/threads.late_us}}",
            "{{#measured demo: \
                             chain/threads.worst_us}}",
        );
        let apart = pages.render("p.md", &format!("{late}\n\n{worst}")).unwrap();
        assert!(
            apart.contains(">4\u{202f}ms<") && apart.contains(">3.97\u{202f}ms<"),
            "{apart}"
        );
        let beside = pages.render("p.md", &format!("{late} and\n{worst}")).unwrap();
        assert!(beside.contains(">3.6\u{202f}ms</span>"), "{beside}");
        assert!(beside.contains("<b>3.6\u{202f}ms</b>"), "{beside}");
    }

    #[test]
    fn what_only_the_reference_has_or_answers_is_marked_as_ours() {
        let mut local = demo();
        local.variants.retain(|variant| variant.runner == "rust");
        local.variants[0].answers = BTreeMap::from([("43".into(), 3)]);
        let pages = pages(Some(local));
        let page = |text| pages.render("p.md", text).unwrap();
        let missing = page("{{#measured demo: python/chain/threads.wall}}");
        assert!(missing.contains("ours</span> 820"), "{missing}");
        let answer = page("{{#measured demo: chain/sequential.answer}}");
        assert!(answer.contains("data-machine=\"local\">43<"), "{answer}");
        assert!(answer.contains("ours</span> 42"), "{answer}");
        let same = page("{{#measured demo: chain/threads.answer}}");
        assert_eq!(same, "<span class=\"observed\">42</span>");
    }

    #[test]
    fn a_table_says_what_its_rows_do_not_share() {
        let one = render("{{#table demo: chain/*; columns=start_up_us (to its start), wall}}")
            .unwrap();
        assert!(one.contains(">to its start<") && one.contains(">time<"), "{one}");
        assert!(!one.contains(">work<"), "all rows are of one case: {one}");
        let two = render("{{#table demo: */threads; columns=wall}}");
        assert!(two.is_ok_and(|two| two.contains(">what ran<")));
    }

    #[test]
    fn a_table_has_the_pages_words_for_its_rows_and_their_language_once() {
        let named = "{{#table demo: chain/threads as two of them; rows=threads; columns=wall}}";
        let named = render(named).unwrap();
        assert!(named.contains(">threads<") && named.contains(">two of them<"), "{named}");
        let python = render("{{#table demo: python/chain/*; columns=wall}}").unwrap();
        assert!(python.contains(">what ran · Python 3.11<"), "{python}");
        assert_eq!(python.matches("Python 3.11").count(), 2, "heading and its label: {python}");
        let both = "{{#table demo: chain/sequential, python/chain/sequential; columns=wall}}";
        let both = render(both).unwrap();
        assert!(both.contains(">Rust<") && both.contains(">Python 3.11<"), "{both}");
    }

    #[test]
    fn a_number_says_what_was_divided_by_what_and_leads_to_its_program() {
        let mut pages = pages(None);
        pages.files.insert("demo".into(), "examples/demo/demo.rs".into());
        pages.repository = Some("https://example.org/book".into());
        let about = |what: &str| {
            pages.render("p.md", &format!("{{{{#measured demo: {what}}}}}")).unwrap()
        };
        let speedup = about("chain/threads.speedup");
        assert!(
            speedup.contains("Time of “sequential, rust”, divided by that of “threads, rust”."),
            "{speedup}"
        );
        assert!(
            speedup.contains("\"https://example.org/book/blob/main/examples/demo/demo.rs\""),
            "{speedup}"
        );
        let ratio = about("chain/threads.wall / chain/sequential.cpu");
        assert!(
            ratio.contains(
                "Time of “threads, rust”, divided by CPU time of “sequential, rust”."
            ),
            "{ratio}"
        );
        let python = about("python/chain/sequential.wall");
        assert!(
            python.contains("Time of “sequential, cpython-3.11 · Python 3.11”."),
            "{python}"
        );
        assert!(python.contains("examples/demo/demo.py"), "{python}");
    }

    #[test]
    fn other_machines_are_offered_folded_away() {
        let mut pages = pages(None);
        let records = BTreeMap::from([("demo".to_owned(), demo())]);
        pages.results.machines.insert("big-16".into(), records);
        let page = pages.render("p.md", "{{#table demo: chain/*}}").unwrap();
        assert!(page.contains("<details class=\"machine other\" data-machine=\"big-16\">"));
        let page = pages.render("p.md", "{{#measured demo: chain/threads.wall}}").unwrap();
        let (button, about) = page.split_once("</button>").unwrap();
        assert!(button.contains("<span data-machine=\"big-16\" hidden>"), "{page}");
        assert!(about.contains("big-16"), "{page}");
    }

    #[test]
    fn whatever_shows_a_record_leads_to_its_data_from_any_page_but_not_to_the_readers() {
        let mut ours = demo();
        ours.variants[1].timeline = vec![Lane {
            name: "one".into(),
            spans: Vec::new(),
            involuntary: None,
            false_gaps: 0,
        }];
        let mut pages = pages(Some(ours.clone()));
        pages.results.machines.insert("ref".into(), BTreeMap::from([("demo".into(), ours)]));
        for (directive, kind) in [
            ("{{#measured demo: chain/threads.wall}}", "csv"),
            ("{{#predict demo: chain/threads.wall; question=\"How long?\"}}", "csv"),
            ("{{#table demo: chain/*}}", "csv"),
            ("{{#chart demo: chain/*; caption=\"A\"}}", "csv"),
            ("{{#matrix demo: */*; metric=wall; caption=\"A\"}}", "csv"),
            ("{{#ladder demo: chain/threads.wall; caption=\"A\"}}", "csv"),
            ("{{#observed demo: chain/*; caption=\"A\"}}", "csv"),
            // What lanes did stands in the record alone.
            ("{{#timeline demo: chain/threads; caption=\"A\"}}", "json"),
        ] {
            for (page, up) in [("a.md", ""), ("b/a.md", "../"), ("b\\c\\a.md", "../../")] {
                let html = pages.render(page, directive).unwrap();
                let link = format!(
                    "<a href=\"{up}data/ref/demo.{kind}\" aria-label=\"data of demo on ref\">\
                     data</a>"
                );
                assert_eq!(html.matches(&link).count(), 1, "{directive}: {html}");
                assert!(
                    html.contains("your machine") && !html.contains("data/local"),
                    "{html}"
                );
            }
        }
    }

    #[test]
    fn the_list_of_data_has_a_row_an_experiment_with_the_files_of_each_machine() {
        let mut pages = pages(Some(demo()));
        let mut only = demo();
        only.experiment = "only".into();
        let records = BTreeMap::from([("only".to_owned(), only)]);
        pages.results.machines.insert("big-16".into(), records);
        let page = pages.render("p.md", "{{#data}}").unwrap();
        assert!(page.contains(
            "<th scope=\"row\">demo<wbr></th><td>Why?<br><span class=\"record\">ref \
             <a href=\"data/ref/demo.csv\">CSV</a> \
             <a href=\"data/ref/demo.json\">JSON</a></span></td>"
        ));
        assert!(
            page.contains("<span class=\"record\">big-16 <a href=\"data/big-16/only.csv\">")
        );
        assert!(!page.contains("local"), "{page}");
    }

    #[test]
    fn an_expectation_is_invisible_unless_the_record_contradicts_it() {
        assert_eq!(render("a{{#expect demo: chain/threads.speedup > 1.5}}b").unwrap(), "ab");
        let text = mistake("a\n\nb{{#expect demo: chain/threads.speedup > 2.5}}");
        assert!(text.starts_with("book/page.md:3: {{#expect"), "{text}");
        assert!(text.contains("contradicted by results/ref/demo.json"), "{text}");
        // An interval that straddles the threshold does not carry the sentence either.
        assert!(render("{{#expect demo: chain/threads.speedup > 2.0}}").is_err());
    }

    /// Pages whose book has one more machine, whose threads take as many milliseconds.
    fn beside(name: &str, threads_ms: [u64; 3]) -> Pages {
        let mut pages = pages(None);
        let mut record = demo();
        record.variants[1].samples[0].wall_ns = threads_ms.map(|ms| ms * 1_000_000).to_vec();
        let records = BTreeMap::from([("demo".to_owned(), record)]);
        pages.results.machines.insert(name.into(), records);
        pages
    }

    #[test]
    fn another_committed_machine_may_not_contradict_a_sentence_unseen() {
        let pages = beside("slow", [100, 101, 99]);
        let render = |text: &str| pages.render("page.md", text);
        let text = render("a\n\nb{{#expect demo: chain/threads.speedup > 1.5}}").unwrap_err();
        assert!(text[0].starts_with("book/page.md:3: "), "{text:?}");
        let says = "contradicted by results/slow/demo.json, which has 0.80";
        assert!(text[0].contains(says) && text[0].contains("except=slow"), "{text:?}");

        let note = render(
            "b{{#expect demo: chain/threads.speedup > 1.5; except=slow; there=\"they lose\"}}",
        )
        .unwrap();
        assert!(note.contains("data-machine=\"slow\""), "{note}");
        assert!(note.contains("On slow they lose: 0.80"), "{note}");
        // What was asked is told to programs only.
        let (tag, shown) = note.split_once('>').unwrap();
        assert!(!shown.contains("chain/threads.speedup"), "no selector stands there: {note}");
        let asked = "data-of=\"demo: chain/threads.speedup &gt; 1.5\"";
        assert!(tag.ends_with(asked), "{note}");
    }

    #[test]
    fn an_interval_across_the_threshold_elsewhere_contradicts_nothing() {
        let pages = beside("unsure", [40, 60, 80]);
        let page = pages.render("p.md", "a{{#expect demo: chain/threads.speedup > 1.5}}b");
        assert_eq!(page.unwrap(), "ab");
        let mut pages = beside("small", [100; 3]);
        let record = pages.results.machines.get_mut("small").unwrap().get_mut("demo").unwrap();
        record.variants.truncate(1);
        let page = pages.render("p.md", "a{{#expect demo: chain/threads.speedup > 1.5}}b");
        assert_eq!(page.unwrap(), "ab", "and so does what was not measured there");
    }

    #[test]
    fn an_exception_that_is_none_any_more_is_a_mistake() {
        for (threads_ms, except, says) in [
            (
                [40, 41, 39],
                "far",
                "far is not an exception here: holds, results/far/demo.json has",
            ),
            ([40, 60, 80], "far", "is not an exception here: undecided"),
            ([100; 3], "fat", "no committed machine is called `fat`; did you mean `far`?"),
            ([100; 3], "far, ref", "except=ref: the sentence rests on ref"),
            ([100; 3], "local", "no committed machine is called `local`"),
        ] {
            let expect = format!(
                "{{{{#expect demo: chain/threads.speedup > 1.5; except={except}; there=\"no\"}}}}"
            );
            let text = beside("far", threads_ms).render("p.md", &expect).unwrap_err();
            assert!(text[0].contains(says), "{except}: {text:?}");
        }
        let mut pages = beside("far", [100; 3]);
        pages.results.machines.get_mut("far").unwrap().clear();
        let expect = "{{#expect demo: chain/threads.speedup > 1.5; except=far; there=\"no\"}}";
        let text = pages.render("p.md", expect).unwrap_err();
        assert!(text[0].contains("on far it cannot be tried"), "{text:?}");
        let text = mistake("{{#expect demo: chain/threads.speedup > 1.5; excep=far}}");
        assert!(text.contains("did you mean `except`?"), "{text}");
        for half in ["except=far", "there=\"no\""] {
            let text =
                mistake(&format!("{{{{#expect demo: chain/threads.speedup > 1.5; {half}}}}}"));
            assert!(text.contains("says what is so on that machine"), "{text}");
        }
    }

    #[test]
    fn a_condition_may_have_commas_and_semicolons_between_quotation_marks() {
        let mut pages = pages(None);
        let record = pages.results.machines.get_mut("ref").unwrap().get_mut("demo").unwrap();
        record.variants[1].answers = BTreeMap::from([("no; except=me, at all".into(), 3)]);
        let render = |part: &str| {
            let expect =
                format!("{{{{#expect demo: chain/threads.answer contains \"{part}\"}}}}");
            pages.render("p.md", &expect)
        };
        assert_eq!(render("no; except=me, at").unwrap(), "");
        assert!(render("no; except=you").is_err());
    }

    #[test]
    fn expectations_are_found_with_their_lines() {
        let page = "a\n\n{{#expect i: x.y > 1}} `{{#expect no: x.y > 1}}`\n{{#expect j: x.y > 2; \
                    except=m, n; there=\"no\"}}{{#expect broken}}";
        let found = expectations(page);
        let [(3, one), (4, two)] = &found[..] else { panic!("{found:?}") };
        assert_eq!(
            (one.experiment.as_str(), one.condition.to_string()),
            ("i", "x.y > 1".into())
        );
        assert_eq!(
            (two.experiment.as_str(), &two.except[..]),
            ("j", &["m".into(), "n".into()][..])
        );
    }

    #[test]
    fn a_verdict_says_where_another_machine_disagrees_and_the_ledger_shows_all() {
        let mut pages = beside("slow", [100, 101, 99]);
        let claim = "[[claim]]\nid = \"c\"\ntopic = \"t\"\nclaim = \"x\"\ndecides = \"d\"\n\
                     [[claim.test]]\nexperiment = \"demo\"\n\
                     holds = \"chain/threads.speedup > 1.5\"\n";
        pages.claims = toml::from_str(claim).unwrap();
        let block = pages.render("p.md", "{{#verdict c}}").unwrap();
        let text = "But on slow: <b class=\"is-does-not-hold\">does not hold</b>.";
        assert!(block.contains(text), "{block}");
        let ledger = pages.render("p.md", "{{#claims}}").unwrap();
        let line = "<b class=\"is-holds\">holds</b> <span class=\"what\">x</span> <span \
                    class=\"who\">ours</span> <span class=\"there\">slow: <span \
                    class=\"is-does-not-hold\">does not hold</span>";
        assert!(ledger.replace('\n', "").contains(line), "{ledger}");
        assert!(ledger.contains("<details class=\"machine other\" data-machine=\"slow\">"));
        assert!(ledger.contains("<div class=\"entry of-is-holds by-ours\">"), "{ledger}");
        assert!(ledger.contains("class=\"verdict\" id=\"claim-p-c\""), "{ledger}");
        assert!(ledger.contains("<b class=\"is-holds\">holds</b> 1"), "a count: {ledger}");

        // The machine lacks what another test asks for.
        let more = "[[claim.test]]\nexperiment = \"demo\"\n\
                    holds = \"chain/ours.speedup > 1.5\"\n";
        pages.claims = toml::from_str(&format!("{claim}{more}")).unwrap();
        let ours = pages.results.machines.get_mut("ref").unwrap();
        let record = ours.get_mut("demo").unwrap();
        let mut variant = record.variants[1].clone();
        variant.name = "ours".into();
        record.variants.push(variant);
        let block = pages.render("p.md", "{{#verdict c}}").unwrap();
        assert!(
            block.contains("does not hold</b>. Of the 2 tests, 1 could be tried there."),
            "{block}"
        );

        pages.claims = toml::from_str(claim).unwrap();
        let agreed = beside("same", [40, 41, 39]);
        let pages = Pages { claims: pages.claims, ..agreed };
        let block = pages.render("p.md", "{{#verdict c}}").unwrap();
        assert!(!block.contains("But on"), "{block}");
    }

    #[test]
    fn a_claim_of_the_ledger_leads_to_where_it_is_tried_and_back() {
        let mut pages = pages(None);
        let claim = "[[claim]]\nid = \"c\"\ntopic = \"t\"\nclaim = \"x\"\ndecides = \"d\"\n\
                     [[claim.test]]\nexperiment = \"demo\"\n\
                     holds = \"chain/threads.speedup > 1.5\"\n";
        pages.claims = toml::from_str(claim).unwrap();
        let [text, ledger] =
            ["# A\n\n## The *trial*\n\n```sh\n## none\n```\n\n{{#verdict c}}", "{{#claims}}"];
        let written = [("ch/a.md", "One", text), ("b.md", "Two", text), ("l.md", "L", ledger)];
        let written = written.map(|(page, title, text)| Written { page, title, text });
        pages.elsewhere = elsewhere(written, &pages.results);
        let ledger = pages.render("l.md", ledger).unwrap();
        for says in [
            "<div class=\"entry of-is-holds by-ours in-ch-a in-b\">",
            "<a href=\"ch/a.html#claim-ch-a-c\" title=\"The trial\">One</a>",
            "<a href=\"b.html#claim-b-c\" title=\"The trial\">Two</a>",
            "<option id=\"chapter-in-ch-a\" class=\"narrows\">One</option>",
        ] {
            assert!(ledger.contains(says), "{says}: {ledger}");
        }
        let page = pages.render("ch/a.md", text).unwrap();
        assert!(page.contains("href=\"../l.html#claim-l-c\""), "{page}");
        assert!(page.contains("class=\"verdict\" id=\"claim-ch-a-c\""), "{page}");
    }

    /// What the page `l.md`, which lists the symptoms of all, and these pages become.
    fn with_symptoms(texts: &[(&str, &str)]) -> Result<String, String> {
        let mut pages = pages(None);
        let written = texts.iter().chain(&[("l.md", "{{#symptoms}}")]);
        let written = written.map(|(page, text)| Written { page, title: "A & b", text });
        pages.elsewhere = elsewhere(written, &pages.results);
        for (page, text) in texts {
            pages.render(page, text).map_err(|mistakes| mistakes.join("\n"))?;
        }
        pages.render("l.md", "{{#symptoms}}").map_err(|mistakes| mistakes.join("\n"))
    }

    #[test]
    fn symptoms_of_all_pages_are_listed_by_kind_with_their_sections() {
        let symptom = |words: &str, more: &str| {
            format!("{{{{#symptom \"{words}\"; {more}; says=\"It is so.\"}}}}\n")
        };
        let one = format!(
            "# A\n\n{}Text.\n\n## The *cause* of it\n\n{}{}More.\n",
            symptom("Slow at < 2", "kind=slow"),
            symptom("[Errno 24] _b_", "also=\"EMFILE, it's\"; kind=message, slow"),
            symptom("convoy", "kind=name"),
        );
        let two = format!("# B\n\n- an item {}\n\nx", symptom("Awake?", "kind=question"));
        insta::assert_snapshot!(with_symptoms(&[("ch/a.md", &one), ("b.md", &two)]).unwrap());
        assert!(with_symptoms(&[]).unwrap_err().contains("no page has a `symptom`"));
    }

    #[test]
    fn a_symptom_stands_once_and_in_the_paragraph_that_answers_it() {
        let symptom = |words: &str, also: &str| {
            format!(
                "{{{{#symptom \"{words}\"; also=\"{also}\"; kind=stuck; says=\"It is.\"}}}}"
            )
        };
        let page =
            |words: &str, also: &str| format!("# A\n\n{}\nText.\n", symptom(words, also));
        for (there, says) in [
            (page("STUCK!", "a"), "book/a.md:3 and book/b.md:3"),
            (page("Hangs", "stuck"), "book/a.md:3 and book/b.md:3"),
        ] {
            let fault = with_symptoms(&[("a.md", &page("Stuck", "b")), ("b.md", &there)]);
            let fault = fault.unwrap_err();
            assert!(fault.starts_with("book/a.md:3: {{#symptom"), "{fault}");
            assert!(fault.contains(says), "{fault}");
        }
        // Other words may lead to several places.
        let there = page("Hangs", "b");
        assert!(with_symptoms(&[("a.md", &page("Stuck", "b")), ("b.md", &there)]).is_ok());
        let marker = symptom("Stuck", "a");
        for no_text in [
            format!("# A\n\n{marker}\n\nText."),
            format!("# A {marker}\n\nText."),
            format!("| a |\n|---|\n| b {marker} |\n"),
            format!("{marker}{{{{#machines}}}}\n\nText."),
            format!("Text.[^a]\n\n[^a]: There {marker}."),
        ] {
            let fault = with_symptoms(&[("a.md", &no_text)]).unwrap_err();
            assert!(fault.contains("stands in none"), "{no_text}: {fault}");
        }
    }

    #[test]
    fn an_opener_covers_its_verdicts() {
        let mut pages = pages(None);
        let claim = "[[claim]]\nid = \"c\"\ntopic = \"t\"\nclaim = \"x\"\ndecides = \"d\"\n\
                     [[claim.test]]\nexperiment = \"demo\"\n\
                     holds = \"chain/threads.speedup > 1.5\"\n";
        pages.claims = toml::from_str(claim).unwrap();
        let opener = pages.render("p.md", "{{#opener c}}").unwrap();
        insta::assert_snapshot!(opener.trim());
    }

    #[test]
    fn a_sentence_of_a_claim_stops_the_build_when_the_tests_say_something_else() {
        let mut pages = pages(None);
        let claim = |of: &str| {
            let text = format!(
                "[[claim]]\nid = 'c'\ntopic = 't'\nclaim = 'x'\ndecides = 'd'\n\
                 says = 'It does here.'\nsaid-of = '{of}'\n[[claim.test]]\n\
                 experiment = 'demo'\nholds = 'chain/threads.speedup > 1.5'\n"
            );
            toml::from_str(&text).unwrap()
        };
        pages.claims = claim("+");
        let block = pages.render("p.md", "{{#verdict c}}").unwrap();
        assert!(block.contains("<p class=\"said\">It does here.</p>"), "{block}");
        pages.claims = claim("-");
        let text = pages.render("p.md", "{{#verdict c}}").unwrap_err();
        let says = "was written for the outcome `-`, and its tests say `+` here";
        assert!(text[0].contains(says), "{text:?}");
    }

    #[test]
    fn what_a_claim_says_is_text_but_for_its_argument() {
        let text = "*t* <script> `x` {{#include ../secret}} __init__ it's -- \\ | #";
        let mut pages = pages(None);
        pages.claims = Claims {
            sources: [("A".to_owned(), text.to_owned())].into(),
            all: vec![crate::ask::claims::Claim {
                id: "c".into(),
                topic: text.into(),
                claim: text.into(),
                articles: "A".into(),
                field: Some(text.into()),
                link: Some("https://example.org/issue".into()),
                decides: text.into(),
                tests: vec![crate::ask::claims::Test {
                    when: text.into(),
                    experiment: "demo".into(),
                    holds: Condition::parse("chain/threads.speedup > 1.5").unwrap(),
                    after_record: Some(text.into()),
                }],
                needs_cores: 0,
                says: None,
                said_of: None,
                otherwise: Vec::new(),
                argued: Some("See [there](https://example.org).".into()),
            }],
        };
        let made = pages.render("p.md", "{{#claims}}\n\n{{#opener c}}\n").unwrap();
        assert!(!made.contains("{{"), "{made}");
        let mut html = String::new();
        let parser = mdbook_markdown::new_cmark_parser(
            &made,
            &mdbook_markdown::MarkdownOptions::default(),
        );
        mdbook_markdown::pulldown_cmark::html::push_html(&mut html, parser);
        let html = scraper::Html::parse_document(&html);
        let whole = html.root_element().text().collect::<String>();
        // Its topic, its line, whole, who says so and may be chosen, the opener's line, when it
        // was tested (drawn, asked, and late), and why so late.
        assert_eq!(whole.matches(text).count(), 12, "{whole}");
        let links = scraper::Selector::parse("a[href='https://example.org']").unwrap();
        assert_eq!(html.select(&links).count(), 1, "the argument is Markdown");
    }

    #[test]
    fn a_directive_that_takes_nothing_or_needs_something_says_so() {
        for (text, says) in [
            ("{{#machines x}}", "it takes nothing"),
            ("{{#claims x}}", "it takes nothing"),
            ("{{#data x}}", "it takes nothing"),
            ("{{#planted x}}", "it takes nothing"),
            ("{{#symptoms x}}", "it takes nothing"),
            ("{{#opener}}", "no claim is named"),
            ("{{#chart demo: *; caption=\"a\"; caption=\"b\"}}", "`caption` is given twice"),
            ("{{#chart demo: *; caption=\"see [a](#b)\"}}", "without code and links"),
            ("{{#chart demo: *; caption=\"call `a`\"}}", "without code and links"),
            ("{{#listing /etc/hosts.conf: 1:}}", "a file is named from the root on"),
            ("{{#listing ../a/b.rs: 1:}}", "a file is named from the root on"),
            ("{{#expect demo: chain/threads.answer contains \"\"}}", "would hold of any"),
        ] {
            assert!(mistake(text).contains(says), "{text}: {}", mistake(text));
        }
    }

    #[test]
    fn what_changes_its_meaning_when_a_directive_before_it_is_replaced_is_a_mistake() {
        let number = "{{#measured demo: chain/threads.wall}}";
        let page = format!("{{{{#chart demo: chain/*; caption=\"a ` b\"}}}} `c` {number} `d`");
        assert!(mistake(&page).contains("mind their backticks"), "{}", mistake(&page));
        // It would be indented code below a table.
        let page = format!("a {{{{#table demo}}}}\n    {number}");
        let text = mistake(&page);
        assert!(text.starts_with("book/page.md:2: {{#measured"), "{text}");
        assert!(text.contains("would be shown as code"), "{text}");
        assert!(render(&format!("a {{{{#table demo}}}}\n\n{number}")).is_ok());
    }

    #[test]
    fn what_there_is_nothing_to_compare_with_is_said_in_a_sentence() {
        let page = "{{#replication sittings}}\n\n{{#replication machines}}\n\n\
                    {{#replication controls}}";
        let page = render(page).unwrap();
        for says in
            ["of one sitting", "of one machine only, ref", "No record so far has a control"]
        {
            assert!(page.contains(says), "{page}");
        }
        assert!(mistake("{{#replication machine}}").contains("did you mean `machines`?"));
        let text = mistake("{{#expect book: sittings.times > 95 %}}");
        assert!(text.contains("no record has several sittings yet"), "{text}");
    }

    #[test]
    fn what_came_out_again_is_a_table_a_number_and_something_to_rest_on() {
        let pages = beside("slow", [100, 101, 99]);
        let table = pages.render("p.md", "{{#replication machines}}").unwrap();
        for says in ["against ref", ">3 of 4<", "75.0\u{202f}%", "2.50\u{202f}×", ">slow<"] {
            assert!(table.contains(says), "{says}: {table}");
        }
        let number = pages.render("p.md", "{{#measured book: machines.times}}").unwrap();
        assert!(number.contains("75\u{202f}%") && number.contains("of 4"), "{number}");
        assert_eq!(
            pages.render("p.md", "{{#expect book: machines.times > 70 %}}").unwrap(),
            ""
        );
        let text = pages.render("p.md", "{{#expect book: machines.times > 80 %}}").unwrap_err();
        assert!(text[0].contains("contradicted by all records together"), "{text:?}");
    }

    #[test]
    fn every_mistake_is_reported_with_page_line_and_nearest_name() {
        let text = mistake(
            "{{#measure demo: a.b}}\n\n{{#measured demos: a.b}}\n{{#measured demo: chain/thread.wall}}\n\
             {{#measured unmeasured: a.wall}}\n{{#table demo: chain/*; colums=wall}}\n{{#measured demo}}\n\
             {{#chart demo: chain/*; caption=\"…\"}}\n{{#table demo: chain/*; columns=wall (time}}",
        );
        let lines: Vec<&str> = text.lines().collect();
        for (line, says) in [
            "book/page.md:1: {{#measure demo: a.b}}: no directive is called `measure`; did you mean `measured`?",
            "book/page.md:3: {{#measured demos: a.b}}: no experiment is called `demos`; did you mean `demo`?",
            "book/page.md:4: {{#measured demo: chain/thread.wall}}: `demo` has no variant `chain/thread`; did you mean `rust/chain/threads`?",
            "book/page.md:5: {{#measured unmeasured: a.wall}}: `unmeasured` has no record on the reference machine: results/ref/unmeasured.json is missing",
            "book/page.md:6: {{#table demo: chain/*; colums=wall}}: no option is called `colums`; did you mean `columns`?",
            "book/page.md:7: {{#measured demo}}: `` is not a selector",
            "book/page.md:8: {{#chart demo: chain/*; caption=\"…\"}}: `caption=…` says nothing",
            "book/page.md:9: {{#table demo: chain/*; columns=wall (time}}: `wall (time` is not a column",
        ]
        .into_iter()
        .enumerate()
        {
            assert!(lines[line].starts_with(says), "{}", lines[line]);
        }
    }

    #[test]
    fn a_directive_in_a_code_block_is_text_and_mdbooks_own_are_left_alone() {
        let page = render("```text\n{{#measured no: no}}\n```\n{{#include a.rs}}\n").unwrap();
        assert_eq!(
            page,
            "\n\n<pre tabindex=\"0\"><code class=\"language-text\">&#123;&#123;#measured no: no}}\n\
             </code></pre>\n\n\n{{#include a.rs}}\n"
        );
        for code in ["`{{#measured no: no}}`", "a\n\n    {{#measured no: no}}\n"] {
            assert_eq!(render(code).unwrap(), code);
        }
        // A fence may hold a shorter one.
        let page = render("~~~~text\n{{#x}}\n~~~\n~~~~\n").unwrap();
        assert!(page.contains("&#123;&#123;#x}}\n~~~\n</code>"), "{page}");
    }

    #[test]
    fn a_block_that_must_not_compile_is_marked_with_its_error() {
        let page =
            render("```rust,compile_fail,E0373,noplayground\nfn main() {}\n```\n").unwrap();
        assert!(page.contains("is-wrong") && page.contains("error_codes/E0373.html"), "{page}");
    }

    /// Two files of an experiment below a root of their own.
    fn with_files(folder: &std::path::Path) -> Pages {
        let mut pages = pages(None);
        std::fs::create_dir_all(folder.join("examples/demo")).unwrap();
        for (name, mark) in [("demo.rs", "//"), ("demo.py", "#")] {
            let text = format!("{mark} ANCHOR: one\nadd\n{mark} ANCHOR_END: one\n");
            std::fs::write(folder.join("examples/demo").join(name), text).unwrap();
        }
        pages.files = HashMap::from([("demo".into(), "examples/demo/demo.rs".into())]);
        pages.root = folder.to_owned();
        pages.repository = Some("https://example.org/book".into());
        pages
    }

    #[test]
    fn a_listing_has_its_file_its_lines_and_its_command_in_both_languages() {
        let folder = tempfile::tempdir().unwrap();
        let pages = with_files(folder.path());
        insta::assert_snapshot!(
            pages.render("page.md", "{{#listing demo: one; python=one}}").unwrap()
        );
        // The same lines again have addresses of their own.
        let twice = "{{#listing demo: one; wrong=\"loses one\"}}{{#listing demo: one}}";
        let page = pages.render("page.md", twice).unwrap();
        assert!(page.contains("id=\"page-demo-rs-L2\""), "{page}");
        assert!(page.contains("id=\"page-demo-rs-2-L2\""), "{page}");
        assert!(page.contains("<b>Wrong on purpose.</b> loses one"), "{page}");
        let missing = pages.render("page.md", "{{#listing demo: two}}").unwrap_err();
        assert!(missing[0].contains("has no anchor `two`"), "{missing:?}");
        let folded = "{{#listing demo: one; fold=\"A solution\"}}";
        let page = pages.render("page.md", folded).unwrap();
        let fold = page.split_once("<details class=\"fold\"><summary>A solution</summary>");
        assert!(fold.is_some_and(|(_, inside)| inside.contains("page-demo-rs-L2")), "{page}");
        assert!(page.trim_end().ends_with("</details>"), "{page}");
    }

    #[test]
    fn a_long_listing_folds_its_rest_where_it_is_asked_to() {
        let folder = tempfile::tempdir().unwrap();
        let pages = with_files(folder.path());
        let function = |name: &str| format!("fn {name}() {{\n{}}}\n", "    x();\n".repeat(12));
        let file = folder.path().join("examples/demo/demo.rs");
        std::fs::write(file, format!("{}\n{}", function("first"), function("later"))).unwrap();
        let whole = pages.render("page.md", "{{#listing demo}}").unwrap();
        assert!(!whole.contains("<details"), "{whole}");
        let folded = pages.render("page.md", "{{#listing demo; rest=folded}}").unwrap();
        let (shown, rest) = folded
            .split_once("<details class=\"rest\"><summary>15 more lines</summary>")
            .unwrap();
        assert!(shown.contains("page-demo-rs-L14") && !shown.contains("page-demo-rs-L15"));
        assert!(rest.contains("page-demo-rs-L15") && rest.contains("page-demo-rs-L29"));
        let wrong = pages.render("page.md", "{{#listing demo; rest=shown}}").unwrap_err();
        assert!(wrong[0].contains("write `rest=folded`"), "{wrong:?}");
    }

    #[test]
    fn what_a_program_prints_is_read_out_of_its_record_and_lies_in_a_fold() {
        let folder = tempfile::tempdir().unwrap();
        let pages = with_files(folder.path());
        let bare = pages.render("page.md", "{{#run demo}}").unwrap();
        assert!(!bare.contains("<details"), "{bare}");
        let text = "{{#run demo: chain/*; columns=wall,speedup}}";
        let printed = pages.render("page.md", text).unwrap();
        let (command, fold) = printed.split_once("<details class=\"fold\">").unwrap();
        assert!(command.contains("cargo run --example demo"), "{command}");
        for part in ["<summary>Its numbers, as recorded</summary>", "40\u{202f}ms"] {
            assert!(fold.contains(part), "{part}: {fold}");
        }
        assert!(cited(text).contains("demo"), "a record is cited by what it prints");
        let unknown = pages.render("page.md", "{{#run demo: chain/none}}").unwrap_err();
        assert!(unknown[0].contains("has no variant like"), "{unknown:?}");
    }

    #[test]
    fn a_run_links_to_a_peer_where_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let pages = with_files(folder.path());
        let both = pages.render("page.md", "{{#run demo}}").unwrap();
        assert!(both.contains("demo.rs") && both.contains("demo.py"), "{both}");
        std::fs::remove_file(folder.path().join("examples/demo/demo.py")).unwrap();
        let alone = pages.render("page.md", "{{#run demo}}").unwrap();
        assert!(alone.contains("demo.rs") && !alone.contains("demo.py"), "{alone}");
    }

    #[test]
    fn a_ladder_is_sorted_by_cost_and_needs_one_unit() {
        insta::assert_snapshot!(
            render(
                "{{#ladder demo: chain/sequential.wall, chain/threads.wall as two threads; \
             caption=\"The least first\"}}"
            )
            .unwrap()
        );
        let text = mistake(
            "{{#ladder demo: chain/sequential.wall, chain/threads.speedup; caption=\"x\"}}",
        );
        assert!(text.contains("has another unit"), "{text}");
    }

    #[test]
    fn a_matrix_has_models_down_and_kinds_of_work_across() {
        insta::assert_snapshot!(
            render("{{#matrix demo: chain/*; caption=\"Two are better\"}}").unwrap()
        );
    }

    #[test]
    fn what_was_observed_has_a_row_a_case_and_a_mark_for_its_first_word() {
        let mut record = demo();
        for variant in &mut record.variants {
            let answer = format!("sees: {}", variant.name);
            variant.answers = BTreeMap::from([(answer, variant.answers["42"])]);
            variant.observed = true;
        }
        let text = "{{#observed demo: chain/*; rows=ill; marks=\"sees ●\"; caption=\"A\"}}";
        let html = pages(Some(record)).render("a.md", text).unwrap();
        for piece in [
            "<th scope=\"row\">chain work</th>",
            "<td><span aria-hidden=\"true\">●</span><span class=\"heard\">sees</span></td>",
        ] {
            assert!(html.contains(piece), "{html}");
        }
    }

    #[test]
    fn a_timeline_has_its_spans_for_a_script_too() {
        let mut record = demo();
        let span = |from_ns, to_ns, state| Span { from_ns, to_ns, core: None, state };
        record.variants[0].timeline = vec![Lane {
            name: "T0".into(),
            involuntary: None,
            false_gaps: 0,
            spans: vec![
                span(0, 400_000, State::Running),
                span(500_000, 1_500_000, State::WaitingLock),
                span(1_500_000, 3_000_000, State::Holding),
            ],
        }];
        let mut pages = pages(None);
        pages.results.machines.get_mut("ref").unwrap().insert("demo".into(), record);
        let page = "{{#timeline demo: chain/sequential; from_ms=1; to_ms=2; caption=\"x\"}}";
        let html = pages.render("p.md", page).unwrap();
        let spans = "data-spans=\"0.000 50.000 waiting-lock;50.000 50.000 holding\"";
        assert!(html.contains(spans), "only those in the window: {html}");
    }

    /// The records of what is chosen from, and two jobs that people have.
    fn choosing() -> Pages {
        use crate::ask::choosing::tests;
        let mut results = tests::results(|_, _| 1.234);
        results.machines.get_mut("ref").unwrap().insert("demo".into(), demo());
        let mut choosing = tests::choosing();
        let jobs = "[[job]]\nid = 'shop'\nname = 'a <b>shop</b>'\nwords = '9 `customers`'\n\
                    items = 9\ncpu = '5 ms'\nwait = '50 ms'\nat-once = 3\nalso = 'Mind it.'\n\
                    [[job]]\nid = 'window'\nname = 'a window'\nwords = 'w'\n\
                    rust = 'a loop'\npython = 'its loop'\nbecause = 'So it is.'\n\
                    field = 'who'\nlink = 'https://example.org/'\n[[job.bound]]\n\
                    language = 'python'\nwhat = 'late by'\n\
                    selector = 'demo: python/chain/threads.wall'\n";
        choosing.typical = crate::ask::jobs::Jobs::parse(jobs).unwrap();
        Pages { results, choosing, ..pages(None) }
    }

    fn elements(html: &str, selector: &str) -> Vec<String> {
        let html = scraper::Html::parse_fragment(html);
        let selector = scraper::Selector::parse(selector).expect("it is valid CSS");
        html.select(&selector).map(|found| found.text().collect::<String>()).collect()
    }

    #[test]
    fn a_job_has_a_row_in_each_language_and_what_is_argued_has_its_source_and_bound() {
        let html = choosing().render("p.md", "{{#jobs caption=\"The card.\"}}").unwrap();
        let heads = elements(&html, "td.job");
        assert_eq!(heads, ["a <b>shop</b>9 `customers`", "a windoww"]);
        assert_eq!(elements(&html, "th[scope=row]"), ["Rust", "Python", "Rust", "Python"]);
        // A model, its size, time, memory and what binds; or what is taken.
        assert_eq!(elements(&html, "tbody:first-of-type tr:nth-child(2) td").len(), 5);
        let taken = elements(&html, "tbody:last-of-type td:not(.job)");
        assert_eq!(taken[0], "a loop");
        assert_eq!(taken[1], "its loop; late by 820\u{202f}ms");
        assert_eq!(taken[2], "So it is. (who)");
        assert!(html.contains("<a href=\"https://example.org/\">who</a>"), "{html}");
        assert!(html.contains("Mind it.") && html.contains("id=\"jobs-p\""), "{html}");
        assert!(html.contains("</b> The card.</figcaption>"), "{html}");
    }

    #[test]
    fn a_reader_who_has_measured_has_a_card_of_their_own_and_borrows_what_they_lack() {
        let mut pages = choosing();
        let mut own = pages.results.machines["ref"].clone();
        let costs = own.get_mut(crate::ask::costs::COSTS).unwrap();
        let metrics = &mut costs.variants[0].samples[0].metrics;
        metrics.remove("threads_late_ns").expect("it is there");
        own.retain(|name, _| name == crate::ask::costs::COSTS);
        pages.results.machines.insert(LOCAL.into(), own);
        let html = pages.render("p.md", "{{#jobs; caption=\"x\"}}").unwrap();
        assert_eq!(elements(&html, ".machine-name"), ["your machine", "ref"]);
        let told = elements(&html, ".warnings");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("are those of ref: threads_late_ns"), "{told:?}");
    }

    #[test]
    fn a_script_gets_what_it_computes_from_and_who_has_none_is_led_to_the_table() {
        let html =
            choosing().render("p.md", "{{#choose}}\n\n{{#jobs; caption=\"x\"}}").unwrap();
        let html = scraper::Html::parse_fragment(&html);
        let place = scraper::Selector::parse("div.choose").unwrap();
        let place = html.select(&place).next().expect("it is there");
        let data = place.attr("data-choosing").unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["reference"], "ref");
        let machine = &data["machines"][0];
        assert_eq!((&machine["name"], &machine["cores"]), (&"ref".into(), &2.into()));
        let costs = machine["costs"].as_object().unwrap();
        assert_eq!(costs.len(), cost::Costs::NAMES.len());
        assert!(cost::Costs::from(|name| costs.get(name)?.as_f64()).is_ok());
        let jobs = data["jobs"].as_array().unwrap();
        assert_eq!(jobs.len(), 1, "what is argued is not computed");
        assert_eq!(jobs[0]["cpu_ns"], 5e6);
        let languages: Vec<_> =
            data["error"].as_array().unwrap().iter().map(|e| &e["language"]).collect();
        assert_eq!(languages, ["rust", "python"]);
        let link = scraper::Selector::parse("div.choose a[href='#jobs-p']").unwrap();
        assert!(html.select(&link).next().is_some());
    }

    #[test]
    fn what_was_computed_is_drawn_over_what_was_measured_a_mark_for_each() {
        let pages = choosing();
        let html = pages.render("p.md", "{{#predicted caption=\"All is near.\"}}").unwrap();
        let models = cost::Model::ALL.len();
        let python =
            cost::Model::ALL.iter().filter(|m| m.language() == cost::Language::Python).count();
        assert_eq!(elements(&html, "svg.predicted .kept circle").len(), models);
        assert_eq!(elements(&html, "svg.predicted .seen rect").len(), models);
        assert_eq!(elements(&html, "svg.predicted .hollow.kept circle").len(), python);
        assert!(html.contains("aria-label=\"All is near."), "{html}");
        assert!(html.contains("half are off by 23.4\u{202f}% at most"), "{html}");
        let rows = elements(&html, "details table:last-of-type tbody tr");
        assert!(rows.len() >= 10, "{rows:?}");
    }

    #[test]
    fn how_far_the_model_is_off_is_asked_like_a_record() {
        let pages = choosing();
        let html =
            pages.render("p.md", "By {{#measured choosing: kept.error_share}}.").unwrap();
        assert!(html.contains("23.4\u{202f}%") && html.contains("data/ref/choose_jobs.csv"));
        let expect = |text: &str| pages.render("p.md", text).map_err(|e| e.join("\n"));
        assert!(expect("a{{#expect choosing: kept.error_share > 20 %}}").is_ok());
        let said = expect("a{{#expect choosing: kept.error_share < 20 %}}").unwrap_err();
        assert!(said.contains("results/ref/choose_jobs.json, which has 23.4"), "{said}");
        let said = expect("{{#measured choosing: kep.error_share}}").unwrap_err();
        assert!(said.contains("did you mean `both/kept`?"), "{said}");
    }

    #[test]
    fn what_choosing_lacks_is_told_once_with_what_measures_it() {
        let said = |pages: &Pages, text: &str| {
            pages.render("p.md", text).map(drop).unwrap_err().join("\n")
        };
        let mut lacking = choosing();
        lacking.results.derived.clear();
        lacking.results.machines.get_mut("ref").unwrap().remove("choose_jobs");
        for text in ["{{#predicted caption=\"x\"}}", "{{#measured choosing: kept.times}}"] {
            let said = said(&lacking, text);
            assert!(
                said.contains("measure them with `cargo book measure choose_jobs`"),
                "{said}"
            );
        }
        lacking.results.machines.get_mut("ref").unwrap().remove("choose_costs");
        for text in ["{{#jobs caption=\"x\"}}", "{{#choose}}"] {
            assert!(said(&lacking, text).contains("choose_costs"), "{}", said(&lacking, text));
        }
        for (text, says) in [
            ("{{#jobs}}", "a caption=\"…\" is missing"),
            ("{{#predicted}}", "a caption=\"…\" is missing"),
            ("{{#jobs a; caption=\"x\"}}", "is not an option"),
            ("{{#choose now}}", "it takes nothing"),
        ] {
            assert!(
                said(&choosing(), text).contains(says),
                "{text}: {}",
                said(&choosing(), text)
            );
        }
        assert!(said(&pages(None), "{{#choose}}").contains("costs.toml is missing"));
    }

    #[test]
    fn every_directive_that_has_a_record_cites_it() {
        let page = "{{#measured a: x.y}} {{#measured b: x.answer}} {{#table c}} `{{#table no}}`\n\n\
                    {{#chart d: x; caption=\"x\"}}\n\n{{#matrix e: x; caption=\"x\"}}\n\n\
                    {{#ladder f: x.y, x.z | g: x.y; caption=\"x\"}}\n\n\
                    {{#timeline h: x; caption=\"x\"}} {{#expect i: x.y > 1}}\n\n\
                    {{#predict j: x.y; question=\"x\"}} {{#listing no: x}} {{#verdict no}} \
                    {{#expect book: x.y > 1}} {{#measured book: x.y}} \
                    {{#measured choosing: kept.times}}";
        let mut cited = Vec::from_iter(cited(page));
        cited.sort();
        let known = ["a", "b", "c", "choose_jobs", "d", "e", "f", "g", "h", "i", "j"];
        assert_eq!(cited, known);
    }

    #[test]
    fn nothing_that_a_record_holds_becomes_markup() {
        const EVIL: &str = "<script>'\" onload=\"x\"' *a* [b](c) `d`\n\n# e {{#include f}} | g";
        let evil = || EVIL.to_owned();
        let mut record = demo();
        record.sittings[0].commit = Some(evil());
        record.machine.cpu = Some(evil());
        record.machine.kernel = Some(evil());
        record.machine.os = evil();
        record.sittings[0].warnings = vec![Warning { kind: evil(), text: evil() }];
        record.runners[1].name = format!("python-{EVIL}");
        for variant in &mut record.variants {
            variant.label = evil();
            variant.case_label = Some(evil());
            variant.answers = BTreeMap::from([(evil(), 3)]);
            variant.observed = true;
            if variant.runner != "rust" {
                variant.runner = format!("python-{EVIL}");
                variant.case = Some(evil());
            }
            variant.timeline = vec![Lane {
                name: evil(),
                involuntary: None,
                false_gaps: 0,
                spans: vec![Span {
                    from_ns: 0,
                    to_ns: 9,
                    core: Some(1),
                    state: State::Running,
                }],
            }];
        }
        let mut pages = pages(Some(record.clone()));
        let records = BTreeMap::from([("demo".to_owned(), record)]);
        pages.results.machines.remove("ref");
        pages.results.reference = evil();
        pages.results.machines.insert(evil(), records.clone());
        pages.results.machines.insert(format!("other {EVIL}"), records);
        let claim = "[[claim]]\nid = \"c\"\ntopic = \"t\"\nclaim = \"<script>\"\ndecides = \"d\"\n\
                     [[claim.test]]\nexperiment = \"demo\"\nholds = \"\"\"\n\
                     chain/threads.answer contains \"<script>\"\"\"\"\n";
        pages.claims = toml::from_str(claim).unwrap();
        let page = "{{#measured demo: chain/threads.wall}}\n\n{{#measured demo: chain/threads.answer}}\n\n\
             {{#table demo:; columns=wall,answer; caption=\"x\"}}\n\n{{#chart demo:; caption=\"x\"}}\n\n\
             {{#ladder demo: chain/threads.wall; caption=\"x\"}}\n\n{{#matrix demo:; caption=\"x\"}}\n\n\
             {{#timeline demo:; caption=\"x\"}}\n\n{{#machines}}\n\n{{#replication machines}}\n\n\
             {{#replication controls}}\n\n{{#verdict c}}\n\n{{#claims}}\n\n\
             {{#predict demo: chain/threads.wall; question=\"x\"}}\n\n{{#opener c}}\n\n\
             a{{#expect demo: chain/threads.wall < 1 s}}";
        let made = pages.render("p.md", page).unwrap();
        assert!(!made.contains("{{"), "{made}");
        let mut html = String::new();
        let parser = mdbook_markdown::new_cmark_parser(
            &made,
            &mdbook_markdown::MarkdownOptions::default(),
        );
        mdbook_markdown::pulldown_cmark::html::push_html(&mut html, parser);
        let html = scraper::Html::parse_document(&html);
        for never in ["script", "[onload]", "em", "h1", "a[href='c']"] {
            let never = scraper::Selector::parse(never).expect("it is valid CSS");
            assert_eq!(html.select(&never).next().map(|found| found.html()), None);
        }
        let whole = html.root_element().text().collect::<String>();
        assert!(whole.matches(EVIL).count() > 50, "it is shown as it is: {whole}");
    }
}
