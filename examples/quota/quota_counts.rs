//! How many threads should a program start? Whom it asks, and what they say
//! when it may have one core only, a quota of half the machine's time, or both.
//!
//! Run:  cargo run --example quota_counts
//! See:  an affinity is known to all of Rust's. A quota is known to std, and so
//!       to tokio and rayon; of one core and a half std makes one, num_cpus
//!       two. `nproc` and `sched_getaffinity` know nothing of quotas.
//!
//! Needs Linux and the right to make a control group (root, mostly). Without it
//! only the affinity is tried. Each answer is a child's, who asks once.

use std::io;
use std::process::{Command, ExitCode};
use std::thread::available_parallelism;

use lab::{Experiment, Helper, Kind, Run, os, rerun_self};
use quota::cgroup::{self, Group};

/// How the number is asked for: name, label, question.
type Way = (&'static str, &'static str, fn() -> Option<usize>);

// ANCHOR: ways
const WAYS: [Way; 7] = [
    ("std", "std::thread::available_parallelism", || {
        Some(available_parallelism().ok()?.get())
    }),
    ("num_cpus", "num_cpus::get", || Some(num_cpus::get())),
    ("tokio", "worker threads of a tokio runtime", || {
        let runtime = tokio::runtime::Runtime::new().ok()?;
        Some(runtime.metrics().num_workers())
    }),
    ("rayon", "threads of rayon's pool", || Some(rayon::current_num_threads())),
    ("affinity", "sched_getaffinity", || Some(os::allowed_cpus()?.len())),
    ("nproc", "nproc", || said_by("nproc", &[])),
    ("node", "Node's os.availableParallelism", || {
        said_by("node", &["-p", "os.availableParallelism()"])
    }),
];
// ANCHOR_END: ways

/// The number that a command prints; `None` where there is no such command.
fn said_by(command: &str, args: &[&str]) -> Option<usize> {
    let said = Command::new(command).args(args).output().ok()?;
    String::from_utf8(said.stdout).ok()?.trim().parse().ok()
}

fn main() -> ExitCode {
    let groups = cgroup::allowed("quota_counts");
    let mut experiment = Experiment::new(
        "quota_counts",
        "Who tells a program how many threads it should have?",
    )
    .baseline("none")
    .observed();
    for (name, label, ask) in WAYS {
        if lab::is_child() || ask().is_some() {
            experiment =
                experiment.variant(Kind::Alone, name, label, move |run| {
                    under_all(run, name, groups)
                });
        } else {
            eprintln!("quota_counts: {label} is not to be had here");
        }
    }
    experiment.child("count", count).run()
}

const CONDITIONS: [&str; 5] = ["free", "core", "quota", "uneven", "both"];

fn under_all(run: &mut Run, way: &str, groups: bool) -> String {
    run.elsewhere();
    let can_be = |condition: &&str| match *condition {
        "free" => true,
        "core" => os::allowed_cpus().is_some(),
        _ => groups,
    };
    let mut said = Vec::new();
    for condition in CONDITIONS.into_iter().filter(can_be) {
        let count = under(run.threads() as f64 / 2.0, way, condition);
        run.metric(condition, count as f64);
        said.push(format!("{condition} {count}"));
    }
    said.join(", ")
}

// ANCHOR: under
/// What a child is told under one condition.
fn under(half: f64, way: &str, condition: &str) -> usize {
    let cores = match condition {
        "quota" | "both" => Some(half),
        "uneven" => Some(half + 0.5),
        _ => None,
    };
    let group =
        cores.map(|cores| Group::with(cores, 100_000).expect("a group"));
    let args = [way, condition].map(str::to_owned);
    let child = rerun_self("count", &args).expect("our path");
    let mut child = Helper::start(child).expect("a child");
    if let Some(group) = &group {
        group.take(child.pid()).expect("a child in its group");
    }
    child.ask("go").expect("an answer").parse().expect("a number")
}
// ANCHOR_END: under

fn count(args: &[String]) {
    println!("ready");
    let mut word = String::new();
    if io::stdin().read_line(&mut word).unwrap_or(0) == 0 {
        return; // the parent is gone
    }
    if ["core", "both"].contains(&&*args[1]) {
        let cpus = os::allowed_cpus().unwrap_or_default();
        os::pin_to(cpus.get(..1).unwrap_or_default());
    }
    let (.., ask) = WAYS.iter().find(|way| way.0 == args[0]).expect("a way");
    println!("{}", ask().expect("a number"));
}
