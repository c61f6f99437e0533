//! Plants bugs: copies of the lock that sleeps, each with one line changed. A
//! bug whose line is no longer in the lock stops the build.

use std::path::Path;
use std::{env, fs};

/// Name, what the lock says, and what it says instead.
const BUGS: [(&str, &str, &str); 4] = [
    (
        "take_relaxed",
        "compare_exchange(FREE, TAKEN, Acquire, Relaxed)",
        "compare_exchange(FREE, TAKEN, Relaxed, Relaxed)",
    ),
    ("let_go_relaxed", "swap(FREE, Release)", "swap(FREE, Relaxed)"),
    ("wanted_relaxed", "swap(WANTED, Acquire)", "swap(WANTED, Relaxed)"),
    // Who wakes up by itself stays on the list.
    ("stays_listed", "asleep.retain(|other| other.id() != me.id());", ""),
];

fn main() {
    let lock = Path::new("../src/park.rs");
    println!("cargo::rerun-if-changed={}", lock.display());
    println!("cargo::rerun-if-changed=build.rs");
    let text = fs::read_to_string(lock).expect("the lock");
    // Inner comments belong at the top of a file; these are included.
    let text = text.replace("//!", "//");
    let out = env::var("OUT_DIR").expect("set by cargo");
    for (name, line, bug) in BUGS {
        assert_eq!(text.matches(line).count(), 1, "{name}: where is `{line}`?");
        let broken = text.replace(line, bug);
        fs::write(Path::new(&out).join(format!("{name}.rs")), broken)
            .expect("a copy of the lock");
    }
}
