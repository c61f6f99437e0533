//! What does it cost a program to be looked at?
//!
//! Run:  cargo run --example tools_cost
//! See:  a program that computes hardly notices anybody. One that makes system
//!       calls, or hands over by futex, is slowed down by strace many times,
//!       whether or not strace is asked for that call, unless the kernel leaves
//!       the others out (`--seccomp-bpf`). gdb stops all threads for a while.
//!
//! Each program does what it does for 100 ms, and tells what one step took it,
//! and the longest time in which nothing happened.

use std::hint::black_box;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

use lab::{Experiment, Kind, Run, rerun_self};
use tokio::runtime::Builder;
use tokio::task::yield_now;
use tools::polls::{self, watched};
use tools::tool::installed;

const TIME: Duration = Duration::from_millis(100);
/// For who looks for a moment, and takes its time to begin.
const LONG: Duration = Duration::from_millis(1200);

type Looks = &'static [(&'static str, &'static str)];

/// Each is put before the program's own command; `FILE` is one to be forgotten.
const ALONE: (&str, &str) = ("alone", "");
const STRACE: (&str, &str) = ("strace", "strace -f -o FILE");
const STRACE_C: (&str, &str) = ("strace_c", "strace -c -f -o FILE");
const STRACE_OTHER: (&str, &str) =
    ("strace_other", "strace -f -e trace=accept -o FILE");
const STRACE_BPF: (&str, &str) =
    ("strace_bpf", "strace -f --seccomp-bpf -e trace=accept -o FILE");
const PERF_RECORD: (&str, &str) =
    ("perf_record", "perf record -B -N -q -e cpu-clock -o FILE --");
const PERF_TRACE: (&str, &str) = ("perf_trace", "perf trace -s -o FILE --");
const PERF_SCHED: (&str, &str) = ("perf_sched", "perf sched record -o FILE --");
const PROGRAMS: [(&str, &str, Looks); 4] = [
    ("computes", "it computes", &[ALONE, STRACE_C, PERF_RECORD]),
    (
        "calls",
        "one system call after another",
        &[ALONE, STRACE, STRACE_C, STRACE_OTHER, STRACE_BPF, PERF_TRACE],
    ),
    (
        "hands_over",
        "two threads wake each other",
        &[ALONE, STRACE_C, STRACE_OTHER, STRACE_BPF, PERF_TRACE, PERF_SCHED],
    ),
    ("tasks", "a task gives way again and again", &[ALONE, STRACE_C]),
];
const GDB: &str = "gdb -p PID -batch -ex 'thread apply all bt'";

fn main() -> ExitCode {
    let question = "How much slower is a program that is looked at?";
    let mut experiment =
        Experiment::new("tools_cost", question).baseline("alone").observed();
    for (program, label, looks) in PROGRAMS {
        experiment = experiment.case(program, label);
        let kind = if program == "tasks" { Kind::Task } else { Kind::Thread };
        for &(tool, command) in looks {
            let how = if tool == "alone" { "alone" } else { command };
            experiment = experiment.variant(kind, tool, how, move |run| {
                below(run, program, command)
            });
        }
        if program == "computes" {
            experiment = experiment.variant(kind, "gdb", GDB, move |run| {
                for_a_moment(run, program)
            });
        }
        if program == "tasks" {
            let how = "a wrapper of futures";
            experiment = experiment
                .variant(kind, "polls", how, |run| below(run, "watched", ""));
        }
    }
    experiment.child("works", |args| works(&args[0], &args[1])).run()
}

/// The program, started by a tool.
fn below(run: &mut Run, program: &str, command: &str) -> String {
    run.elsewhere();
    let own = rerun_self("works", &of(program, TIME)).expect("our path");
    let file = std::env::temp_dir()
        .join(format!("tools-cost-{}.data", std::process::id()));
    let mut words = command.split_whitespace();
    let mut started = match words.next() {
        None => own,
        Some(tool) => {
            if let Err(why) = installed(tool) {
                return format!("absent: {why}");
            }
            let mut started = Command::new(tool);
            for word in words {
                match word {
                    "FILE" => started.arg(&file),
                    word => started.arg(word),
                };
            }
            started.arg(own.get_program()).args(own.get_args());
            started
        }
    };
    started.stderr(Stdio::piped()).stdin(Stdio::null());
    let done = started.output().expect("a program that starts");
    let _there_was_none = std::fs::remove_file(&file);
    told(run, &String::from_utf8_lossy(&done.stdout))
}

