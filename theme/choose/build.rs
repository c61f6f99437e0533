//! Notes a digest of what the form's answers are made of, so that a committed `choose.wasm`
//! that is older than its sources is found out (`tests/committed.rs`).

use std::fs;
use std::path::{Path, PathBuf};

/// From this crate: the model, and how it is asked.
const SOURCES: [&str; 3] = ["../../examples/choosing/cost", "src", "Cargo.toml"];

fn main() {
    let mut files = Vec::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        list(Path::new(source), &mut files);
    }
    let mut digest = Fnv::default();
    for file in files {
        let name = file.to_string_lossy().replace('\\', "/");
        digest.add(name.as_bytes());
        digest.add(&fs::read(&file).expect("a source"));
    }
    println!("cargo:rustc-env=CHOOSE_SOURCES={:016x}", digest.0);
}

/// The files of code at or below `path`, in order.
fn list(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let entries = fs::read_dir(path).expect("a folder of sources").flatten();
        let mut below: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        below.sort();
        below.iter().for_each(|path| list(path, files));
    } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "toml") {
        files.push(path.to_owned());
    }
}

/// FNV-1a: it notices a change, and is no defense against who wants to hide one.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        // Its length, so that what one file ends with is not taken for the next's beginning.
        let length = (bytes.len() as u64).to_le_bytes();
        for byte in length.iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
