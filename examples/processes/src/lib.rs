//! What the examples of the Processes chapter share: a forked child, memory
//! that several processes see, a lock and a baton that work in it, frames on a
//! pipe, a pool of processes, and what it takes to measure them.
//!
//! Forking and shared memory are there on Unix only, and sleeping on a word of
//! shared memory only on Linux. The examples leave the variants out that need
//! what a platform lacks.
//!
//! `ipc/` and `share/` are parts of `process_ipc` and `process_share` alone.

#[cfg(unix)]
pub mod ballast;
pub mod footprint;
#[cfg(unix)]
pub mod fork;
pub mod frames;
#[cfg(target_os = "linux")]
pub mod futex;
pub mod handover;
pub mod pool;
#[cfg(unix)]
pub mod shared;

use std::hint::black_box;
use std::io;
use std::process::ExitStatus;

use lab::os;

/// What a child has said counts only if it also ended as it should.
///
/// # Errors
/// When it did not: how it ended.
pub fn ended_well(status: ExitStatus) -> io::Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("a child ended with {}", os::ending(status))))
}

/// The generator of Park and Miller, each step on the result of the last.
#[inline] // compiled with the program that times it
pub fn chain(i: u64, steps: u64) -> u64 {
    let mut x = black_box(i + 1);
    for _ in 0..black_box(steps) {
        x = x * 48_271 % 0x7fff_ffff;
    }
    x
}

/// Runs `work` on one hardware thread, and so everything that it starts. On
/// several, most of what we measure would be how long an idle one takes to wake
/// up, above all in a virtual machine.
pub fn on_one_core<T>(work: impl FnOnce() -> T) -> T {
    let all = os::allowed_cpus().unwrap_or_default();
    if let Some(first) = all.first() {
        os::pin_to(&[*first]);
    }
    let done = work();
    if !all.is_empty() {
        os::pin_to(&all);
    }
    done
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_child_that_said_something_and_broke_is_refused() {
        for (script, how) in
            [("echo 7; exit 3", "exit 3"), ("echo 7; kill -9 $$", "SIGKILL")]
        {
            let out = Command::new("sh").args(["-c", script]).output().unwrap();
            assert_eq!(out.stdout, b"7\n");
            let refusal = ended_well(out.status).unwrap_err().to_string();
            assert_eq!(refusal, format!("a child ended with {how}"));
        }
        let out = Command::new("sh").args(["-c", "echo 7"]).output().unwrap();
        assert!(ended_well(out.status).is_ok());
    }
}
