//! Exercise: go on where it broke.
//!
//! A job writes down a window's result when it is over, and a crash may come
//! between any two steps. Started again, it begins with the first window, and
//! adds what it had added before. Change `go_on` so that it begins where the
//! last one had got to, and the answer is right wherever the crash came. What
//! is kept is changed by `save` alone, which is done whole or not at all.

/// What outlives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The answer so far.
    pub total: u64,
    /// Windows that are in it.
    pub windows: usize,
}

/// What a crash looks like from within.
#[derive(Debug)]
pub struct Crash;

/// Does the windows, and saves what there is after each. `save` may crash
/// before it has saved, or after.
///
/// # Errors
/// When it crashes.
pub fn go_on(
    kept: &Kept,
    windows: &[u64],
    mut save: impl FnMut(Kept) -> Result<(), Crash>,
) -> Result<(), Crash> {
    let mut now = kept.clone();
    for window in windows {
        now.total += window;
        now.windows += 1;
        save(now.clone())?;
    }
    Ok(())
}
