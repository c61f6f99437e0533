//! A checksum over a record. It is no protection against forgers; it notices a number that
//! somebody "cleaned up".

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The seal of a record that has none yet: SHA-256 over its fields, written without blanks.
pub(super) fn seal(unsealed: &impl Serialize) -> String {
    format!("sha256:{}", sha256(&serde_json::to_vec(unsealed).expect("a record is plain data")))
}

/// The digest of `bytes`, in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The seal of the first format: FNV-1a, 64 bits.
pub(super) fn fnv(unsealed: &impl Serialize) -> String {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    serde_json::to_writer(&mut hash, unsealed).expect("a record is plain data");
    format!("fnv1a64:{:016x}", hash.0)
}

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
