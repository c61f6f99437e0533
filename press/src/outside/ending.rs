//! How a measurement ends before its time, and that nobody is left behind when it does.
//!
//! What it starts is in process groups of its own: a runner, since it is paused with all it
//! started, and a build, so that the terminal's Ctrl-C comes to us alone. Nobody else ends
//! these groups then. The first signal ends what there is nothing to lose of, the second ends
//! everything, and for a death that nobody is asked about (`SIGKILL`, the kernel short of
//! memory) there is a *guard*: a process of this program that knows the groups, and ends them
//! when its standard input does.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use lab::noise;
use lab::os::{Tell, tell_group};

/// The exit status of what a signal interrupted, as shells have it for Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// A signal asked for the end; with what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interrupted(pub String);

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Interrupted {}

static ASKED: AtomicBool = AtomicBool::new(false);
static GROUPS: Mutex<Groups> = Mutex::new(Groups::none());

struct Groups {
    /// What may finish what it is at.
    patient: BTreeSet<u32>,
    /// What ends with the first signal.
    at_once: BTreeSet<u32>,
    guard: Option<ChildStdin>,
}

impl Groups {
    const fn none() -> Groups {
        Groups { patient: BTreeSet::new(), at_once: BTreeSet::new(), guard: None }
    }

    fn lock() -> MutexGuard<'static, Groups> {
        GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell_guard(&mut self, what: char, group: u32) {
        if let Some(guard) = &mut self.guard {
            // A guard that is gone guards no more; what is measured is not to blame.
            let _ = guard.write_all(format!("{what}{group}\n").as_bytes());
        }
    }
}

/// A group of processes that must not outlive this one.
#[derive(Debug)]
pub struct Group(u32);

impl Group {
    /// That of a runner, which its child `leader` leads: a first signal lets it finish the
    /// variant it is at.
    pub fn of_runner(leader: u32) -> Group {
        let mut groups = Groups::lock();
        groups.patient.insert(leader);
        groups.tell_guard('+', leader);
        Group(leader)
    }

    /// That of a command which has nothing to lose, and ends with the first signal.
    pub fn at_once(leader: u32) -> Group {
        let mut groups = Groups::lock();
        groups.at_once.insert(leader);
        groups.tell_guard('+', leader);
        // The signal may have come before the group did.
        if is_asked() {
            tell_group(leader, Tell::Kill);
        }
        Group(leader)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let mut groups = Groups::lock();
        groups.patient.remove(&self.0);
        groups.at_once.remove(&self.0);
        groups.tell_guard('-', self.0);
    }
}

/// Whether a signal asked for the end.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// For whoever looks at it often.
pub fn asked() -> &'static AtomicBool {
    &ASKED
}

/// # Errors
/// [`Interrupted`], when a signal asked for the end.
pub fn check() -> Result<(), Interrupted> {
    if is_asked() { Err(Interrupted("interrupted".to_owned())) } else { Ok(()) }
}

/// Like [`check`], after something failed: a terminal's signal may have killed it in the moment
/// before it was in a group of its own, and be heard here a moment later.
///
/// # Errors
/// [`Interrupted`], when a signal asked for the end.
pub fn check_after_failure() -> Result<(), Interrupted> {
    if !is_asked() {
        thread::sleep(Duration::from_millis(100));
    }
    check()
}

/// Runs `command` to its end, or to ours, and keeps what it prints; what it complains of goes
/// where it was told.
///
/// # Errors
/// When it does not start.
pub fn output(command: &mut Command) -> io::Result<Output> {
    let child = alone(command).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let _group = Group::at_once(child.id());
    child.wait_with_output()
}

/// In a process group of its own.
fn alone(command: &mut Command) -> &mut Command {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command
}

