//! The tools: how each is asked, and what it tells, in lines that are alike
//! from run to run.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

use lab::Helper;

use crate::quota::Quota;

/// So long a tool looks.
const LOOK: Duration = Duration::from_millis(150);
const LOOK_S: &str = "0.15";
/// And strace, which begins slowly.
const TRACE: Duration = Duration::from_millis(250);
const TRACE_S: &str = "0.25";
/// A tool that takes longer is ended.
const LIMIT_S: &str = "8";

/// A tool: its name, and how one asks it of a process PID.
pub type Tool = (&'static str, &'static str);

/// For any program.
pub const ANY: [Tool; 7] = [
    ("top", "top -H -b -d 0.2 -n 2 -p PID"),
    ("switches", "/proc/PID/task/*/status"),
    ("schedstat", "/proc/PID/task/*/schedstat"),
    ("wchan", "/proc/PID/task/*/wchan"),
    ("strace", "strace -c -w -f -p PID"),
    ("gdb", "gdb -p PID -batch -ex 'thread apply all bt'"),
    ("perf", "perf record -e cpu-clock -p PID"),
];
/// For a program with a runtime, which has to offer them.
pub const TASKS: [Tool; 2] =
    [("metrics", "Handle::metrics()"), ("polls", "a wrapper of futures")];
/// For one ill each, as one asks when one knows what for.
pub const SPECIAL: [(&str, Tool); 6] = [
    ("throttled", ("cgroup", "cpu.stat of the control group")),
    ("convoy", ("stacks", "strace -k -f -e trace=futex -p PID")),
    ("storm", ("stacks", "strace -k -f -e trace=futex -p PID")),
    ("well", ("stacks", "strace -k -f -e trace=futex -p PID")),
    ("sharing", ("c2c", "perf c2c record -p PID")),
    ("convoy", ("bpf", "bpftrace -e 'tracepoint:sched:sched_switch …'")),
];

/// What a tool tells, line by line; or why there is no such tool here.
pub type Told = Result<Vec<String>, String>;

/// Asks a tool about a process.
pub(crate) fn ask(tool: &str, ill: &mut Helper, quota: Option<&Quota>) -> Told {
    let pid = ill.pid();
    match tool {
        "top" => top(pid),
        "switches" => switches(pid),
        "schedstat" => schedstat(pid),
        "wchan" => wchan(pid),
        "strace" => strace(pid),
        "gdb" => gdb(pid),
        "perf" => perf(pid),
        "metrics" => metrics(ill),
        "polls" => polls(ill),
        "cgroup" => cgroup(quota),
        "stacks" => stacks(pid),
        "c2c" => c2c(pid),
        "bpf" => bpf(pid),
        other => panic!("no tool is called {other}"),
    }
}

/// Runs a command, at most for a while, and returns all it says.
fn said(command: &[&str]) -> Result<String, String> {
    let done = Command::new(command[0])
        .args(&command[1..])
        .env("LC_ALL", "C")
        .env_remove("DEBUGINFOD_URLS")
        .output();
    match done {
        Ok(Output { stdout, stderr, .. }) => {
            let all = [stdout, stderr].concat();
            let all = String::from_utf8_lossy(&all).into_owned();
            // As an ordinary user, of a process that is not one's own child.
            let refused = ["Operation not permitted", "Permission denied"];
            match refused.iter().any(|words| all.contains(words)) {
                true => Err(format!("{} may not look here", command[0])),
                false => Ok(all),
            }
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {
            Err(format!("{} is not installed", command[0]))
        }
        Err(e) => Err(e.to_string()),
    }
}

/// Whether a program of this name lies on the path.
///
/// # Errors
/// When it does not.
pub fn installed(name: &str) -> Result<(), String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path);
    match folders.any(|folder| folder.join(name).is_file()) {
        true => Ok(()),
        false => Err(format!("{name} is not installed")),
    }
}

