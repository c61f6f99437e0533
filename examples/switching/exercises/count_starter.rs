//! Exercise 2: how often was this thread switched? Some switches are missing.

use lab::os;

/// Runs `work` and counts how often this thread lost its core meanwhile. `None`
/// where the platform does not count.
pub fn switches_of(work: impl FnOnce()) -> Option<u64> {
    let before = os::thread_switches()?;
    work();
    let after = os::thread_switches()?;
    Some(after.voluntary - before.voluntary)
}
