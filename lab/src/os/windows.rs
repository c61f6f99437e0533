//! Windows: the Win32 calls for what can be had. A peak cannot be reset there, switches are
//! not counted for a process, and groups of processes cannot be told anything.

use std::mem;
use std::ptr;
use std::sync::LazyLock;
use std::time::Duration;

use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::Foundation::{CloseHandle, FILETIME, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW,
    TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Kernel::PROCESSOR_NUMBER;
use windows_sys::Win32::System::Performance::{
    QueryPerformanceCounter, QueryPerformanceFrequency,
};
use windows_sys::Win32::System::ProcessStatus::{
    K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS,
};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RegGetValueW};
use windows_sys::Win32::System::SystemInformation::{
    CacheData, CacheInstruction, CacheUnified, GROUP_AFFINITY, GetLogicalProcessorInformation,
    GetNativeSystemInfo, GlobalMemoryStatusEx, MEMORYSTATUSEX, OSVERSIONINFOW, RelationCache,
    RelationProcessorCore, SYSTEM_INFO, SYSTEM_LOGICAL_PROCESSOR_INFORMATION,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetCurrentProcessorNumberEx, GetCurrentThread, GetProcessTimes,
    GetSystemTimes, GetThreadGroupAffinity, SetThreadGroupAffinity,
};

pub(super) use super::absent::*;
use super::{Cache, Machine, MachineTime, State, hypervisor};
use crate::Counters;

const NEVER: FILETIME = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
/// Windows counts hardware threads in groups of as many as an affinity mask has bits.
const GROUP: usize = usize::BITS as usize;

pub(super) fn counters() -> Counters {
    let [mut began, mut ended, mut kernel, mut user] = [NEVER; 4];
    // SAFETY: the pointers are to live times; this process's own handle is always valid.
    let told = unsafe {
        GetProcessTimes(GetCurrentProcess(), &mut began, &mut ended, &mut kernel, &mut user)
    };
    if told == 0 {
        return Counters::default();
    }
    let cpu = duration(kernel) + duration(user);
    Counters { cpu_ns: Some(cpu.as_nanos() as u64), ..Counters::default() }
}

/// A time is counted in steps of 100 ns.
fn duration(time: FILETIME) -> Duration {
    let steps = u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    Duration::from_nanos(steps * 100)
}

/// The working set, and the addresses that are not free (under Wine that is a guess).
pub(super) fn memory_bytes() -> Option<(u64, u64)> {
    let size = size_of::<PROCESS_MEMORY_COUNTERS>() as u32;
    let mut memory = PROCESS_MEMORY_COUNTERS { cb: size, ..Default::default() };
    // SAFETY: the pointer is to a live structure of the size given.
    if unsafe { K32GetProcessMemoryInfo(GetCurrentProcess(), &mut memory, size) } == 0 {
        return None;
    }
    let machine = memory_status()?;
    let taken = machine.ullTotalVirtual.saturating_sub(machine.ullAvailVirtual);
    Some((memory.WorkingSetSize as u64, taken))
}

fn memory_status() -> Option<MEMORYSTATUSEX> {
    let size = size_of::<MEMORYSTATUSEX>() as u32;
    let mut status = MEMORYSTATUSEX { dwLength: size, ..Default::default() };
    // SAFETY: the pointer is to a live structure that says its size.
    (unsafe { GlobalMemoryStatusEx(&mut status) } != 0).then_some(status)
}

pub(super) fn threads_of(pid: u32) -> Option<u32> {
    // SAFETY: it takes numbers only.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    if snapshot == INVALID_HANDLE_VALUE {
        return None;
    }
    let size = size_of::<PROCESSENTRY32W>() as u32;
    let mut process = PROCESSENTRY32W { dwSize: size, ..Default::default() };
    // SAFETY: the handle is valid until it is closed, the structure says its size.
    let mut more = unsafe { Process32FirstW(snapshot, &mut process) } != 0;
    let mut threads = None;
    while more && threads.is_none() {
        threads = (process.th32ProcessID == pid).then_some(process.cntThreads);
        // SAFETY: as above.
        more = unsafe { Process32NextW(snapshot, &mut process) } != 0;
    }
    // SAFETY: the handle is ours and not used any more.
    unsafe { CloseHandle(snapshot) };
    threads
}

/// Those of the calling thread's group.
pub(super) fn allowed_cpus() -> Option<Vec<usize>> {
    let mut allowed = GROUP_AFFINITY::default();
    // SAFETY: the pointer is to a live structure; the calling thread's handle is valid.
    if unsafe { GetThreadGroupAffinity(GetCurrentThread(), &mut allowed) } == 0 {
        return None;
    }
    let first = usize::from(allowed.Group) * GROUP;
    Some((0..GROUP).filter(|bit| allowed.Mask >> bit & 1 == 1).map(|bit| first + bit).collect())
}

