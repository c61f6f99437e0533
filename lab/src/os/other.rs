//! Elsewhere: the clock, and nothing beside it.

use std::time::Duration;

use super::{Machine, MachineTime};
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

pub(super) fn threads_of(_pid: u32) -> Option<u32> {
    None
}

pub(super) fn allowed_cpus() -> Option<Vec<usize>> {
    None
}

pub(super) fn pin_to(_cpu: usize) -> bool {
    false
}

pub(super) fn machine_time() -> Option<MachineTime> {
    None
}

pub(super) fn family_time(_pid: u32) -> Option<Duration> {
    None
}

pub(super) fn kernel_time() -> Option<Duration> {
    None
}

pub(super) fn machine() -> Machine {
    Machine::default()
}