/// How much of a core, or of all time, in words.
fn share(share: f64) -> &'static str {
    match share {
        ..0.05 => "under 5 %",
        0.05..0.2 => "5 to 20 %",
        0.2..0.7 => "20 to 70 %",
        _ => "over 70 %",
    }
}

/// How often a second, in words.
fn often(rate: f64) -> &'static str {
    match rate {
        ..100.0 => "under 100 times a second",
        100.0..500.0 => "100 to 500 a second",
        _ => "over 500 a second",
    }
}

fn top(pid: u32) -> Told {
    let pid = pid.to_string();
    let said = said(&["top", "-H", "-b", "-d", "0.2", "-n", "2", "-p", &pid])?;
    // The first time it tells of the thread's whole life.
    let (_, last) = said.rsplit_once("PID USER").ok_or("top has no table")?;
    let rows = last.lines().skip(1).filter_map(|row| {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let cpu = share(cells.get(8)?.parse::<f64>().ok()? / 100.0);
        Some(format!("{} {}, {cpu} CPU", cells.get(11)?, cells[7]))
    });
    Ok(rows.collect())
}

/// A file of each thread, by its number: what it is called, and the text.
fn of_threads(
    pid: u32,
    file: &str,
) -> Result<BTreeMap<u32, (String, String)>, String> {
    let folder = format!("/proc/{pid}/task");
    let tasks = fs::read_dir(&folder).map_err(|_| "no /proc of Linux")?;
    let read =
        |path: &Path, file: &str| fs::read_to_string(path.join(file)).ok();
    let threads = tasks.flatten().filter_map(|task| {
        let path = task.path();
        let id = task.file_name().to_str()?.parse().ok()?;
        let name = read(&path, "comm")?.trim().to_owned();
        Some((id, (name, read(&path, file)?)))
    });
    Ok(threads.collect())
}

/// Numbers of each thread, and the same a while later.
fn over_a_while(
    pid: u32,
    file: &str,
    read: impl Fn(&str) -> Option<[f64; 2]>,
    tell: impl Fn(&str, [f64; 2]) -> String,
) -> Told {
    let before = of_threads(pid, file)?;
    let began = Instant::now();
    sleep(LOOK);
    let after = of_threads(pid, file)?;
    let seconds = began.elapsed().as_secs_f64();
    let threads = before.iter().filter_map(|(id, (name, then))| {
        let (then, now) = (read(then)?, read(&after.get(id)?.1)?);
        Some(tell(name, [0, 1].map(|i| (now[i] - then[i]) / seconds)))
    });
    Ok(threads.collect())
}

fn switches(pid: u32) -> Told {
    let read = |status: &str| {
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line?.trim().parse::<f64>().ok()
        };
        Some([
            of("voluntary_ctxt_switches:")?,
            of("nonvoluntary_ctxt_switches:")?,
        ])
    };
    over_a_while(pid, "status", read, |name, [gave, lost]| {
        format!(
            "{name} voluntary {}, nonvoluntary {}",
            often(gave),
            often(lost)
        )
    })
}

fn schedstat(pid: u32) -> Told {
    let read = |text: &str| {
        let mut numbers = text.split_whitespace().map(str::parse::<f64>);
        Some([numbers.next()?.ok()?, numbers.next()?.ok()?])
    };
    over_a_while(pid, "schedstat", read, |name, [ran, waited]| {
        let (ran, waited) = (share(ran / 1e9), share(waited / 1e9));
        format!("{name} ran {ran}, waited for a core {waited}")
    })
}

fn wchan(pid: u32) -> Told {
    let threads = of_threads(pid, "wchan")?;
    Ok(threads
        .values()
        .map(|(name, wchan)| format!("{name} {wchan}"))
        .collect())
}

