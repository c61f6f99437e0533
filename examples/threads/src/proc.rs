//! Linux's list of processes and threads.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The threads of a process: a folder for each.
pub fn tids(pid: u32) -> BTreeSet<u32> {
    numbers(format!("/proc/{pid}/task"))
}

/// The entries of a folder that are numbers.
pub fn numbers(folder: impl AsRef<Path>) -> BTreeSet<u32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// What /proc/ID/status says, for the id of a process or of a thread.
pub fn field(id: u32, name: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().to_owned())
}
