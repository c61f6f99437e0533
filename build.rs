//! Hands the pages' complete Rust snippets to skeptic, which writes a test for each.
//!
//! Skeptic does not know two kinds of block, and they are left out here: what is included
//! from a file is compiled with that file, and what must not compile is tested by
//! `tests/snippets.rs`, which also sees to it that no other kind of block exists.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    // The folder too, or a new page would not be noticed.
    println!("cargo:rerun-if-changed=book");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it")).join("pages");
    fs::remove_dir_all(&out).ok();
    fs::create_dir_all(&out).expect("a folder of our own");
    let mut pages = Vec::new();
    for path in markdown(Path::new("book")) {
        println!("cargo:rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).expect("a page");
        let page = out.join(path.to_string_lossy().replace(['/', '\\'], "_"));
        fs::write(&page, for_skeptic(&text)).expect("a file of our own");
        pages.push(page);
    }
    skeptic::generate_doc_tests(&pages);
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the book").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(markdown(&path));
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every line keeps its number; a block that is not skeptic's is called text.
fn for_skeptic(page: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        let included = lines.get(i + 1).is_some_and(|next| {
            next.trim_start().starts_with("{{#include")
                || next.trim_start().starts_with("{{#rustdoc_include")
        });
        let line = match line.strip_prefix("```rust") {
            Some(rest) if included || rest.contains("compile_fail") => "```text".to_owned(),
            Some(rest) => format!("```rust{}", rest.replace(",noplayground", "")),
            None => (*line).to_owned(),
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}
