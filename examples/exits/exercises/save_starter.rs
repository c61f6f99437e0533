//! Replaces what a file holds. Whoever reads it in between finds a part of it,
//! or nothing: what a kill at that moment would leave.

use std::fs;
use std::io;
use std::path::Path;

/// Replaces what the file holds.
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)
}
