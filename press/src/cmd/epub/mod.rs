//! `cargo book epub`: the book for e-readers, made of the pages as they are built.
//!
//! The same pages with the same numbers, the reader's own among them. [`chapter`] takes away
//! what acts, and puts to a chapter's end what a page has on demand; [`package`] says in which
//! order all of it is read, and packs it.

mod chapter;
mod package;
mod style;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use mdbook_driver::MDBook;
use mdbook_driver::book::BookItem;
use mdbook_driver::config::Config;
use scraper::Html;

use self::chapter::Around;
use self::package::{Entry, Item, Meta};
use super::{build, feed};
use crate::outside::project::Project;
use crate::store::seal;

/// The style sheet of e-books, and the picture that they are chosen by.
const STYLE: &str = "theme/epub.css";
const COVER: &str = "theme/cover.png";

/// Where the colors of that style sheet have their values.
const COLORS: &str = "theme/css/variables.css";

/// Builds the book, and puts it as one file where the built one lies. Returns the file.
///
/// # Errors
/// As for [`build::build`], and when the file cannot be written.
pub fn epub(project: &Project) -> Result<PathBuf> {
    let config = Config::from_disk(project.root.join("book.toml"))?;
    let title = config.book.title.unwrap_or_else(|| "book".to_owned());
    let name: String = title
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    let path = project.root.join("target").join(format!("{name}.epub"));
    epub_into(project, &path)?;
    Ok(path)
}

/// Like [`epub`], into any file.
///
/// # Errors
/// As for [`epub`].
pub fn epub_into(project: &Project, path: &Path) -> Result<()> {
    let aside = build::build_aside(project)?;
    let bytes = made(project, &aside.html())?;
    let cannot = || format!("cannot write {}", path.display());
    // Whole or not at all.
    let fresh = path.with_extension("epub-new");
    fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, path)).with_context(cannot)
}

/// The pages in `html` as one file. The same pages make the same bytes.
fn made(project: &Project, html: &Path) -> Result<Vec<u8>> {
    let book = MDBook::load(&project.root)?;
    let contents = entries(&book.book.items);
    let names: Vec<&str> = contents.iter().flat_map(Entry::pages).collect();
    let mut pages: Vec<(&str, Html)> = Vec::new();
    for name in &names {
        let text = fs::read_to_string(html.join(name));
        let text = text.with_context(|| format!("cannot read the built {name}"))?;
        pages.push((name, Html::parse_document(&text)));
    }

    // Where a link may lead is known when all chapters have been written once.
    let site = project.settings.site.as_deref().map(|site| site.trim_end_matches('/'));
    let all: BTreeSet<&str> = names.iter().copied().collect();
    let mut around = Around { site, pages: &all, places: BTreeMap::new() };
    let write = |around: &Around<'_>| -> Vec<chapter::Chapter> {
        pages.iter().map(|(name, page)| chapter::chapter(name, page, around)).collect()
    };
    let first = write(&around);
    let places = names.iter().zip(first);
    around.places = places.map(|(name, chapter)| (*name, chapter.ids)).collect();
    let titles: BTreeMap<&str, &str> = contents.iter().flat_map(Entry::titles).collect();
    let items: Vec<Item> = names
        .iter()
        .zip(write(&around))
        .map(|(name, chapter)| Item {
            name: chapter::file(name),
            title: titles[name].to_owned(),
            body: chapter.body,
        })
        .collect();

    let read = |name: &str| fs::read(project.root.join(name)).ok();
    let text =
        |name: &str| read(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let style = match text(STYLE) {
        Some(style) => style::literal(&style, &text(COLORS).unwrap_or_default())
            .with_context(|| STYLE.to_owned())?,
        None => String::new(),
    };
    package::packed(&meta(project, &book.config)?, &items, contents, &style, read(COVER))
}

/// What the book tells of itself.
fn meta(project: &Project, config: &Config) -> Result<Meta> {
    let book = &config.book;
    let title = book.title.clone().unwrap_or_else(|| "A book".to_owned());
    let site = project.settings.site.clone();
    let changes = project.root.join(feed::CHANGES);
    let date = match changes.is_file() {
        true => feed::newest(&fs::read_to_string(changes)?)?,
        false => {
            let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
            now.split('T').next().unwrap_or_default().to_owned()
        }
    };
    Ok(Meta {
        // Of what the book is known by, and not of what it says: a new edition takes the place
        // of the last.
        identifier: uuid(&seal::sha256(site.as_deref().unwrap_or(&title).as_bytes())),
        title,
        authors: book.authors.clone(),
        language: book.language.clone().unwrap_or_else(|| "en".to_owned()),
        description: book.description.clone(),
        date,
        site,
    })
}

/// An identifier of the kind that is made in a way of one's own (RFC 9562, version 8).
fn uuid(hex: &str) -> String {
    format!(
        "urn:uuid:{}-{}-8{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..32]
    )
}

/// The contents, as `SUMMARY.md` has them.
fn entries(items: &[BookItem]) -> Vec<Entry> {
    let entry = |item: &BookItem| {
        let BookItem::Chapter(chapter) = item else { return None };
        let path = chapter.path.as_ref()?.with_extension("html");
        let number = chapter.number.as_ref().map(|number| format!("{number} "));
        Some(Entry {
            page: path.to_string_lossy().replace('\\', "/"),
            title: chapter.name.clone(),
            number: number.unwrap_or_default(),
            below: entries(&chapter.sub_items),
        })
    };
    items.iter().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_of_the_form_that_libraries_know() {
        let made = uuid(&seal::sha256(b"https://there.example/book/"));
        let digits: Vec<usize> =
            made.strip_prefix("urn:uuid:").unwrap().split('-').map(str::len).collect();
        assert_eq!(digits, [8, 4, 4, 4, 12], "{made}");
        assert_eq!(made, uuid(&seal::sha256(b"https://there.example/book/")));
        assert_ne!(made, uuid(&seal::sha256(b"https://elsewhere.example/")));
    }
}
