//! One look at a process: does anything in it move?

use std::time::Duration;

#[cfg(target_os = "linux")]
use std::fs;

#[cfg(not(target_os = "linux"))]
use lab::os;

/// What its threads have done so far. Two looks that are alike, with all of
/// them asleep, have nothing between them: who runs and sleeps again has
/// switched.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    threads: Vec<Thread>,
    /// Where threads cannot be looked at, what the process has computed.
    computed: Option<Duration>,
}

#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
struct Thread {
    id: u32,
    is_asleep: bool,
    switches: u64,
}

impl Look {
    pub(crate) fn all_sleep(&self) -> bool {
        self.threads.iter().all(|thread| thread.is_asleep)
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads.len()
    }

    /// `None` when it is gone.
    #[cfg(target_os = "linux")]
    pub(crate) fn at(pid: u32) -> Option<Look> {
        let mut threads = Vec::new();
        for task in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
            let task = task.ok()?;
            let status = fs::read_to_string(task.path().join("status")).ok()?;
            threads.push(Thread::read(&task.file_name(), &status)?);
        }
        threads.sort_by_key(|thread| thread.id);
        Some(Look { threads, computed: None })
    }

    /// Elsewhere it stands still when it computes nothing.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn at(pid: u32) -> Option<Look> {
        Some(Look { threads: Vec::new(), computed: os::family_time(pid) })
    }
}

#[cfg(target_os = "linux")]
impl Thread {
    fn read(id: &std::ffi::OsStr, status: &str) -> Option<Thread> {
        let after = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            Some(line?.trim().to_owned())
        };
        let switches = |name| after(name)?.parse::<u64>().ok();
        Some(Thread {
            id: id.to_str()?.parse().ok()?,
            is_asleep: after("State:")?.starts_with('S'),
            switches: switches("voluntary_ctxt_switches:")?
                + switches("nonvoluntary_ctxt_switches:")?,
        })
    }
}
