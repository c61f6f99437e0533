//! What the worker of a published book knows: which build it is of, and which files that has.
//!
//! Plain mdBook, and `serve`, give out the worker without it. Such a worker keeps nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::store::seal;

/// The worker's file, beside the pages.
const WORKER: &str = "sw.js";

/// What is there for others than readers, and the data, which are large.
const LEFT_OUT: [&str; 6] =
    [WORKER, "404.html", "toc.html", "sitemap.xml", super::feed::FILE, "data"];

/// As the worker reads it (`theme/src/sw.ts`).
#[derive(Serialize)]
struct Build {
    /// Another one for each build that differs in anything.
    build: String,
    /// Each file's address below the book's.
    files: Vec<String>,
}

/// Tells the worker in `html`, if there is one, of the files beside it.
///
/// # Errors
/// When a file cannot be read, or the worker not written.
pub(super) fn publish(html: &Path) -> Result<()> {
    let path = html.join(WORKER);
    if !path.is_file() {
        return Ok(());
    }
    let build = Build::of(html).context("cannot list the files for reading offline")?;
    let worker = fs::read_to_string(&path)?;
    let build = serde_json::to_string(&build)?;
    fs::write(&path, format!("self.BOOK={build};\n{worker}"))?;
    Ok(())
}

impl Build {
    fn of(html: &Path) -> Result<Build> {
        let mut paths = Vec::new();
        list(html, &mut paths)?;
        let mut contents = BTreeMap::new();
        for path in paths {
            let name = path.strip_prefix(html)?.to_string_lossy().replace('\\', "/");
            let first = name.split('/').next().unwrap_or_default();
            if !LEFT_OUT.contains(&first) {
                contents.insert(name, fs::read(&path)?);
            }
        }
        // mdBook writes files for its own theme, too, which no page of ours names.
        let is_page = |name: &str| name.ends_with(".html");
        let pages = contents.iter().filter(|(name, _)| is_page(name) && *name != "print.html");
        let pages: Vec<_> = pages.map(|(_, page)| String::from_utf8_lossy(page)).collect();
        let is_named = |name: &str| {
            let end = format!("{name}\"");
            pages.iter().any(|page| page.contains(&end))
        };
        let mut files = Vec::new();
        let mut digests = String::new();
        for (name, content) in &contents {
            if is_page(name) || is_named(name) {
                digests.push_str(&format!("{name} {}\n", seal::sha256(content)));
                files.push(name.clone());
            }
        }
        let build = seal::sha256(digests.as_bytes())[..16].to_owned();
        Ok(Build { build, files })
    }
}

/// All files below `folder`, in order.
fn list(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            list(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> tempfile::TempDir {
        let html = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("sw.js", "work()"),
            ("index.html", "<link href=\"css/general.css\">"),
            ("a/page.html", "<img src=\"../picture.svg\">"),
            ("css/general.css", "a"),
            ("picture.svg", "b"),
            ("highlight.js", "c"),
            ("404.html", "d"),
            ("sitemap.xml", "e"),
            (".nojekyll", "f"),
            ("data/here/sums.csv", "g"),
        ] {
            let path = html.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        html
    }

    fn worker(html: &Path) -> String {
        fs::write(html.join(WORKER), "work()").unwrap();
        publish(html).unwrap();
        fs::read_to_string(html.join(WORKER)).unwrap()
    }

    #[test]
    fn the_worker_is_told_the_files_that_pages_ask_for_and_is_otherwise_as_it_was() {
        let html = book();
        let text = worker(html.path());
        let (told, rest) = text.split_once('\n').unwrap();
        assert!(told.starts_with("self.BOOK={\"build\":\""), "{told}");
        let files =
            "\"files\":[\"a/page.html\",\"css/general.css\",\"index.html\",\"picture.svg\"]};";
        assert!(told.ends_with(files), "{told}");
        assert_eq!(rest, "work()");
    }

    #[test]
    fn each_build_that_differs_in_a_file_has_another_worker() {
        let html = book();
        let before = worker(html.path());
        assert_eq!(worker(html.path()), before);
        fs::write(html.path().join("picture.svg"), "another").unwrap();
        let after = worker(html.path());
        assert_ne!(after, before);
        fs::write(html.path().join("data/here/sums.csv"), "another").unwrap();
        assert_eq!(worker(html.path()), after);
    }

    #[test]
    fn a_book_without_a_worker_gets_none() {
        let html = tempfile::tempdir().unwrap();
        publish(html.path()).unwrap();
        assert_eq!(fs::read_dir(html.path()).unwrap().count(), 0);
    }
}
