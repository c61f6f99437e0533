//! Plants bugs: copies of the stack of slots, each with one ordering weakened.
//! A bug whose line is no longer in the stack stops the build.

use std::path::Path;
use std::{env, fs};

/// Name, what the stack says, and what it says instead.
const BUGS: [(&str, &str, &str); 2] = [
    ("look_relaxed", "self.top.load(Acquire)", "self.top.load(Relaxed)"),
    (
        "put_back_relaxed",
        "join(tag.wrapping_add(1), slot), Release)",
        "join(tag.wrapping_add(1), slot), Relaxed)",
    ),
];

fn main() {
    let stack = Path::new("../src/tagged.rs");
    println!("cargo::rerun-if-changed={}", stack.display());
    println!("cargo::rerun-if-changed=build.rs");
    let text = fs::read_to_string(stack).expect("the stack");
    // Inner comments belong at the top of a file; these are included.
    let text = text.replace("//!", "//");
    let out = env::var("OUT_DIR").expect("set by cargo");
    for (name, line, bug) in BUGS {
        assert_eq!(text.matches(line).count(), 1, "{name}: where is `{line}`?");
        let broken = text.replace(line, bug);
        fs::write(Path::new(&out).join(format!("{name}.rs")), broken)
            .expect("a copy of the stack");
    }
}
