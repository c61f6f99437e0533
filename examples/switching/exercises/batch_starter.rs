//! Exercise 3: each write can wake the reader, and each wake-up is a switch.
//! There are far too many writes.

use std::io::{self, Write};

/// Sends all numbers, eight bytes each.
pub fn send_all(numbers: &[u64], to: impl Write) -> io::Result<()> {
    let mut to = to;
    for number in numbers {
        to.write_all(&number.to_le_bytes())?;
        to.flush()?;
    }
    Ok(())
}
