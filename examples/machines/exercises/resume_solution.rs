//! Exercise: go on where it broke. A solution: what has been added and how far
//! it goes are saved together, so the next one knows what to leave out.

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
    for window in &windows[kept.windows..] {
        now.total += window;
        now.windows += 1;
        save(now.clone())?;
    }
    Ok(())
}
