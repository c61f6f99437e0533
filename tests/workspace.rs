//! Rules for the workspace that keep first steps quick and timings honest.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use taking_turns::root;

/// What `cargo run --example` may wait for in each chapter, in the book's order: so many
/// crates, the chapter among them.
const CRATES: [(&str, usize); 11] = [
    ("work", 16),
    ("processes", 12),
    ("threads", 10),
    ("sharing", 6),
    ("sharing_model", 30), // its program is about loom
    ("switching", 14),
    ("timelines", 6),
    ("global_lock", 4),
    ("preemptive", 6),
    ("cooperative", 14),
    ("event_loop", 80), // teaches tokio and reqwest
];

/// What cargo says, without what it complains of, such as waiting for another cargo.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = Command::new(cargo);
    let out = command.args(arguments).arg("--offline").current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--format-version", "1"])).unwrap()
}

/// All that is compiled before an example of the chapter can be: for cargo that is its
/// `[dev-dependencies]`, too.
fn compiled_for(chapter: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "-p", chapter, "-e", "normal,build,dev", "--prefix", "none"]);
    tree.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

#[test]
fn the_chapters_stand_in_the_books_order_and_each_has_a_bound() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let chapters = metadata["workspace_default_members"].as_array().unwrap().iter().map(|id| {
        packages.iter().find(|package| package["id"] == *id).unwrap()["name"].as_str().unwrap()
    });
    assert_eq!(chapters.collect::<Vec<_>>(), CRATES.map(|(chapter, _)| chapter));
}

#[test]
fn no_example_waits_for_more_crates_than_its_chapter_allows() {
    for (chapter, most) in CRATES {
        let crates = compiled_for(chapter);
        assert!(crates.contains("lab"), "{crates:?}");
        assert!(crates.len() <= most, "{chapter} has {}: {crates:?}", crates.len());
    }
}

#[test]
fn no_chapter_waits_for_the_model_checker() {
    for (chapter, _) in CRATES {
        let waits = compiled_for(chapter).contains("loom");
        assert_eq!(waits, chapter.ends_with("_model"), "{chapter}");
    }
}

#[test]
fn no_experiment_uses_a_crate_that_is_built_without_optimization() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let slow: BTreeSet<&str> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("package.")?.strip_suffix(".opt-level = 0"))
        .collect();
    assert!(slow.contains("press"), "the list in Cargo.toml is not found");
    let tree = cargo(&["tree", "-e", "normal", "--prefix", "none"]);
    let used: BTreeSet<&str> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(used.contains("lab"), "{used:?}");
    assert_eq!(slow.intersection(&used).collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// What `rust-version` promises is built by CI; that it can be true is seen here.
#[test]
fn no_dependency_needs_a_newer_rust_than_the_book() {
    let version = |package: &Value| -> Option<Vec<u32>> {
        Some(package["rust_version"].as_str()?.split('.').map(|n| n.parse().unwrap()).collect())
    };
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let ours = packages.iter().find(|package| package["name"] == "lab").and_then(version);
    assert!(ours.is_some());
    for package in packages {
        assert!(version(package) <= ours, "{} needs a newer one", package["name"]);
    }
}
