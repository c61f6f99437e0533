//! Messages with their length on a pipe.

use std::io::{self, BufReader};
use std::process::Stdio;

use lab::Run;
use processes::frames::{receive, send};

use super::other;
use super::work::{Job, trips};

/// A queue as Python's is one.
pub(crate) fn queue(run: &mut Run, job: Job) -> io::Result<String> {
    let mut command = other("frames", job, "")?;
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut to = child.stdin.take().expect("stdin is piped");
    let from = child.stdout.take().expect("stdout is piped");
    let mut from = BufReader::new(from);
    let answer = trips(run, |number| {
        send(&mut to, &number.to_le_bytes())?;
        let message = receive(&mut from)?.unwrap_or_default();
        Ok(u64::from_le_bytes(message.try_into().unwrap_or_default()))
    });
    drop(to);
    child.wait()?;
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
