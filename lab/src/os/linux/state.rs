//! The state that the machine is in: what decides about times and may be set otherwise
//! tomorrow. Files of `/proc` and `/sys`, and the few things that only a call tells.

use std::collections::BTreeMap;
use std::fs;

use super::machine::{cpuinfo_field, cpus};
use super::{allowed_cpus, limits, read};
use crate::os::State;

pub(in crate::os) fn provenance() -> Vec<State> {
    // SAFETY: `personality` takes a number; this one asks and changes nothing.
    let personality = unsafe { libc::personality(0xffff_ffff) };
    let fixed = personality >= 0 && personality & libc::ADDR_NO_RANDOMIZE != 0;
    let mut told = from_files(&read, allowed_cpus());
    told.extend(limits());
    told.extend([
        ("tick", tick()),
        ("mitigations", mitigations(&vulnerabilities())),
        ("libc", libc_version()),
        ("address-randomization", fixed.then(|| "off for this process".into())),
    ]);
    told
}

/// All that stands in files whose names are known before. `read` reads a file.
fn from_files(
    read: &dyn Fn(&str) -> Option<String>,
    allowed: Option<Vec<usize>>,
) -> Vec<State> {
    let cpu = |name: &str| read(&format!("/sys/devices/system/cpu/{name}"));
    let sched = |name: &str| read(&format!("/sys/kernel/debug/sched/{name}"));
    let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
    // A guest is seldom told how fast its host lets it run.
    let governor = cpu("cpu0/cpufreq/scaling_governor").unwrap_or("none".into());
    let turbo = match (cpu("intel_pstate/no_turbo"), cpu("cpufreq/boost")) {
        (Some(off), _) => Some(off == "0"),
        (None, on) => on.map(|on| on == "1"),
    };
    let turbo = turbo.map_or("none", |on| if on { "on" } else { "off" });
    let online = cpu("online").as_deref().and_then(cpus);
    let affinity = allowed.zip(online).map(|(allowed, online)| {
        format!("{} of {} hardware threads", allowed.len(), online.len())
    });
    let built_with = read("/proc/sys/kernel/version").and_then(|version| {
        Some(version.split(' ').find(|word| word.starts_with("PREEMPT"))?.to_owned())
    });
    let randomized = read("/proc/sys/kernel/randomize_va_space").map(|level| {
        match level.as_str() {
            "0" => "off",
            "1" => "without the heap",
            "2" => "full",
            other => other,
        }
        .into()
    });
    let huge = read("/sys/kernel/mm/transparent_hugepage/enabled");
    // On the metal it would name somebody's laptop.
    let guest = cpuinfo_field(&cpuinfo, "flags").is_some_and(|all| all.contains("hypervisor"));
    let hardware = ["sys_vendor", "product_name"]
        .map(|name| read(&format!("/sys/class/dmi/id/{name}")).unwrap_or_default())
        .join(" ");
    let hardware = hardware.trim();
    vec![
        ("microcode", cpuinfo_field(&cpuinfo, "microcode").map(str::to_owned)),
        ("governor", Some(governor)),
        ("turbo", Some(turbo.into())),
        ("affinity", affinity),
        ("cpu-quota", cpu_quota(read)),
        ("base-slice", sched("base_slice_ns").map(|ns| format!("{ns} ns"))),
        ("preemption", sched("preempt").and_then(|all| within(&all, '(', ')')).or(built_with)),
        ("clock-source", read(CLOCK_SOURCE)),
        ("address-randomization", randomized),
        ("huge-pages", huge.and_then(|all| within(&all, '[', ']'))),
        ("swap", swap(&read("/proc/meminfo").unwrap_or_default())),
        ("mappings", read("/proc/sys/vm/max_map_count")),
        ("virtual-hardware", (guest && !hardware.is_empty()).then(|| hardware.to_owned())),
        ("hypervisor", read("/sys/hypervisor/type")),
    ]
}

const CLOCK_SOURCE: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

/// The one of several that is marked: `always [madvise] never`.
fn within(all: &str, open: char, close: char) -> Option<String> {
    Some(all.split_once(open)?.1.split_once(close)?.0.to_owned())
}

