//! A process that the kernel shows in state D, and `kill -9`.
//!
//! Run:  cargo run --example process_state
//! See:  the state, and how long it takes until the process is gone. One that
//!       waits for a child which has not executed yet (`vfork`) is shown in D:
//!       its handler of SIGTERM waits until that is over, SIGKILL does not. One
//!       that is frozen by its cgroup is shown in D as well by version 1, and
//!       there SIGKILL waits until it is thawed, here after 200 ms.
//!
//! On Linux only, but for the first variant. Freezing takes root; where we may
//! not, its variants are left out.

use std::process::{Child, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lab::{Experiment, Kind, Run, os, rerun_self};

/// Nothing here lives longer than that, whatever happens.
const BOUND: Duration = Duration::from_secs(5);
/// How long a child of `vfork` keeps its parent waiting, and after which time
/// we thaw what is frozen.
const HELD: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let experiment =
        Experiment::new("process_state", "What can be killed in state D?")
            .baseline("sleeps")
            .observed()
            .variant(Kind::Process, "sleeps", "sleeps, SIGKILL", |run| {
                let child = start("sleeps");
                is_killed(run, child, "S", || {})
            })
            .child("sleeps", |_| thread::sleep(BOUND));
    #[cfg(target_os = "linux")]
    let experiment = linux::with_variants(experiment);
    experiment.run()
}

fn start(child: &str) -> Child {
    let command = rerun_self(child, &[]);
    let mut command = command.expect("our path");
    command.stdout(Stdio::null()).spawn().expect("a child process")
}

fn is_killed(
    run: &mut Run,
    mut child: Child,
    state: &str,
    release: impl FnOnce(),
) -> String {
    let shown = wait_for(&child, state);
    run.start_clock();
    let asked = Instant::now();
    child.kill().expect("a child to kill");
    gone(run, child, asked, shown, release)
}

/// Waits for the end, and calls `release` when that takes long.
fn gone(
    run: &mut Run,
    mut child: Child,
    asked: Instant,
    shown: String,
    release: impl FnOnce(),
) -> String {
    run.elsewhere();
    let mut release = Some(release);
    let status = loop {
        if let Some(status) = child.try_wait().expect("our child") {
            break status;
        }
        if asked.elapsed() > HELD
            && let Some(release) = release.take()
        {
            release();
        }
        thread::sleep(Duration::from_micros(50));
    };
    run.stop_clock();
    run.metric("gone_ms", asked.elapsed().as_secs_f64() * 1e3);
    format!("{shown}; {}", os::ending(status))
}

