//! The rungs of the ladder that need the kernel.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, Thread};

use lab::{Experiment, Gate, Kind, Run, os};

use crate::pipes::Partner;
use crate::rung::{on_core, rung, rung_against};
use crate::touch::WorkingSet;
use crate::turn::Turn;

const CALLS: u64 = 200_000;

/// Into the kernel and back.
pub fn syscall(run: &mut Run) -> i64 {
    let parent = std::os::unix::process::parent_id();
    rung(run, CALLS, || {
        let same = |_: &u64| std::os::unix::process::parent_id() == parent;
        (0..CALLS).filter(same).count() as u64
    })
}

/// What ping-pong does without a partner: two system calls for each throw.
pub fn pipe(run: &mut Run) -> i64 {
    let (mut from, mut to) = io::pipe().expect("a pipe");
    rung(run, CALLS / 4, || {
        let mut ball = [0; 8];
        for n in 1..=CALLS / 4 {
            to.write_all(&n.to_ne_bytes()).expect("room in the pipe");
            from.read_exact(&mut ball).expect("what was written");
        }
        u64::from_ne_bytes(ball)
    })
}

/// Two threads or two processes that take turns, each kept on the hardware
/// thread named; they may be the same.
pub fn flows(
    experiment: Experiment,
    cpus: [usize; 2],
    rounds: u64,
) -> Experiment {
    let experiment = match cpus[0] == cpus[1] {
        true => experiment
            .variant(
                Kind::Thread,
                "thread_yield",
                "threads, sched_yield",
                move |run| thread_yield(run, cpus[0], 2, 2 * rounds),
            )
            .variant(
                Kind::Thread,
                "thread_yield_100",
                "100 threads, sched_yield",
                move |run| thread_yield(run, cpus[0], 100, 2 * rounds),
            ),
        // On one core each would spin until its slice is over.
        false => experiment.variant(
            Kind::Thread,
            "thread_handing",
            "threads that spin",
            move |run| thread_spin(run, cpus, 100 * rounds),
        ),
    };
    experiment
        .variant(Kind::Thread, "thread_park", "threads, park", move |run| {
            thread_park(run, cpus, rounds)
        })
        .variant(Kind::Thread, "thread_pipe", "threads, pipe", move |run| {
            through_pipes(run, cpus, rounds, Partner::thread)
        })
        .variant(Kind::Process, "process_pipe", "processes, pipe", move |run| {
            through_pipes(run, cpus, rounds, Partner::process)
        })
}

fn thread_yield(run: &mut Run, cpu: usize, threads: u64, all: u64) -> i64 {
    let gate = Gate::of(threads as usize);
    let give_way = || {
        let mut made = 0;
        while made < all / threads {
            thread::yield_now();
            made += 1;
        }
        made
    };
    on_core(cpu, || {
        thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map(|_| scope.spawn(gate.then(give_way)))
                .collect();
            gate.wait();
            rung(run, all, || {
                let made = |other: thread::ScopedJoinHandle<'_, u64>| {
                    other.join().expect("no panic")
                };
                give_way() + others.into_iter().map(made).sum::<u64>()
            })
        })
    })
}

fn thread_park(run: &mut Run, cpus: [usize; 2], rounds: u64) -> i64 {
    let (turn, made) = (Turn::of(0), AtomicU64::new(0));
    let gate = Gate::of(2);
    let play = |me: usize, other: &Thread| {
        for _ in 0..rounds {
            turn.wait(me);
            made.fetch_add(1, Ordering::Relaxed);
            turn.pass(1 - me, other);
        }
    };
    on_core(cpus[0], || {
        let first = thread::current();
        thread::scope(|scope| {
            let second = scope.spawn(|| {
                os::pin_to(&[cpus[1]]);
                gate.wait();
                play(1, &first)
            });
            gate.wait();
            rung(run, 2 * rounds, || {
                play(0, second.thread());
                turn.wait(0);
                made.load(Ordering::Relaxed)
            })
        })
    })
}

fn thread_spin(run: &mut Run, cpus: [usize; 2], rounds: u64) -> i64 {
    let (turn, made) = (Turn::of(0), AtomicU64::new(0));
    let gate = Gate::of(2);
    let play = |me: usize| {
        for _ in 0..rounds {
            turn.spin(me);
            made.fetch_add(1, Ordering::Relaxed);
            turn.hand(1 - me);
        }
    };
    on_core(cpus[0], || {
        thread::scope(|scope| {
            let other = scope.spawn(|| {
                os::pin_to(&[cpus[1]]);
                gate.wait();
                play(1)
            });
            gate.wait();
            rung(run, 2 * rounds, || {
                play(0);
                turn.spin(0);
                // The CPU time of a thread that runs is known to its last tick
                // only, and exactly when it has ended.
                other.join().expect("no panic");
                made.load(Ordering::Relaxed)
            })
        })
    })
}

fn through_pipes(
    run: &mut Run,
    cpus: [usize; 2],
    rounds: u64,
    partner: fn(usize, usize) -> io::Result<Partner>,
) -> i64 {
    on_core(cpus[0], || {
        let nothing = &mut WorkingSet::new(0);
        rung_against(
            run,
            2 * rounds,
            partner(cpus[1], 0).expect("a partner"),
            |partner| partner.play(rounds, nothing).expect("the ball"),
            |partner| partner.end().expect("a report").counters,
        )
    })
}

/// The kernel developers' own measurement of the same, if `perf` is there and
/// runs. An operation of its `sched pipe` is one round, so two switches.
pub fn perf(experiment: Experiment, cpu: usize, rounds: u64) -> Experiment {
    if perf_bench(cpu, &["-T"], 1).is_none() {
        eprintln!("no perf here that runs: two rungs are left out");
        return experiment;
    }
    let observe = move |run: &mut Run, how: &[&str]| {
        run.elsewhere();
        let (made, round_ns) =
            perf_bench(cpu, how, rounds).expect("perf bench ran before");
        run.metric("each_ns", round_ns / 2.0);
        rounds as i64 - made as i64
    };
    experiment
        .variant(
            Kind::Thread,
            "perf_threads",
            "perf bench: threads, pipe",
            move |run| observe(run, &["-T"]),
        )
        .variant(
            Kind::Process,
            "perf_processes",
            "perf bench: processes, pipe",
            move |run| observe(run, &[]),
        )
}

/// How many operations it made, and nanoseconds for each.
fn perf_bench(cpu: usize, how: &[&str], rounds: u64) -> Option<(u64, f64)> {
    let mut command = Command::new("perf");
    command.args(["bench", "sched", "pipe", "-l", &rounds.to_string()]);
    command.args(how).stdin(Stdio::null());
    let out = on_core(cpu, || command.output()).ok()?; // it inherits the core
    let said = String::from_utf8(out.stdout).ok()?;
    if !out.status.success() {
        return None;
    }
    // "# Executed 20000 pipe operations between two threads" …
    let made = said.split_once("Executed ")?.1.split(' ').next()?;
    // … and "2.034 usecs/op".
    let line = said.lines().find(|line| line.ends_with("usecs/op"))?;
    let us: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some((made.parse().ok()?, us * 1000.0))
}
