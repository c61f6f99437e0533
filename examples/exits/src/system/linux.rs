//! Linux.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl::{set_child_subreaper, set_pdeathsig};
use nix::sys::signal::{SigHandler, Signal, kill, killpg, signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, setsid};

use super::{Process, Tell, until};

/// Whether we got process numbers of our own for what we start: the first that
/// we start is process 1. As an ordinary user we need users of our own, too.
pub fn be_first() -> bool {
    let numbers = CloneFlags::CLONE_NEWPID;
    unshare(numbers).is_ok()
        || unshare(numbers | CloneFlags::CLONE_NEWUSER).is_ok()
}

/// Whether orphans below us become our children.
pub fn adopt_orphans() -> bool {
    set_child_subreaper(true).is_ok()
}

/// Whether the kernel kills us when the thread that started us has ended.
pub fn die_with_parent() -> bool {
    set_pdeathsig(Signal::SIGKILL).is_ok()
}

/// Whether we lead a session, and so a process group, of our own.
pub fn lead_session() -> bool {
    setsid().is_ok()
}

/// Has the command begin a process group of its own.
pub fn in_own_group(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// Whether children are no zombies when they end, and tell nothing.
pub fn alone() -> bool {
    // SAFETY: no function is named that would run in the middle of another.
    unsafe { signal(Signal::SIGCHLD, SigHandler::SigIgn) }.is_ok()
}

/// Takes leave of all children that have ended. How many there were.
pub fn every_child() -> usize {
    let mut taken = 0;
    while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
        if status == WaitStatus::StillAlive {
            break;
        }
        taken += 1;
    }
    taken
}

/// Waits for one child.
pub fn reap(pid: u32) {
    // Somebody else may have waited for it.
    let _ = waitpid(Pid::from_raw(pid as i32), None);
}

/// Lets SIGINT end us, also when a shell has started us in the background and
/// had us ignore it.
pub fn heed_interrupt() {
    // SAFETY: no function is named that would run in the middle of another.
    let _ = unsafe { signal(Signal::SIGINT, SigHandler::SigDfl) };
}

/// Ends with nothing done before it.
pub fn end_now(code: i32) -> ! {
    // SAFETY: it has no preconditions.
    unsafe { libc::_exit(code) }
}

/// Whether C's `exit` calls the function.
pub fn with_c_handler(handler: extern "C" fn()) -> bool {
    // SAFETY: a function lives as long as the process.
    unsafe { libc::atexit(handler) == 0 }
}

/// Our own number, as `/proc` has it: in a namespace of ours it differs from
/// what the kernel tells us.
pub fn our_pid() -> u32 {
    let us = fs::read_link("/proc/self").ok();
    let us = us.and_then(|us| us.to_str()?.parse().ok());
    us.unwrap_or_else(std::process::id)
}

/// Our parent's number, as `/proc` has it.
pub fn parent() -> u32 {
    stat(our_pid()).map_or(0, |(_, parent)| parent)
}

/// Whether it is there, and no zombie.
pub fn lives(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// The children of a process.
pub fn children(of: u32) -> Vec<Process> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|one| one.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid: u32| {
        let (state, parent) = stat(pid)?;
        let is_zombie = matches!(state, 'Z' | 'X');
        (parent == of).then_some(Process { pid, is_zombie })
    })
    .collect()
}

/// proc_pid_stat(5): the name is in parentheses and may hold anything; after it
/// come the state and the parent.
fn stat(pid: u32) -> Option<(char, u32)> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

impl From<Tell> for Signal {
    fn from(tell: Tell) -> Signal {
        match tell {
            Tell::Terminate => Signal::SIGTERM,
            Tell::Interrupt => Signal::SIGINT,
            Tell::Kill => Signal::SIGKILL,
        }
    }
}

/// Whether the signal could be sent.
pub fn tell(pid: u32, tell: Tell) -> bool {
    kill(Pid::from_raw(pid as i32), Signal::from(tell)).is_ok()
}

/// Whether the signal could be sent to the group that `leader` began.
pub fn tell_group(leader: u32, tell: Tell) -> bool {
    killpg(Pid::from_raw(leader as i32), Signal::from(tell)).is_ok()
}

/// A control group of so many processes at most, as containers have one. We are
/// in it, and so is whatever we start.
pub struct Limited(PathBuf);

impl Limited {
    /// `None` where it cannot be had: it takes root, and the controller of
    /// processes, of version 1 or 2.
    pub fn to(most: usize) -> Option<Limited> {
        let name = format!("exits-{}", std::process::id());
        let roots = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"];
        roots.iter().find_map(|root| {
            let group = Path::new(root).join(&name);
            fs::create_dir(&group).ok()?;
            let group = Limited(group);
            put(&group.0.join("pids.max"), &most.to_string())?;
            put(&group.0.join("cgroup.procs"), "0")?; // ourselves
            Some(group)
        })
    }
}

impl Drop for Limited {
    fn drop(&mut self) {
        let above = self.0.parent().expect("a group lies in another");
        put(&above.join("cgroup.procs"), "0");
        until(Duration::from_secs(1), || fs::remove_dir(&self.0).is_ok());
    }
}

/// Into a file that must be there.
fn put(path: &Path, text: &str) -> Option<()> {
    let mut file = OpenOptions::new().write(true).open(path).ok()?;
    file.write_all(text.as_bytes()).ok()
}
