//! Gives a shell a limit, and returns what was said until then. It kills the
//! shell, and waits for what the shell has started.

use std::io;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// What the script says until the time is up.
pub fn said_within(script: &str, limit: Duration) -> io::Result<String> {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut shell = shell.spawn()?;
    sleep(limit);
    shell.kill()?;
    let said = shell.wait_with_output()?.stdout;
    String::from_utf8(said).map_err(io::Error::other)
}
