//! Threads do a piece of work and meet, again and again: what do they cost that
//! are more than the cores? Beside them, threads that never meet.
//!
//! Run:  cargo run --example quota_barrier
//! See:  threads that do not meet cost next to nothing, be they 64 a core.
//!       Those that meet asleep pay for being woken. Those that spin keep the
//!       core that the others need, until the scheduler takes it away: a round
//!       that takes a fraction of a millisecond takes many slices. A pool in
//!       each of several processes is the same, with nobody to blame.
//!
//! The work of a round is the same however many threads share it.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use lab::timeline::now_ns;
use lab::{Experiment, Gate, Helper, Kind, Run, rerun_self};
use quota::barrier::{Barrier, Way};
use quota::work;

const PER_CORE: u64 = 400; // microseconds of work in a round, for each core
const LENGTH_NS: u64 = 60_000_000; // then the round under way is the last
const LOOKS: u32 = 2_000; // about as long as it takes to be woken

type Named = (&'static str, &'static str, Team);

/// Whether the threads of a team meet after each piece.
#[derive(Clone, Copy)]
enum Team {
    Meets(Way),
    NeverMeets,
}

const APART: Named = ("apart", "never meet", Team::NeverMeets);
const ONE: Named = ("one", "a thread, no team", Team::NeverMeets);
const TEAMS: [Named; 5] = [
    APART,
    ("spin", "meet, spinning", Team::Meets(Way::Spin)),
    ("yields", "meet, yielding", Team::Meets(Way::Yield)),
    ("briefly", "meet, spin and sleep", Team::Meets(Way::Briefly(LOOKS))),
    ("sleep", "meet, asleep", Team::Meets(Way::Sleep)),
];

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "quota_barrier",
        "What do threads cost that wait for each other?",
    )
    .baseline("none");
    for times in [1, 2, 8, 64] {
        experiment =
            experiment.case(&times.to_string(), &format!("{times} a core"));
        for (name, label, team) in TEAMS {
            experiment =
                experiment.variant(Kind::Thread, name, label, move |run| {
                    let cores = run.threads();
                    one_team(run, cores * times, PER_CORE * cores as u64, team)
                });
        }
    }
    // Pieces so small that meeting costs as much: one thread against a team.
    experiment = experiment.case("small", "20 µs a round");
    for (name, label, team) in against_one() {
        experiment =
            experiment.variant(Kind::Thread, name, label, move |run| {
                let threads = if name == ONE.0 { 1 } else { run.threads() };
                one_team(run, threads, 20, team)
            });
    }
    experiment = experiment.case("nested", "a pool in each process");
    for (name, label, team) in against_one() {
        experiment =
            experiment.variant(Kind::Process, name, label, move |run| {
                nested(run, name, team)
            });
    }
    experiment.child("team", in_a_process).run()
}

/// One thread, and teams that meet.
fn against_one() -> impl Iterator<Item = Named> {
    [ONE].into_iter().chain(TEAMS.into_iter().skip(1))
}

fn one_team(run: &mut Run, threads: usize, steps: u64, team: Team) -> String {
    let gate = run.gate(threads);
    let round_us = rounds(&gate, threads, steps, team);
    run.stop_clock();
    run.metric("round_us", round_us);
    "nobody was ahead".into()
}

/// A team of so many threads shares the steps of each round. How long does a
/// round take?
fn rounds(gate: &Gate, threads: usize, steps: u64, team: Team) -> f64 {
    let share = (steps / threads as u64).max(1);
    let (barrier, ended) = (&Barrier::new(threads), &AtomicBool::new(false));
    let pieces: u64 = thread::scope(|scope| {
        let all: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(move || {
                    gate.wait();
                    let end_ns = gate.began_ns() + LENGTH_NS;
                    one(barrier, ended, share, end_ns, team)
                })
            })
            .collect();
        all.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let wall_us = (now_ns() - gate.began_ns()) as f64 / 1e3;
    let work_done = (pieces * share) as f64 / steps as f64;
    wall_us / work_done
}

// ANCHOR: one
/// Does pieces until the time is over, and says how many.
fn one(
    barrier: &Barrier,
    ended: &AtomicBool,
    share: u64,
    end_ns: u64,
    team: Team,
) -> u64 {
    let mut pieces = 0;
    loop {
        work(share);
        pieces += 1;
        let is_over = || now_ns() >= end_ns;
        match team {
            Team::NeverMeets if is_over() => return pieces,
            Team::NeverMeets => {}
            Team::Meets(way) => {
                // Who comes last decides for all.
                barrier.meet(way, || ended.store(is_over(), Ordering::Relaxed));
                if ended.load(Ordering::Relaxed) {
                    return pieces;
                }
            }
        }
    }
}
// ANCHOR_END: one

/// As many processes as cores, each with a pool for the whole machine, or with
/// one thread, as by OMP_NUM_THREADS=1.
fn nested(run: &mut Run, name: &str, team: Team) -> String {
    run.elsewhere();
    let cores = run.threads();
    let inside = match team {
        Team::NeverMeets => 1,
        Team::Meets(_) => cores,
    };
    let args = [name, &inside.to_string(), &cores.to_string()];
    let args = args.map(str::to_owned);
    let mut all: Vec<Helper> = (0..cores)
        .map(|_| {
            let child = rerun_self("team", &args).expect("our path");
            Helper::start(child).expect("a child")
        })
        .collect();
    run.start_clock();
    for process in &mut all {
        process.write_line("go").expect("a child that listens");
    }
    let mut total_us = 0.0;
    for process in &mut all {
        let said = process.read_line().expect("a child that answers");
        total_us += said.parse::<f64>().expect("a number");
    }
    run.stop_clock();
    run.metric("round_us", total_us / cores as f64);
    "nobody was ahead".into()
}

fn in_a_process(args: &[String]) {
    let number = |i: usize| args[i].parse::<usize>().expect("a number");
    let (inside, cores) = (number(1), number(2));
    let (.., team) = against_one().find(|t| t.0 == args[0]).expect("a team");
    println!("ready");
    let mut word = String::new();
    if std::io::stdin().read_line(&mut word).unwrap_or(0) == 0 {
        return; // the parent is gone
    }
    let steps = PER_CORE * cores as u64;
    println!("{}", rounds(&Gate::of(inside), inside, steps, team));
}
