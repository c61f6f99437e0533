//! What an experiment is made of: digests of its sources, and versions of what it depends on.
//!
//! A sitting may join a record only where these are the same. Comments and blank lines do not
//! count, so that a better sentence in a header does not end a record's life.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::store::seal::sha256;

/// Parts of the lab that no measurement passes through.
const BESIDE_THE_CLOCK: [&str; 6] =
    ["cli.rs", "lab_table.py", "stats.rs", "table.rs", "test_lab.py", "testing.rs"];

/// A digest of each part that takes part in the experiment whose Rust file is `source`: the
/// program with its peer, what its chapter shares, and the lab.
///
/// # Errors
/// When a file cannot be read.
pub fn digests(root: &Path, source: &Path) -> Result<BTreeMap<String, String>> {
    let source = root.join(source);
    let chapter = source.parent().context("a program lies in a folder")?;
    let mut shared = files(&chapter.join("src"))?;
    shared.extend(files(&chapter.join("common"))?);
    let mut lab = files(&root.join("lab/src"))?;
    lab.extend(files(&root.join("lab/python"))?);
    lab.retain(|path| !BESIDE_THE_CLOCK.iter().any(|name| path.ends_with(name)));
    let parts = [
        ("program", vec![source.clone(), source.with_extension("py")]),
        ("chapter", shared),
        ("lab", lab),
    ];
    let mut digests = BTreeMap::new();
    for (part, mut files) in parts {
        files.retain(|path| path.is_file());
        if !files.is_empty() {
            digests.insert(part.to_owned(), digest(root, &files)?);
        }
    }
    Ok(digests)
}

/// Every Rust and Python file below `folder`, in order; none where there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "py") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn digest(root: &Path, files: &[PathBuf]) -> Result<String> {
    let mut all = String::new();
    for path in files {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(root).unwrap_or(path);
        // As it is written on every platform.
        all.push_str(&name.to_string_lossy().replace('\\', "/"));
        for line in code(&text) {
            all.push('\n');
            all.push_str(line);
        }
        all.push('\0');
    }
    let mut digest = sha256(all.as_bytes());
    digest.truncate(16);
    Ok(digest)
}

/// The lines that are neither blank nor only a comment.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim_end);
    lines.filter(|line| {
        let line = line.trim_start();
        let is_comment =
            line.starts_with("//") || (line.starts_with('#') && !line.starts_with("#["));
        !line.is_empty() && !is_comment
    })
}

/// The crates that the chapter of `source` asks for by name, in the versions of `Cargo.lock`.
/// Empty where there is no lockfile, or none is asked for.
pub fn packages(root: &Path, source: &Path) -> BTreeMap<String, String> {
    let read =
        |path: PathBuf| -> Option<toml::Table> { fs::read_to_string(path).ok()?.parse().ok() };
    let folders = root.join(source);
    let manifest = folders.ancestors().skip(1).find_map(|f| read(f.join("Cargo.toml")));
    let (Some(manifest), Some(lock)) = (manifest, read(root.join("Cargo.lock"))) else {
        return BTreeMap::new();
    };
    let asked = manifest.get("dependencies").and_then(|table| table.as_table());
    let locked = lock.get("package").and_then(|list| list.as_array());
    let text =
        |package: &toml::Value, field: &str| Some(package.get(field)?.as_str()?.to_owned());
    asked
        .into_iter()
        .flat_map(|asked| asked.keys())
        .filter_map(|name| {
            let package = locked?.iter().find(|package| {
                // Those of the workspace have no source.
                text(package, "name").as_ref() == Some(name) && package.get("source").is_some()
            })?;
            Some((name.clone(), text(package, "version")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapter() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("examples/a/Cargo.toml", "[dependencies]\ntokio = '1'\nlab.workspace = true\n"),
            ("examples/a/one.rs", "//! One.\nfn main() {}\n"),
            ("examples/a/one.py", "# One.\nprint(1)\n"),
            ("examples/a/two.rs", "fn main() {}\n"),
            ("examples/a/src/lib.rs", "pub fn shared() {}\n"),
            ("lab/src/rounds.rs", "pub fn rounds() {}\n"),
            ("lab/src/testing.rs", "pub fn testing() {}\n"),
            (
                "Cargo.lock",
                "[[package]]\nname = 'lab'\nversion = '0.1.0'\n\
                 [[package]]\nname = 'tokio'\nversion = '1.54.1'\nsource = 'registry'\n",
            ),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_change_of_code_changes_the_digest_of_its_part_and_a_comment_changes_none() {
        let folder = chapter();
        let source = Path::new("examples/a/one.rs");
        let digests = || digests(folder.path(), source).unwrap();
        let before = digests();
        assert_eq!(Vec::from_iter(before.keys()), ["chapter", "lab", "program"]);
        let changed = |file: &str, text: &str| -> Vec<String> {
            let path = folder.path().join(file);
            let was = fs::read_to_string(&path).unwrap();
            fs::write(&path, text).unwrap();
            let after = digests();
            fs::write(&path, was).unwrap();
            let parts = before.keys().filter(|part| before[*part] != after[*part]);
            parts.cloned().collect()
        };
        assert_eq!(changed("examples/a/one.rs", "fn main() { drop(1) }\n"), ["program"]);
        assert_eq!(changed("examples/a/one.py", "print(2)\n"), ["program"]);
        assert_eq!(changed("examples/a/src/lib.rs", "pub fn other() {}\n"), ["chapter"]);
        assert_eq!(changed("lab/src/rounds.rs", "pub fn round() {}\n"), ["lab"]);
        for (file, text) in [
            ("examples/a/one.rs", "//! Better.\n\nfn main() {}\n"),
            ("examples/a/one.py", "# Better.\nprint(1)\n"),
            ("examples/a/two.rs", "fn main() { drop(1) }\n"),
            ("lab/src/testing.rs", "pub fn tested() {}\n"),
        ] {
            assert_eq!(changed(file, text), [""; 0], "{file}");
        }
    }

    #[test]
    fn the_packages_are_those_that_the_chapter_asks_for_as_they_are_locked() {
        let folder = chapter();
        let packages = packages(folder.path(), Path::new("examples/a/one.rs"));
        assert_eq!(packages, BTreeMap::from([("tokio".into(), "1.54.1".into())]));
    }
}
