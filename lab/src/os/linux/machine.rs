//! Who the machine is: `/proc/cpuinfo`, and sysfs for cores and caches.

use std::collections::HashSet;

use super::{allowed_cpus, read};
use crate::os::{Cache, Machine};

pub(in crate::os) fn machine() -> Machine {
    Machine {
        kernel: read("/proc/sys/kernel/osrelease"),
        cores: cores(),
        caches: caches(&read),
        memory_bytes: memory(),
        ..processor(&read("/proc/cpuinfo").unwrap_or_default())
    }
}

/// What the first processor of `/proc/cpuinfo` has under `name`.
pub(super) fn cpuinfo_field<'a>(cpuinfo: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.find(|(key, _)| key.trim_end() == name)?;
    Some(value.trim())
}

/// Who the processor is, from `/proc/cpuinfo` of x86 or of ARM.
fn processor(cpuinfo: &str) -> Machine {
    let text = |name: &str| cpuinfo_field(cpuinfo, name).map(str::to_owned);
    let number = |name: &str| {
        let digits = cpuinfo_field(cpuinfo, name)?;
        match digits.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        }
    };
    let arm = number("CPU implementer");
    Machine {
        cpu: text("model name"),
        vendor: text("vendor_id").or(arm.map(implementer)),
        family: number("cpu family").or(arm.and(number("CPU architecture"))),
        model: number("model").or(number("CPU part")),
        stepping: number("stepping")
            .or_else(|| Some(number("CPU variant")? * 16 + number("CPU revision")?)),
        virtual_machine: cpuinfo_field(cpuinfo, "flags")
            .map(|flags| flags.split(' ').any(|flag| flag == "hypervisor")),
        ..Machine::default()
    }
}

/// Whose ARM core it is, by the number that ARM gave them (Main ID Register).
fn implementer(code: u32) -> String {
    let name = match code {
        0x41 => "ARM",
        0x42 => "Broadcom",
        0x43 => "Cavium",
        0x46 => "Fujitsu",
        0x48 => "HiSilicon",
        0x4e => "NVIDIA",
        0x51 => "Qualcomm",
        0x53 => "Samsung",
        0x61 => "Apple",
        0x6d => "Microsoft",
        0xc0 => "Ampere",
        other => return format!("implementer {other:#x}"),
    };
    name.into()
}

/// The first hardware thread's, nearest first, as sysfs lists them. `read` reads a file.
fn caches(read: &dyn Fn(&str) -> Option<String>) -> Vec<Cache> {
    let cache = |index: u32| {
        let of = |name: &str| {
            read(&format!("/sys/devices/system/cpu/cpu0/cache/index{index}/{name}"))
        };
        Some(Cache {
            level: of("level")?.parse().ok()?,
            kind: of("type")?.to_lowercase(),
            bytes: bytes(&of("size")?)?,
            shared_by: of("shared_cpu_list").as_deref().and_then(cpus)?.len() as u32,
        })
    };
    (0..).map_while(cache).collect()
}

/// `32K`, `8M`.
fn bytes(size: &str) -> Option<u64> {
    let (digits, unit) = match size.strip_suffix('M') {
        Some(digits) => (digits, 1 << 20),
        None => (size.strip_suffix('K')?, 1 << 10),
    };
    Some(digits.parse::<u64>().ok()? * unit)
}

/// A list of hardware threads as the kernel writes it: `0-3,8`.
pub(super) fn cpus(list: &str) -> Option<Vec<usize>> {
    let mut cpus = Vec::new();
    for range in list.split(',') {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        cpus.extend(from.parse::<usize>().ok()?..=to.parse().ok()?);
    }
    Some(cpus)
}

/// The hardware threads of one core, as a text that all of them share.
fn siblings(cpu: usize) -> Option<String> {
    read(&format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"))
}

/// Physical cores: as many as there are distinct sets of sibling hardware threads.
fn cores() -> Option<u32> {
    let cores: Option<HashSet<String>> = allowed_cpus()?.into_iter().map(siblings).collect();
    cores?.len().try_into().ok()
}

pub(in crate::os) fn cpus_apart() -> Option<[usize; 2]> {
    let cpus = allowed_cpus()?;
    let (&first, rest) = cpus.split_first()?;
    let other_core = rest.iter().find(|&&cpu| siblings(cpu) != siblings(first));
    Some([first, *other_core.or(rest.first())?])
}

fn memory() -> Option<u64> {
    let meminfo = read("/proc/meminfo")?;
    let line = meminfo.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const XEON: &str = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n\
        model\t\t: 106\nmodel name\t: Intel(R) Xeon(R) Processor @ 2.60GHz\nstepping\t: 6\n\
        microcode\t: 0x1\nflags\t\t: fpu vme hypervisor lahf_lm\n\n\
        processor\t: 1\nmodel\t\t: 107\n";
    const EPYC: &str = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\n\
        model\t\t: 17\nmodel name\t: AMD EPYC\nstepping\t: 1\nflags\t\t: fpu vme\n";
    const NEOVERSE: &str = "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd\n\
        CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\n\
        CPU part\t: 0xd0c\nCPU revision\t: 1\n";

    #[test]
    fn cpuinfo_tells_who_the_processor_is_on_intel_amd_and_arm() {
        let is = |cpuinfo| {
            let Machine { cpu, vendor, family, model, stepping, .. } = processor(cpuinfo);
            (
                cpu.unwrap_or_default(),
                vendor.unwrap(),
                [family, model, stepping].map(Option::unwrap),
            )
        };
        let xeon = "Intel(R) Xeon(R) Processor @ 2.60GHz".to_owned();
        assert_eq!(is(XEON), (xeon, "GenuineIntel".into(), [6, 106, 6]));
        assert_eq!(is(EPYC), ("AMD EPYC".into(), "AuthenticAMD".into(), [25, 17, 1]));
        assert_eq!(is(NEOVERSE), (String::new(), "ARM".into(), [8, 0xd0c, 0x31]));
        let guest = [XEON, EPYC, NEOVERSE].map(|cpuinfo| processor(cpuinfo).virtual_machine);
        assert_eq!(guest, [Some(true), Some(false), None]);
        let strange = processor("CPU implementer\t: 0x99\n");
        assert_eq!(strange.vendor.as_deref(), Some("implementer 0x99"));
        assert_eq!(processor("\nno colon\n"), Machine::default());
    }

    /// A machine of made-up files.
    fn files<'a>(files: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |path| {
            let (_, text) = files.iter().find(|(end, _)| path.ends_with(end))?;
            Some((*text).to_owned())
        }
    }

    #[test]
    fn the_folders_of_sysfs_tell_the_caches_up_to_the_first_gap() {
        let read = files(&[
            ("cpu0/cache/index0/level", "1"),
            ("cpu0/cache/index0/type", "Data"),
            ("cpu0/cache/index0/size", "48K"),
            ("cpu0/cache/index0/shared_cpu_list", "0,64"),
            ("cpu0/cache/index1/level", "3"),
            ("cpu0/cache/index1/type", "Unified"),
            ("cpu0/cache/index1/size", "54M"),
            ("cpu0/cache/index1/shared_cpu_list", "0-31,64-95"),
            ("cpu0/cache/index2/level", "4"), // and no size
        ]);
        let cache = |level, kind: &str, kib: u64, shared_by| Cache {
            level,
            kind: kind.into(),
            bytes: kib << 10,
            shared_by,
        };
        assert_eq!(
            caches(&read),
            [cache(1, "data", 48, 2), cache(3, "unified", 54 * 1024, 64)]
        );
        assert_eq!(caches(&|_| None), []);
    }
}