/// A thread may run in one group only.
pub(super) fn pin_to(cpus: &[usize]) -> bool {
    let Some(Ok(group)) = cpus.first().map(|cpu| u16::try_from(cpu / GROUP)) else {
        return false;
    };
    if cpus.iter().any(|cpu| cpu / GROUP != usize::from(group)) {
        return false;
    }
    let mask = cpus.iter().fold(0, |mask, cpu| mask | 1 << (cpu % GROUP));
    let wanted = GROUP_AFFINITY { Mask: mask, Group: group, ..Default::default() };
    // SAFETY: the pointer is to a live structure, and the old mask is not asked for.
    unsafe { SetThreadGroupAffinity(GetCurrentThread(), &wanted, ptr::null_mut()) != 0 }
}

pub(super) fn current_cpu() -> Option<u32> {
    let mut at = PROCESSOR_NUMBER::default();
    // SAFETY: the pointer is to a live structure.
    unsafe { GetCurrentProcessorNumberEx(&mut at) };
    Some(u32::from(at.Group) * GROUP as u32 + u32::from(at.Number))
}

/// The performance counter, which is the same for all processes.
#[inline]
pub(super) fn monotonic_ns() -> u64 {
    static PER_SECOND: LazyLock<u128> = LazyLock::new(|| {
        let mut frequency = 0;
        // SAFETY: the pointer is to a live number; it has never failed since Windows XP.
        unsafe { QueryPerformanceFrequency(&mut frequency) };
        frequency.max(1) as u128
    });
    let mut now = 0;
    // SAFETY: as above.
    unsafe { QueryPerformanceCounter(&mut now) };
    (now as u128 * 1_000_000_000 / *PER_SECOND) as u64
}

/// The kernel's time has the idle one in it. Time that a hypervisor took is not told.
pub(super) fn machine_time() -> Option<MachineTime> {
    let [mut idle, mut kernel, mut user] = [NEVER; 3];
    // SAFETY: the pointers are to live times.
    if unsafe { GetSystemTimes(&mut idle, &mut kernel, &mut user) } == 0 {
        return None;
    }
    let busy = (duration(kernel) + duration(user)).saturating_sub(duration(idle));
    Some(MachineTime { busy, stolen: Duration::ZERO })
}

const PROCESSOR: &str = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0";

pub(super) fn machine() -> Machine {
    let mut info = SYSTEM_INFO::default();
    // SAFETY: the pointer is to a live structure.
    unsafe { GetNativeSystemInfo(&mut info) };
    // What these numbers are is documented for x86 only.
    let x86 = cfg!(any(target_arch = "x86", target_arch = "x86_64"));
    let number = |n: u16| x86.then(|| u32::from(n));
    let units = processor_units();
    let cores = units.iter().filter(|unit| unit.Relationship == RelationProcessorCore).count();
    Machine {
        kernel: version(),
        cpu: registry(PROCESSOR, "ProcessorNameString"),
        vendor: registry(PROCESSOR, "VendorIdentifier"),
        family: number(info.wProcessorLevel),
        model: number(info.wProcessorRevision >> 8),
        stepping: number(info.wProcessorRevision & 0xff),
        caches: units.iter().filter_map(cache).collect(),
        cores: (cores > 0).then_some(cores as u32),
        memory_bytes: memory_status().map(|status| status.ullTotalPhys),
        virtual_machine: x86.then(|| hypervisor::name().is_some()),
        ..Machine::default()
    }
}

fn version() -> Option<String> {
    let size = size_of::<OSVERSIONINFOW>() as u32;
    let mut is = OSVERSIONINFOW { dwOSVersionInfoSize: size, ..Default::default() };
    // SAFETY: the pointer is to a live structure that says its size.
    let told = unsafe { RtlGetVersion(&mut is) } == 0;
    told.then(|| format!("{}.{}.{}", is.dwMajorVersion, is.dwMinorVersion, is.dwBuildNumber))
}

/// The cores and caches of the calling thread's group, and what else its processors share.
fn processor_units() -> Vec<SYSTEM_LOGICAL_PROCESSOR_INFORMATION> {
    let mut bytes = 0;
    // SAFETY: without a buffer it writes nothing but the size that it would need.
    unsafe { GetLogicalProcessorInformation(ptr::null_mut(), &mut bytes) };
    let one = size_of::<SYSTEM_LOGICAL_PROCESSOR_INFORMATION>();
    let mut units = vec![Default::default(); (bytes as usize).div_ceil(one)];
    bytes = mem::size_of_val(&*units) as u32;
    // SAFETY: the buffer is live and as large as it says.
    let told = unsafe { GetLogicalProcessorInformation(units.as_mut_ptr(), &mut bytes) } != 0;
    units.truncate(if told { bytes as usize / one } else { 0 });
    units
}

