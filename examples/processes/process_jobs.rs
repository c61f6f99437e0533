//! Jobs for a pool: many small ones, ones that carry data, and one that takes
//! too long.
//!
//! Run:  cargo run --example process_jobs
//! See:  column `each`: a hundred small jobs in one message cost little more
//!       than one. Rayon's threads borrow the data of a job where it lies, and
//!       have nothing to copy. Whoever stops waiting for a thread has not
//!       stopped the thread: the job is done all the same.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use lab::{Experiment, Kind, Run, rerun_self};
use processes::chain;
use processes::pool::{Pool, serve};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

const JOBS: u64 = 1_000;
const STEPS: u64 = 10;
const CHUNK: u64 = 100;
/// Jobs that carry a mebibyte each.
const BIG: usize = 16;
const LONG: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    Experiment::new("process_jobs", "What does a job cost beside its work?")
        .case("many", "1 000 jobs of ten steps")
        .variant(Kind::Alone, "sequential", "in turn", |run| {
            timed(run, JOBS, || done(0, JOBS))
        })
        .variant(Kind::Thread, "rayon", "rayon", |run| {
            by_rayon(run, JOBS, || {
                (0..JOBS).into_par_iter().map(|i| chain(i, STEPS)).sum()
            })
        })
        .variant(Kind::Process, "pool", "our pool, one by one", |run| {
            by_pool(run, 1)
        })
        .variant(Kind::Process, "pool_chunks", "our pool, by 100", |run| {
            by_pool(run, CHUNK)
        })
        .case("data", "16 jobs of 1 MiB")
        .variant(Kind::Alone, "sequential", "in turn", |run| {
            let all = data();
            timed(run, BIG as u64, || all.iter().map(|one| glance(one)).sum())
        })
        .variant(Kind::Thread, "rayon", "rayon, borrowed", |run| {
            let all = data();
            by_rayon(run, BIG as u64, || {
                all.par_iter().map(|one| glance(one)).sum()
            })
        })
        .case("timeout", "a job of 200 ms, waited for 50 ms")
        .observed()
        .variant(Kind::Thread, "thread", "recv_timeout", too_long)
        .child("worker", |_| serve(work))
        .run()
}

fn timed(run: &mut Run, jobs: u64, work: impl FnOnce() -> u64) -> u64 {
    run.start_clock();
    let answer = work();
    run.stop_clock();
    let each_us = run.elapsed().as_secs_f64() * 1e6 / jobs as f64;
    run.metric("each_us", each_us);
    answer
}

fn by_rayon(
    run: &mut Run,
    jobs: u64,
    work: impl FnOnce() -> u64 + Send,
) -> u64 {
    let pool = ThreadPoolBuilder::new().num_threads(run.threads());
    let pool = pool.build().expect("a pool");
    pool.broadcast(|_| ()); // now all of them are there
    timed(run, jobs, || pool.install(work))
}

fn by_pool(run: &mut Run, chunk: u64) -> u64 {
    run.elsewhere();
    let start = || rerun_self("worker", &[]);
    let mut pool = Pool::start(run.threads(), start).expect("its workers");
    pool.map(&vec!["0 1".to_owned(); 10]); // now all of them are there
    timed(run, JOBS, || {
        let jobs = (0..JOBS).step_by(chunk as usize);
        let jobs: Vec<_> = jobs.map(|i| format!("{i} {chunk}")).collect();
        let answers = pool.map(&jobs).into_iter();
        answers.map(|answer| answer.unwrap().parse::<u64>().unwrap()).sum()
    })
}

/// A worker's side: jobs from the first number on, so many.
fn work(job: &str) -> String {
    let (first, count) = job.split_once(' ').expect("two numbers");
    let [first, count] = [first, count].map(|n| n.parse().expect("a number"));
    done(first, count).to_string()
}

fn done(first: u64, count: u64) -> u64 {
    (first..first + count).map(|i| chain(i, STEPS)).sum()
}

fn data() -> Vec<Vec<u8>> {
    (0..BIG).map(|_| (0..=255).cycle().take(1 << 20).collect()).collect()
}

/// Next to no work: what a job costs is what it carries.
fn glance(data: &[u8]) -> u64 {
    data.iter().step_by(4_097).map(|byte| u64::from(*byte)).sum()
}

fn too_long(run: &mut Run) -> String {
    let is_done = Arc::new(AtomicBool::new(false));
    let (answer, answers) = channel();
    let noted = Arc::clone(&is_done);
    let gate = run.gate(2);
    let job = thread::spawn(gate.then(move || {
        thread::sleep(LONG);
        noted.store(true, Ordering::Relaxed);
        let _ = answer.send(7); // nobody takes it
    }));
    gate.wait();
    let began = Instant::now();
    let refusal = answers.recv_timeout(PATIENCE);
    assert_eq!(refusal, Err(RecvTimeoutError::Timeout));
    run.metric("gave_up_ms", began.elapsed().as_secs_f64() * 1e3);
    job.join().expect("no panic");
    run.metric("over_ms", began.elapsed().as_secs_f64() * 1e3);
    run.stop_clock();
    let is_done = is_done.load(Ordering::Relaxed);
    run.metric("done", f64::from(u8::from(is_done)));
    format!("{}; the job was done", RecvTimeoutError::Timeout)
}
