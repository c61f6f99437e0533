//! Reading files that are in memory already: I/O that hardly waits.
//!
//! Run:  cargo run --example loop_files
//! See:  a plain read far ahead of an `await` on one. Epoll takes no files, so
//!       tokio, as built here, sends each read to a thread and waits for that.
//!       Where as many threads are there already, that costs less.

use std::fs;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use event_loop::clients::pool;
use event_loop::library::one_thread;
use lab::{Experiment, Kind, Run};
use tokio::runtime::{Builder, Runtime};

const READS: u64 = 2_000;
const BYTES: usize = 4096;
const WORKERS: usize = 20;

fn main() -> ExitCode {
    let question = "Reading cached files: what do threads and tasks gain?";
    Experiment::new("loop_files", question)
        .variant(Kind::Alone, "sequential", "std::fs, one by one", |run| {
            with_file(run, |_, file| (0..READS).map(|_| read(file)).sum())
        })
        .variant(Kind::Thread, "threads", "std::fs, 20 threads", |run| {
            with_file(run, |run, file| {
                pool(run, WORKERS, READS, |_| read(file))
            })
        })
        .variant(Kind::Task, "one_by_one", "tokio::fs, one by one", |run| {
            let event_loop = one_thread();
            with_file(run, |_, file| event_loop.block_on(one_by_one(file)))
        })
        .variant(Kind::Task, "tokio", "tokio::fs, a task each", |run| {
            let event_loop = one_thread();
            with_file(run, |_, file| event_loop.block_on(tasks(file)))
        })
        .variant(Kind::Task, "tokio_20", "the same, 20 threads", |run| {
            let event_loop = with_threads(run);
            with_file(run, |_, file| event_loop.block_on(tasks(file)))
        })
        .variant(Kind::Task, "batch", "all in one spawn_blocking", |run| {
            let event_loop = one_thread();
            with_file(run, |_, file| event_loop.block_on(batch(file)))
        })
        .run()
}

// ANCHOR: reads
fn read(file: &Path) -> io::Result<u64> {
    Ok(black_box(fs::read(file)?).len() as u64)
}

async fn one_by_one(file: &Path) -> io::Result<u64> {
    let mut sum = 0;
    for _ in 0..READS {
        sum += black_box(tokio::fs::read(file).await?).len() as u64;
    }
    Ok(sum)
}

async fn tasks(file: &Path) -> io::Result<u64> {
    let start = |_| tokio::spawn(tokio::fs::read(file.to_owned()));
    let all: Vec<_> = (0..READS).map(start).collect();
    let mut sum = 0;
    for task in all {
        sum += black_box(task.await??).len() as u64;
    }
    Ok(sum)
}

async fn batch(file: &Path) -> io::Result<u64> {
    let file = file.to_owned();
    tokio::task::spawn_blocking(move || (0..READS).map(|_| read(&file)).sum())
        .await?
}
// ANCHOR_END: reads

/// A loop whose pool for blocking calls has as many threads as the variant
/// without a loop, and they are there, too, before the clock starts.
fn with_threads(run: &mut Run) -> Runtime {
    let mut builder = Builder::new_current_thread();
    let event_loop = builder.max_blocking_threads(WORKERS).build();
    let event_loop = event_loop.expect("tokio starts here");
    let gate = run.gate(WORKERS);
    let arrive = |_| {
        let gate = gate.clone();
        event_loop.spawn_blocking(move || gate.wait())
    };
    let all: Vec<_> = (0..WORKERS).map(arrive).collect();
    for arrived in all {
        event_loop.block_on(arrived).expect("no panic");
    }
    event_loop
}

/// Makes a file, which is then in memory, and takes it away again.
fn with_file(
    run: &mut Run,
    work: impl FnOnce(&mut Run, &Path) -> io::Result<u64>,
) -> u64 {
    let file = Scratch::new().expect("files can be made here");
    run.start_clock();
    let sum = work(run, &file.0).expect("every read succeeds");
    run.stop_clock();
    sum
}

struct Scratch(PathBuf);

impl Scratch {
    fn new() -> io::Result<Scratch> {
        let name = format!("loop_files-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::File::create(&path)?.write_all(&[b'x'; BYTES])?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
