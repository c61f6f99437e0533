//! Exercise 3: a file is written anew, part by part. Dropped at an await, this
//! leaves half a file, and the old one is gone.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tokio::task::yield_now;

/// Writes the parts to the file, which may be there already.
pub async fn save(path: &Path, parts: &[&str]) -> io::Result<()> {
    let mut file = File::create(path)?;
    for part in parts {
        file.write_all(part.as_bytes())?;
        yield_now().await; // for the next part, say
    }
    Ok(())
}
