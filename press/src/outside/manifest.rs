//! The experiments there are: what the manifests of the chapters and benches name.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// What is read of a `Cargo.toml`.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default, rename = "example")]
    examples: Vec<Target>,
    #[serde(default, rename = "bench")]
    benches: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    path: PathBuf,
}

/// Every experiment there is code for: its name and the path of its Rust file below `root`.
/// Chapters name them, their models, and `benches/` those measured by Criterion.
///
/// # Errors
/// When a manifest is not understood, or two experiments have one name.
pub fn experiments(root: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut folders = vec![PathBuf::from("benches")];
    for chapter in fs::read_dir(root.join("examples")).into_iter().flatten() {
        let chapter = Path::new("examples").join(chapter?.file_name());
        folders.extend([chapter.join("model"), chapter]);
    }
    let mut found = BTreeMap::new();
    for folder in folders {
        let file = folder.join("Cargo.toml");
        let Ok(text) = fs::read_to_string(root.join(&file)) else { continue };
        let manifest: Manifest = toml::from_str(&text)
            .with_context(|| format!("{} is not understood", file.display()))?;
        for target in manifest.examples.into_iter().chain(manifest.benches) {
            let Target { name, path } = target;
            if found.insert(name.clone(), normal(&folder.join(path))).is_some() {
                bail!("{}: another experiment is called `{name}` too", file.display());
            }
        }
    }
    Ok(found)
}

/// Whether the experiment in this file is measured by Criterion.
pub fn is_bench(path: &Path) -> bool {
    path.starts_with("benches")
}

/// The same path without `.` and `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn chapters_their_models_and_benches_name_the_experiments() {
        let root = book(&[
            (
                "examples/sharing/Cargo.toml",
                "[package]\nname = \"sharing\"\n[lib]\npath = \"src/lib.rs\"\n\
                 [[example]]\nname = \"lost\" # one\n  path = \"lost.rs\"\n\
                 [[test]]\nname = \"shown\"\npath = \"tests/shown.rs\"\n",
            ),
            (
                "examples/sharing/model/Cargo.toml",
                "example = [{ name = \"model\", path = \"../model.rs\" }]",
            ),
            ("benches/Cargo.toml", "[[bench]]\npath = \"cost.rs\"\nname = \"cost\"\n"),
            ("examples/rustfmt.toml", "max_width = 80"),
        ]);
        let found = experiments(root.path()).unwrap();
        let found: Vec<(&str, &Path)> =
            found.iter().map(|(name, path)| (name.as_str(), path.as_path())).collect();
        assert_eq!(
            found,
            [
                ("cost", Path::new("benches/cost.rs")),
                ("lost", Path::new("examples/sharing/lost.rs")),
                ("model", Path::new("examples/sharing/model.rs")),
            ]
        );
        assert!(is_bench(found[0].1) && !is_bench(found[1].1));
    }

    #[test]
    fn a_manifest_that_is_damaged_or_takes_a_name_twice_is_named() {
        let one = "[[example]]\nname = \"one\"\npath = \"one.rs\"\n";
        for (files, says) in [
            (&[("examples/a/Cargo.toml", "[[example]]\nname = 1\n")][..], "is not understood"),
            (&[("examples/a/Cargo.toml", one), ("examples/b/Cargo.toml", one)], "`one` too"),
        ] {
            let text = format!("{:#}", experiments(book(files).path()).unwrap_err());
            assert!(text.contains("Cargo.toml") && text.contains(says), "{text}");
        }
    }
}
