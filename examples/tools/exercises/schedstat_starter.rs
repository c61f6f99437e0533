//! What was a thread doing? Two looks at `/proc/PID/task/TID/schedstat`, a
//! second apart, tell. This one takes a thread that may not run for one that
//! does not want to.

/// What a thread did.
#[derive(Debug, PartialEq, Eq)]
pub enum Did {
    /// Most of the time it ran.
    Ran,
    /// Most of the time it was ready to, and had no core.
    WaitedForACore,
    /// Most of the time it slept.
    Slept,
}

/// By two looks, each `ran waited slices`, the first two in nanoseconds.
pub fn did(before: &str, after: &str) -> Did {
    let ran = |look: &str| -> u64 {
        look.split_whitespace().next().expect("a number").parse().expect("ns")
    };
    if ran(after) - ran(before) > 500_000_000 { Did::Ran } else { Did::Slept }
}
