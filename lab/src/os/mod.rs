//! The one place that knows which platform this is.
//!
//! Linux has everything; macOS has process-wide counters, memory and threads, but no affinity;
//! Windows has CPU time, memory, threads and affinity, but counts no switches; on other
//! platforms only the clock is left. What is missing is `None`, and callers say so. Linux and
//! macOS build on what every Unix has, and all but Linux on `absent`, where what a platform
//! may lack stands once.

#[cfg(not(target_os = "linux"))]
mod absent;
mod hypervisor;
#[cfg(target_os = "linux")]
mod linux;
mod machine;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(not(any(unix, windows)))]
use absent as here;
#[cfg(target_os = "linux")]
use linux as here;
#[cfg(target_os = "macos")]
use macos as here;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "macos"))))]
use unix as here;
#[cfg(windows)]
use windows as here;

use std::collections::BTreeMap;
use std::process::ExitStatus;
use std::time::Duration;

pub use self::machine::{Cache, Machine};
use crate::Counters;

/// CPU time of the whole machine since boot, over all cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MachineTime {
    /// Time not idle and not stolen.
    pub busy: Duration,
    /// Time the hypervisor gave to somebody else.
    pub stolen: Duration,
}

/// What the kernel has counted for this process so far, all threads included.
pub fn counters() -> Counters {
    here::counters()
}

/// Forgets this process's peak memory, so that [`peak_bytes`] speaks of what comes next.
pub fn reset_peak() {
    here::reset_peak();
}

/// Peak resident memory since [`reset_peak`]. `None` where it cannot be reset.
pub fn peak_bytes() -> Option<u64> {
    here::peak_bytes()
}

/// Resident and virtual memory of this process now, in bytes.
pub fn memory_bytes() -> Option<(u64, u64)> {
    here::memory_bytes()
}

/// Kernel stacks of the whole machine now, in bytes.
pub fn kernel_stack_bytes() -> Option<u64> {
    here::kernel_stack_bytes()
}

/// Page tables of this process now, in bytes.
pub fn page_table_bytes() -> Option<u64> {
    here::page_table_bytes()
}

/// Memory of one process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessBytes {
    /// Resident memory, each page divided by the number of processes that share it.
    pub proportional: u64,
    /// The page tables that say where it lies.
    pub page_tables: u64,
}

/// What process `pid` uses now. The sum over a family counts no page twice.
pub fn process_bytes(pid: u32) -> Option<ProcessBytes> {
    here::process_bytes(pid)
}

/// For a process that runs out of memory on purpose: no more address space than this, in
/// bytes. `false` where that cannot be had.
pub fn limit_memory(bytes: u64) -> bool {
    here::limit_memory(bytes)
}

/// Memory mappings of this process, and how many it may have.
pub fn mappings() -> Option<(u64, u64)> {
    here::mappings()
}

/// For a process that crashes on purpose: no core file.
pub fn no_core_file() {
    here::no_core_file();
}

/// How many threads process `pid` has now.
pub fn threads_of(pid: u32) -> Option<u32> {
    here::threads_of(pid)
}

/// The hardware threads this process may run on. `None` where that cannot be asked.
pub fn allowed_cpus() -> Option<Vec<usize>> {
    here::allowed_cpus()
}

/// Keeps the calling thread on these hardware threads; `false` where that cannot be had.
pub fn pin_to(cpus: &[usize]) -> bool {
    here::pin_to(cpus)
}

/// Two hardware threads this process may run on, of different cores if it can be. `None`
/// where there is one only, or where that cannot be asked.
pub fn cpus_apart() -> Option<[usize; 2]> {
    here::cpus_apart()
}

/// Sets the nice value of the calling thread only; `false` where that cannot be had.
pub fn be_nice(nice: i32) -> bool {
    here::be_nice(nice)
}

/// Busy and stolen time of the whole machine since boot.
pub fn machine_time() -> Option<MachineTime> {
    here::machine_time()
}

/// CPU time of process `pid` and all its descendants, the ended ones included.
pub fn family_time(pid: u32) -> Option<Duration> {
    here::family_time(pid)
}

/// How a process ended, in words: `exit 0`, `SIGABRT`, on Windows also `stack overflow`.
pub fn ending(status: ExitStatus) -> String {
    match (status.code(), ending_signal(status)) {
        (Some(code), _) => exit(code),
        (None, Some(signal)) => match signal {
            4 => "SIGILL".into(),
            6 => "SIGABRT".into(),
            9 => "SIGKILL".into(),
            11 => "SIGSEGV".into(),
            15 => "SIGTERM".into(),
            other => format!("signal {other}"),
        },
        (None, None) => "unknown".into(),
    }
}

