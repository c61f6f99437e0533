//! Hands the pages' complete Rust snippets to skeptic, which writes a test for each.
//!
//! Skeptic does not know two kinds of block, and they are left out here: what is included
//! from a file is compiled with that file, and what must not compile is tested by
//! `tests/snippets.rs`, which also sees to it that no other kind of block exists.

use std::path::{Path, PathBuf};
use std::{env, fs};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

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
    let mut out = page.to_owned();
    let mut fences: Vec<(usize, String)> = Vec::new();
    for (event, range) in Parser::new_ext(page, Options::ENABLE_TABLES).into_offset_iter() {
        if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = event
            && info.starts_with("rust")
        {
            let code = page[range.clone()].lines().nth(1).unwrap_or_default().trim_start();
            let included =
                ["{{#include", "{{#rustdoc_include"].iter().any(|d| code.starts_with(d));
            let info = match included || info.contains("compile_fail") {
                true => "text".to_owned(),
                false => info.replace(",noplayground", ""),
            };
            fences.push((range.start, info));
        }
    }
    // From the last to the first, so that places stay where they were.
    for (at, info) in fences.into_iter().rev() {
        let fence = page[at..].find("rust").expect("what the block is called") + at;
        let end = page[fence..].find('\n').map_or(page.len(), |length| fence + length);
        out.replace_range(fence..end, &info);
    }
    out
}
