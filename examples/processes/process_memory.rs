//! What a waiting task, thread or process costs in memory, and what a forked
//! child shares with its parent.
//!
//! Run:  cargo run --example process_memory
//! See:  columns `pss` and `page table`, for each unit: a task has some hundred
//!       bytes, a thread some pages, a process many. In the second table every
//!       child inherits 16 MiB: reading them is free, writing them is not.
//!
//! Every run is a family of processes of its own. PSS is resident memory with
//! each shared page divided by the number of those who share it, so the sum
//! over a family counts no page twice.

use std::io::{self, Read};
use std::process::{Child, ExitCode, Stdio};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use lab::{Experiment, Kind, rerun_self, take_over};
use processes::ended_well;
use processes::footprint::{Footprint, print_growth};

const TASKS: usize = 10_000;
const THREADS: usize = 200;
const PROCESSES: usize = 100;

fn main() -> ExitCode {
    let experiment = Experiment::new(
        "process_memory",
        "How much memory does a task, a thread or a process take?",
    )
    .baseline("thread")
    .case("parked", "many of them, all waiting")
    .variant(Kind::Task, "task", "sleeping tokio task", |run| {
        take_over(run, "task", &[])
    })
    .variant(Kind::Thread, "thread", "waiting std::thread", |run| {
        take_over(run, "thread", &[])
    })
    .variant(Kind::Process, "executed", "executed process", |run| {
        take_over(run, "executed", &[])
    })
    .child("task", |_| park_tasks(TASKS))
    .child("thread", |_| park_threads(THREADS))
    .child("executed", |_| park_executed(PROCESSES))
    .child("wait", |_| wait_for_the_end());
    #[cfg(unix)]
    let experiment = unix::with_forked(experiment);
    experiment.run()
}

fn park_tasks(count: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let before = Footprint::now(&[]);
    for _ in 0..count {
        runtime.spawn(async {
            tokio::time::sleep(Duration::from_secs(3600)).await;
        });
    }
    // Nothing runs until somebody waits; now each runs up to its sleep.
    runtime.block_on(async {
        tokio::time::sleep(Duration::from_millis(1)).await;
    });
    print_growth(before, &[], count);
    println!("answer all there");
}

fn park_threads(count: usize) {
    let all_there = Arc::new(Barrier::new(count + 1));
    let before = Footprint::now(&[]);
    for _ in 0..count {
        let all_there = Arc::clone(&all_there);
        thread::spawn(move || {
            all_there.wait();
            loop {
                thread::park();
            }
        });
    }
    all_there.wait();
    print_growth(before, &[], count);
    println!("answer all there");
}

fn park_executed(count: usize) {
    let before = Footprint::now(&[]);
    let mut children: Vec<Child> = (0..count)
        .map(|_| {
            let mut child = rerun_self("wait", &[]).expect("our path");
            child.stdin(Stdio::piped()).stdout(Stdio::piped());
            child.spawn().expect("a child process")
        })
        .collect();
    for child in &mut children {
        let said = child.stdout.as_mut().expect("stdout is piped");
        said.read_exact(&mut [0]).expect("that it is there");
    }
    let ids: Vec<u32> = children.iter().map(Child::id).collect();
    print_growth(before, &ids, count);
    println!("answer all there");
    for mut child in children {
        drop(child.stdin.take());
        let ended = child.wait().expect("a child that ends");
        ended_well(ended).expect("a child that waited until the end");
    }
}

fn wait_for_the_end() {
    println!(".");
    io::stdin().read_to_end(&mut Vec::new()).expect("the end of our input");
}

#[cfg(unix)]
mod unix {
    use super::*;
    use processes::ballast::{Ballast, Pages};
    use processes::fork::{Forked, fork};
    use std::hint::black_box;
    use std::io::{Write, pipe};

    const CHILDREN: usize = 10;
    const INHERITED: usize = 16 << 20;

    pub(super) fn with_forked(experiment: Experiment) -> Experiment {
        let mut experiment = experiment
            .variant(Kind::Process, "forked", "forked process", |run| {
                take_over(run, "forked", &[])
            })
            .child("forked", |_| park_forked(PROCESSES))
            .case("inherited", "children of a parent with 16 MiB");
        for (what, label) in [
            ("untouched", "leaves them alone"),
            ("reads", "reads them"),
            ("writes", "writes to them"),
        ] {
            experiment = experiment
                .variant(Kind::Process, what, label, move |run| {
                    take_over(run, what, &[])
                })
                .child(what, move |_| inherit(what, CHILDREN));
        }
        experiment
    }

    fn park_forked(count: usize) {
        let before = Footprint::now(&[]);
        let children = fork_all(count, || {});
        print_growth(before, &ids(&children), count);
        end(children);
        println!("answer all there");
    }

    // ANCHOR: inherited
    fn inherit(what: &str, count: usize) {
        let mut ours = Ballast::of(INHERITED, Pages::Small);
        let sum = ours.read();
        let before = Footprint::now(&[]);
        let children = fork_all(count, || match what {
            "reads" => drop(black_box(ours.read())),
            "writes" => ours.write(2), // each writes to a copy of its own
            _ => {}
        });
        print_growth(before, &ids(&children), count);
        end(children);
        let changed = ours.read() - sum;
        println!("seen_by_parent {changed}\nanswer {changed} changes seen");
    }
    // ANCHOR_END: inherited

    /// Forks; every child does `first` and then waits until it is killed.
    /// Returns when all of them wait.
    fn fork_all(count: usize, mut first: impl FnMut()) -> Vec<Forked> {
        let (mut from_children, mut to_parent) = pipe().expect("a pipe");
        let mut fork_one = || {
            // SAFETY: the child touches memory that is there, writes and
            // sleeps, all of it allowed after a fork.
            let child = unsafe {
                fork(|| {
                    first();
                    let _ = to_parent.write_all(b".");
                    libc::pause();
                })
            };
            child.expect("a child process")
        };
        let children = (0..count).map(|_| fork_one()).collect();
        let mut there = vec![0; count];
        from_children.read_exact(&mut there).expect("that all are there");
        children
    }

    /// Ends those that wait. One that had ended before was not counted.
    fn end(children: Vec<Forked>) {
        for child in children {
            let ended = child.kill().expect("a child to kill");
            assert_eq!(lab::os::ending(ended), "SIGKILL", "it waited");
        }
    }

    fn ids(children: &[Forked]) -> Vec<u32> {
        children.iter().map(Forked::id).collect()
    }
}
