//! `cargo book check`: everything that must be true of the book before it is published.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use scraper::{ElementRef, Html, Node, Selector};

use super::{build, editions, say};
use crate::ask::choosing::recorded;
use crate::ask::claims::Verdict;
use crate::ask::doubt;
use crate::ask::expectation::Expectation;
use crate::ask::near::Unknown;
use crate::ask::together::{BOOK, committed};
use crate::outside::manifest;
use crate::outside::project::Project;
use crate::page::markdown::{Block, Code};
use crate::page::{self, cited};
use crate::store::results::Results;

/// Builds the book aside and checks sources and HTML.
///
/// # Errors
/// All faults found, a line each.
pub fn check(project: &Project) -> Result<()> {
    let aside = build::build_aside(project)?;
    let mut faults = snippets(&project.root)?;
    faults.extend(records(project)?);
    faults.extend(claims(project)?);
    faults.extend(symptoms(&project.root)?);
    faults.extend(pages(&aside.html())?);
    faults.extend(aside.editions.iter().flat_map(|edition| edition.faults()));
    if !faults.is_empty() {
        let plural = if faults.len() == 1 { "" } else { "s" };
        bail!("{} fault{plural}:\n{}", faults.len(), faults.join("\n"));
    }
    let results = project.results()?;
    for machine in committed(&results).filter(|name| *name != results.reference) {
        say::say(untried(&results, machine, &expectations(&project.root)?).trim_end());
    }
    for edition in &aside.editions {
        say::say(edition.told().trim_end());
    }
    say::say("The book is sound.");
    Ok(())
}

/// What pages expect, and where.
///
/// # Errors
/// When a page cannot be read.
pub(super) fn expectations(root: &Path) -> Result<Vec<(String, Expectation)>> {
    let mut all = Vec::new();
    for path in files(&root.join("book"), "md")? {
        // Those of a translation are the original's.
        if editions::is_translation(&path) {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let of_page = page::expectations(&text).into_iter();
        all.extend(of_page.map(|(line, expected)| (format!("{name}:{line}"), expected)));
    }
    Ok(all)
}

/// Which expectations `machine` has nothing to say to, by the reason.
fn untried(results: &Results, machine: &str, expectations: &[(String, Expectation)]) -> String {
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let asked = expectations.iter().filter(|(_, expected)| expected.experiment != BOOK);
    let mut count = 0;
    for (place, expected) in asked {
        count += 1;
        let why = match results.record(machine, &expected.experiment) {
            None => format!("no record of {}", expected.experiment),
            Some(record) => match expected.condition.judge(record) {
                Ok(_) => continue,
                Err(e) => e.downcast::<Unknown>().map_or_else(|e| e.to_string(), |e| e.text),
            },
        };
        reasons.entry(why).or_default().push(place);
    }
    let untried: usize = reasons.values().map(Vec::len).sum();
    let mut out = format!("{machine}: {untried} of {count} expectations are not tried\n");
    for (why, mut places) in reasons {
        places.dedup();
        out.push_str(&format!("  {why}: {}\n", places.join(", ")));
    }
    out
}

/// A code block's attributes decide who tests it; a block that nobody tests is a fault.
fn snippets(root: &Path) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for page in files(&root.join("book"), "md")? {
        let text = fs::read_to_string(&page)?;
        let name = page.strip_prefix(root).unwrap_or(&page).display().to_string();
        for block in Code::of(&text).blocks {
            if let Some(fault) = fault_of(&block) {
                faults.push(format!("{name}:{}: {fault}", block.line));
            }
        }
    }
    Ok(faults)
}

