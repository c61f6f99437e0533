//! Rules for the workspace that keep first steps quick and timings honest.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use lab::testing::lines;
use press::outside::manifest::is_bench;
use press::outside::project::Project;
use serde_json::Value;
use taking_turns::{cargo, example, metadata, root};

/// What `cargo run --example` may wait for in each chapter, in the book's order: so many
/// crates, the chapter among them.
const CRATES: [(&str, usize); 27] = [
    ("timelines", 6),
    ("work", 16),
    ("processes", 12),
    ("threads", 10),
    ("sharing", 6),
    ("sharing_model", 30), // its program is about loom
    ("fair", 15),          // teaches parking_lot and tokio
    ("order", 6),
    ("switching", 14),
    ("global_lock", 4),
    ("preemptive", 6),
    ("cooperative", 14),
    ("event_loop", 80), // teaches tokio and reqwest
    ("cancelling", 90), // builds on that
    ("stuck", 22),      // teaches tokio and rayon
    ("circles", 10),
    ("overload", 6),
    ("quota", 22),  // teaches tokio and rayon
    ("limits", 14), // teaches tokio
    ("hidden", 80), // teaches reqwest and rayon
    ("ending", 27), // teaches tokio and signal-hook
    ("exits", 14),  // teaches tokio's signals
    ("tools", 12),
    ("choosing", 24), // teaches tokio and rayon
    ("mixing", 20),   // teaches tokio and rayon
    ("machines", 40), // teaches timely and rayon
    ("method", 4),
];

/// All that is compiled before an example of the chapter can be: for cargo that is its
/// `[dev-dependencies]`, too.
fn compiled_for(chapter: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "-p", chapter, "-e", "normal,build,dev", "--prefix", "none"]);
    tree.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

#[test]
fn the_chapters_stand_in_the_books_order_and_each_has_a_bound() {
    let metadata = metadata(&[]);
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
fn no_profile_but_the_tools_leaves_a_crate_unoptimized() {
    let read = |name: &str| -> toml::Table {
        toml::from_str(&fs::read_to_string(root().join(name)).unwrap()).unwrap()
    };
    // Cargo would let it have the last word.
    assert!(!read(".cargo/config.toml").contains_key("profile"));
    let manifest = read("Cargo.toml");
    let profiles = manifest["profile"].as_table().unwrap();
    assert!(profiles.contains_key("tool"));
    for (name, profile) in profiles.iter().filter(|(name, _)| *name != "tool") {
        assert!(profile.get("package").is_none(), "{name} has exceptions");
        let level = profile.get("opt-level").and_then(toml::Value::as_integer);
        let expected = if name == "dev" { Some(3) } else { None };
        assert_eq!(level, expected, "{name}");
    }
}

/// Whatever said so: the manifest, a configuration or the environment.
#[test]
fn every_built_example_says_that_it_is_optimized() {
    let experiments = Project::find(root()).unwrap().experiments().unwrap();
    for (name, _) in experiments.iter().filter(|(_, path)| !is_bench(path)) {
        let listing = lines(Command::new(example(name)), &["list"]).unwrap().concat();
        let listing: Value = serde_json::from_str(&listing).unwrap();
        assert_eq!(listing["profile"], "dev, opt-level 3", "{name}");
    }
}

/// What `rust-version` promises is built by CI; that it can be true is seen here.
#[test]
fn no_dependency_needs_a_newer_rust_than_the_book() {
    let version = |package: &Value| -> Option<Vec<u32>> {
        Some(package["rust_version"].as_str()?.split('.').map(|n| n.parse().unwrap()).collect())
    };
    let metadata = metadata(&[]);
    let packages = metadata["packages"].as_array().unwrap();
    let ours = packages.iter().find(|package| package["name"] == "lab").and_then(version);
    assert!(ours.is_some());
    for package in packages {
        assert!(version(package) <= ours, "{} needs a newer one", package["name"]);
    }
}
