//! A checksum over a record. It is no protection against forgers; it notices a number that
//! somebody "cleaned up".

use std::io::{self, Write};

use serde::Serialize;

/// FNV-1a, 64 bits.
struct Fnv(u64);

impl Write for Fnv {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The seal of a record that has none yet.
pub(super) fn seal(unsealed: &impl Serialize) -> String {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    serde_json::to_writer(&mut hash, unsealed).expect("a record is plain data");
    format!("fnv1a64:{:016x}", hash.0)
}
