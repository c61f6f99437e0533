//! The committed `book/choose.wasm` is what the sources give, and small.

use std::fs;
use std::path::Path;

/// What a page may have to fetch for it.
const MOST_BYTES: usize = 80 * 1024;

fn committed() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/choose.wasm");
    fs::read(path).expect("book/choose.wasm; `npm run engine` in tests/browser makes it")
}

#[test]
fn the_committed_form_is_made_of_these_sources() {
    let is_made_of = |digest: &str| {
        committed().windows(digest.len()).any(|bytes| bytes == digest.as_bytes())
    };
    assert!(
        is_made_of(choose_form::SOURCES),
        "book/choose.wasm is older than the cost model: run `npm run engine` in tests/browser"
    );
    // A search that finds everything would find this, too.
    assert!(!is_made_of(&choose_form::SOURCES.chars().rev().collect::<String>()));
}

#[test]
fn the_committed_form_is_small() {
    let length = committed().len();
    assert!(length <= MOST_BYTES, "book/choose.wasm has {length} bytes");
}
