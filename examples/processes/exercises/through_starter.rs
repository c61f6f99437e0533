//! Exercise 2: bytes go in, bytes come out. It works with short inputs and
//! never returns with long ones. Who waits for whom?

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};

/// What the program writes when it is given `input`.
pub fn through(command: &mut Command, input: &[u8]) -> io::Result<Vec<u8>> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut to = child.stdin.take().expect("stdin is piped");
    let mut from = child.stdout.take().expect("stdout is piped");
    to.write_all(input)?;
    drop(to); // the end of its input
    let mut output = Vec::new();
    from.read_to_end(&mut output)?;
    child.wait()?;
    Ok(output)
}