/// The state that the kernel shows, as soon as it is the one that is expected,
/// and where in the kernel the process waits.
fn wait_for(child: &Child, state: &str) -> String {
    let began = Instant::now();
    thread::sleep(Duration::from_millis(10)); // by then it has started
    if !cfg!(target_os = "linux") {
        return state.into();
    }
    let read = |name: &str| {
        let path = format!("/proc/{}/{name}", child.id());
        std::fs::read_to_string(path).unwrap_or_default()
    };
    loop {
        let stat = read("stat");
        // Behind the name, which may have anything in it.
        let now = stat.rsplit(") ").next().and_then(|rest| rest.get(..1));
        if now == Some(state) {
            let wchan = read("wchan");
            return match wchan.as_str() {
                "" | "0" => state.into(),
                _ => format!("{state} in {wchan}"),
            };
        }
        assert!(began.elapsed() < BOUND, "it is not in {state}: {stat}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::io::{self, Read};
    use std::os::unix::process::CommandExt;
    use std::path::{Path, PathBuf};
    use std::ptr::null_mut;

    use lab::Helper;
    use libc::{c_int, c_void};

    use super::*;

    pub(super) fn with_variants(mut experiment: Experiment) -> Experiment {
        experiment = experiment
            .variant(Kind::Process, "vfork_term", "vfork, SIGTERM", |run| {
                let child = start("vforks");
                let shown = wait_for(&child, "D");
                run.start_clock();
                let asked = Instant::now();
                // SAFETY: our own child, which has not been waited for.
                unsafe { libc::kill(child.id() as i32, libc::SIGTERM) };
                gone(run, child, asked, shown, || {})
            })
            .variant(Kind::Process, "vfork_kill", "vfork, SIGKILL", |run| {
                is_killed(run, start("vforks"), "D", || {})
            })
            .child("vforks", |_| waits_for_a_child())
            .child("thaws", |args| {
                let _ = io::stdin().read_to_end(&mut Vec::new());
                leave(&Path::new(&args[0]).join(&args[1]), &args[2]);
            });
        for (name, label, way) in [
            ("frozen_v1", "frozen, SIGKILL (cgroup v1)", V1),
            ("frozen_v2", "frozen, SIGKILL (cgroup v2)", V2),
        ] {
            let Some(root) = way.root() else { continue };
            experiment =
                experiment.variant(Kind::Process, name, label, move |run| {
                    let child = start("sleeps");
                    wait_for(&child, "S");
                    let group = Group::new(&root, way, &child);
                    let group = group.expect("a cgroup of our own");
                    group.freeze().expect("it takes the word");
                    is_killed(run, child, way.shown, || {
                        group.thaw().expect("it takes the word");
                    })
                });
        }
        experiment
    }

    // ANCHOR: vfork
    /// Waits as `vfork` does: until the child has executed, or has ended.
    fn waits_for_a_child() {
        // A program that wants to end in its own way.
        // SAFETY: the handler does nothing but end.
        unsafe { libc::signal(libc::SIGTERM, leaves as *const () as usize) };
        let mut stack = vec![0_u8; 64 << 10];
        // Not CLONE_VM: the child has its own copy of our memory.
        let flags = libc::CLONE_VFORK | libc::SIGCHLD;
        // SAFETY: the stack is large enough and lives as long; it grows down.
        // We have one thread, and the child does nothing but sleep.
        unsafe {
            let top = stack.as_mut_ptr().add(stack.len()).cast();
            libc::clone(sleeps, top, flags, null_mut());
        }
    }

    extern "C" fn leaves(_: c_int) {
        // SAFETY: it may be called in a handler.
        unsafe { libc::_exit(0) }
    }

    extern "C" fn sleeps(_: *mut c_void) -> c_int {
        // SAFETY: it takes plain numbers. We end with our parent.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
        thread::sleep(HELD);
        0
    }
    // ANCHOR_END: vfork

    /// How to freeze a group.
    #[derive(Clone, Copy)]
    struct Way {
        /// Where groups may lie: the first folder that has `file` in a group.
        roots: &'static [&'static str],
        file: &'static str,
        freeze: &'static str,
        thaw: &'static str,
        shown: &'static str,
    }

    const V1: Way = Way {
        roots: &["/sys/fs/cgroup/freezer"],
        file: "freezer.state",
        freeze: "FROZEN",
        thaw: "THAWED",
        shown: "D",
    };
    const V2: Way = Way {
        roots: &["/sys/fs/cgroup/unified", "/sys/fs/cgroup"],
        file: "cgroup.freeze",
        freeze: "1",
        thaw: "0",
        shown: "S",
    };

    impl Way {
        /// Where we may make a group. Says so where we may not.
        fn root(self) -> Option<PathBuf> {
            for root in self.roots.iter().map(PathBuf::from) {
                let trial = root.join(name());
                let there = fs::create_dir(&trial).is_ok()
                    && trial.join(self.file).exists();
                let _ = fs::remove_dir(&trial);
                if there {
                    return Some(root);
                }
            }
            if !lab::is_child() {
                eprintln!("{}: not to be had, left out", self.file);
            }
            None
        }
    }

    fn name() -> String {
        format!("taking-turns-{}", std::process::id())
    }

    /// A group with one process. It ends thawed and is removed, by a helper
    /// that sees to it even where we are killed.
    struct Group {
        folder: PathBuf,
        way: Way,
        _ends: Helper,
    }

    impl Group {
        fn new(root: &Path, way: Way, child: &Child) -> io::Result<Group> {
            let folder = root.join(name());
            let path = folder.to_str().expect("a path of letters").to_owned();
            let args = [path, way.file.into(), way.thaw.into()];
            let mut ends = rerun_self("thaws", &args)?;
            ends.process_group(0); // nor where all of our group are
            let ends = Helper::spawn(ends)?;
            let group = Group { folder, way, _ends: ends };
            fs::create_dir(&group.folder)?;
            let procs = group.folder.join("cgroup.procs");
            fs::write(procs, child.id().to_string())?;
            Ok(group)
        }

        fn freeze(&self) -> io::Result<()> {
            fs::write(self.folder.join(self.way.file), self.way.freeze)
        }

        fn thaw(&self) -> io::Result<()> {
            fs::write(self.folder.join(self.way.file), self.way.thaw)
        }
    }

    /// The helper's side. A group can be removed once what was in it has ended.
    fn leave(state: &Path, thaw: &str) {
        let folder = state.parent().expect("a file in a group");
        let began = Instant::now();
        while folder.exists() && began.elapsed() < BOUND {
            let _ = fs::write(state, thaw);
            if fs::remove_dir(folder).is_err() {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
}
