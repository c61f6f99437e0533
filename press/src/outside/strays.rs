//! Processes that we start with all that they start, and what of it stays when they are gone.
//!
//! Each leads a process group of its own, which can be told as one. On Linux more is known: as
//! long as one runs, orphans below us become our children (`prctl(2)`,
//! PR_SET_CHILD_SUBREAPER), so that what they use counts as ours and not as other people's
//! work; and each process inherits a variable by which it is known even if it has left its
//! group. Elsewhere only those that stay in the group are found, and on Windows none.

use std::collections::BTreeMap;
use std::io;
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use lab::os::{Tell, tell_group};

/// How long what a process has started may take to end after it: a helper sees the end of its
/// input when its parent is gone.
const GRACE: Duration = Duration::from_millis(500);
/// How long what was killed may take to be gone.
const DYING: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

/// Every family there is now. Held while one starts, so that a new leader is never taken for
/// somebody's orphan.
static ALL: Mutex<Vec<Known>> = Mutex::new(Vec::new());

/// How the members of a family are known.
#[derive(Clone, Debug)]
struct Known {
    leader: u32,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code))]
    mark: String,
    /// Our children when it began, which are none of its orphans.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code))]
    before: Vec<i32>,
}

fn all() -> MutexGuard<'static, Vec<Known>> {
    // Nothing is left half done by a panic.
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A started process with all that it starts.
pub(super) struct Family {
    leader: u32,
}

impl Family {
    /// Starts `command` as the leader of a new group.
    ///
    /// # Errors
    /// When it does not start.
    pub(super) fn start(command: &mut Command) -> io::Result<(Child, Family)> {
        let mut all = all();
        if all.is_empty() {
            here::adopt(true);
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mark = here::mark(command);
        let before = here::children();
        match command.spawn() {
            Ok(child) => {
                let leader = child.id();
                all.push(Known { leader, mark, before });
                Ok((child, Family { leader }))
            }
            Err(e) => {
                if all.is_empty() {
                    here::adopt(false);
                }
                Err(e)
            }
        }
    }

    /// Tells the whole group.
    pub(super) fn tell(&self, tell: Tell) {
        tell_group(self.leader, tell);
    }

    /// Ends those that are still there a moment after the leader, which is gone and waited
    /// for. Returns the name of each.
    pub(super) fn end(&self) -> Vec<String> {
        let began = Instant::now();
        while began.elapsed() < GRACE && self.is_there() {
            sleep(PAUSE);
        }
        self.kill()
    }

    /// Ends all of them at once. Returns the name of each that was there.
    pub(super) fn kill(&self) -> Vec<String> {
        let known = all().iter().find(|known| known.leader == self.leader).cloned();
        known.map(|known| kill(&known)).unwrap_or_default()
    }

    fn is_there(&self) -> bool {
        let all = all();
        here::collect(&all);
        let known = all.iter().find(|known| known.leader == self.leader);
        known.is_some_and(|known| here::is_there(known, &all))
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        let mut all = all();
        all.retain(|known| known.leader != self.leader);
        here::collect(&all);
        if all.is_empty() {
            here::adopt(false);
        }
    }
}

/// Takes leave of orphans that have ended. To be called now and then, since each counts as a
/// process until then.
pub(super) fn collect() {
    here::collect(&all());
}

/// Ends everything that was started here and still runs: for whoever is about to exit without
/// further ado.
pub fn end_all() {
    let families = all().clone();
    for known in &families {
        kill(known);
    }
}

/// Ends everything that another press had started and that still runs after it, as far as it
/// is known.
pub fn end_those_of(press: u32) {
    here::kill_marked(&format!("{press}-"));
}

fn kill(known: &Known) -> Vec<String> {
    let mut killed = BTreeMap::new();
    let began = Instant::now();
    // Again, since what is being killed may have started something meanwhile.
    while began.elapsed() < DYING {
        let all = all();
        let there = here::kill(known, &all);
        here::collect(&all);
        drop(all);
        if there.is_empty() {
            break;
        }
        killed.extend(there);
        sleep(PAUSE);
    }
    killed.into_values().collect()
}

#[cfg(target_os = "linux")]
mod here {
    use std::fs;
    use std::process::Command;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread::sleep;
    use std::time::Instant;

    use nix::sys::prctl::set_child_subreaper;
    use nix::sys::signal::{self, Signal};
    use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
    use nix::unistd::{Pid, getpgrp};

    use super::{DYING, Known, PAUSE};

    const MARK: &str = "TAKING_TURNS_FAMILY";

    /// Whether orphans below us become our children, or the system's as usual.
    pub(super) fn adopt(do_so: bool) {
        // A kernel before 3.4 does not know it: orphans are then lost to us.
        let _ = set_child_subreaper(do_so);
    }

    /// Gives the command a variable that all it starts inherit.
    pub(super) fn mark(command: &mut Command) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mark = format!("{}-{number}", std::process::id());
        command.env(MARK, &mark);
        mark
    }