/// How much of a core this process's control group may use, the tightest limit on the way to
/// the root. `cpu.max` of version 2 has the quota and the period in one line, version 1 each
/// in a file. Where the path leads out of a container, only what is nearer to the root is
/// there. `None`: no group tells.
fn cpu_quota(read: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let groups = read("/proc/self/cgroup")?;
    let mut told = None;
    let mut tightest: Option<(f64, f64)> = None;
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        let base = match controllers {
            "" => "/sys/fs/cgroup",
            list if list.split(',').any(|name| name == "cpu") => "/sys/fs/cgroup/cpu",
            _ => continue,
        };
        let mut path = path.trim_end_matches('/');
        loop {
            let file = |name: &str| read(&format!("{base}{path}/{name}"));
            let both = file("cpu.max").or_else(|| {
                Some(format!("{} {}", file("cpu.cfs_quota_us")?, file("cpu.cfs_period_us")?))
            });
            if let Some((quota, period)) = both.as_deref().and_then(|both| both.split_once(' '))
            {
                told = Some("none".to_owned());
                // Without a limit the quota is `max`, or −1.
                let limit = quota.parse().ok().zip(period.parse().ok());
                if let Some((quota, period)) =
                    limit.filter(|&(quota, _): &(f64, f64)| quota > 0.0)
                    && tightest.is_none_or(|(q, p)| quota / period < q / p)
                {
                    tightest = Some((quota, period));
                }
            }
            match path.rsplit_once('/') {
                Some((parent, _)) => path = parent,
                None => break,
            }
        }
    }
    let words = |(quota, period)| {
        format!("{} cores, counted every {} ms", quota / period, period / 1000.0)
    };
    tightest.map(words).or(told)
}

fn swap(meminfo: &str) -> Option<String> {
    let mib = |name: &str| {
        let line = meminfo.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
    };
    match (mib("SwapTotal:")?, mib("SwapFree:")?) {
        (0, _) => Some("none".into()),
        (total, free) => Some(format!("{} of {total} MiB used", total.saturating_sub(free))),
    }
}

/// The coarse clock moves once a tick, and says so.
fn tick() -> Option<String> {
    let mut step = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live `timespec`; every Linux since 2.6.32 has this clock.
    if unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC_COARSE, &mut step) } != 0 {
        return None;
    }
    let ns = step.tv_nsec.max(1);
    Some(format!("{} Hz", (1_000_000_000 + ns / 2) / ns))
}

/// What the kernel knows about each flaw of processors, by its name.
fn vulnerabilities() -> BTreeMap<String, String> {
    let folder = fs::read_dir("/sys/devices/system/cpu/vulnerabilities");
    let files = folder.into_iter().flatten().flatten();
    let told = files.filter_map(|file| {
        let name = file.file_name().into_string().ok()?;
        Some((name, fs::read_to_string(file.path()).ok()?.trim_end().to_owned()))
    });
    told.collect()
}

/// In short: those that concern this processor, each with the first thing said about it.
fn mitigations(flaws: &BTreeMap<String, String>) -> Option<String> {
    let concern: Vec<String> = flaws
        .iter()
        .filter(|(_, told)| *told != "Not affected")
        .map(|(name, told)| {
            let first = told.split(';').next().unwrap_or_default();
            format!("{name}: {}", first.trim_start_matches("Mitigation: "))
        })
        .collect();
    match (flaws.is_empty(), concern.is_empty()) {
        (true, _) => None,
        (false, true) => Some("none needed".into()),
        (false, false) => Some(concern.join("; ")),
    }
}

