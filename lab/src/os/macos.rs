//! macOS: every Unix's counters, `proc_pidinfo` for memory and threads, and `sysctl` for the
//! machine; no affinity, no peak that could be reset, no switches of a single thread.

use std::process::Command;

pub(super) use super::unix::*;
use super::{Cache, Machine, State};

/// What the kernel knows of a task. Of the user's own ones only.
fn task(pid: u32) -> Option<libc::proc_taskinfo> {
    // SAFETY: `proc_taskinfo` is plain integers, for which all-zero bytes are a value.
    let mut info: libc::proc_taskinfo = unsafe { std::mem::zeroed() };
    let size = size_of_val(&info) as libc::c_int;
    let pid = pid.try_into().ok()?;
    // SAFETY: the pointer is to a live structure of the size given.
    let written = unsafe {
        libc::proc_pidinfo(pid, libc::PROC_PIDTASKINFO, 0, (&raw mut info).cast(), size)
    };
    (written == size).then_some(info)
}

pub(super) fn memory_bytes() -> Option<(u64, u64)> {
    let info = task(std::process::id())?;
    Some((info.pti_resident_size, info.pti_virtual_size))
}

pub(super) fn threads_of(pid: u32) -> Option<u32> {
    task(pid)?.pti_threadnum.try_into().ok()
}

pub(super) fn load() -> Option<f64> {
    let mut minute = 0.0;
    // SAFETY: the pointer is to one live number, and one is asked for.
    (unsafe { libc::getloadavg(&mut minute, 1) } == 1).then_some(minute)
}

pub(super) fn machine() -> Machine {
    let cpu = sysctl("machdep.cpu.brand_string");
    let apple = cpu.as_ref().is_some_and(|cpu| cpu.starts_with("Apple"));
    Machine {
        kernel: sysctl("kern.osrelease"),
        vendor: sysctl("machdep.cpu.vendor").or(apple.then(|| "Apple".into())),
        // Apple's own have a number that stands for the whole design, and is printed signed.
        family: number("machdep.cpu.family").or(number("hw.cpufamily")).map(|n| n as u32),
        model: number("machdep.cpu.model").or(number("hw.cpusubfamily")).map(|n| n as u32),
        stepping: number("machdep.cpu.stepping").map(|n| n as u32),
        caches: caches(),
        cores: number("hw.physicalcpu").map(|n| n as u32),
        memory_bytes: number("hw.memsize").map(|n| n as u64),
        virtual_machine: sysctl("kern.hv_vmm_present").map(|s| s == "1"),
        cpu,
        ..Machine::default()
    }
}

/// Those of the fast cores, where there are two kinds. `hw.cacheconfig` is how many hardware
/// threads share the main memory, a first-level cache, a second-level one, and so on.
fn caches() -> Vec<Cache> {
    let config = sysctl("hw.cacheconfig").unwrap_or_default();
    let shared: Vec<u32> = config.split_whitespace().map_while(|n| n.parse().ok()).collect();
    let of = [
        (1, "data", "l1dcachesize"),
        (1, "instruction", "l1icachesize"),
        (2, "unified", "l2cachesize"),
        (3, "unified", "l3cachesize"),
    ];
    let cache = |(level, kind, name): (u32, &str, &str)| {
        let fast = number(&format!("hw.perflevel0.{name}"));
        let bytes = fast.or_else(|| number(&format!("hw.{name}")))? as u64;
        let shared = shared.get(level as usize);
        let shared_by = shared.map_or(1, |&n| n.max(1));
        (bytes > 0).then(|| Cache { level, kind: kind.into(), bytes, shared_by })
    };
    of.into_iter().filter_map(cache).collect()
}

pub(super) fn provenance() -> Vec<State> {
    let mut told = limits();
    told.extend([
        ("system-version", sysctl("kern.osproductversion")),
        ("swap", sysctl("vm.swapusage")),
    ]);
    told
}

fn number(name: &str) -> Option<i64> {
    sysctl(name)?.parse().ok()
}

fn sysctl(name: &str) -> Option<String> {
    let out = Command::new("sysctl").args(["-n", name]).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    out.status.success().then(|| text.trim().to_owned())
}
