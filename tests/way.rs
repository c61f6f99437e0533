//! The way through the book: each chapter says what it answers and what to keep, its words are
//! defined, and no verdict is told twice.

use std::collections::BTreeMap;
use std::fs;

use press::cmd::build;
use press::outside::project::Project;
use scraper::{ElementRef, Html, Selector};
use taking_turns::root;

/// The chapters with their sub-pages, in the book's order: what stands in a list.
fn chapters() -> Vec<String> {
    let summary = fs::read_to_string(root().join("book/SUMMARY.md")).unwrap();
    let lines = summary.lines().filter(|line| line.trim_start().starts_with("- ["));
    let page = |line: &str| {
        let (_, link) = line.split_once("](").unwrap();
        link.trim_end_matches(')').to_owned()
    };
    lines.map(page).collect()
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("book").join(name)).unwrap()
}

#[test]
fn who_ran_when_teaches_to_read_lanes_before_any_page_asks_for_it() {
    assert_eq!(chapters()[0], "timelines.md");
}

#[test]
fn a_chapter_begins_with_what_it_answers_for_whom_and_on_what_it_builds() {
    let chapters = chapters();
    for (place, name) in chapters.iter().enumerate() {
        let text = page(name);
        let mut paragraphs = text.split("\n\n");
        assert!(paragraphs.next().unwrap().starts_with("# "), "{name}");
        let begin = paragraphs.next().unwrap().strip_prefix("{{#begin ");
        let begin = begin.unwrap_or_else(|| panic!("{name} begins without `begin`"));
        let on = begin.split(';').next().unwrap();
        for other in on.split(',').map(str::trim).filter(|other| !other.is_empty()) {
            let before = chapters[..place].iter().any(|page| *page == format!("{other}.md"));
            assert!(before, "{name} builds on {other}, which does not come before it");
        }
    }
}

#[test]
fn a_chapter_ends_with_three_lines_to_keep_and_where_to_go() {
    for name in chapters() {
        let text = page(&name);
        let (_, after) = text.split_once("\n## To keep { .keep }\n").expect(&name);
        let lines = || after.lines();
        let headings: Vec<&str> = lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings, ["## Sources"], "{name}: what to keep is its end");
        let items: Vec<&str> = lines().filter_map(|line| line.strip_prefix("- ")).collect();
        assert_eq!(items.len(), 3, "{name}: {items:#?}");
        for item in items {
            assert!(item.split_whitespace().count() <= 40, "{name}: too long to keep: {item}");
        }
        let next = lines().find(|line| line.starts_with("Next: "));
        assert!(next.is_some_and(|next| next.contains(".md)")), "{name} leads nowhere");
    }
}

#[test]
fn a_verdict_stands_on_the_page_of_its_subject_and_others_link_to_it() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in ["timelines.md", "preemptive.md", "build-a-global-lock.md"] {
        for line in page(name).lines() {
            if let Some(claim) = line.strip_prefix("{{#verdict ") {
                places
                    .entry(claim.trim_end_matches('}').to_owned())
                    .or_default()
                    .push(name.into());
            }
        }
    }
    places.retain(|_, pages| pages.len() > 1);
    assert!(places.is_empty(), "told twice: {places:#?}");
}

/// The built pages, by their names.
fn built() -> BTreeMap<String, Html> {
    let folder = tempfile::tempdir_in(taking_turns::target()).unwrap();
    let project = Project::find(root()).unwrap();
    let html = build::build_into(&project, &folder.path().join("html")).unwrap();
    let entries = fs::read_dir(html).unwrap().flatten();
    let pages = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(".html"));
    let parsed = |entry: fs::DirEntry| {
        let text = fs::read_to_string(entry.path()).unwrap();
        (entry.file_name().to_string_lossy().into_owned(), Html::parse_document(&text))
    };
    pages.map(parsed).collect()
}

fn all<'h>(within: &'h Html, selector: &str) -> Vec<ElementRef<'h>> {
    within.select(&Selector::parse(selector).unwrap()).collect()
}

#[test]
fn each_word_that_opens_a_definition_has_one_and_leads_to_its_entry() {
    let built = built();
    let glossary = &built["glossary.html"];
    let entries: Vec<&str> = all(glossary, "main dfn[id], main span[id]")
        .iter()
        .filter_map(|e| e.attr("id"))
        .collect();
    assert!(entries.len() > 80, "{entries:?}");
    for name in chapters() {
        let html = &built[&name.replace(".md", ".html")];
        assert_eq!(all(html, "main h2.keep + ul + p").len(), 1, "{name}: how it is set");
        let words = all(html, "main button.term");
        assert!(words.len() >= 5, "{name} has {}", words.len());
        for word in words {
            let id = word.attr("popovertarget").unwrap();
            let popovers = all(html, &format!("[popover][id=\"{id}\"]"));
            let [popover] = popovers[..] else { panic!("{name}: {id}") };
            let link = popover.select(&Selector::parse("a").unwrap()).next().unwrap();
            let (page, entry) = link.attr("href").unwrap().split_once('#').unwrap();
            assert_eq!(page, "glossary.html");
            assert!(entries.contains(&entry), "{name}: {entry}");
        }
        // Not where a word leads elsewhere, is a title, or belongs to somebody else.
        let inside = "a button.term, h1 button.term, h2 button.term, h3 button.term, \
                      code button.term, figure button.term, .footnote-definition button.term";
        assert!(all(html, inside).is_empty(), "{name}");
    }
}
