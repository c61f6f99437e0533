//! One process, four threads: who shows how many?
//!
//! Run:  cargo run --example thread_list
//! See:  the kernel lists one process, and four threads inside of it, the main
//!       thread under the number of the process. A thread's number opens in
//!       /proc like a process's, though no listing shows it. `top` and `htop`
//!       read the same files and differ in what they hide, `-H` and all.
//!
//! Off Linux there is only what the program says of itself. Without `top` or
//! `htop` on the path their rows are missing.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::process::{Command, ExitCode};
use std::sync::{Arc, Barrier};
use std::thread;

use lab::{Experiment, Helper, Kind, Run, rerun_self};
use threads::proc::{field, numbers, tids};
use threads::screen::{version, words};

const CHEFS: usize = 3;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "thread_list",
        "One process with four threads: who shows how many?",
    )
    .baseline("none")
    .observed()
    .variant(Kind::Thread, "program", "what was started", program);
    if cfg!(target_os = "linux") {
        experiment = experiment
            .variant(Kind::Process, "proc", "listing /proc", listed)
            .variant(Kind::Thread, "task", "/proc/PID/task", tasks)
            .variant(Kind::Thread, "by_number", "/proc/TID, asked for", opened);
        if version("top").is_some() {
            experiment = experiment
                .variant(Kind::Process, "top", "top", |run| top(run, "-b"))
                .variant(Kind::Thread, "top_threads", "top -H", |run| {
                    top(run, "-bH")
                });
        }
        if version("htop").is_some() {
            experiment = experiment
                .variant(Kind::Thread, "htop", "htop", |run| htop(run, ""))
                .variant(
                    Kind::Process,
                    "htop_hidden",
                    "htop, threads hidden",
                    |run| htop(run, "hide_userland_threads=1\n"),
                );
        }
    }
    experiment.child("kitchen", |_| kitchen()).run()
}

fn kitchen() {
    let all_there = Arc::new(Barrier::new(1 + CHEFS));
    for i in 1..=CHEFS {
        let there = Arc::clone(&all_there);
        let chef = thread::Builder::new().name(format!("chef {i}"));
        let body = move || {
            there.wait();
            thread::park();
        };
        chef.spawn(body).expect("a thread");
    }
    all_there.wait();
    println!("ready");
    let _ = io::stdin().read_to_end(&mut Vec::new());
}

/// The process that everybody looks at; it ends when this is dropped.
fn open_kitchen(run: &mut Run) -> Helper {
    run.elsewhere();
    let kitchen = rerun_self("kitchen", &[]).and_then(Helper::start);
    kitchen.expect("a child process")
}

fn program(run: &mut Run) -> String {
    let _kitchen = open_kitchen(run);
    run.metric("rows", (1 + CHEFS) as f64);
    format!("main and {CHEFS} chefs")
}

fn listed(run: &mut Run) -> String {
    let kitchen = open_kitchen(run);
    let ours = numbers("/proc")
        .into_iter()
        .filter(|id| field(*id, "Tgid:") == Some(kitchen.pid().to_string()));
    let ours: Vec<u32> = ours.collect();
    run.metric("rows", ours.len() as f64);
    let leader = if ours == [kitchen.pid()] { "PID" } else { "something else" };
    format!("{leader} only")
}

fn tasks(run: &mut Run) -> String {
    let kitchen = open_kitchen(run);
    let all = tids(kitchen.pid());
    run.metric("rows", all.len() as f64);
    let names = all.iter().map(|tid| {
        let name = field(*tid, "Name:").unwrap_or_default();
        if *tid == kitchen.pid() { format!("{name} = PID") } else { name }
    });
    names.collect::<Vec<_>>().join(", ")
}

fn opened(run: &mut Run) -> String {
    let kitchen = open_kitchen(run);
    let hidden: BTreeSet<u32> = &tids(kitchen.pid()) - &numbers("/proc");
    let group = Some(kitchen.pid().to_string());
    let open = hidden.iter().filter(|tid| field(**tid, "Tgid:") == group);
    let open = open.count();
    run.metric("rows", open as f64);
    format!("{open} of {} that are not listed", hidden.len())
}

fn top(run: &mut Run, how: &str) -> String {
    let kitchen = open_kitchen(run);
    let mut top = Command::new("top");
    top.args([how, "-n1", "-w512"]);
    shown(run, &kitchen, &mut top)
}

/// htop draws its first screen before it looks for a key, and the key is q.
/// Its settings are ours, so that nobody's own are read or overwritten.
fn htop(run: &mut Run, settings: &str) -> String {
    let kitchen = open_kitchen(run);
    let name = format!("thread_list-{}.htoprc", kitchen.pid());
    let file = std::env::temp_dir().join(name);
    if !settings.is_empty() {
        fs::write(&file, settings).expect("a temporary file");
    }
    let mut htop = Command::new("htop");
    htop.args(["--readonly", "--pid", &kitchen.pid().to_string()])
        .env("HTOPRC", &file)
        .env("TERM", "vt100")
        .envs([("LINES", "100"), ("COLUMNS", "150")]);
    let answer = shown(run, &kitchen, &mut htop);
    let _ = fs::remove_file(&file);
    answer
}

/// How many of the kitchen's threads have a row of their own: a number, and
/// then the name of a user.
fn shown(run: &mut Run, kitchen: &Helper, tool: &mut Command) -> String {
    let words = words(tool);
    let is_row = |tid: &u32| {
        words.windows(2).any(|pair| {
            pair[0] == tid.to_string()
                && pair[1].starts_with(char::is_alphabetic)
        })
    };
    let rows = tids(kitchen.pid()).iter().filter(|tid| is_row(tid)).count();
    assert!(rows > 0, "{tool:?} does not show the process, which is there");
    run.metric("rows", rows as f64);
    let version = version(tool.get_program()).expect("found before");
    format!("{rows} of {}, {version}", 1 + CHEFS)
}