fn fault_of(block: &Block) -> Option<String> {
    match block.language() {
        "rust" => {
            for untested in ["ignore", "no_run", "should_panic"] {
                if block.has(untested) {
                    return Some(format!("`{untested}` would leave this block untested"));
                }
            }
            if block.has("compile_fail") && block.error_code().is_none() {
                return Some(
                    "`compile_fail` needs the error's code, as `compile_fail,E0373`".into(),
                );
            }
            if !block.has("noplayground") {
                return Some(
                    "without `noplayground` the page would call a server elsewhere".into(),
                );
            }
            None
        }
        "python" if block.included().is_none() => {
            Some("Python on a page is taken from a file that runs; use {{#include}}".into())
        }
        "" => Some("say what this block is: rust, python, console, text …".into()),
        _ => None,
    }
}

/// Markers of symptoms in files that are no page of the book: no list has them.
fn symptoms(root: &Path) -> Result<Vec<String>> {
    let book = root.join("book");
    let summary = fs::read_to_string(book.join("SUMMARY.md"))?;
    let mut faults = Vec::new();
    for path in files(&book, "md")? {
        let below = path.strip_prefix(&book)?.to_string_lossy().replace('\\', "/");
        if summary.contains(&format!("]({below})")) {
            continue;
        }
        for line in page::symptoms(&fs::read_to_string(&path)?) {
            faults.push(format!(
                "book/{below}:{line}: a `symptom` where nobody is led to; SUMMARY.md has no \
                 such page"
            ));
        }
    }
    Ok(faults)
}

/// The files below `folder` that end in `extension`.
pub(super) fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Reference records that no page cites, and any that were made in a hurry.
fn records(project: &Project) -> Result<Vec<String>> {
    let results = project.results()?;
    let mut faults = Vec::new();
    let mut cites = HashSet::new();
    for page in files(&project.root.join("book"), "md")? {
        cites.extend(cited(&fs::read_to_string(page)?));
    }
    for machine in committed(&results) {
        for (name, record) in &results.machines[machine] {
            let file = format!("results/{machine}/{name}.json");
            // Where it is another's, its warnings are enough; a hurried one proves nothing.
            if let Some(why) = doubt::unfit(record)
                && (machine == results.reference || record.quick)
            {
                faults.push(format!("{file}: {why}; measure it again"));
            }
            if machine == results.reference && !cites.contains(name) {
                faults.push(format!("{file}: no page cites it"));
            }
        }
    }
    Ok(faults)
}

/// Claims whose tests the reference records cannot decide. A test is written before its
/// experiment is measured, and until then no page can cite the claim.
fn claims(project: &Project) -> Result<Vec<String>> {
    let (claims, results) = (project.claims()?, project.results()?);
    let experiments = project.experiments()?;
    let is_to_come = |name: &String| {
        let name = recorded(name);
        experiments.contains_key(name) && results.reference(name).is_none()
    };
    let mut faults = Vec::new();
    for claim in &claims.all {
        for reason in claim.judge(&results, &results.reference).reasons {
            if reason.verdict == Verdict::Untried && !is_to_come(&reason.experiment) {
                faults.push(format!(
                    "book/claims.toml: `{}` cannot be judged by `{}`: {}",
                    claim.id, reason.holds, reason.measured
                ));
            }
        }
    }
    Ok(faults)
}

/// Leftover directives, what runs or is fetched from elsewhere, ids that are there twice, links
/// and fragments that lead nowhere.
fn pages(folder: &Path) -> Result<Vec<String>> {
    let mut pages: BTreeMap<PathBuf, Html> = BTreeMap::new();
    let mut faults = Vec::new();
    for path in files(folder, "html")? {
        let text = fs::read_to_string(&path)?;
        let below = path.strip_prefix(folder)?.to_owned();
        let page = Html::parse_document(&text);
        faults
            .extend(foreign(&page).iter().map(|fault| format!("{}: {fault}", below.display())));
        pages.insert(below, page);
    }
    let any_id = Selector::parse("[id]").expect("`[id]` is valid CSS");
    let mut ids: BTreeMap<&Path, HashSet<&str>> = BTreeMap::new();
    for (path, page) in &pages {
        for element in page.select(&any_id) {
            let id = element.attr("id").unwrap_or_default();
            if !ids.entry(path).or_default().insert(id) {
                faults.push(format!("{}: the id `{id}` is there twice", path.display()));
            }
        }
    }
    let links = Selector::parse("[href], [src]").expect("`[href], [src]` is valid CSS");
    for (path, page) in &pages {
        // It is not a page of its own, and its links start at the site's root.
        if path.ends_with("404.html") {
            continue;
        }
        let mut seen = BTreeSet::new();
        for element in page.select(&links) {
            let link = element.attr("href").or(element.attr("src")).unwrap_or_default();
            if seen.insert(link)
                && let Err(why) = follow(folder, path, link, &ids)
            {
                faults.push(format!("{}: the link `{link}` {why}", path.display()));
            }
        }
    }
    Ok(faults)
}

