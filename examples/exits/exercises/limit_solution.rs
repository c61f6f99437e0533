//! Exercise 2, solved: what the shell has started is in its group, and is
//! killed with it. Then nobody has the pipe any more.

use std::io;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use exits::system::{Tell, in_own_group, tell_group};

/// What the script says until the time is up.
pub fn said_within(script: &str, limit: Duration) -> io::Result<String> {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::piped());
    let shell = in_own_group(&mut shell).spawn()?;
    sleep(limit);
    tell_group(shell.id(), Tell::Kill);
    let said = shell.wait_with_output()?.stdout;
    String::from_utf8(said).map_err(io::Error::other)
}
