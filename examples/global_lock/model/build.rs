//! Plants bugs: copies of the lock, each with one line changed. A bug whose
//! line is no longer in the lock stops the build.

use std::path::Path;
use std::{env, fs};

/// Name, what the lock says, and what it says instead.
const BUGS: [(&str, &str, &str); 5] = [
    // Whoever waits is not told that the lock is free.
    ("lost_wake_up", "self.freed.notify_one();", "let _ = &self.freed;"),
    // Woken up is taken for free.
    ("no_second_look", "while state.held {", "if state.held {"),
    // Gives way, but does not wait until somebody has taken the turn.
    (
        "no_forced_switch",
        "while state.turn == ours {",
        "while false && state.turn == ours {",
    ),
    // Whoever gave way sleeps on, unaware that its turn was taken.
    ("silent_taker", "self.taken.notify_all();", "let _ = &self.taken;"),
    // The next holder takes the question for one to itself.
    ("asked_for_ever", "self.asked.store(false, Ordering::Relaxed);", ""),
];

fn main() {
    let lock = Path::new("../src/lock.rs");
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
