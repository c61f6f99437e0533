//! Ways to replace what a file holds.
//!
//! Each calls `moment` between any two of its steps: what the file holds then
//! is what a kill would leave. The programs pass a function that does nothing,
//! the tests one that looks.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// A program that writes by a `BufWriter` writes in pieces of this size.
pub const PIECE: usize = 8 << 10;

/// A way to replace what a file holds.
pub type Save = fn(&Path, &[u8], &mut dyn FnMut()) -> io::Result<()>;

// ANCHOR: rename
/// Writes a new file beside the old one, and gives it the old one's name.
///
/// # Errors
/// When it cannot be written; the old one is still there.
pub fn renamed(
    path: &Path,
    bytes: &[u8],
    moment: &mut dyn FnMut(),
) -> io::Result<()> {
    let beside = path.with_extension("new");
    in_pieces(&mut File::create(&beside)?, bytes, moment)?;
    fs::rename(&beside, path)?; // the old one or the new one, never a part
    moment();
    Ok(())
}

/// The same, for a loss of power: the bytes are on the disk before the name is,
/// and the name before we return.
///
/// # Errors
/// When it cannot be written.
pub fn renamed_synced(
    path: &Path,
    bytes: &[u8],
    moment: &mut dyn FnMut(),
) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    in_pieces(&mut file, bytes, moment)?;
    file.sync_all()?;
    moment();
    fs::rename(&beside, path)?;
    moment();
    sync_folder(path)
}
// ANCHOR_END: rename

/// A name is an entry in a folder. Windows opens no folder as a file.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// Writes piece by piece.
pub(crate) fn in_pieces(
    file: &mut File,
    bytes: &[u8],
    moment: &mut dyn FnMut(),
) -> io::Result<()> {
    moment();
    for piece in bytes.chunks(PIECE) {
        file.write_all(piece)?;
        moment();
    }
    Ok(())
}
