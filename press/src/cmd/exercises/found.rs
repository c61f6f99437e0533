//! Which exercises there are: the pages say it, in the order of the book.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result, bail};
use regex::Regex;

use crate::outside::project::Project;
use crate::page::hints;

/// An exercise, as its page gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exercise {
    /// By which it is asked for: the chapter's folder and its own name, `threads_survive`.
    pub id: String,
    /// The folder below `examples/`.
    pub chapter: String,
    /// What its files are called: `survive`.
    pub name: String,
    /// The page's file below `book/`.
    pub page: String,
    /// The page's name in the contents.
    pub page_title: String,
    /// Where it can be read: an address, or the file where the book has none.
    pub place: String,
    /// Its number on the page.
    pub number: usize,
    /// What the page calls it.
    pub title: String,
    /// What helps whoever is stuck.
    pub hint: String,
}

static PAGE: LazyLock<Regex> = LazyLock::new(|| regex(r"\[([^\]]+)\]\(([^)]+\.md)\)"));
static HEADING: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^## (Exercises?)$"));
static ITEM: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^\*\*(\d+)\. (.+?)\*\*"));
static FILE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"examples/(\w+)/exercises/(\w+)_(?:starter|solution)\.rs"));

fn regex(text: &str) -> Regex {
    Regex::new(text).expect("it is valid")
}

/// All of them, in the order of the pages.
///
/// # Errors
/// When one has no hint, no solution, or no page, or a page gives one that there is not.
pub fn exercises(root: &Path) -> Result<Vec<Exercise>> {
    let site = Project::find(root)?.settings.site;
    let book = root.join("book");
    let summary = read(&book.join("SUMMARY.md"))?;
    let mut all = Vec::new();
    let mut left = BTreeMap::new();
    for (_, [title, page]) in PAGE.captures_iter(&summary).map(|found| found.extract()) {
        let text = read(&book.join(page))?;
        let Some(heading) = HEADING.captures(&text) else { continue };
        let after = &text[heading.get(0).expect("it is whole").end()..];
        let section = after.split("\n## ").next().unwrap_or(after);
        let anchor = heading[1].to_lowercase();
        let place = match &site {
            Some(site) => format!("{site}{}#{anchor}", page.replace(".md", ".html")),
            None => format!("book/{page}"),
        };
        let starts: Vec<_> = ITEM.captures_iter(section).collect();
        for (n, item) in starts.iter().enumerate() {
            let start = item.get(0).expect("it is whole").start();
            let end =
                starts.get(n + 1).map_or(section.len(), |next| next.get(0).unwrap().start());
            let number = item[1].parse().context("a number")?;
            let Some(files) = FILE.captures(&section[start..end]) else {
                bail!("book/{page}: exercise {number} shows no file of examples/…/exercises/");
            };
            let (chapter, name) = (files[1].to_owned(), files[2].to_owned());
            if !left.contains_key(&chapter) {
                let of_chapter = hints::of_chapter(root, &chapter)?;
                left.insert(chapter.clone(), of_chapter);
            }
            let Some(hint) = left.get_mut(&chapter).and_then(|hints| hints.remove(&name))
            else {
                bail!(
                    "book/{page}: {name} has no hint in examples/{chapter}/exercises/hints.toml"
                );
            };
            all.push(Exercise {
                id: format!("{chapter}_{name}"),
                chapter,
                name,
                page: page.to_owned(),
                page_title: title.to_owned(),
                place: place.clone(),
                number,
                title: item[2].trim_end_matches('.').to_owned(),
                hint: hint.trim().to_owned(),
            });
        }
    }
    for (chapter, hints) in left {
        if let Some(name) = hints.keys().next() {
            bail!("examples/{chapter}/exercises/hints.toml: no page has `{name}`");
        }
    }
    complete(root, &all)?;
    Ok(all)
}

/// Each file of an exercise is one that a page gives, and has its other.
fn complete(root: &Path, all: &[Exercise]) -> Result<()> {
    let mut given: BTreeSet<String> = BTreeSet::new();
    for Exercise { chapter, name, .. } in all {
        for part in ["starter", "solution"] {
            let file = format!("examples/{chapter}/exercises/{name}_{part}.rs");
            if !root.join(&file).is_file() {
                bail!("{file} is missing");
            }
            given.insert(file);
        }
    }
    for chapter in fs::read_dir(root.join("examples")).into_iter().flatten().flatten() {
        let folder = chapter.path().join("exercises");
        for file in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = format!(
                "examples/{}/exercises/{}",
                chapter.file_name().display(),
                file.file_name().display()
            );
            if path.ends_with(".rs") && !given.contains(&path) {
                bail!("{path} is on no page, below *Exercises*");
            }
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let settings = "[book]\n[preprocessor.measured]\nreference = \"a\"\n";
        let summary = "- [One](one.md)\n  - [Two](two.md)\n";
        let all = [("book.toml", settings), ("book/SUMMARY.md", summary)];
        for (file, text) in all.iter().chain(files) {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    const ONE: &str = "# One\n\n## Exercises\n\n**1. First.** Mend it: `exercises/b_starter.rs`.\n\n\
                       {{#listing examples/a/exercises/b_solution.rs; fold=\"A solution\"}}\n\n\
                       **2. How many?** Count.\n\n{{#listing examples/a/exercises/c_starter.rs}}\n\n\
                       ## To keep\n\n**3. No exercise.**\n";

    fn whole() -> Vec<(&'static str, &'static str)> {
        vec![
            ("book/one.md", ONE),
            ("book/two.md", "# Two\n"),
            (
                "examples/a/exercises/hints.toml",
                "b = \"Look.\"\nc = \"\"\"\nLook \\\nup.\"\"\"\n",
            ),
            ("examples/a/exercises/b_starter.rs", ""),
            ("examples/a/exercises/b_solution.rs", ""),
            ("examples/a/exercises/c_starter.rs", ""),
            ("examples/a/exercises/c_solution.rs", ""),
        ]
    }

    #[test]
    fn pages_say_which_exercises_there_are_in_their_order() {
        let root = book(&whole());
        let all = exercises(root.path()).unwrap();
        let told: Vec<_> = all
            .iter()
            .map(|one| (one.id.as_str(), one.number, one.title.as_str(), one.hint.as_str()))
            .collect();
        assert_eq!(told, [("a_b", 1, "First", "Look."), ("a_c", 2, "How many?", "Look up.")]);
        assert_eq!((all[0].page_title.as_str(), all[0].place.as_str()), ("One", "book/one.md"));
    }

    #[test]
    fn what_is_incomplete_is_named() {
        for (file, text, says) in [
            ("examples/a/exercises/hints.toml", "b = \"Look.\"\n", "c has no hint"),
            ("examples/a/exercises/hints.toml", "b = ''\nc = ''\nd = ''\n", "no page has `d`"),
            ("examples/a/exercises/hints.toml", "b = 1\n", "is damaged"),
            ("examples/a/exercises/d_starter.rs", "", "d_starter.rs is on no page"),
            ("book/one.md", "# One\n\n## Exercises\n\n**1. First.** Do.\n", "shows no file"),
        ] {
            let root = book(&whole());
            fs::write(root.path().join(file), text).unwrap();
            let said = format!("{:#}", exercises(root.path()).unwrap_err());
            assert!(said.contains(says), "{says}: {said}");
        }
        let root = book(&whole());
        fs::remove_file(root.path().join("examples/a/exercises/c_solution.rs")).unwrap();
        let said = format!("{:#}", exercises(root.path()).unwrap_err());
        assert!(said.contains("c_solution.rs is missing"), "{said}");
    }
}
