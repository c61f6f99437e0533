//! Messages with their length on a pipe.

use std::io;

use lab::{Helper, Run};
use processes::ended_well;
use processes::frames::{receive, send};

use super::other;
use super::work::{Job, trips};

/// A queue as Python's is one.
pub(crate) fn queue(run: &mut Run, job: Job) -> io::Result<String> {
    let mut helper = Helper::spawn(other("frames", job, "")?)?;
    let (to, from) = helper.pipes();
    let answer = trips(run, |number| {
        send(to, &number.to_le_bytes())?;
        let message = receive(from)?.unwrap_or_default();
        Ok(u64::from_le_bytes(message.try_into().unwrap_or_default()))
    });
    ended_well(helper.end()?)?;
    answer
}

pub(crate) fn peer() -> io::Result<()> {
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    while let Some(message) = receive(&mut from)? {
        let number = message.try_into().unwrap_or_default();
        let next = u64::from_le_bytes(number) + 1;
        send(&mut to, &next.to_le_bytes())?;
    }
    Ok(())
}
