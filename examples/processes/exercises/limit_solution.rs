//! Exercise 1, solved. The kernel keeps an ended process on its books until
//! somebody has asked how it ended. `kill` does not ask, and a dropped `Child`
//! does not either: `wait` does.

use std::io;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// Runs the program, and kills it when the time is up. `None`: it was killed.
pub fn run_for(
    command: &mut Command,
    limit: Duration,
) -> io::Result<Option<ExitStatus>> {
    let mut child = command.spawn()?;
    let began = Instant::now();
    while began.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
