//! An init: process 1 for a program that was not written to be process 1.
//!
//! A real one also hands on all other signals, the terminal, and to the whole
//! group if asked to: tini and dumb-init do.

use std::io;
use std::process::Command;

use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

// ANCHOR: init
/// Runs the program, takes leave of every orphan, and hands on SIGTERM and
/// SIGINT. Returns what the program exits with, or 128 and the signal. The
/// process must have no other thread: it might be given the news.
///
/// # Errors
/// When the program does not start.
pub fn run(program: &mut Command) -> io::Result<i32> {
    let program = Pid::from_raw(program.spawn()?.id() as i32);
    let mut news = SigSet::empty();
    news.add(Signal::SIGCHLD);
    news.add(Signal::SIGTERM);
    news.add(Signal::SIGINT);
    news.thread_block()?; // kept for `wait`, where process 1 has no handler
    loop {
        while let Some((who, code)) = next_ended()? {
            if who == program {
                return Ok(code);
            }
        }
        match news.wait()? {
            Signal::SIGCHLD => {}
            asked => drop(kill(program, asked)),
        }
    }
}

/// Any child, ours or adopted.
fn next_ended() -> io::Result<Option<(Pid, i32)>> {
    Ok(match waitpid(None, Some(WaitPidFlag::WNOHANG))? {
        WaitStatus::Exited(who, code) => Some((who, code)),
        WaitStatus::Signaled(who, by, _) => Some((who, 128 + by as i32)),
        _ => None,
    })
}
// ANCHOR_END: init