/// A cache that the group's first hardware thread has.
fn cache(unit: &SYSTEM_LOGICAL_PROCESSOR_INFORMATION) -> Option<Cache> {
    if unit.Relationship != RelationCache || unit.ProcessorMask & 1 == 0 {
        return None;
    }
    // SAFETY: the relationship says that this is the field that was written.
    let cache = unsafe { unit.Anonymous.Cache };
    #[allow(non_upper_case_globals)]
    let kind = match cache.Type {
        CacheData => "data",
        CacheInstruction => "instruction",
        CacheUnified => "unified",
        _ => return None,
    };
    Some(Cache {
        level: cache.Level.into(),
        kind: kind.into(),
        bytes: cache.Size.into(),
        shared_by: unit.ProcessorMask.count_ones(),
    })
}

pub(super) fn cpus_apart() -> Option<[usize; 2]> {
    let cpus = allowed_cpus()?;
    let (&first, rest) = cpus.split_first()?;
    let units = processor_units();
    let core = |cpu: usize| {
        let of = |unit: &&SYSTEM_LOGICAL_PROCESSOR_INFORMATION| {
            unit.Relationship == RelationProcessorCore
                && unit.ProcessorMask >> (cpu % GROUP) & 1 == 1
        };
        units.iter().find(of).map(|unit| unit.ProcessorMask)
    };
    let other_core = rest.iter().find(|&&cpu| core(cpu) != core(first));
    Some([first, *other_core.or(rest.first())?])
}

pub(super) fn provenance() -> Vec<State> {
    let scheme = registry(
        r"SYSTEM\CurrentControlSet\Control\Power\User\PowerSchemes",
        "ActivePowerScheme",
    );
    let governor = scheme.map(|id| match id.as_str() {
        "381b4222-f694-41f0-9685-ff5bb260df2e" => "balanced".into(),
        "8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c" => "high performance".into(),
        "a1841308-3541-4fab-bc81-f71556f20b4a" => "power saver".into(),
        _ => "a scheme of its own".into(),
    });
    let version = registry(r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", "DisplayVersion");
    vec![("governor", governor), ("system-version", version)]
}

/// A text of the registry's part about this machine.
fn registry(key: &str, name: &str) -> Option<String> {
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (key, name) = (wide(key), wide(name));
    let mut text = [0_u16; 256];
    let mut bytes = mem::size_of_val(&text) as u32;
    // SAFETY: both names end in a zero, and the buffer is live and as large as it says.
    let failed = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            key.as_ptr(),
            name.as_ptr(),
            RRF_RT_REG_SZ,
            ptr::null_mut(),
            text.as_mut_ptr().cast(),
            &mut bytes,
        )
    };
    let letters = text.iter().take_while(|&&letter| letter != 0).copied();
    let text = String::from_utf16(&letters.collect::<Vec<u16>>()).ok()?;
    (failed == 0 && !text.trim().is_empty()).then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_stretch_shows_in_the_process_and_in_the_machine() {
        let (process, machine) = (counters().cpu_ns.unwrap(), machine_time().unwrap());
        let began = std::time::Instant::now();
        let mut x = 1_u64;
        while began.elapsed() < Duration::from_millis(300) {
            x = std::hint::black_box(x * 48_271 % 0x7fff_ffff);
        }
        assert!(counters().cpu_ns.unwrap() > process);
        assert!(machine_time().unwrap().busy > machine.busy);
    }

    #[test]
    fn a_pinned_thread_may_run_on_one_cpu_only() {
        std::thread::spawn(|| {
            let first = allowed_cpus().unwrap()[0];
            assert!(pin_to(&[first]));
            assert_eq!(allowed_cpus(), Some(vec![first]));
            assert_eq!(current_cpu(), Some(first as u32));
            assert!(!pin_to(&[usize::MAX]) && !pin_to(&[]));
        })
        .join()
        .unwrap();
    }

    #[test]
    fn memory_that_is_written_to_is_resident() {
        let (before, _) = memory_bytes().unwrap();
        let memory = std::hint::black_box(vec![1_u8; 32 << 20]);
        let (now, _) = memory_bytes().unwrap();
        assert!(now >= before + (24 << 20), "{before} to {now}");
        drop(memory);
    }

    #[test]
    fn a_thread_more_is_counted() {
        let pid = std::process::id();
        let before = threads_of(pid).unwrap();
        let (stay, gone) = std::sync::mpsc::channel::<()>();
        let waits = std::thread::spawn(move || gone.recv());
        // Other tests' threads come and go.
        let more = (0..1_000).any(|_| threads_of(pid).unwrap() > before);
        drop(stay);
        assert!(waits.join().unwrap().is_err() && more);
        assert_eq!(threads_of(u32::MAX), None);
    }

    #[test]
    fn the_machine_tells_its_processor_and_memory() {
        let machine = machine();
        assert!(machine.kernel.is_some() && machine.cpu.is_some(), "{machine:?}");
        assert!(machine.cores > Some(0) && machine.memory_bytes > Some(0), "{machine:?}");
        assert_ne!(version(), None);
        assert_eq!(registry(PROCESSOR, "no such name"), None);
    }
}
