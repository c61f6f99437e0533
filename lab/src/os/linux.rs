//! Linux: `/proc`, `getrusage` and affinity.

mod machine;
mod state;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::time::Duration;

pub(super) use self::machine::{cpus_apart, machine};
pub(super) use self::state::provenance;
pub(super) use super::unix::*;
use super::{MachineTime, ProcessBytes, Switches};

pub(super) fn reset_peak() {
    // proc_pid_clear_refs(5): 5 resets the peak resident set size. Without the right to do
    // so `peak_bytes` would speak of another run, so it checks that this worked.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

pub(super) fn peak_bytes() -> Option<u64> {
    let may_reset = fs::OpenOptions::new().write(true).open("/proc/self/clear_refs").is_ok();
    if may_reset { status_kib("VmHWM:") } else { None }
}

pub(super) fn memory_bytes() -> Option<(u64, u64)> {
    Some((status_kib("VmRSS:")?, status_kib("VmSize:")?))
}

fn status_kib(field: &str) -> Option<u64> {
    Some(status_field("self", field)? * 1024)
}

fn status_field(pid: &str, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// proc_meminfo(5): memory of kernel stacks, of the whole machine.
pub(super) fn kernel_stack_bytes() -> Option<u64> {
    let meminfo = fs::read_to_string("/proc/meminfo").ok()?;
    let line = meminfo.lines().find(|line| line.starts_with("KernelStack:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

pub(super) fn mappings() -> Option<(u64, u64)> {
    let used = BufReader::new(fs::File::open("/proc/self/maps").ok()?).lines().count() as u64;
    let allowed = fs::read_to_string("/proc/sys/vm/max_map_count").ok()?;
    Some((used, allowed.trim().parse().ok()?))
}

pub(super) fn page_table_bytes() -> Option<u64> {
    status_kib("VmPTE:")
}

/// proc_pid_smaps(5): `smaps_rollup` has the sums over all mappings.
pub(super) fn process_bytes(pid: u32) -> Option<ProcessBytes> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
    let proportional = line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024;
    let page_tables = status_field(&pid.to_string(), "VmPTE:")? * 1024;
    Some(ProcessBytes { proportional, page_tables })
}

pub(super) fn limit_memory(bytes: u64) -> bool {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the pointer is to a live `rlimit`.
    unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) == 0 }
}

pub(super) fn threads_of(pid: u32) -> Option<u32> {
    status_field(&pid.to_string(), "Threads:")?.try_into().ok()
}

pub(super) fn allowed_cpus() -> Option<Vec<usize>> {
    // SAFETY: `cpu_set_t` is a bit mask, for which all-zero bytes are the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live mask of the size given; 0 is the calling thread.
    if unsafe { libc::sched_getaffinity(0, size_of_val(&set), &mut set) } != 0 {
        return None;
    }
    let cpus = 0..libc::CPU_SETSIZE as usize;
    // SAFETY: every number asked for is below CPU_SETSIZE, so inside the mask.
    Some(cpus.filter(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) }).collect())
}

/// getrusage(2) with RUSAGE_THREAD: this thread only.
pub(super) fn thread_switches() -> Option<Switches> {
    // SAFETY: `rusage` is plain integers, for which all-zero bytes are a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live, writable `rusage`.
    if unsafe { libc::getrusage(libc::RUSAGE_THREAD, &mut usage) } != 0 {
        return None;
    }
    Some(Switches {
        voluntary: usage.ru_nvcsw.try_into().ok()?,
        involuntary: usage.ru_nivcsw.try_into().ok()?,
    })
}

pub(super) fn current_cpu() -> Option<u32> {
    // SAFETY: `sched_getcpu` has no preconditions.
    unsafe { libc::sched_getcpu() }.try_into().ok()
}

pub(super) fn pin_to(cpus: &[usize]) -> bool {
    if cpus.iter().any(|&cpu| cpu >= libc::CPU_SETSIZE as usize) {
        return false;
    }
    // SAFETY: `cpu_set_t` is a bit mask, for which all-zero bytes are the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for &cpu in cpus {
        // SAFETY: `cpu` is below CPU_SETSIZE, so inside the mask.
        unsafe { libc::CPU_SET(cpu, &mut set) };
    }
    // SAFETY: the pointer is to a live mask of the size given; 0 is the calling thread.
    unsafe { libc::sched_setaffinity(0, size_of_val(&set), &set) == 0 }
}

/// setpriority(2): under Linux the nice value is a thread's own, and 0 is the calling thread.
pub(super) fn be_nice(nice: i32) -> bool {
    // SAFETY: `setpriority` takes plain numbers and has no preconditions.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, nice) == 0 }
}

/// proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal.
pub(super) fn machine_time() -> Option<MachineTime> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let first = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = first.split_whitespace().map_while(|f| f.parse().ok()).collect();
    let [user, nice, system, _idle, _iowait, irq, softirq, stolen, ..] = ticks[..] else {
        return None;
    };
    Some(MachineTime {
        busy: from_ticks(user + nice + system + irq + softirq),
        stolen: from_ticks(stolen),
    })
}

/// proc_pid_stat(5): parent is field 4; utime, stime, cutime and cstime are 14 to 17. Field 2
/// is the command in parentheses and may hold anything, so count from the last parenthesis.
pub(super) fn family_time(pid: u32) -> Option<Duration> {
    let mut parent_and_ticks: HashMap<u32, (u32, i64)> = HashMap::new();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let Some((_, after)) = stat.rsplit_once(')') else { continue };
        // Signed, since some fields are (the terminal's group is -1 without a terminal).
        let fields: Vec<i64> =
            after.split_whitespace().skip(1).map_while(|f| f.parse().ok()).collect();
        if let (Some(&parent), Some(times)) = (fields.first(), fields.get(10..14)) {
            parent_and_ticks.insert(id, (parent as u32, times.iter().sum()));
        }
    }
    let mut family = HashSet::from([pid]);
    loop {
        let before = family.len();
        for (id, (parent, _)) in &parent_and_ticks {
            if family.contains(parent) {
                family.insert(*id);
            }
        }
        if family.len() == before {
            break;
        }
    }
    let ticks: i64 = family.iter().filter_map(|id| Some(parent_and_ticks.get(id)?.1)).sum();
    Some(from_ticks(ticks as u64))
}

/// Pressure stall information: `some … total=` is in microseconds.
pub(super) fn pressure_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/pressure/cpu").ok()?;
    let total = text.lines().next()?.rsplit_once("total=")?.1;
    Some(Duration::from_micros(total.trim().parse().ok()?))
}

pub(super) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

pub(super) fn kernel_time() -> Option<Duration> {
    // Every kernel thread descends from kthreadd, which is process 2 outside of containers.
    let name = fs::read_to_string("/proc/2/comm").ok()?;
    if name.trim() == "kthreadd" { family_time(2) } else { None }
}

fn from_ticks(ticks: u64) -> Duration {
    // SAFETY: `sysconf` has no preconditions.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as u64;
    Duration::from_millis(ticks * 1000 / per_second)
}

/// A file of `/proc` or `/sys`, without the blanks at its end.
fn read(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_stretch_shows_in_the_family_and_in_the_machine() {
        let (family, machine) = (family_time(std::process::id()), machine_time().unwrap());
        let began = std::time::Instant::now();
        let mut x = 1_u64;
        while began.elapsed() < Duration::from_millis(300) {
            x = std::hint::black_box(x * 48_271 % 0x7fff_ffff);
        }
        assert!(family_time(std::process::id()).unwrap() > family.unwrap());
        assert!(machine_time().unwrap().busy > machine.busy);
    }

    #[test]
    fn a_pinned_thread_may_run_on_one_cpu_only() {
        std::thread::spawn(|| {
            let first = allowed_cpus().unwrap()[0];
            assert!(pin_to(&[first]));
            assert_eq!(allowed_cpus(), Some(vec![first]));
            assert!(!pin_to(&[usize::MAX]) && !pin_to(&[]));
        })
        .join()
        .unwrap();
    }

    #[test]
    fn memory_shared_with_a_child_is_counted_once() {
        let ours = process_bytes(std::process::id()).unwrap();
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let cat = process_bytes(child.id()).unwrap();
        drop(child.stdin.take());
        child.wait().unwrap();
        // Both map the C library, and neither is charged for all of it.
        let resident = status_kib("VmRSS:").unwrap();
        assert!(cat.proportional > 0 && cat.page_tables > 0, "{cat:?}");
        assert!(ours.proportional < resident, "{ours:?} of {resident}");
        assert_eq!(process_bytes(u32::MAX), None);
    }

    #[test]
    fn a_nice_thread_leaves_its_siblings_as_they_were() {
        let niceness = || {
            let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
            let (_, after) = stat.rsplit_once(')').unwrap();
            after.split_whitespace().nth(16).unwrap().parse::<i32>().unwrap()
        };
        let before = niceness();
        let nicer = std::thread::spawn(move || (be_nice(19), niceness())).join().unwrap();
        assert_eq!((nicer, niceness()), ((true, 19), before));
    }

    #[test]
    fn the_peak_sees_memory_that_is_gone_again() {
        reset_peak();
        let before = peak_bytes().unwrap();
        drop(std::hint::black_box(vec![1_u8; 32 << 20]));
        assert!(peak_bytes().unwrap() >= before + (24 << 20));
        reset_peak();
        assert!(peak_bytes().unwrap() < before + (24 << 20));
    }
}
