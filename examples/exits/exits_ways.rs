//! A program ends, in one of eleven ways. What does it get to do before?
//!
//! Run:  cargo run --example exits_ways
//! See:  only what returns from `main`, or panics and unwinds, drops what it
//!       holds. `process::exit` drops nothing, but runs C's `atexit` and writes
//!       out what was printed. A signal with no handler lets nothing run. No
//!       way out waits for another thread.
//!
//! Each way is taken by a child process. It holds a value on its own stack, one
//! on another thread's, one in a task, text in a buffer, and half a line that
//! is printed.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::process::{ExitCode, Stdio, abort, exit};
use std::thread;
use std::time::Duration;

use exits::system::{Tell, end_now, heed_interrupt, tell, with_c_handler};
use lab::{Experiment, Kind, Run, os, rerun_self};
use tokio::runtime::{Builder, Runtime};

/// By then it would end by itself.
const LONG: Duration = Duration::from_secs(10);

/// What may be seen to run.
const MARKS: [&str; 5] = ["drop", "thread", "task", "buffer", "atexit"];

type Way = (&'static str, &'static str, Option<Tell>, fn(&Runtime));

const OWN: &[Way] = &[
    ("returns", "main returns", None, |_| ()),
    ("uncaught", "panic", None, |_| panic!("on purpose")),
    ("hook", "panic, and its hook aborts", None, |_| {
        std::panic::set_hook(Box::new(|_| abort()));
        panic!("on purpose")
    }),
    ("exit", "process::exit", None, |_| exit(3)),
    ("thread_exit", "process::exit in a thread", None, |_| {
        thread::spawn(|| exit(3)).join().unwrap()
    }),
    #[cfg(target_os = "linux")]
    ("exit_now", "_exit", None, |_| end_now(3)),
    ("aborts", "process::abort", None, |_| abort()),
];
#[cfg(target_os = "linux")]
const SIGNALS: &[Way] = &[
    ("term", "SIGTERM", Some(Tell::Terminate), waits),
    ("term_handled", "SIGTERM, awaited", Some(Tell::Terminate), handles),
    ("int", "SIGINT", Some(Tell::Interrupt), waits),
    ("kill", "SIGKILL", Some(Tell::Kill), waits),
];
#[cfg(not(target_os = "linux"))]
const SIGNALS: &[Way] = &[];

fn main() -> ExitCode {
    let question = "A program ends: what does it get to do before?";
    let mut experiment =
        Experiment::new("exits_ways", question).baseline("none").observed();
    let cases = [("own", "it ends itself"), ("signal", "a signal ends it")];
    for ((case, label), ways) in cases.into_iter().zip([OWN, SIGNALS]) {
        experiment = experiment.case(case, label);
        for way in ways {
            experiment =
                experiment.variant(Kind::Process, way.0, way.1, move |run| {
                    observe(run, way)
                });
        }
    }
    experiment.child("leave", |args| leave(&args[0])).run()
}

// ANCHOR: leave
fn leave(name: &str) {
    os::no_core_file();
    heed_interrupt();
    let mut ways = OWN.iter().chain(SIGNALS);
    let (.., way) = ways.find(|way| way.0 == name).expect("one of the ways");

    let _on_our_stack = Mark("drop");
    thread::spawn(|| {
        let _on_another = Mark("thread");
        thread::sleep(LONG);
    });
    let loops = Builder::new_current_thread().enable_all().build().unwrap();
    let in_a_task = Mark("task");
    loops.spawn(async move {
        let _held = in_a_task;
        tokio::time::sleep(LONG).await;
    });
    let mut buffer = BufWriter::new(io::stderr());
    buffer.write_all(b"! buffer\n").unwrap();
    with_c_handler(at_exit);
    print!("printed"); // without an end of line it stays in stdout's buffer

    way(&loops);
}

struct Mark(&'static str);

impl Drop for Mark {
    fn drop(&mut self) {
        eprintln!("! {}", self.0); // stderr has no buffer
    }
}

extern "C" fn at_exit() {
    eprintln!("! atexit");
}
// ANCHOR_END: leave

/// Waits for a signal, and has nothing to handle it.
fn waits(_loops: &Runtime) {
    eprintln!("! ready");
    thread::sleep(LONG);
}

#[cfg(target_os = "linux")]
// ANCHOR: handles
fn handles(loops: &Runtime) {
    use tokio::signal::unix::{SignalKind, signal};
    loops.block_on(async {
        let mut asked = signal(SignalKind::terminate()).unwrap();
        eprintln!("! ready");
        asked.recv().await; // and then main returns
    });
}
// ANCHOR_END: handles

fn observe(run: &mut Run, &(name, _, signal, _): &Way) -> String {
    run.elsewhere();
    let mut child = rerun_self("leave", &[name.into()])
        .expect("our path")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a child process");
    let mut said = Vec::new();
    for line in BufReader::new(child.stderr.take().expect("a pipe")).lines() {
        let line = line.expect("text");
        if line == "! ready" {
            assert!(tell(child.id(), signal.expect("a signal to send")));
        }
        said.push(line);
    }
    let mut printed = String::new();
    let mut out = child.stdout.take().expect("a pipe");
    out.read_to_string(&mut printed).expect("text");
    let status = child.wait().expect("a child that ends");
    run.stop_clock();
    let marks = MARKS
        .iter()
        .filter(|&&mark| mark != "atexit" || cfg!(target_os = "linux"));
    for mark in marks {
        let ran = said.iter().any(|line| line.strip_prefix("! ") == Some(mark));
        run.metric(mark, f64::from(ran));
    }
    run.metric("printed", f64::from(printed == "printed"));
    match os::ending_signal(status) {
        Some(2) => "SIGINT".into(),
        _ => os::ending(status),
    }
}
