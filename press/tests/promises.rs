//! Each promise in CONTRIBUTING.md about input names tests that hold it, and they are there.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Every test's file below `folder`.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("node_modules") {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "js") {
            found.push(path);
        }
    }
}

#[test]
fn what_is_promised_about_input_is_held_by_tests_that_there_are() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let text = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let (_, section) = text.split_once("## What we promise about input").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let mut files = Vec::new();
    ["press/src", "press/tests", "lab/src", "tests", "theme/choose"]
        .iter()
        .for_each(|folder| sources(&root.join(folder), &mut files));
    let named = Regex::new(r"`([\w./]+\.(?:rs|js)): ([^`]+)`").unwrap();
    let mut missing = Vec::new();
    for row in section.lines().filter(|line| line.starts_with("| ") && !line.ends_with("by |"))
    {
        assert!(named.is_match(row), "a promise without a test: {row}");
        for found in named.captures_iter(row) {
            let (file, name) = (&found[1], &found[2]);
            // In Rust a whole name, in JavaScript a part of the sentence.
            let test = format!(r"#\[test\]\s+(?:#\[.*\]\s+)*fn {}\(\)", regex::escape(name));
            let test = Regex::new(&test).unwrap();
            let is_there = |text: &str| match file.ends_with(".rs") {
                true => test.is_match(text),
                false => text.contains(name),
            };
            let mut of_that_name = files.iter().filter(|path| path.ends_with(file));
            if !of_that_name.any(|path| is_there(&fs::read_to_string(path).unwrap())) {
                missing.push(format!("{file}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "there is no test\n{}", missing.join("\n"));
}