/// The program, and gdb while it runs.
fn for_a_moment(run: &mut Run, program: &str) -> String {
    run.elsewhere();
    if let Err(why) = installed("gdb") {
        return format!("absent: {why}");
    }
    let own = rerun_self("works", &of(program, LONG))
        .expect("our path")
        .stdout(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()
        .expect("a child");
    let pid = own.id().to_string();
    let looked = Command::new("gdb")
        .args(["-p", &pid, "-batch", "-nx", "-ex", "thread apply all bt"])
        .env_remove("DEBUGINFOD_URLS")
        .output();
    looked.expect("gdb starts");
    let done = own.wait_with_output().expect("a child that ends");
    told(run, &String::from_utf8_lossy(&done.stdout))
}

fn of(program: &str, time: Duration) -> [String; 2] {
    [program.to_owned(), time.as_millis().to_string()]
}

fn told(run: &mut Run, said: &str) -> String {
    let numbers: Vec<f64> =
        said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [each_ns, gap_ms] = numbers[..] else {
        return "absent: it may not look here".into();
    };
    run.metric("each_ns", each_ns);
    run.metric("gap_ms", gap_ms);
    "done".into()
}

/// In the child: does its work for so long, and tells.
fn works(program: &str, ms: &str) {
    let time = Duration::from_millis(ms.parse().expect("milliseconds"));
    let (each_ns, gap_ms) = match program {
        "computes" => steps(time, 1000, || {
            black_box(
                (0..100_u64).fold(7, |x, n| black_box(x) * 31 % 1009 + n),
            );
        }),
        "calls" => steps(time, 10, || {
            black_box(std::process::id()); // one system call on Linux
        }),
        "hands_over" => hands_over(time),
        "tasks" => tasks(time),
        "watched" => {
            polls::watch();
            tasks(time)
        }
        other => panic!("no program is called {other}"),
    };
    println!("{each_ns} {gap_ms}");
}

// ANCHOR: steps
/// What a step takes, in ns, and the longest time between two looks, in ms.
fn steps(time: Duration, at_once: u32, mut step: impl FnMut()) -> (f64, f64) {
    let (began, mut then) = (Instant::now(), Instant::now());
    let (mut n, mut gap) = (0_u64, Duration::ZERO);
    while began.elapsed() < time {
        for _ in 0..at_once {
            step();
        }
        n += u64::from(at_once);
        let now = Instant::now();
        gap = gap.max(now - then);
        then = now;
    }
    let each_ns = began.elapsed().as_nanos() as f64 / n as f64;
    (each_ns, gap.as_secs_f64() * 1e3)
}
// ANCHOR_END: steps

/// There and back again, by a channel that sleeps.
fn hands_over(time: Duration) -> (f64, f64) {
    let ((to, there), (back, here)) = (sync_channel(0), sync_channel(0));
    let other = thread::spawn(move || {
        for n in there {
            back.send(n).expect("who waits for it");
        }
    });
    let told = steps(time, 1, || {
        to.send(1).expect("the other is there");
        black_box(here.recv().expect("an answer"));
    });
    drop(to);
    other.join().expect("it ends");
    told
}

fn tasks(time: Duration) -> (f64, f64) {
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(1).build().expect("a runtime");
    thread::spawn(move || {
        thread::sleep(time);
        IS_OVER.store(true, Relaxed);
    });
    runtime.block_on(async {
        let task = tokio::spawn(watched("gives_way", async {
            let (began, mut then) = (Instant::now(), Instant::now());
            let (mut n, mut gap) = (0_u64, Duration::ZERO);
            while !IS_OVER.load(Relaxed) {
                for _ in 0..10 {
                    yield_now().await;
                }
                n += 10;
                let now = Instant::now();
                gap = gap.max(now - then);
                then = now;
            }
            let each_ns = began.elapsed().as_nanos() as f64 / n as f64;
            (each_ns, gap.as_secs_f64() * 1e3)
        }));
        task.await.expect("no panic")
    })
}
