//! Stuck is observed and not guessed: for a while a process does nothing, and
//! all of its threads wait.

use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often we look whether a child has ended.
const PAUSE: Duration = Duration::from_millis(5);
/// What somebody who waits for the global lock, and asks again and again, may
/// use meanwhile: one tick of the kernel's count.
const NOTHING: Duration = Duration::from_millis(10);
/// By then each child has ended or is stuck.
const LIMIT: Duration = Duration::from_secs(20);

/// A process that we started.
pub trait Watched {
    /// Its process id.
    fn pid(&self) -> u32;
    /// Whether it has ended. If so, it is off the kernel's books.
    fn has_ended(&mut self) -> bool;
    /// Kills it, and waits until it is gone.
    fn end(&mut self);
}

impl Watched for Child {
    fn pid(&self) -> u32 {
        self.id()
    }

    fn has_ended(&mut self) -> bool {
        self.try_wait().expect("a child to ask about").is_some()
    }

    fn end(&mut self) {
        self.kill().expect("a child to kill");
        self.wait().expect("a child that ends");
    }
}

/// Waits for the children to end, and returns those that are stuck: over a
/// stretch of `patience` each has used no CPU time to speak of, and all of its
/// threads waited at the beginning and at the end.
///
/// # Panics
/// When one neither ends nor waits.
pub fn stuck<C: Watched>(mut children: Vec<C>, patience: Duration) -> Vec<C> {
    let began = Instant::now();
    sleep(PAUSE); // for most it is time enough to get stuck
    loop {
        let before: Vec<Look> = children.iter().map(Look::at).collect();
        let ids: Vec<u32> = children.iter().map(C::pid).collect();
        let since = Instant::now();
        while since.elapsed() < patience && !children.is_empty() {
            children.retain_mut(|child| !child.has_ended());
            sleep(PAUSE);
        }
        let is_still = |child: &C| {
            let then = ids.iter().position(|id| *id == child.pid());
            let then = &before[then.expect("it was there")];
            then.is_still(&Look::at(child))
        };
        if children.iter().all(is_still) {
            return children;
        }
        assert!(began.elapsed() < LIMIT, "a child neither ends nor waits");
    }
}

/// What a process was doing when we looked.
struct Look {
    /// CPU time of its threads.
    used: Duration,
    /// Whether all of them waited.
    waits: bool,
}

impl Look {
    fn at(child: &impl Watched) -> Look {
        look(child.pid()).unwrap_or(Look { used: Duration::ZERO, waits: false })
    }

    fn is_still(&self, later: &Look) -> bool {
        let used = later.used.saturating_sub(self.used);
        self.waits && later.waits && used <= NOTHING
    }
}

/// `None` for a process that is gone.
#[cfg(target_os = "linux")]
fn look(pid: u32) -> Option<Look> {
    linux::look(pid, &["S"])
}

/// Elsewhere nobody tells, and patience alone must do.
#[cfg(not(target_os = "linux"))]
fn look(_pid: u32) -> Option<Look> {
    Some(Look { used: Duration::ZERO, waits: true })
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{read_dir, read_to_string};
    use std::time::Duration;

    use super::Look;

    /// proc_pid_stat(5), for each thread: the state is field 3, utime and stime
    /// are 14 and 15. Field 2 is the name, in parentheses, and may hold
    /// anything.
    pub(super) fn look(pid: u32, waiting: &[&str]) -> Option<Look> {
        let (mut ticks, mut all) =
            (0, Look { used: Duration::ZERO, waits: true });
        for thread in read_dir(format!("/proc/{pid}/task")).ok()? {
            let thread = thread.ok()?.path();
            let stat = read_to_string(thread.join("stat")).ok()?;
            let mut fields = stat.rsplit_once(") ")?.1.split(' ');
            all.waits &= waiting.contains(&fields.next()?);
            let times = fields.skip(10).take(2);
            ticks += times.map_while(|t| t.parse::<u64>().ok()).sum::<u64>();
            // A child of its own may be about to give it something to do.
            let children = read_to_string(thread.join("children"));
            for child in children.unwrap_or_default().split_whitespace() {
                let theirs = look(child.parse().ok()?, &["S", "Z"])?;
                all.used += theirs.used;
                all.waits &= theirs.waits;
            }
        }
        // USER_HZ is 100 wherever this book runs.
        all.used += Duration::from_millis(10 * ticks);
        Some(all)
    }
}
