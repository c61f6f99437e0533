//! What the examples of the Processes chapter share: a forked child, memory
//! that several processes see, a lock and a baton that work in it, frames on a
//! pipe, a pool of processes, and what it takes to measure them.
//!
//! Forking and shared memory are there on Unix only, and sleeping on a word of
//! shared memory only on Linux. The examples leave the variants out that need
//! what a platform lacks.

#[cfg(unix)]
pub mod ballast;
pub mod footprint;
#[cfg(unix)]
pub mod fork;
pub mod frames;
#[cfg(target_os = "linux")]
pub mod futex;
pub mod handover;
pub mod pool;
#[cfg(unix)]
pub mod shared;

use lab::{Run, os};

/// Runs `work` on one hardware thread, and so everything that it starts. On
/// several, most of what we measure would be how long an idle one takes to wake
/// up, above all in a virtual machine.
pub fn on_one_core<T>(work: impl FnOnce() -> T) -> T {
    let all = os::allowed_cpus().unwrap_or_default();
    if let Some(first) = all.first() {
        os::pin_to(&[*first]);
    }
    let done = work();
    if !all.is_empty() {
        os::pin_to(&all);
    }
    done
}

/// Has a child process do an experiment, and takes over what it prints: a
/// `name value` a line for each metric, and `answer …`.
///
/// # Panics
/// When the child does not end as it should.
pub fn take_over(run: &mut Run, child: &str, args: &[String]) -> String {
    run.elsewhere();
    let out = lab::rerun_self(child, args)
        .and_then(|mut child| child.output())
        .expect("a child process");
    let complaint = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{}: {complaint}", os::ending(out.status));
    let mut answer = String::new();
    for line in String::from_utf8_lossy(&out.stdout).lines() {
        match line.split_once(' ') {
            Some(("answer", text)) => answer = text.into(),
            Some((name, value)) => {
                run.metric(name, value.parse().expect("a number"))
            }
            None => {}
        }
    }
    answer
}