/// Waits until the machine has been quiet for two seconds, at most `patience`, or until a
/// signal asks for the end. Returns whether it became quiet.
pub fn wait_for_quiet(patience: Duration) -> bool {
    let began = Instant::now();
    loop {
        if noise::wait_for_quiet(Duration::ZERO) {
            return true;
        }
        if is_asked() || began.elapsed() > patience {
            return false;
        }
    }
}

/// Listens to signals, and has nobody left behind, as long as it lives.
pub struct Watch {
    guard: Option<Child>,
}

impl Watch {
    /// Begins with it, once in a process. The second signal calls `end_all` before it exits,
    /// for those who have left their group.
    ///
    /// # Errors
    /// When there is no thread or no process to be had.
    pub fn begin(end_all: fn()) -> Result<Watch> {
        static LISTENS: OnceLock<()> = OnceLock::new();
        if LISTENS.get().is_none() {
            let nohup = signals::ignores_hangup();
            ctrlc::set_handler(move || on_signal(end_all))
                .context("cannot listen for Ctrl-C")?;
            if nohup {
                signals::ignore_hangup();
            }
            LISTENS.get_or_init(|| ());
        }
        Ok(Watch { guard: if cfg!(unix) { Some(start_guard()?) } else { None } })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        Groups::lock().guard = None;
        if let Some(guard) = &mut self.guard {
            let _ = guard.wait();
        }
    }
}

/// The second signal does not wait for anything.
fn on_signal(end_all: fn()) {
    let is_second = ASKED.swap(true, Ordering::Relaxed);
    let groups = Groups::lock();
    for group in &groups.at_once {
        tell_group(*group, Tell::Kill);
    }
    if is_second {
        for group in &groups.patient {
            tell_group(*group, Tell::Kill);
        }
        drop(groups);
        end_all();
        // Whoever was started since is the guard's.
        std::process::exit(INTERRUPTED.into());
    }
    drop(groups);
    let text = "\nstopping after the running variant; what is finished is kept (again to \
                stop at once)\n";
    // Nobody may be there to read it.
    let _ = io::stderr().write_all(text.as_bytes());
}

fn start_guard() -> Result<Child> {
    let press = std::env::current_exe().context("cannot find this program's own file")?;
    let mut command = Command::new(press);
    command.args(["guard", &std::process::id().to_string()]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut guard = alone(&mut command).spawn().context("cannot start a process")?;
    Groups::lock().guard = guard.stdin.take();
    Ok(guard)
}

/// What the guard does: ends the groups that are named on its standard input and not taken
/// back, once that ends.
pub fn guard(input: impl BufRead) {
    let mut groups = BTreeSet::new();
    for line in input.lines().map_while(Result::ok) {
        match (line.get(..1), line.get(1..).and_then(|group| group.parse::<u32>().ok())) {
            (Some("+"), Some(group)) => groups.insert(group),
            (Some("-"), Some(group)) => groups.remove(&group),
            _ => false,
        };
    }
    // A process that is just being started may join its group a moment after us.
    for _ in 0..3 {
        for group in &groups {
            tell_group(*group, Tell::Kill);
        }
        if groups.is_empty() {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
mod signals {
    /// Whether whoever started us has it that a terminal may hang up without us, as `nohup`
    /// has.
    pub(super) fn ignores_hangup() -> bool {
        // SAFETY: `sigaction` is plain integers, for which all-zero bytes are a value.
        let mut now: libc::sigaction = unsafe { std::mem::zeroed() };
        // SAFETY: without a new action nothing is changed, and the pointer is to a live,
        // writable `sigaction`.
        let is_told = unsafe { libc::sigaction(libc::SIGHUP, std::ptr::null(), &mut now) } == 0;
        is_told && now.sa_sigaction == libc::SIG_IGN
    }

    pub(super) fn ignore_hangup() {
        // SAFETY: to ignore a signal runs no code of ours.
        unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
    }
}

#[cfg(not(unix))]
mod signals {
    pub(super) fn ignores_hangup() -> bool {
        false
    }

    pub(super) fn ignore_hangup() {}
}
