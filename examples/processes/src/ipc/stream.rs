//! The two sides of whatever carries bytes: pipes, sockets, TCP.

use std::io::{self, Read, Write};

use lab::Run;

use super::work::{CHUNK, Job, Work, bulk, check, trips};

pub(crate) fn talk(
    run: &mut Run,
    job: Job,
    mut to: impl Write,
    mut from: impl Read,
) -> io::Result<String> {
    let mut reply = [0; 8];
    match job.work {
        Work::Trips => trips(run, |number| {
            to.write_all(&number.to_le_bytes())?;
            from.read_exact(&mut reply)?; // sleeps until the answer is there
            Ok(u64::from_le_bytes(reply))
        }),
        Work::Bulk => {
            let mut chunk = vec![0; CHUNK];
            from.read_exact(&mut reply)?; // it is there
            let give = |n| {
                chunk.fill(n);
                to.write_all(&chunk) // copied into the kernel
            };
            bulk(run, give, || {
                from.read_exact(&mut reply)?;
                Ok(u64::from_le_bytes(reply))
            })
        }
    }
}

/// The other side of `talk`.
pub(crate) fn listen(
    work: Work,
    mut from: impl Read,
    mut to: impl Write,
) -> io::Result<()> {
    match work {
        Work::Trips => {
            let mut number = [0; 8];
            while from.read_exact(&mut number).is_ok() {
                let next = u64::from_le_bytes(number) + 1;
                to.write_all(&next.to_le_bytes())?;
                to.flush()?;
            }
            Ok(())
        }
        Work::Bulk => {
            let mut chunk = vec![0; CHUNK];
            to.write_all(&[0; 8])?; // we are there
            to.flush()?;
            let right = check(|is_right| {
                from.read_exact(&mut chunk)?; // and out again
                Ok(is_right(&chunk))
            })?;
            to.write_all(&right.to_le_bytes())?;
            to.flush()
        }
    }
}
