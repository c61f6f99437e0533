//! macOS: every Unix's counters, and `sysctl` for the machine; no affinity, no `/proc`, no
//! peak that could be reset.

use std::process::Command;

use super::Machine;
pub(super) use super::unix::*;

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
