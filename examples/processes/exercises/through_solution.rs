//! Exercise 2, solved. A pipe holds so many bytes, then its writer waits. The
//! program cannot write on until we read, and we do not read until we have
//! written all: so one of the two needs a thread of its own.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

/// What the program writes when it is given `input`.
pub fn through(command: &mut Command, input: &[u8]) -> io::Result<Vec<u8>> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut to = child.stdin.take().expect("stdin is piped");
    let mut from = child.stdout.take().expect("stdout is piped");
    let mut output = Vec::new();
    thread::scope(|scope| {
        let written = scope.spawn(move || to.write_all(input));
        from.read_to_end(&mut output)?;
        written.join().unwrap()
    })?;
    child.wait()?;
    Ok(output)
}
