//! macOS: `getrusage` and `sysctl`; no affinity, no `/proc`, no peak that could be reset.

use std::process::Command;
use std::time::Duration;

pub(super) use super::unix::{counters, monotonic_ns, no_core_file};
use super::{Machine, MachineTime, ProcessBytes, Switches};

pub(super) fn reset_peak() {}

pub(super) fn peak_bytes() -> Option<u64> {
    None
}

pub(super) fn memory_bytes() -> Option<(u64, u64)> {
    None
}

pub(super) fn kernel_stack_bytes() -> Option<u64> {
    None
}

pub(super) fn mappings() -> Option<(u64, u64)> {
    None
}

pub(super) fn page_table_bytes() -> Option<u64> {
    None
}

pub(super) fn process_bytes(_pid: u32) -> Option<ProcessBytes> {
    None
}

pub(super) fn limit_memory(_bytes: u64) -> bool {
    false
}

pub(super) fn threads_of(_pid: u32) -> Option<u32> {
    None
}

pub(super) fn allowed_cpus() -> Option<Vec<usize>> {
    None
}

pub(super) fn thread_switches() -> Option<Switches> {
    None
}

pub(super) fn current_cpu() -> Option<u32> {
    None
}

pub(super) fn pin_to(_cpus: &[usize]) -> bool {
    false
}

pub(super) fn be_nice(_nice: i32) -> bool {
    false
}

pub(super) fn machine_time() -> Option<MachineTime> {
    None
}

pub(super) fn family_time(_pid: u32) -> Option<Duration> {
    None
}

pub(super) fn pressure_time() -> Option<Duration> {
    None
}

pub(super) fn load() -> Option<f64> {
    None
}

pub(super) fn kernel_time() -> Option<Duration> {
    None
}

pub(super) fn machine() -> Machine {
    Machine {
        kernel: sysctl("kern.osrelease"),
        cpu: sysctl("machdep.cpu.brand_string"),
        cores: sysctl("hw.physicalcpu").and_then(|s| s.parse().ok()),
        memory_bytes: sysctl("hw.memsize").and_then(|s| s.parse().ok()),
        virtual_machine: sysctl("kern.hv_vmm_present").map(|s| s == "1"),
        ..Machine::default()
    }
}

fn sysctl(name: &str) -> Option<String> {
    let out = Command::new("sysctl").args(["-n", name]).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    out.status.success().then(|| text.trim().to_owned())
}