fn strace(pid: u32) -> Told {
    installed("strace")?;
    let pid = pid.to_string();
    let said = said(&[
        "timeout", "-s", "INT", TRACE_S, "strace", "-c", "-w", "-f", "-p", &pid,
    ])?;
    let rows = said.lines().filter_map(|row| {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let time = cells.first()?.parse::<f64>().ok()? / 100.0;
        let calls = cells.get(3)?.parse::<f64>().ok()?;
        let rate = often(calls / TRACE.as_secs_f64());
        let errors = if cells.len() > 5 { ", errors" } else { "" };
        let call = *cells.last()?;
        (call != "total").then(|| {
            format!("{call} {} of the time, {rate}{errors}", share(time))
        })
    });
    Ok(rows.collect())
}

/// What we look for in a stack: functions of the ills, and of those they call.
const FRAMES: [&str; 24] = [
    "reads_a_file",
    "takes_both",
    "takes_turns",
    "asks_the_database",
    "waits_for_an_answer",
    "waits_for_a_flag",
    "is_there",
    "computes",
    "counts",
    "encodes",
    "sends",
    "serves",
    "works",
    "lock_contended",
    "lock_slow",
    "unlock_slow",
    "spawn_blocking",
    "spawn_task",
    "yield_now",
    "thread::sleep",
    "nanosleep",
    "park_condvar",
    "park_driver",
    "epoll_wait",
];

/// The frames that we know, the innermost first.
fn frames<'a>(stack: impl Iterator<Item = &'a str>) -> String {
    let mut known = Vec::new();
    for frame in stack {
        let name = FRAMES.iter().find(|name| frame.contains(**name));
        if let Some(name) = name
            && known.last() != Some(name)
        {
            known.push(*name);
        }
    }
    known.join(" < ")
}

fn gdb(pid: u32) -> Told {
    installed("gdb")?;
    let pid = pid.to_string();
    let said = said(&[
        "timeout",
        LIMIT_S,
        "gdb",
        "-p",
        &pid,
        "-batch",
        "-nx",
        "-iex",
        "set debuginfod enabled off",
        "-ex",
        "thread apply all bt",
    ])?;
    let threads = said.split("\nThread ").skip(1).map(|thread| {
        let name = thread.split('"').nth(1).unwrap_or("?");
        let stack = thread.lines().filter(|line| line.starts_with('#'));
        format!("{name}: {}", frames(stack))
    });
    Ok(threads.collect())
}

fn perf(pid: u32) -> Told {
    installed("perf")?;
    let kept = std::env::temp_dir().join(format!("tools-{pid}.data"));
    let (kept, pid) = (kept.to_string_lossy().into_owned(), pid.to_string());
    let recorded = said(&[
        "timeout",
        LIMIT_S,
        "perf",
        "record",
        "-B",
        "-N",
        "--no-bpf-event",
        "-q",
        "-e",
        "cpu-clock",
        "-F",
        "999",
        "-o",
        &kept,
        "-p",
        &pid,
        "--",
        "sleep",
        LOOK_S,
    ])?;
    let report = said(&[
        "timeout", LIMIT_S, "perf", "report", "-i", &kept, "--stdio", "-q",
        "--sort", "symbol",
    ])?;
    let _gone_already = fs::remove_file(&kept);
    if recorded.contains("No permission") {
        return Err("perf may not look here".into());
    }
    let rows = report.lines().filter_map(|row| {
        let (percent, symbol) = row.trim().split_once('%')?;
        let part = share(percent.parse::<f64>().ok()? / 100.0);
        let symbol = symbol.trim().trim_start_matches("[.] ");
        let symbol = symbol.split("  ").next().unwrap_or_default();
        Some(format!("{symbol} {part} of the samples"))
    });
    Ok(rows.take(20).collect())
}

