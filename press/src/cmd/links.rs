//! `cargo book links`: where the book's pages lead beyond itself, for a checker that has a
//! network. What leads to the book's own sources is left out: `check` and tests follow that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Result;
use scraper::{Html, Selector};

use super::{build, check, say};
use crate::outside::project::Project;

/// Prints each address once, a blank, and the pages that have it.
///
/// # Errors
/// When the book does not build.
pub fn print(project: &Project) -> Result<()> {
    let aside = build::build_aside(project)?;
    let ours: Vec<&str> = [&project.repository, &project.settings.site]
        .into_iter()
        .flatten()
        .map(|s| &**s)
        .collect();
    say::answer(&listed(links(&aside.html(), &ours)?))
}

/// A line an address. No address has a blank, and a tab would be written out as one that acts.
fn listed(found: BTreeMap<String, BTreeSet<String>>) -> String {
    let line = |(address, pages): (String, BTreeSet<String>)| {
        let pages: Vec<String> = pages.into_iter().collect();
        format!("{address} {}\n", pages.join(", "))
    };
    found.into_iter().map(line).collect()
}

/// The addresses elsewhere, without the place on their page, and who has them.
fn links(html: &Path, ours: &[&str]) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let links = Selector::parse("main a[href^='https://']").expect("it is valid CSS");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in check::files(html, "html")? {
        let name = path.strip_prefix(html)?.to_string_lossy().replace('\\', "/");
        if ["print.html", "toc.html", "404.html"].contains(&&*name) {
            continue;
        }
        let page = Html::parse_document(&fs::read_to_string(&path)?);
        for link in page.select(&links) {
            let address = link.attr("href").unwrap_or_default();
            let address = address.split('#').next().unwrap_or_default();
            // A blank or a line end would be the list's own.
            let is_plain = address.chars().all(|c| !c.is_whitespace() && !c.is_control());
            if is_plain && !ours.iter().any(|start| address.starts_with(start)) {
                found.entry(address.to_owned()).or_default().insert(name.clone());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_elsewhere_is_listed_once_with_its_pages_and_ours_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let page = |name: &str, links: &str| {
            let text =
                format!("<nav><a href='https://nav.example/'></a></nav><main>{links}</main>");
            fs::write(folder.path().join(name), text).unwrap();
        };
        page("a.html", "<a href='https://there.example/x#y'></a><a href='b.html'></a>");
        page(
            "b.html",
            "<a href='https://there.example/x'></a><a href='https://here.example/book/z'></a>",
        );
        page("print.html", "<a href='https://print.example/'></a>");
        let found = links(folder.path(), &["https://here.example/book"]).unwrap();
        let pages = BTreeSet::from(["a.html".to_owned(), "b.html".to_owned()]);
        assert_eq!(found, BTreeMap::from([("https://there.example/x".to_owned(), pages)]));
        let listed = listed(found);
        assert_eq!(listed, "https://there.example/x a.html, b.html\n");
        assert_eq!(crate::ask::plain::lines(&listed), listed, "it is printed as it is");
    }
}
