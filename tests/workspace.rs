//! Rules for the workspace that keep first steps quick and timings honest.

use std::collections::BTreeSet;
use std::process::Command;

use taking_turns::{root, run};

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let (ok, text) = run(Command::new(cargo).args(arguments).current_dir(root()));
    assert!(ok, "{text}");
    text
}

fn names(tree: &str) -> BTreeSet<&str> {
    tree.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

#[test]
fn the_first_example_needs_fewer_than_fifteen_crates() {
    let tree = cargo(&[
        "tree",
        "--offline",
        "-p",
        "threads",
        "-e",
        "normal,build",
        "--prefix",
        "none",
    ]);
    let names = names(&tree);
    assert!(names.contains("lab") && names.len() < 15, "{names:?}");
}

#[test]
fn no_experiment_uses_a_crate_that_is_built_without_optimization() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let slow: BTreeSet<&str> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("package.")?.strip_suffix(".opt-level = 0"))
        .collect();
    assert!(slow.contains("press"), "the list in Cargo.toml is not found");
    let tree = cargo(&["tree", "--offline", "-e", "normal", "--prefix", "none"]);
    let used = names(&tree);
    assert!(used.contains("lab"), "{used:?}");
    assert_eq!(slow.intersection(&used).collect::<Vec<_>>(), Vec::<&&str>::new());
}