fn numbers(text: &str) -> Vec<f64> {
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn metrics(ill: &mut Helper) -> Told {
    let said = ill.ask("metrics").map_err(|e| e.to_string())?;
    let [alive, busy, parks] = numbers(&said)[..] else {
        return Err("the program has no runtime".into());
    };
    Ok(vec![format!(
        "{alive} tasks alive, busy {}, parked {}",
        share(busy),
        often(parks)
    )])
}

fn polls(ill: &mut Helper) -> Told {
    let said = ill.ask("polls").map_err(|e| e.to_string())?;
    let tasks = said.split(';').filter_map(|task| {
        let (name, rest) = task.split_once(' ')?;
        let [rate, longest_ms, ago_ms] = numbers(rest)[..] else { return None };
        let rate = match rate {
            20_000.0.. => "over 20 000 a second",
            rate => often(rate),
        };
        let longest = match longest_ms {
            ..30.0 => "short",
            _ => "the longest over 30 ms",
        };
        let last = match ago_ms {
            ..200.0 => "",
            _ => ", none for 200 ms",
        };
        Some(format!("{name} polls {rate}, {longest}{last}"))
    });
    Ok(tasks.collect())
}

fn cgroup(quota: Option<&Quota>) -> Told {
    let quota = quota.ok_or("we may not make a control group here")?;
    let throttled = || {
        let stat = quota.stat();
        let line =
            stat.lines().find_map(|line| line.strip_prefix("nr_throttled "));
        line.and_then(|n| n.trim().parse::<f64>().ok())
    };
    let before = throttled().ok_or("no cpu.stat")?;
    sleep(LOOK);
    let more = throttled().ok_or("no cpu.stat")? - before;
    let grows = if more > 0.0 { "grows" } else { "stays" };
    Ok(vec![format!("nr_throttled {grows}")])
}

fn stacks(pid: u32) -> Told {
    installed("strace")?;
    let pid = pid.to_string();
    let said = said(&[
        "timeout",
        "-s",
        "INT",
        TRACE_S,
        "strace",
        "-k",
        "-f",
        "-e",
        "trace=futex",
        "-p",
        &pid,
    ])?;
    let mut counts = BTreeMap::<String, u32>::new();
    let mut stack: Vec<&str> = Vec::new();
    for line in said.lines().chain(["end"]) {
        match line.trim_start().strip_prefix("> ") {
            Some(frame) => stack.push(frame),
            None if stack.is_empty() => {}
            None => {
                *counts.entry(frames(stack.drain(..))).or_default() += 1;
            }
        }
    }
    let each = counts.iter().map(|(stack, &n)| {
        let rate = often(f64::from(n) / TRACE.as_secs_f64());
        format!("futex < {stack}, {rate}")
    });
    Ok(each.collect())
}

fn c2c(pid: u32) -> Told {
    installed("perf")?;
    let kept = std::env::temp_dir().join(format!("tools-{pid}.data"));
    let (kept, pid) = (kept.to_string_lossy().into_owned(), pid.to_string());
    let recorded = said(&[
        "timeout", LIMIT_S, "perf", "c2c", "record", "-o", &kept, "-p", &pid,
        "--", "sleep", LOOK_S,
    ])?;
    let report = said(&[
        "timeout", LIMIT_S, "perf", "c2c", "report", "-i", &kept, "--stdio",
    ])?;
    let _gone_already = fs::remove_file(&kept);
    let hitm =
        report.lines().find(|line| line.contains("Total Shared Cache Lines"));
    match hitm {
        Some(line) if !recorded.contains("failed") => {
            Ok(vec![line.trim().into()])
        }
        _ => Err("no hardware counters".into()),
    }
}

fn bpf(pid: u32) -> Told {
    installed("bpftrace")?;
    let script = format!(
        "tracepoint:sched:sched_switch /args.prev_pid == {pid}/ \
         {{ @[ustack] = count(); }}"
    );
    let said = said(&["timeout", "-s", "INT", "2", "bpftrace", "-e", &script])?;
    Ok(said.lines().map(str::to_owned).collect())
}
