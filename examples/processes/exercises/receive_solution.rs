//! Exercise 3, solved. A pipe carries bytes and no messages: `read` returns
//! what is there, which may be half of what was written, and says how much.
//! `read_exact` reads on, and tells when there is no more.

use std::io::{self, Read};

/// Reads one message.
pub fn receive(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut message)?;
    Ok(message)
}
