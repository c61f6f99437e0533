//! What the compiler makes of the functions in `compiled/orders.rs`.
//!
//! `compiled/x86-64.s` is what the page shows. The compiler that wrote it is
//! named in its first line; with that one it is made anew here and compared.
//! After a new release, write it anew, and read the page once more:
//!
//!     ORDER_LISTING=write cargo test -p order --test assembly

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// By a function's name, its instructions.
type Functions = BTreeMap<String, Vec<String>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compiled")
}

/// What the compiler says when asked in this way.
fn rustc(arguments: &[&str]) -> String {
    let done = Command::new("rustc")
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .args(arguments)
        .output()
        .expect("a compiler on the path");
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{complaint}");
    String::from_utf8(done.stdout).expect("text")
}

/// Once for all tests.
static COMPILED: LazyLock<Functions> = LazyLock::new(compiled);

fn compiled() -> Functions {
    let source = folder().join("orders.rs");
    let text = rustc(&[
        "--edition=2024",
        "--crate-type=lib",
        "--emit=asm",
        "-Copt-level=3",
        "-Cllvm-args=--x86-asm-syntax=intel",
        "-o-",
        source.to_str().expect("a path in UTF-8"),
    ]);
    let (mut functions, mut name) = (Functions::new(), String::new());
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or("").trim_end();
        let label = line.strip_suffix(':').filter(|_| !line.starts_with('\t'));
        if label.is_none() && line.trim_start().starts_with('.') {
            continue; // for the assembler
        }
        match label {
            Some(label) if label.starts_with(".LBB") => {
                functions.entry(name.clone()).or_default().push(place(line));
            }
            Some(label)
                if !label.starts_with('.') && !label.contains("Lfunc") =>
            {
                name = label.trim_start_matches('_').to_owned();
            }
            None if !line.is_empty() => {
                let words: Vec<&str> = line.split_whitespace().collect();
                let line = place(&format!("    {}", words.join(" ")));
                functions.entry(name.clone()).or_default().push(line);
            }
            _ => {}
        }
    }
    functions
}

/// `.LBB10_1` is `.1`: how many functions came before is nothing to the page.
fn place(line: &str) -> String {
    match line.split_once(".LBB") {
        Some((before, after)) => {
            let number = after.split_once('_').expect("a number").1;
            format!("{before}.{number}")
        }
        None => line.to_owned(),
    }
}

/// The functions in the order of their source, between the same anchors.
fn listing(of: &Functions) -> String {
    let source = fs::read_to_string(folder().join("orders.rs")).unwrap();
    let mut lines = vec![format!("# {}", rustc(&["--version"]).trim())];
    for line in source.lines() {
        if let Some(anchor) = line.strip_prefix("// ANCHOR") {
            lines.push(format!("# ANCHOR{anchor}"));
        } else if let Some(after) = line.strip_prefix("pub fn ") {
            let name = after.split('(').next().unwrap();
            lines.push(format!("{name}:"));
            lines.extend(of[name].iter().cloned());
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn the_listing_is_what_the_compiler_writes() {
    let (file, of) = (folder().join("x86-64.s"), &*COMPILED);
    if std::env::var("ORDER_LISTING").is_ok_and(|how| how == "write") {
        fs::write(&file, listing(of)).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap();
    let version = rustc(&["--version"]);
    let by = written.lines().next().unwrap().trim_start_matches("# ");
    if by != version.trim() {
        return eprintln!("skipped: written by {by}, and this is {version}");
    }
    assert_eq!(written, listing(of));
}

/// Whether a function has an instruction that begins so.
fn has(of: &Functions, name: &str, what: &str) -> bool {
    of[name].iter().any(|line| line.trim_start().starts_with(what))
}

/// Whichever compiler it is, or the page is wrong.
#[test]
fn a_seqcst_store_is_an_exchange_and_loads_and_other_stores_are_moves() {
    let of = &*COMPILED;
    assert!(has(of, "store_seqcst", "xchg"), "{of:#?}");
    assert!(has(of, "store_relaxed", "mov"), "{of:#?}");
    assert_eq!(of["store_relaxed"], of["store_release"]);
    assert!(has(of, "load_relaxed", "mov"), "{of:#?}");
    assert_eq!(of["load_relaxed"], of["load_seqcst"]);
    assert!(has(of, "add_relaxed", "lock"), "{of:#?}");
    assert_eq!(of["add_relaxed"], of["add_seqcst"]);
}

/// It jumps to itself where it has looked once.
#[test]
fn a_plain_flag_is_looked_at_once_and_an_atomic_one_again_and_again() {
    let of = &*COMPILED;
    let place = |name: &str| {
        of[name].iter().position(|line| line.starts_with('.')).expect("a loop")
    };
    let looks = |name: &str| {
        of[name]
            .iter()
            .position(|line| line.contains("byte ptr"))
            .expect("a look")
    };
    assert!(looks("wait_plain") < place("wait_plain"), "{of:#?}");
    assert!(looks("wait_relaxed") > place("wait_relaxed"), "{of:#?}");
}

#[test]
fn a_store_before_a_relaxed_one_may_go_and_before_a_release_one_stays() {
    let of = &*COMPILED;
    let stores = |name: &str| {
        of[name].iter().filter(|line| line.contains("dword ptr")).count()
    };
    assert_eq!(stores("ready_relaxed"), 1, "{of:#?}");
    assert_eq!(stores("ready_release"), 2, "{of:#?}");
    assert_eq!(stores("twice_relaxed"), 2, "{of:#?}");
}