    /// proc_pid_stat(5): the name is in parentheses and may hold anything; after it come the
    /// state, the parent and the process group.
    struct Process {
        pid: i32,
        name: String,
        has_ended: bool,
        parent: i32,
        group: i32,
    }

    /// Every process, with those that have ended and are only waited for.
    fn processes() -> Vec<Process> {
        let read = |entry: fs::DirEntry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read(entry.path().join("stat")).ok()?;
            let stat = String::from_utf8_lossy(&stat);
            let (before, after) = stat.rsplit_once(')')?;
            let name = before.split_once('(')?.1.to_owned();
            let mut fields = after.split_whitespace();
            let has_ended = ["Z", "X"].contains(&fields.next()?);
            let parent = fields.next()?.parse().ok()?;
            let group = fields.next()?.parse().ok()?;
            Some(Process { pid, name, has_ended, parent, group })
        };
        fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(read).collect()
    }

    pub(super) fn children() -> Vec<i32> {
        let us = std::process::id() as i32;
        processes().into_iter().filter(|one| one.parent == us).map(|one| one.pid).collect()
    }

    /// The mark of a process; absent where it has none, or is not ours to be read.
    fn mark_of(pid: i32) -> Option<String> {
        let all = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let mark = all
            .split(|&byte| byte == 0)
            .find_map(|variable| variable.strip_prefix(MARK.as_bytes())?.strip_prefix(b"="))?;
        Some(String::from_utf8_lossy(mark).into_owned())
    }

    fn members(known: &Known, all: &[Known]) -> Vec<Process> {
        let us = std::process::id() as i32;
        let our_group = getpgrp().as_raw();
        let mut found = processes();
        found.retain(|one| {
            let leads_another = is_a_leader(one.pid, all) && one.pid != known.leader as i32;
            if one.has_ended || one.pid == us || leads_another {
                return false;
            }
            let is_an_orphan =
                one.parent == us && one.group != our_group && !known.before.contains(&one.pid);
            match mark_of(one.pid) {
                Some(mark) => mark == known.mark,
                // What has another user's rights or an environment of its own.
                None => one.group == known.leader as i32 || is_an_orphan,
            }
        });
        found
    }

    pub(super) fn is_there(known: &Known, all: &[Known]) -> bool {
        !members(known, all).is_empty()
    }

    /// Returns what it found, by number.
    pub(super) fn kill(known: &Known, all: &[Known]) -> Vec<(i32, String)> {
        let found = members(known, all);
        for one in &found {
            // It may have ended by itself.
            let _ = signal::kill(Pid::from_raw(one.pid), Signal::SIGKILL);
        }
        found.into_iter().map(|one| (one.pid, one.name)).collect()
    }

    /// Ends whoever has a mark that begins so, and whoever they start meanwhile.
    pub(super) fn kill_marked(start: &str) {
        let has_it = |one: &Process| {
            !one.has_ended && mark_of(one.pid).is_some_and(|mark| mark.starts_with(start))
        };
        let began = Instant::now();
        while began.elapsed() < DYING {
            let found: Vec<Process> = processes().into_iter().filter(has_it).collect();
            if found.is_empty() {
                break;
            }
            for one in &found {
                let _ = signal::kill(Pid::from_raw(one.pid), Signal::SIGKILL);
            }
            sleep(PAUSE);
        }
    }

    fn is_a_leader(pid: i32, all: &[Known]) -> bool {
        all.iter().any(|known| known.leader as i32 == pid)
    }

    /// Waits for ended children that nobody else waits for: leaders have their [`Child`], and
    /// whatever else we start is in our own group.
    ///
    /// [`Child`]: std::process::Child
    pub(super) fn collect(all: &[Known]) {
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        let somebody = waitid(Id::All, look).ok().and_then(|status| status.pid());
        if somebody.is_none() {
            return; // as almost always
        }
        let (us, our_group) = (std::process::id() as i32, getpgrp().as_raw());
        for one in processes() {
            let is_an_orphan =
                one.parent == us && one.group != our_group && !is_a_leader(one.pid, all);
            if one.has_ended && is_an_orphan {
                let _ = waitpid(Pid::from_raw(one.pid), Some(WaitPidFlag::WNOHANG));
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod here {
    use std::process::Command;

    use lab::os::{Tell, tell_group};

    use super::Known;

    pub(super) fn adopt(_: bool) {}

    pub(super) fn mark(_: &mut Command) -> String {
        String::new()
    }

    pub(super) fn children() -> Vec<i32> {
        Vec::new()
    }

    /// To tell a group that it may go on changes nothing, and says whether it is there.
    pub(super) fn is_there(known: &Known, _: &[Known]) -> bool {
        tell_group(known.leader, Tell::Resume)
    }

    pub(super) fn kill(known: &Known, _: &[Known]) -> Vec<(i32, String)> {
        let there = tell_group(known.leader, Tell::Kill);
        there.then(|| (0, "of its group".to_owned())).into_iter().collect()
    }

    pub(super) fn kill_marked(_: &str) {}

    /// The system does.
    pub(super) fn collect(_: &[Known]) {}
}