/// The C library and the version that runs. Others than GNU's do not say theirs.
fn libc_version() -> Option<String> {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: it has no preconditions and returns a static string.
        let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
        Some(format!("glibc {}", version.to_string_lossy()))
    }
    #[cfg(not(target_env = "gnu"))]
    cfg!(target_env = "musl").then(|| "musl".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, &str)]) -> BTreeMap<&'static str, String> {
        let read = |path: &str| {
            let (_, text) = files.iter().find(|(name, _)| *name == path)?;
            Some((*text).to_owned())
        };
        let all = from_files(&read, Some(vec![0, 1])).into_iter();
        all.filter_map(|(name, value)| Some((name, value?))).collect()
    }

    #[test]
    fn files_tell_the_state_of_the_machine_in_a_few_words() {
        let told = told(&[
            ("/proc/cpuinfo", "microcode\t: 0x1000065\nflags\t: fpu hypervisor\n"),
            ("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "schedutil"),
            ("/sys/devices/system/cpu/intel_pstate/no_turbo", "1"),
            ("/sys/devices/system/cpu/online", "0-3"),
            ("/sys/kernel/debug/sched/base_slice_ns", "2800000"),
            ("/sys/kernel/debug/sched/preempt", "none voluntary (full) lazy"),
            ("/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC @0"),
            (CLOCK_SOURCE, "tsc"),
            ("/proc/sys/kernel/randomize_va_space", "2"),
            ("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never"),
            ("/proc/meminfo", "SwapTotal:  2097152 kB\nSwapFree:  1048576 kB\n"),
            ("/proc/sys/vm/max_map_count", "65530"),
            ("/sys/class/dmi/id/sys_vendor", "QEMU"),
            ("/sys/class/dmi/id/product_name", "Standard PC"),
        ]);
        let told: Vec<_> =
            told.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            told,
            [
                "address-randomization: full",
                "affinity: 2 of 4 hardware threads",
                "base-slice: 2800000 ns",
                "clock-source: tsc",
                "governor: schedutil",
                "huge-pages: madvise",
                "mappings: 65530",
                "microcode: 0x1000065",
                "preemption: full",
                "swap: 1024 of 2048 MiB used",
                "turbo: off",
                "virtual-hardware: QEMU Standard PC",
            ]
        );
    }

    #[test]
    fn a_machine_on_the_metal_does_not_give_its_product_away() {
        let told = told(&[
            ("/proc/cpuinfo", "flags\t: fpu\n"),
            ("/proc/sys/kernel/version", "#1 SMP PREEMPT_DYNAMIC @0"),
            ("/sys/devices/system/cpu/cpufreq/boost", "1"),
            ("/sys/class/dmi/id/sys_vendor", "LENOVO"),
        ]);
        let names: Vec<_> = told.keys().copied().collect();
        assert_eq!(names, ["governor", "preemption", "turbo"]);
        assert_eq!((&*told["preemption"], &*told["turbo"]), ("PREEMPT_DYNAMIC", "on"));
    }

    #[test]
    fn the_tightest_quota_on_the_way_to_the_root_counts() {
        let quota = |files: &[(&str, &str)]| told(files).remove("cpu-quota");
        let in_v2 = ("/proc/self/cgroup", "0::/user/build");
        assert_eq!(quota(&[in_v2]), None);
        let build = ("/sys/fs/cgroup/user/build/cpu.max", "max 100000");
        assert_eq!(quota(&[in_v2, build]).as_deref(), Some("none"));
        let (user, root) = (
            ("/sys/fs/cgroup/user/cpu.max", "150000 100000"),
            ("/sys/fs/cgroup/cpu.max", "400000 100000"),
        );
        assert_eq!(
            quota(&[in_v2, build, user, root]).as_deref(),
            Some("1.5 cores, counted every 100 ms")
        );
        let in_v1 = ("/proc/self/cgroup", "3:cpuset:/\n2:cpu,cpuacct:/docker/0123\n0::/");
        let period = ("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
        let tight = ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000");
        assert_eq!(
            quota(&[in_v1, tight, period]).as_deref(),
            Some("0.5 cores, counted every 100 ms")
        );
        let free = ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1");
        assert_eq!(quota(&[in_v1, free, period]).as_deref(), Some("none"));
    }

    #[test]
    fn of_the_flaws_only_those_that_concern_the_processor_are_told() {
        let flaws = |all: &[(&str, &str)]| {
            mitigations(&all.iter().map(|&(k, v)| (k.into(), v.into())).collect())
        };
        assert_eq!(flaws(&[]), None);
        assert_eq!(flaws(&[("mds", "Not affected")]).as_deref(), Some("none needed"));
        assert_eq!(
            flaws(&[
                ("mds", "Not affected"),
                ("spec_store_bypass", "Vulnerable"),
                ("spectre_v2", "Mitigation: Retpolines; STIBP: disabled; RSB filling"),
            ])
            .as_deref(),
            Some("spec_store_bypass: Vulnerable; spectre_v2: Retpolines")
        );
    }

    #[test]
    fn the_tick_is_one_that_kernels_have() {
        let tick = tick().unwrap();
        assert!(["100 Hz", "250 Hz", "300 Hz", "1000 Hz"].contains(&&*tick), "{tick}");
    }
}
