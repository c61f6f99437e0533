//! A CPU quota for a process: a control group of Linux's, version 1 or 2.

use std::fs;
use std::path::{Path, PathBuf};

/// A control group that may use a share of one core. It goes when dropped; its
/// processes must have ended by then.
pub(crate) struct Quota {
    folder: PathBuf,
}

const PERIOD_US: u32 = 20_000;

impl Quota {
    /// `None` where we may not make one.
    pub(crate) fn of(percent: u32, pid: u32) -> Option<Quota> {
        let quota = PERIOD_US * percent / 100;
        ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"].iter().find_map(|root| {
            let folder = Path::new(root).join(format!("tools-{pid}"));
            fs::create_dir(&folder).ok()?;
            let group = Quota { folder };
            let write = |name, text: String| {
                fs::write(group.folder.join(name), text).ok()
            };
            write("cpu.cfs_period_us", PERIOD_US.to_string())
                .and_then(|()| write("cpu.cfs_quota_us", quota.to_string()))
                .or_else(|| write("cpu.max", format!("{quota} {PERIOD_US}")))?;
            write("cgroup.procs", pid.to_string())?;
            Some(group)
        })
    }

    /// What the group's `cpu.stat` says.
    pub(crate) fn stat(&self) -> String {
        fs::read_to_string(self.folder.join("cpu.stat")).unwrap_or_default()
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // The kernel may still be burying the process.
        for _ in 0..100 {
            if fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
    }
}
