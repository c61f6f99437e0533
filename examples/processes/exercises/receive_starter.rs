//! Exercise 3: a message is its length, in four bytes, and then so many bytes.
//! It passes every test on the desk, and gets messages wrong under load.

use std::io::{self, Read};

/// Reads one message.
pub fn receive(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read(&mut length)?;
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    from.read(&mut message)?;
    Ok(message)
}
