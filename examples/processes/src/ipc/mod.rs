//! What lies between two processes or threads in `process_ipc`, a file each,
//! and what both sides do whatever it is.

pub(crate) mod frames;
#[cfg(unix)]
pub(crate) mod shared_memory;
pub(crate) mod stream;
pub(crate) mod tcp;
pub(crate) mod threads;
pub(crate) mod work;

use std::io;
use std::process::Command;

use lab::{Kind, Run, rerun_self};
use work::Job;

/// Does the job with another process or thread, and returns the answer.
pub(crate) type Medium = fn(&mut Run, Job) -> io::Result<String>;

/// A medium with its kind, its name and its label.
pub(crate) type Named = (Kind, &'static str, &'static str, Medium);

/// This program again, as the other side.
pub(crate) fn other(
    medium: &str,
    job: Job,
    address: &str,
) -> io::Result<Command> {
    rerun_self("peer", &[medium.into(), job.to_text(), address.into()])
}
