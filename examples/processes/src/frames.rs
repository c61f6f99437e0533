//! Messages on a pipe. A pipe carries bytes and knows no messages, so each is
//! preceded by its length.

use std::io::{self, Read, Write};

/// Longer than this is no message of ours but a mistake.
const LONGEST: u32 = 16 << 20;

/// Writes one message.
///
/// # Errors
/// When it is too long, or nobody is left to read it.
pub fn send(to: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len()).map_err(io::Error::other)?;
    // Both in one write: two would wake the reader twice.
    to.write_all(&[&length.to_le_bytes(), message].concat())?;
    to.flush()
}

/// Reads one message; `None` when there are no more.
///
/// # Errors
/// When the other side ended in the middle of one, or sent something else.
pub fn receive(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if from.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut length[1..])?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::other("no frame is that long"));
    }
    let mut message = vec![0; length as usize];
    from.read_exact(&mut message)?;
    Ok(Some(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte at a time, as a pipe may.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(1);
            self.0.read(&mut into[..length])
        }
    }

    fn sent(messages: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for message in messages {
            send(&mut bytes, message).unwrap();
        }
        bytes
    }

    #[test]
    fn messages_arrive_whole_and_in_order_however_the_bytes_come() {
        let bytes = sent(&[b"soup", b"", b"bread"]);
        let mut from = Drip(&bytes);
        let mut next = || receive(&mut from).unwrap();
        assert_eq!(next().unwrap(), b"soup");
        assert_eq!(next().unwrap(), b"");
        assert_eq!(next().unwrap(), b"bread");
        assert_eq!(next(), None);
    }

    #[test]
    fn half_a_message_and_an_absurd_length_are_errors() {
        let bytes = sent(&[b"soup"]);
        for end in 1..bytes.len() {
            assert!(receive(&mut &bytes[..end]).is_err(), "{end}");
        }
        assert!(receive(&mut &[0xff_u8; 8][..]).is_err());
    }
}