/// Where Windows ends a process itself, it exits with the reason. Elsewhere an exit code ends
/// at 255.
fn exit(code: i32) -> String {
    match code as u32 {
        0xc000_0005 => "access violation".into(),
        0xc000_001d => "illegal instruction".into(),
        0xc000_00fd => "stack overflow".into(),
        0xc000_013a => "Ctrl-C".into(),
        0xc000_0374 => "heap corruption".into(),
        0xc000_0409 => "abort".into(),
        reason @ 0xc000_0000.. => format!("status {reason:#x}"),
        _ => format!("exit {code}"),
    }
}

/// Time in which some task had to wait for a core, since boot.
pub fn pressure_time() -> Option<Duration> {
    here::pressure_time()
}

/// The load average over the last minute: tasks that run or want to.
pub fn load() -> Option<f64> {
    here::load()
}

/// Context switches of one thread so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// The thread gave the core up.
    pub voluntary: u64,
    /// The core was taken away.
    pub involuntary: u64,
}

/// Context switches of the calling thread. `None` where they are counted a process only.
pub fn thread_switches() -> Option<Switches> {
    here::thread_switches()
}

/// The hardware thread that the caller is on at this moment.
pub fn current_cpu() -> Option<u32> {
    here::current_cpu()
}

/// The monotonic clock that all processes share, in nanoseconds since some moment. Where the
/// platform has no such clock, it is this process's own and lanes of two processes do not
/// line up.
#[inline]
pub fn monotonic_ns() -> u64 {
    here::monotonic_ns()
}

/// Enters the kernel for next to nothing and comes back; `false` where no call is known to be
/// one that cheap.
pub(crate) fn enter_kernel() -> bool {
    here::enter_kernel()
}

/// CPU time of the kernel's own threads, which clear up behind everybody. `None` where they
/// cannot be seen, as in a container.
pub fn kernel_time() -> Option<Duration> {
    here::kernel_time()
}

/// What to tell a whole group of processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// Stop until told to go on.
    Pause,
    /// Go on.
    Resume,
    /// End at once.
    Kill,
}

/// Tells the process group that `leader` began; `false` where groups cannot be told.
pub fn tell_group(leader: u32, tell: Tell) -> bool {
    here::tell_group(leader, tell)
}

/// The signal that ended a process, if one did.
pub fn ending_signal(status: ExitStatus) -> Option<i32> {
    here::ending_signal(status)
}

/// This machine.
pub fn machine() -> Machine {
    let mut machine = here::machine();
    machine.os = std::env::consts::OS.into();
    machine.arch = std::env::consts::ARCH.into();
    machine.hardware_threads =
        std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
    machine
}

/// One thing about the state of the machine: its name, and what it is.
type State = (&'static str, Option<String>);

/// The state that the machine is in, by name: what may be otherwise tomorrow on the same
/// machine and decides about times. What the platform does not tell is not there, and what
/// would tell whose machine it is (its name, users, paths) is not asked.
///
/// | Name | What it tells |
/// |---|---|
/// | `microcode` | its version |
/// | `governor`, `turbo` | who sets the frequency, and whether it may exceed its rating |
/// | `affinity` | how many of the hardware threads there are this process may use |
/// | `cpu-quota` | how much of a core its control group may use |
/// | `tick` | how often the timer interrupts a busy core |
/// | `base-slice` | what the scheduler gives a task before another one's turn; for root only |
/// | `preemption` | whether the kernel may be interrupted itself, or how it was built to |
/// | `clock-source` | where the kernel's clock comes from |
/// | `mitigations` | the flaws that concern this processor, and what is done about each |
/// | `address-randomization` | whether addresses differ from process to process |
/// | `huge-pages` | when memory gets them without being asked |
/// | `swap` | how much there is, and how much of it is used |
/// | `libc`, `system-version` | whose, and which version |
/// | `open-files`, `processes`, `mappings` | how many this process may have |
/// | `hypervisor`, `virtual-hardware` | under which it runs, and what that pretends to be |
///
/// A guest's governor is `none`: its frequency is set where it cannot ask.
pub fn provenance() -> BTreeMap<String, String> {
    let mut told = vec![("hypervisor", hypervisor::name())];
    told.extend(here::provenance());
    told.into_iter().filter_map(|(name, value)| Some((name.into(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_is_a_number_or_the_reason_why_windows_ended_the_process() {
        assert_eq!([0, 101, -1].map(exit), ["exit 0", "exit 101", "status 0xffffffff"]);
        assert_eq!(exit(0xc000_00fd_u32 as i32), "stack overflow");
    }

    #[test]
    fn the_state_of_this_machine_has_plain_names_and_nothing_empty() {
        let told = provenance();
        for (name, value) in &told {
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
            assert!(!value.is_empty() && !value.contains('\n'), "{name}: {value:?}");
        }
    }
}
