//! What a platform does not have: everything but a clock. Each platform takes all of this
//! over, and puts what it has in place of it.

// What every function of a platform is replaced by, nobody calls there.
#![allow(dead_code)]

use std::process::ExitStatus;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use super::{Machine, MachineTime, ProcessBytes, State, Switches, Tell};
use crate::Counters;

pub(super) fn counters() -> Counters {
    Counters::default()
}

pub(super) fn no_core_file() {}

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

pub(super) fn monotonic_ns() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_nanos() as u64
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
    Machine::default()
}

pub(super) fn enter_kernel() -> bool {
    false
}

pub(super) fn provenance() -> Vec<State> {
    Vec::new()
}

pub(super) fn cpus_apart() -> Option<[usize; 2]> {
    None
}

pub(super) fn tell_group(_leader: u32, _tell: Tell) -> bool {
    false
}

pub(super) fn ending_signal(_status: ExitStatus) -> Option<i32> {
    None
}
