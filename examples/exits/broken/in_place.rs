//! Ways to replace what a file holds that leave a part of it, when they are
//! killed half-way.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::save::in_pieces;

// ANCHOR: in_place
/// Empties the file, and writes. So does `fs::write`, and `open(path, "w")`.
///
/// # Errors
/// When it cannot be written.
pub fn emptied(
    path: &Path,
    bytes: &[u8],
    moment: &mut dyn FnMut(),
) -> io::Result<()> {
    in_pieces(&mut File::create(path)?, bytes, moment)
}

/// Writes over what is there.
///
/// # Errors
/// When it cannot be written.
pub fn written_over(
    path: &Path,
    bytes: &[u8],
    moment: &mut dyn FnMut(),
) -> io::Result<()> {
    in_pieces(&mut OpenOptions::new().write(true).open(path)?, bytes, moment)
}
// ANCHOR_END: in_place
