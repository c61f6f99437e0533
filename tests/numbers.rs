//! Numbers of the built book agree with what is printed beside them, and with each other.

use std::collections::BTreeMap;
use std::fs;

use press::cmd::build;
use press::outside::project::Project;
use regex::Regex;
use scraper::{ElementRef, Html, Selector};
use taking_turns::root;

/// The built pages, by the names of their files, and whatever else they have to say.
fn pages() -> BTreeMap<String, Html> {
    let folder = tempfile::tempdir_in(taking_turns::target()).unwrap();
    let project = Project::find(root()).unwrap();
    let html = build::build_into(&project, &folder.path().join("html")).unwrap();
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(html).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // One page of all pages would say everything twice.
        if name.ends_with(".html") && name != "print.html" {
            let text = fs::read_to_string(entry.path()).unwrap();
            pages.insert(name, Html::parse_document(&text));
        }
    }
    pages
}

fn all<'h>(within: ElementRef<'h>, selector: &str) -> Vec<ElementRef<'h>> {
    let selector = Selector::parse(selector).unwrap();
    within.select(&selector).collect()
}

fn text(of: ElementRef<'_>) -> String {
    of.text().collect()
}

/// `16 370`, `98.2 ms` without its unit, or nothing where there is no number.
fn number(text: &str) -> Option<f64> {
    let is_of_number =
        |part: &&str| part.chars().all(|c| c.is_ascii_digit() || "-.".contains(c));
    text.trim().split('\u{202f}').take_while(is_of_number).collect::<String>().parse().ok()
}

fn unit(text: &str) -> &str {
    let unit = text.trim().rsplit('\u{202f}').next().unwrap_or_default();
    if number(unit).is_some() { "" } else { unit }
}

/// Whether a median lies in an interval that is printed with it, `1.95 to 2.00 ×`.
fn lies_within(median: &str, interval: &str) -> Option<bool> {
    let (low, high) = interval.split_once(" to ")?;
    let is_within = (number(low)?..=number(high)?).contains(&number(median)?);
    Some(is_within && unit(median) == unit(high))
}

/// What each page has of medians with their intervals: in popovers, tables beneath figures,
/// predictions, and what verdicts say was measured.
fn printed(page: &Html) -> Vec<(String, String)> {
    let page = page.root_element();
    let mut found = Vec::new();
    for about in all(page, ".about > [data-machine]") {
        let median = text(all(about, "b")[0]);
        let whole = text(about);
        let (_, rest) = whole.split_once(" 95 % interval ").expect("it has an interval");
        let (interval, _) = rest.split_once(" over ").expect("it has samples");
        found.push((median, interval.to_owned()));
    }
    for table in all(page, "table") {
        let heads: Vec<String> = all(table, "thead th").into_iter().map(text).collect();
        let Some(at) = heads.iter().position(|head| head == "95 % interval") else { continue };
        for row in all(table, "tbody tr") {
            let cells: Vec<String> = all(row, "th, td").into_iter().map(text).collect();
            found.push((cells[at - 1].clone(), cells[at].clone()));
        }
    }
    for prediction in all(page, ".predict") {
        for values in prediction.attr("data-values").unwrap().split(';') {
            let parts: Vec<&str> = values.split(' ').collect();
            found.push((parts[1].to_owned(), format!("{} to {}", parts[2], parts[3])));
        }
    }
    let beside =
        Regex::new(r"([-\d.\u{202f}]+[^\s\d(]*) \(([-\d.\u{202f}]+ to [^)]+)\)").unwrap();
    for reason in all(page, ".verdict li, .margin-note") {
        for pair in beside.captures_iter(&text(reason)) {
            found.push((pair[1].to_owned(), pair[2].to_owned()));
        }
    }
    found
}

#[test]
fn no_printed_median_lies_outside_its_printed_interval() {
    let mut count = 0;
    let mut outside = Vec::new();
    for (name, page) in pages() {
        for (median, interval) in printed(&page) {
            // What a platform cannot count is a dash.
            if median == "–" && interval == "–" {
                continue;
            }
            count += 1;
            if lies_within(&median, &interval) != Some(true) {
                outside.push(format!("{name}: {median} ({interval})"));
            }
        }
    }
    assert!(outside.is_empty(), "{}", outside.join("\n"));
    assert!(count > 1500, "only {count} were found");
}

#[test]
fn an_interval_is_read_as_it_is_printed() {
    let thin = |text: &str| text.replace('_', "\u{202f}");
    for (median, interval, is_within) in [
        ("2.00_×", "1.958 to 1.996_×", Some(false)),
        ("98.2_ms", "98.1 to 98.2_ms", Some(true)),
        ("98.2_ms", "98.1 to 98.2_µs", Some(false)),
        ("16_370", "16_123 to 16_400", Some(true)),
        ("-2", "-3 to 1", Some(true)),
        ("–", "1 to 2", None),
    ] {
        assert_eq!(lies_within(&thin(median), &thin(interval)), is_within, "{median}");
    }
}

/// Numbers of experiments that pages put into sentences, as they are asked for: by page, the
/// addresses of what they tell on demand, in their order.
fn asked(page: &str) -> Vec<String> {
    // All of these have something to tell on demand.
    let directive = Regex::new(r"\{\{#(measured|predict) ([^}]*)\}\}").unwrap();
    let code = Regex::new(r"(?s)```.*?```|`[^`]*`").unwrap();
    let page = code.replace_all(page, "");
    let selectors = directive.captures_iter(&page).map(|found| {
        let selector = found[2].split(';').next().unwrap_or_default();
        selector.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    selectors.filter(|selector| !selector.ends_with(".answer")).collect()
}

#[test]
fn a_number_that_two_pages_ask_for_leads_from_each_to_the_other() {
    let pages = pages();
    let mut by_selector: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
    let summary = fs::read_to_string(root().join("book/SUMMARY.md")).unwrap();
    let files = summary.split("](").skip(1).filter_map(|link| link.split(')').next());
    for file in files {
        let source = fs::read_to_string(root().join("book").join(file)).unwrap();
        for (i, selector) in asked(&source).into_iter().enumerate() {
            by_selector.entry(selector).or_default().push((file.replace(".md", ".html"), i));
        }
    }
    let mut count = 0;
    for (selector, places) in &by_selector {
        for (page, i) in places {
            let about = all(pages[page].root_element(), ".about:not(.definition)")[*i];
            let links: Vec<&str> =
                all(about, ".also a").iter().filter_map(|a| a.attr("href")).collect();
            let others = places.iter().filter(|(other, _)| other != page);
            for (other, _) in others {
                let address = links.iter().find(|link| link.starts_with(&format!("{other}#")));
                let address = address.unwrap_or_else(|| {
                    panic!("{selector} on {page} does not lead to {other}: {links:?}")
                });
                let (_, id) = address.split_once('#').unwrap();
                let there = all(pages[other].root_element(), &format!("#{id}"));
                assert!(there[0].attr("class") == Some("measured"), "{address}");
                count += 1;
            }
        }
    }
    assert!(count >= 2, "no number is on two pages");
}
