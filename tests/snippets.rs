//! What skeptic cannot test: blocks that must not compile, and that every block is somebody's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use press::page::markdown::{Block, Code};
use taking_turns::root;

fn pages() -> Vec<(PathBuf, String)> {
    let book = root().join("book");
    let mut pages: Vec<(PathBuf, String)> = fs::read_dir(book)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    pages.sort();
    pages
}

/// The error codes that rustc gives for a program; empty when it compiles.
fn errors(code: &str, folder: &Path) -> Vec<String> {
    let file = folder.join("snippet.rs");
    fs::write(&file, code).unwrap();
    let out = Command::new(std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into()))
        .args(["--edition", "2024", "--crate-type", "bin", "--emit", "metadata"])
        .args(["--error-format", "json", "--out-dir"])
        .arg(folder)
        .arg(&file)
        .output()
        .unwrap();
    let mut codes: Vec<String> = String::from_utf8_lossy(&out.stderr)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["level"] == "error")
        .filter_map(|message| message["code"]["code"].as_str().map(str::to_owned))
        .collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes.is_empty(), out.status.success(), "an error without a code");
    codes
}

/// What is wrong with a block that must not compile, if anything.
fn fault(block: &Block, folder: &Path) -> Option<String> {
    let expected = block.error_code().unwrap_or("a code");
    match errors(&block.code, folder) {
        codes if codes.is_empty() => {
            Some(format!("it compiles, and should fail with {expected}"))
        }
        codes if codes != [expected] => {
            Some(format!("it fails with {}, and should with {expected}", codes.join(", ")))
        }
        _ => None,
    }
}

#[test]
fn blocks_that_must_not_compile_fail_for_the_reason_the_page_gives() {
    let folder = tempfile::tempdir().unwrap();
    for (page, text) in pages() {
        for block in Code::of(&text).blocks.iter().filter(|block| block.has("compile_fail")) {
            let fault = fault(block, folder.path());
            assert_eq!(fault, None, "{}:{}", page.display(), block.line);
        }
    }
}

#[test]
fn a_block_that_compiles_or_fails_for_another_reason_is_caught() {
    let folder = tempfile::tempdir().unwrap();
    let must_fail = |code: &str| {
        let page = format!("```rust,compile_fail,E0373,noplayground\n{code}\n```\n");
        fault(&Code::of(&page).blocks[0], folder.path())
    };
    let borrow = "fn main() { let x = [1]; std::thread::spawn(|| x.len()); }";
    assert_eq!(must_fail(borrow), None);
    assert_eq!(must_fail("fn main() {}").unwrap(), "it compiles, and should fail with E0373");
    assert_eq!(
        must_fail("fn main() { let x: u8 = \"\"; }").unwrap(),
        "it fails with E0308, and should with E0373"
    );
}

#[test]
fn every_snippet_that_is_not_included_reaches_skeptic() {
    let tests = fs::read_to_string(concat!(env!("OUT_DIR"), "/skeptic-tests.rs")).unwrap();
    let found = tests.matches("#[test]").count();
    let expected = pages()
        .iter()
        .flat_map(|(_, text)| Code::of(text).blocks)
        .filter(|block| block.language() == "rust")
        .filter(|block| block.included().is_none() && !block.has("compile_fail"))
        .count();
    assert_eq!(found, expected);
}