/// What no page has: a directive outside of code, and below its `main`, which is made of what
/// records and authors wrote, anything that runs or is fetched from elsewhere.
fn foreign(page: &Html) -> Vec<String> {
    let mut faults = Vec::new();
    for node in page.tree.nodes() {
        let parents = || node.ancestors().filter_map(ElementRef::wrap);
        let is_in =
            |names: &[&str]| parents().any(|parent| names.contains(&parent.value().name()));
        match node.value() {
            Node::Text(text) if text.contains("{{") && !is_in(&["code", "pre", "script"]) => {
                let from = text.find("{{").unwrap_or_default();
                let shown: String = text[from..].chars().take(60).collect();
                faults.push(format!(
                    "a directive was left over, or a text looks like one: {shown}"
                ));
            }
            Node::Element(element) if is_in(&["main"]) => {
                let name = element.name();
                if ["script", "iframe", "object", "embed", "base", "meta", "link", "form"]
                    .contains(&name)
                {
                    faults.push(format!("`<{name}>` has no place on a page"));
                }
                for (attribute, value) in element.attrs() {
                    let value: String = value.to_lowercase().split_whitespace().collect();
                    let is_local = !value.contains("//") && !value.starts_with("javascript:");
                    if attribute.starts_with("on")
                        || (["src", "srcset", "action", "formaction"].contains(&attribute)
                            && !is_local)
                    {
                        faults.push(format!(
                            "`{attribute}` of `<{name}>` runs or is from elsewhere"
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    faults
}

fn follow(
    folder: &Path,
    page: &Path,
    link: &str,
    ids: &BTreeMap<&Path, HashSet<&str>>,
) -> Result<(), &'static str> {
    if link.starts_with("https://") || link.starts_with("mailto:") || link.starts_with("data:")
    {
        return Ok(());
    }
    if link.starts_with("http:") {
        return Err("is not https");
    }
    let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() {
        page.to_owned()
    } else {
        manifest::normal(&page.parent().unwrap_or(Path::new("")).join(file))
    };
    let target = if folder.join(&target).is_dir() { target.join("index.html") } else { target };
    if !folder.join(&target).exists() {
        return Err("leads nowhere");
    }
    let known = ids.get(target.as_path());
    if !fragment.is_empty() && !known.is_some_and(|ids| ids.contains(fragment)) {
        return Err("leads to no such place on the page");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::Record;
    use crate::store::record::tests::demo;

    #[test]
    fn every_block_says_who_tests_it() {
        let text = "```rust,noplayground\nfn main() {}\n```\n\
                    ```rust\nfn main() {}\n```\n\
                    ```rust,ignore,noplayground\nx\n```\n\
                    ```rust,compile_fail,noplayground\nx\n```\n\
                    ```rust,compile_fail,E0373,noplayground\nx\n```\n\
                    ```python\nprint()\n```\n\
                    ```python\n{{#include ../a.py}}\n```\n\
                    ```\nx\n```\n";
        let faults: Vec<Option<String>> = Code::of(text).blocks.iter().map(fault_of).collect();
        let faulty: Vec<bool> = faults.iter().map(Option::is_some).collect();
        assert_eq!(faulty, [false, true, true, true, false, true, false, true], "{faults:?}");
    }

    #[test]
    fn what_a_machine_cannot_answer_is_listed_with_its_reason_and_place() {
        let records = |record: Record| BTreeMap::from([("demo".to_owned(), record)]);
        let mut lacking = demo();
        lacking.variants.truncate(1);
        let results = Results {
            reference: "ref".into(),
            machines: BTreeMap::from([
                ("ref".into(), records(demo())),
                ("far".into(), records(lacking)),
            ]),
            ..Results::default()
        };
        let page = "{{#expect demo: chain/threads.wall > 1 s}}{{#expect gone: a.wall > 1 s}}\n\
                    {{#expect demo: chain/sequential.wall > 1 s}}{{#expect gone: a.b > 1}}\
                    {{#expect book: sittings.times > 1 %}}";
        let expectations = page::expectations(page).into_iter();
        let expectations: Vec<_> =
            expectations.map(|(line, e)| (format!("a.md:{line}"), e)).collect();
        assert_eq!(
            untried(&results, "far", &expectations),
            "far: 3 of 4 expectations are not tried\n  \
             `demo` has no variant `chain/threads`: a.md:1\n  \
             no record of gone: a.md:1, a.md:2\n"
        );
    }

    #[test]
    fn a_page_has_no_directive_but_in_code_and_nothing_that_runs() {
        let found = |main: &str| {
            foreign(&Html::parse_document(&format!(
                "<script>{{{{a}}}}</script><main>{main}</main>"
            )))
        };
        for good in [
            "<code>{{#expect a}}</code><pre><code><span>{{#b}}</span></code></pre>",
            "<a href='https://example.org'>x</a> <img src='a.svg'> {a} onload=1 &lt;script>",
        ] {
            assert_eq!(found(good), [""; 0], "{good}");
        }
        for bad in [
            "<p>{{#expect a}}</p>",
            "<p>{{ expect",
            "<script>alert(1)</script>",
            "<img src='https://example.org/a.png'>",
            "<img src=' //example.org/a.png'>",
            "<p onclick='x()'>y</p>",
            "<iframe src='a.html'></iframe>",
        ] {
            assert_eq!(found(bad).len(), 1, "{bad}: {:?}", found(bad));
        }
    }

    #[test]
    fn a_symptom_on_no_page_of_the_book_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let book = folder.path().join("book");
        fs::create_dir(&book).unwrap();
        let marker = "{{#symptom \"Stuck\"; kind=stuck; says=\"It waits.\"}}";
        for (name, text) in [
            ("SUMMARY.md", "- [A](a.md)\n"),
            ("a.md", marker),
            ("b.md", &format!("# B\n\n{marker} Text.\n")),
            ("c.md", &format!("`{marker}`")),
        ] {
            fs::write(book.join(name), text).unwrap();
        }
        let faults = symptoms(folder.path()).unwrap();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults[0].starts_with("book/b.md:3: a `symptom` where nobody"), "{faults:?}");
    }

    #[test]
    fn links_and_fragments_are_followed_and_leftovers_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write(
            "a.html",
            "<p id='x'></p><p id='x'></p><a href='b.html#there'></a><a href='b.html#gone'></a>\
             <a href='c.html'></a><a href='http://example.com'></a><a href='#x'></a>",
        );
        write("b.html", "<p id='there'>{{#left over}}</p>");
        assert_eq!(
            pages(folder.path()).unwrap(),
            [
                "b.html: a directive was left over, or a text looks like one: {{#left over}}",
                "a.html: the id `x` is there twice",
                "a.html: the link `b.html#gone` leads to no such place on the page",
                "a.html: the link `c.html` leads nowhere",
                "a.html: the link `http://example.com` is not https",
            ]
        );
    }
}
