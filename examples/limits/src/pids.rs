//! A control group of one's own with a limit of threads and processes, as a
//! container has one. It binds root, too.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// Where the groups of the pids controller are: in the first version of control
/// groups, and in the second.
const ROOTS: [&str; 2] = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"];

/// Such a group. When this is dropped it is taken away; whoever was in it must
/// have ended.
pub struct Pids(PathBuf);

impl Pids {
    /// A group for so many; `None` where none can be had. That takes root, and
    /// more than a usual container grants.
    pub fn of(most: u64) -> Option<Pids> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let i = MADE.fetch_add(1, Ordering::Relaxed);
        ROOTS.iter().find_map(|root| {
            let name = format!("limits-{}-{i}", process::id());
            let path = Path::new(root).join(name);
            fs::create_dir(&path).ok()?;
            let group = Pids(path);
            write(&group.0.join("pids.max"), most).ok()?;
            Some(group)
        })
    }

    /// Where it is, for whoever is to [`join`] it.
    pub fn path(&self) -> String {
        self.0.display().to_string()
    }

    /// How often somebody in it was refused.
    pub fn refused(&self) -> Option<u64> {
        let events = fs::read_to_string(self.0.join("pids.events")).ok()?;
        events.strip_prefix("max ")?.trim().parse().ok()
    }
}

impl Drop for Pids {
    fn drop(&mut self) {
        // Who has just ended is still counted for a moment.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            sleep(Duration::from_millis(1));
        }
    }
}

/// This process, and whoever it starts from now on, is in the group.
///
/// # Errors
/// When the group does not take it.
pub fn join(group: &str) -> io::Result<()> {
    write(&Path::new(group).join("cgroup.procs"), process::id().into())
}

/// Does not make the file: where there is no such controller, there is none.
fn write(file: &Path, number: u64) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .open(file)?
        .write_all(number.to_string().as_bytes())
}
