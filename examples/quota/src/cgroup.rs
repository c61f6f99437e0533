//! A control group with a quota of CPU time, for a child process. It is there
//! as long as its value is, and takes the right to make one (root, mostly).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// Which files a group has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// `cpu.cfs_quota_us` and `cpu.cfs_period_us`.
    One,
    /// `cpu.max`.
    Two,
}

/// A control group of ours. Dropped, it is gone; whoever was in it must have
/// ended.
pub struct Group {
    path: PathBuf,
    version: Version,
    /// Where we had to switch the controller on, to switch it off again.
    switched_on: Option<PathBuf>,
}

/// What the kernel counted for a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// Periods in which somebody of the group wanted to run.
    pub periods: u64,
    /// Those in which the quota did not last.
    pub throttled: u64,
    /// For how long, summed over the cores, in nanoseconds.
    pub throttled_ns: u64,
}

const NAME: &str = "taking-turns-";

impl Group {
    /// A group that has so many cores' time in each period.
    ///
    /// # Errors
    /// When there is no such controller here, or no right to use it.
    pub fn with(cores: f64, period_us: u64) -> io::Result<Group> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("{NAME}{}-{number}", process::id());
        let read = |path: &str| fs::read_to_string(path);
        let places =
            places(&read("/proc/self/mounts")?, &read("/proc/self/cgroup")?);
        let mut failed = io::Error::from(io::ErrorKind::NotFound);
        for (version, below) in places {
            sweep(&below);
            let made = Group::make(version, &below, &name)
                .and_then(|group| group.limited(cores, period_us));
            match made {
                Ok(group) => return Ok(group),
                Err(e) => failed = e,
            }
        }
        Err(failed)
    }

    fn make(version: Version, below: &Path, name: &str) -> io::Result<Group> {
        let path = below.join(name);
        fs::create_dir(&path)?;
        let mut group = Group { path, version, switched_on: None };
        if version == Version::Two && !group.path.join("cpu.max").exists() {
            let control = below.join("cgroup.subtree_control");
            fs::write(&control, "+cpu")?;
            group.switched_on = Some(control);
        }
        Ok(group)
    }

    // ANCHOR: limited
    fn limited(self, cores: f64, period_us: u64) -> io::Result<Group> {
        let quota_us = (cores * period_us as f64) as u64;
        let set = |file, value: String| fs::write(self.path.join(file), value);
        match self.version {
            Version::One => {
                set("cpu.cfs_period_us", period_us.to_string())?;
                set("cpu.cfs_quota_us", quota_us.to_string())?;
            }
            Version::Two => set("cpu.max", format!("{quota_us} {period_us}"))?,
        }
        Ok(self)
    }

    /// Takes a process in, with all of its threads.
    ///
    /// # Errors
    /// When the kernel does not let us.
    pub fn take(&self, pid: u32) -> io::Result<()> {
        fs::write(self.path.join("cgroup.procs"), pid.to_string())
    }
    // ANCHOR_END: limited

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was counted so far.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn stat(&self) -> io::Result<Stat> {
        Ok(Stat::read(&fs::read_to_string(self.path.join("cpu.stat"))?))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A process that has ended may be in it for a moment longer.
        for _ in 0..100 {
            if fs::remove_dir(&self.path).is_ok() || !self.path.exists() {
                break;
            }
            sleep(Duration::from_millis(2));
        }
        if let Some(control) = &self.switched_on {
            // Another one of ours may still need it.
            let _ = fs::write(control, "-cpu");
        }
    }
}

impl Stat {
    /// Reads `cpu.stat`, of either version.
    pub fn read(text: &str) -> Stat {
        let field = |name: &str| -> Option<u64> {
            text.lines().find_map(|line| {
                line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok()
            })
        };
        let throttled_ns = field("throttled_time")
            .or_else(|| Some(field("throttled_usec")? * 1000));
        Stat {
            periods: field("nr_periods").unwrap_or(0),
            throttled: field("nr_throttled").unwrap_or(0),
            throttled_ns: throttled_ns.unwrap_or(0),
        }
    }

