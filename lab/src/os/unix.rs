//! What every Unix has.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

#[cfg(not(target_os = "linux"))]
pub(super) use super::absent::*;
use super::{State, Tell};
use crate::Counters;

/// CPU time and context switches of this whole process, by `getrusage(2)`.
pub(super) fn counters() -> Counters {
    // SAFETY: `rusage` is plain integers, for which all-zero bytes are a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live, writable `rusage`; RUSAGE_SELF is always valid.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) } != 0 {
        return Counters::default();
    }
    let cpu = duration(usage.ru_utime) + duration(usage.ru_stime);
    Counters {
        cpu_ns: Some(cpu.as_nanos() as u64),
        voluntary: u64::try_from(usage.ru_nvcsw).ok(),
        involuntary: u64::try_from(usage.ru_nivcsw).ok(),
    }
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_secs(time.tv_sec as u64) + Duration::from_micros(time.tv_usec as u64)
}

/// Keeps a crash on purpose from leaving a core file behind.
pub(super) fn no_core_file() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a live `rlimit`; lowering one's own limit is always allowed.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &none) };
}

/// How much of what may run out this process has: as much as it gets without asking, and as
/// much as it may ask for.
pub(super) fn limits() -> Vec<State> {
    let of = [("open-files", libc::RLIMIT_NOFILE), ("processes", libc::RLIMIT_NPROC)];
    let words = |most: libc::rlim_t| match most {
        libc::RLIM_INFINITY => "no limit".to_owned(),
        most => most.to_string(),
    };
    let tell = |(name, resource)| {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the pointer is to a live `rlimit`.
        let known = unsafe { libc::getrlimit(resource, &mut limit) } == 0;
        let (now, most) = (words(limit.rlim_cur), words(limit.rlim_max));
        let text = if now == most { now } else { format!("{now}, on demand {most}") };
        (name, known.then_some(text))
    };
    of.map(tell).into()
}

/// CLOCK_MONOTONIC, which needs no system call where the kernel offers it to user space.
#[inline]
pub(super) fn monotonic_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live `timespec`; CLOCK_MONOTONIC exists on every Unix.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Nobody keeps a parent's number outside the kernel, since it may change.
pub(super) fn enter_kernel() -> bool {
    // SAFETY: `getppid` has no preconditions and always succeeds.
    unsafe { libc::getppid() != -1 }
}

pub(super) fn tell_group(leader: u32, tell: Tell) -> bool {
    let signal = match tell {
        Tell::Pause => libc::SIGSTOP,
        Tell::Resume => libc::SIGCONT,
        Tell::Kill => libc::SIGKILL,
    };
    let Ok(group) = i32::try_from(leader) else { return false };
    // SAFETY: `kill` only takes numbers. A group is named by the negative of its leader; 0
    // and 1 would mean ourselves and everybody, and are refused.
    group > 1 && unsafe { libc::kill(-group, signal) } == 0
}

pub(super) fn ending_signal(status: ExitStatus) -> Option<i32> {
    status.signal()
}
