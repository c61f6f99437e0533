//! A pool of processes of our own: what a job costs beside the work, and what
//! becomes of it when a worker is killed in the middle.
//!
//! Run:  cargo run --example process_pool
//! See:  column `each`: a process forevery job costs some hundred
//!       microseconds, a job for the pool some, one for rayon's threads next to
//!       nothing. As many jobs are under way at once in all three. In the last
//!       two tables a worker dies, in a job or while it waits for one; another
//!       takes its place, and no answer is missing.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::process::{Child, Command, ExitCode, Stdio};

use lab::{Experiment, Kind, Run, rerun_self};
use processes::pool::{Lost, Pool, serve};
use processes::{chain, ended_well};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

const JOBS: u64 = 100;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "process_pool",
        "What does a pool of processes cost, and what does it survive?",
    );
    for (case, label, steps) in [
        ("tiny", "100 jobs with nothing to do", 1),
        ("work", "100 jobs of 30 000 steps", 30_000),
    ] {
        experiment = experiment
            .case(case, label)
            .variant(Kind::Alone, "sequential", "in turn", move |run| {
                timed(run, || (0..JOBS).map(|i| chain(i, steps)).sum())
            })
            .variant(Kind::Thread, "rayon", "rayon", move |run| {
                let threads = run.threads();
                let pool = ThreadPoolBuilder::new().num_threads(threads);
                let pool = pool.build().expect("a pool");
                pool.broadcast(|_| ()); // now all of them are there
                timed(run, || pool.install(|| by_rayon(steps)))
            })
            .variant(
                Kind::Process,
                "pool",
                "our pool of processes",
                move |run| {
                    let mut pool = pool(run);
                    timed(run, || by_pool(&mut pool, steps))
                },
            )
            .variant(
                Kind::Process,
                "process_each",
                "a process a job",
                move |run| {
                    run.elsewhere();
                    let at_once = run.threads();
                    timed(run, || by_new_ones(at_once, steps))
                },
            );
    }
    experiment
        .case("death", "20 jobs, and a worker dies in one of them")
        .observed()
        .variant(Kind::Process, "pool", "our pool of processes", |run| {
            death(run, "skin")
        })
        .variant(Kind::Process, "pool_poison", "our pool, each time", |run| {
            death(run, "poison")
        })
        .case("idle", "a worker dies that waits for a job, then 10 jobs")
        .variant(Kind::Process, "pool", "our pool of processes", idle)
        .child("worker", |_| serve(work))
        .child("job", |args| println!("{}", work(&args[0])))
        .run()
}

fn by_rayon(steps: u64) -> u64 {
    (0..JOBS).into_par_iter().map(|i| chain(i, steps)).sum()
}

fn by_pool(pool: &mut Pool<Start>, steps: u64) -> u64 {
    let jobs: Vec<String> = (0..JOBS).map(|i| format!("{i} {steps}")).collect();
    let answers = pool.map(&jobs).into_iter();
    answers.map(|answer| answer.unwrap().parse::<u64>().unwrap()).sum()
}

/// With as many jobs under way as the pool has workers.
fn by_new_ones(at_once: usize, steps: u64) -> u64 {
    let (mut sum, mut under_way) = (0, VecDeque::new());
    for i in 0..JOBS {
        if under_way.len() == at_once {
            sum += under_way.pop_front().map_or(0, answer_of);
        }
        let mut child =
            rerun_self("job", &[format!("{i} {steps}")]).expect("our path");
        child.stdin(Stdio::null()).stdout(Stdio::piped());
        under_way.push_back(child.spawn().expect("a child process"));
    }
    sum + under_way.into_iter().map(answer_of).sum::<u64>()
}

fn answer_of(child: Child) -> u64 {
    let out = child.wait_with_output().expect("it is ours");
    ended_well(out.status).expect("a job that is done");
    let said = String::from_utf8(out.stdout).expect("text");
    said.trim().parse().expect("a number")
}

/// A worker's side. Jobs and answers are text: what leaves a process has to be
/// written down.
fn work(job: &str) -> String {
    let (what, rest) = job.split_once(' ').expect("two words");
    match what {
        // Whoever steps on it first takes it away and slips.
        "skin" if fs::remove_file(rest).is_ok() => std::process::abort(),
        "poison" => std::process::abort(),
        "skin" => "0".into(),
        i => {
            let steps = rest.parse().expect("a number");
            chain(i.parse().expect("a number"), steps).to_string()
        }
    }
}

type Start = fn() -> io::Result<Command>;

fn pool(run: &mut Run) -> Pool<Start> {
    run.elsewhere();
    let start: Start = || rerun_self("worker", &[]);
    let mut pool = Pool::start(run.threads(), start).expect("a pool");
    by_pool(&mut pool, 1); // now all of them are there
    pool
}

/// One of twenty jobs is deadly, once or every time.
fn death(run: &mut Run, how: &str) -> String {
    let name = format!("taking-turns-{}-skin", std::process::id());
    let skin = std::env::temp_dir().join(name);
    fs::write(&skin, "").expect("a file");
    let mut jobs: Vec<String> = (0..20).map(|i| format!("{i} 1000")).collect();
    jobs[7] = format!("{how} {}", skin.display());

    let mut pool = pool(run);
    run.start_clock();
    let answers = pool.map(&jobs);
    run.stop_clock();
    let _ = fs::remove_file(skin);
    let lost = answers.iter().find_map(|answer| answer.as_ref().err());
    let there = answers.iter().filter(|answer| answer.is_ok()).count();
    run.metric("answers", there as f64);
    run.metric("replaced", f64::from(pool.replaced()));
    let fate = match lost {
        Some(Lost(why)) => format!(", one lost: {why}"),
        None => String::new(),
    };
    format!("{there} of 20 answers{fate}; {} replaced", pool.replaced())
}

/// A worker dies that has nothing to do.
fn idle(run: &mut Run) -> String {
    let mut pool = pool(run);
    pool.kill_one().expect("a worker to kill");
    let jobs: Vec<String> = (0..10).map(|i| format!("{i} 1000")).collect();
    run.start_clock();
    let answers = pool.map(&jobs);
    run.stop_clock();
    let there = answers.iter().filter(|answer| answer.is_ok()).count();
    run.metric("answers", there as f64);
    format!("{there} of 10 answers")
}

fn timed(run: &mut Run, work: impl FnOnce() -> u64) -> u64 {
    run.start_clock();
    let began = std::time::Instant::now();
    let sum = work();
    let took = began.elapsed();
    run.stop_clock();
    run.metric("each_us", took.as_secs_f64() * 1e6 / JOBS as f64);
    sum
}