    /// What came on top of what there was before.
    pub fn since(self, before: Stat) -> Stat {
        Stat {
            periods: self.periods - before.periods,
            throttled: self.throttled - before.throttled,
            throttled_ns: self.throttled_ns - before.throttled_ns,
        }
    }
}

/// Whether groups can be made here. If not, the reader is told why.
pub fn allowed(experiment: &str) -> bool {
    if lab::is_child() {
        return true; // its parent has tried
    }
    match Group::with(1.0, 100_000) {
        Ok(_) => true,
        Err(e) => {
            eprintln!("{experiment}: no control group with a quota here ({e})");
            false
        }
    }
}

/// Folders in which a group could be made: below our own group, then at the
/// top; where both versions have the controller, version 1 has it.
fn places(mounts: &str, own: &str) -> Vec<(Version, PathBuf)> {
    let mut found = Vec::new();
    for line in mounts.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (version, is_ours): (_, fn(&str) -> bool) = match fields[..] {
            [_, _, "cgroup", options, ..] if has(options, "cpu") => {
                (Version::One, |controllers| has(controllers, "cpu"))
            }
            [_, _, "cgroup2", ..] => (Version::Two, str::is_empty),
            _ => continue,
        };
        let own = own.lines().find_map(|line| {
            let mut parts = line.splitn(3, ':').skip(1);
            is_ours(parts.next()?).then(|| parts.next()).flatten()
        });
        let top = PathBuf::from(fields[1]);
        let own = own.map(|path| top.join(path.trim_start_matches('/')));
        found.extend(own.filter(|own| *own != top).map(|own| (version, own)));
        found.push((version, top));
    }
    found.sort_by_key(|(version, _)| *version == Version::Two);
    found
}

fn has(list: &str, word: &str) -> bool {
    list.split(',').any(|other| other == word)
}

/// Removes what a process of ours left here that was killed. A group with
/// somebody in it stays: the kernel sees to that.
fn sweep(below: &Path) {
    for entry in fs::read_dir(below).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|n| n.strip_prefix(NAME))
        else {
            continue;
        };
        let pid = rest.split('-').next().unwrap_or_default();
        if !Path::new("/proc").join(pid).exists() {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_made_below_our_own_or_at_the_top() {
        let mounts = "cgroup /sys/fs/cgroup/cpu cgroup rw,relatime,cpu 0 0\n\
                      cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n\
                      cgroup /sys/fs/cgroup/set cgroup rw,cpuset 0 0\n";
        let found = places(mounts, "3:cpuset:/\n1:cpu:/a/b\n0::/\n");
        let path = |path: &str| PathBuf::from(path);
        assert_eq!(
            found,
            [
                (Version::One, path("/sys/fs/cgroup/cpu/a/b")),
                (Version::One, path("/sys/fs/cgroup/cpu")),
                (Version::Two, path("/sys/fs/cgroup/unified")),
            ]
        );
        assert_eq!(places("proc /proc proc rw 0 0\n", "0::/\n"), []);
    }

    #[test]
    fn both_versions_of_the_counts_are_read() {
        let one = "nr_periods 6\nnr_throttled 5\nthrottled_time 462037747\n";
        let two = "usage_usec 9\nnr_periods 6\nnr_throttled 5\n\
                   throttled_usec 462037\n";
        let stat = Stat { periods: 6, throttled: 5, throttled_ns: 462_037_747 };
        assert_eq!(Stat::read(one), stat);
        assert_eq!(Stat::read(two).throttled_ns, 462_037_000);
        assert_eq!(Stat::read(one).since(Stat::read(two)).throttled, 0);
        assert_eq!(Stat::read(""), Stat::default());
    }
}
