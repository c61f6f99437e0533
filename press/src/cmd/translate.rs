//! `cargo book translate`: what is not translated, or, of a page, a place for each paragraph
//! that has no translation yet.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{build, editions, say};
use crate::outside::project::Project;
use crate::page::translation;

/// Lists what is left to translate; with a page, makes places for it in that page's file.
///
/// # Errors
/// When the book does not build, or the page's translation is not understood.
pub fn translate(project: &Project, page: Option<&str>) -> Result<()> {
    match page {
        Some(page) => places(&project.root, page),
        None => list(project),
    }
}

fn list(project: &Project) -> Result<()> {
    let aside = build::build_aside(project)?;
    let mut out = String::new();
    for edition in &aside.editions {
        out += &format!("{}\n", edition.told());
        edition.faults().iter().for_each(|fault| out += &format!("{fault}\n"));
        out += &edition.lacking();
    }
    say::answer(&out)
}

fn places(root: &Path, page: &str) -> Result<()> {
    let Some((_, original)) = page.split_once('/') else {
        bail!("`{page}` has no language; write `de/work.md`");
    };
    let book = root.join("book");
    let file = book.join(page);
    if !editions::is_translation(&file) {
        bail!("book/{page}: its folder needs a catalog of words, words.toml, first");
    }
    let english = fs::read_to_string(book.join(original))
        .with_context(|| format!("the book has no page {original}"))?;
    let before = if file.is_file() { fs::read_to_string(&file)? } else { String::new() };
    let after = translation::with_places(page, &english, &before)
        .map_err(|mistakes| anyhow::anyhow!("{}", mistakes.join("\n")))?;
    fs::write(&file, &after).with_context(|| format!("cannot write {}", file.display()))?;
    say::say(&format!(
        "book/{page}: {} paragraphs to do",
        after.matches(": to do -->").count()
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gets_its_places_in_a_folder_that_has_a_catalog() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join("book").join(name);
        fs::create_dir_all(at("de")).unwrap();
        fs::write(at("work.md"), "# Work\n\nIt works.\n").unwrap();
        let told = |page| places(root.path(), page).unwrap_err().to_string();
        assert!(told("work.md").contains("has no language"));
        assert!(told("de/work.md").contains("words.toml"));
        fs::write(at("de/words.toml"), "").unwrap();
        assert!(told("de/word.md").contains("the book has no page word.md"));
        places(root.path(), "de/work.md").unwrap();
        let made = fs::read_to_string(at("de/work.md")).unwrap();
        assert!(made.contains(": to do -->\nIt works.\n"), "{made}");
        // What is done already stays.
        let done = made.replace(": to do", "").replace("It works.", "Es geht.");
        fs::write(at("de/work.md"), &done).unwrap();
        places(root.path(), "de/work.md").unwrap();
        assert_eq!(fs::read_to_string(at("de/work.md")).unwrap(), done);
    }
}
