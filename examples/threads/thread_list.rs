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
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Barrier};
use std::thread;

use lab::{Experiment, Kind, Run, rerun_self};

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
        if installed("top") {
            experiment = experiment
                .variant(Kind::Process, "top", "top", |run| top(run, "-b"))
                .variant(Kind::Thread, "top_threads", "top -H", |run| {
                    top(run, "-bH")
                });
        }
        if installed("htop") {
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

// ANCHOR: kitchen
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
// ANCHOR_END: kitchen

/// The process that everybody looks at; it ends with this.
struct Kitchen(Child);

impl Kitchen {
    fn open(run: &mut Run) -> Kitchen {
        run.elsewhere();
        let mut child = rerun_self("kitchen", &[])
            .expect("our path")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child process");
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().expect("stdout is piped"))
            .read_line(&mut ready)
            .expect("a word from the child");
        Kitchen(child)
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    // ANCHOR: task
    /// The kernel's own list: a folder for each thread.
    fn tids(&self) -> BTreeSet<u32> {
        numbers(format!("/proc/{}/task", self.pid()))
    }
    // ANCHOR_END: task
}

impl Drop for Kitchen {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn program(run: &mut Run) -> String {
    let _kitchen = Kitchen::open(run);
    run.metric("rows", (1 + CHEFS) as f64);
    format!("main and {CHEFS} chefs")
}

fn listed(run: &mut Run) -> String {
    let kitchen = Kitchen::open(run);
    let ours = numbers("/proc")
        .into_iter()
        .filter(|id| field(*id, "Tgid:") == Some(kitchen.pid().to_string()));
    let ours: Vec<u32> = ours.collect();
    run.metric("rows", ours.len() as f64);
    let leader = if ours == [kitchen.pid()] { "PID" } else { "something else" };
    format!("{leader} only")
}

fn tasks(run: &mut Run) -> String {
    let kitchen = Kitchen::open(run);
    let tids = kitchen.tids();
    run.metric("rows", tids.len() as f64);
    let names = tids.iter().map(|tid| {
        let name = field(*tid, "Name:").unwrap_or_default();
        if *tid == kitchen.pid() { format!("{name} = PID") } else { name }
    });
    names.collect::<Vec<_>>().join(", ")
}

fn opened(run: &mut Run) -> String {
    let kitchen = Kitchen::open(run);
    let tids = kitchen.tids();
    let hidden: BTreeSet<u32> =
        tids.difference(&numbers("/proc")).copied().collect();
    let group = Some(kitchen.pid().to_string());
    let open = hidden.iter().filter(|tid| field(**tid, "Tgid:") == group);
    let open = open.count();
    run.metric("rows", open as f64);
    format!("{open} of {} that are not listed", hidden.len())
}

fn top(run: &mut Run, how: &str) -> String {
    let kitchen = Kitchen::open(run);
    let mut top = Command::new("top");
    top.args([how, "-n1", "-w512"]);
    shown(run, &kitchen, &mut top)
}

/// htop draws its first screen before it looks for a key, and the key is q.
/// Its settings are ours, so that nobody's own are read or overwritten.
fn htop(run: &mut Run, settings: &str) -> String {
    let kitchen = Kitchen::open(run);
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
fn shown(run: &mut Run, kitchen: &Kitchen, tool: &mut Command) -> String {
    tool.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = tool.spawn().expect("found before");
    let _ = child.stdin.take().expect("stdin is piped").write_all(b"q");
    let out = child.wait_with_output().expect("its output");
    let screen = plain(&String::from_utf8_lossy(&out.stdout));
    let words: Vec<&str> = screen.split_whitespace().collect();
    let rows = kitchen.tids().into_iter().filter(|tid| {
        words.windows(2).any(|pair| {
            pair[0] == tid.to_string()
                && pair[1].starts_with(char::is_alphabetic)
        })
    });
    let rows = rows.count();
    run.metric("rows", rows as f64);
    format!("{rows} of {}, {}", 1 + CHEFS, version(tool.get_program()))
}

/// A screen without the commands to the terminal, such as ESC [ 9 ; 1 H.
fn plain(screen: &str) -> String {
    let mut parts = screen.split('\x1b');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_alphabetic()).unwrap_or(0);
        out.push(' ');
        out.push_str(part.get(end + 1..).unwrap_or_default());
    }
    out.replace(char::is_control, " ")
}

fn version(tool: &std::ffi::OsStr) -> String {
    let out = Command::new(tool).arg("-V").output().expect("found before");
    let text = String::from_utf8_lossy(&out.stdout);
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn installed(tool: &str) -> bool {
    Command::new(tool).arg("-V").output().is_ok_and(|out| out.status.success())
}

/// The entries of a folder that are numbers.
fn numbers(folder: impl AsRef<Path>) -> BTreeSet<u32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// What /proc/ID/status says, for the id of a process or of a thread.
fn field(id: u32, name: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().to_owned())
}
