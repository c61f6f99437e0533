//! A worker holds a lock, has a temporary file, has started a child, and is in
//! the middle of a line. What does it leave behind when it is stopped there?
//!
//! Run:  cargo run --example cancel_leaves
//! See:  a thread that is told by a flag goes on to a place of its choice, and
//!       leaves nothing. A future that is dropped, or a task that is aborted,
//!       gives back what it holds: lock and file. The child goes on, and the
//!       line stays half written. Of a process that is killed the kernel
//!       takes back what was its own, such as its lock, and nothing else.

use std::fs::{self, File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, id};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use cancelling::one_thread;
use lab::{Experiment, Kind, Run, rerun_self};
use tokio::time::sleep;

/// Between the halves of a line.
const STEP: Duration = Duration::from_millis(20);
/// By then a worker has begun.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let question = "What does it leave behind that is stopped in the middle?";
    Experiment::new("cancel_leaves", question)
        .baseline("flag")
        .observed()
        .variant(Kind::Thread, "flag", "a thread, by a flag", |run| {
            left_by(run, by_a_flag)
        })
        .variant(Kind::Task, "dropped", "a future, dropped", |run| {
            left_by(run, dropped)
        })
        .variant(Kind::Task, "aborted", "a task, aborted", |run| {
            left_by(run, aborted)
        })
        .variant(Kind::Process, "killed", "a process, killed", |run| {
            left_by(run, killed)
        })
        .child("worker", |args| worker(Path::new(&args[0])))
        .child("child", |_| {
            // It lives until it is asked whether it does.
            let asked = io::stdin().read(&mut [0]).unwrap_or(0);
            print!("{}", ".".repeat(asked));
        })
        .run()
}

// ANCHOR: workers
fn thread(place: &Place, lock: &Mutex<()>, stop: &AtomicBool) {
    let _held = lock.lock().expect("nobody panics");
    let _scratch = Scratch::new(&place.folder);
    let mut child = place.child().spawn().expect("a child process");
    while !stop.load(Relaxed) {
        place.log("half a line");
        thread::sleep(STEP);
        place.log(", and its end\n");
    }
    child.kill().expect("it lives");
    child.wait().expect("it ends");
}

async fn task(place: Arc<Place>, lock: Arc<tokio::sync::Mutex<()>>) {
    let _held = lock.lock().await;
    let _scratch = Scratch::new(&place.folder);
    let child = place.child();
    let _child = tokio::process::Command::from(child).spawn();
    loop {
        place.log("half a line");
        sleep(STEP).await; // stopped here
        place.log(", and its end\n");
    }
}

/// Removed when it is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
// ANCHOR_END: workers

impl Scratch {
    fn new(folder: &Path) -> Scratch {
        let path = folder.join("scratch");
        fs::write(&path, "").expect("a file of ours");
        Scratch(path)
    }
}

/// As [`thread`], in a process, and nobody tells it anything. Its lock is on a
/// file; its child has its input and its output.
fn worker(folder: &Path) {
    let lock = File::create(folder.join("lock")).expect("a file of ours");
    lock.lock().expect("nobody holds it");
    let _scratch = Scratch::new(folder);
    let child = rerun_self("child", &[]).and_then(|mut child| child.spawn());
    let mut child = child.expect("a child process");
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        log(folder, "half a line");
        thread::sleep(STEP);
        log(folder, ", and its end\n");
    }
    child.kill().expect("it lives");
    child.wait().expect("it ends");
}

fn by_a_flag(place: Place) -> bool {
    let (lock, stop) = (Mutex::new(()), AtomicBool::new(false));
    thread::scope(|scope| {
        let (place, lock, stop) = (&place, &lock, &stop);
        let worker = scope.spawn(move || thread(place, lock, stop));
        place.in_the_middle();
        stop.store(true, Relaxed);
        worker.join().expect("no panic");
    });
    lock.try_lock().is_err()
}

fn dropped(place: Place) -> bool {
    let (place, lock) = (Arc::new(place), Arc::default());
    let working = task(Arc::clone(&place), Arc::clone(&lock));
    one_thread().block_on(async {
        tokio::select! {
            () = working => unreachable!("it does not end"),
            () = async {
                while !place.is_in_the_middle() {
                    sleep(STEP / 20).await;
                }
            } => (),
        }
    });
    lock.try_lock().is_err()
}

fn aborted(place: Place) -> bool {
    let (place, lock) = (Arc::new(place), Arc::default());
    one_thread().block_on(async {
        let working = tokio::spawn(task(Arc::clone(&place), Arc::clone(&lock)));
        while !place.is_in_the_middle() {
            sleep(STEP / 20).await;
        }
        working.abort();
        working.await.expect_err("it was aborted");
    });
    lock.try_lock().is_err()
}

fn killed(place: Place) -> bool {
    let mut worker = place.run("worker").spawn().expect("a process");
    place.in_the_middle();
    worker.kill().expect("it lives");
    worker.wait().expect("it ends");
    let lock = File::open(place.folder.join("lock")).expect("it has made one");
    lock.try_lock().is_err()
}

/// Where a worker leaves things.
struct Place {
    folder: PathBuf,
    /// To its child and from it.
    asks: PipeReader,
    says: PipeWriter,
}

impl Place {
    fn child(&self) -> Command {
        self.run("child")
    }

    fn run(&self, name: &str) -> Command {
        let folder = self.folder.display().to_string();
        let mut command = rerun_self(name, &[folder]).expect("our path");
        let (asks, says) = (self.asks.try_clone(), self.says.try_clone());
        command.stdin(asks.expect("a pipe")).stdout(says.expect("a pipe"));
        command
    }

    fn log(&self, text: &str) {
        log(&self.folder, text);
    }

    fn is_in_the_middle(&self) -> bool {
        is_half(&self.folder)
    }

    /// Waits until a line is half written.
    fn in_the_middle(&self) {
        let began = Instant::now();
        while !self.is_in_the_middle() && began.elapsed() < PATIENCE {
            thread::sleep(STEP / 20);
        }
    }
}

fn log(folder: &Path, text: &str) {
    let log = OpenOptions::new().append(true).open(folder.join("log"));
    write!(log.expect("a file of ours"), "{text}").expect("it is written");
}

fn is_half(folder: &Path) -> bool {
    let log = fs::read_to_string(folder.join("log")).expect("a file of ours");
    !log.is_empty() && !log.ends_with('\n')
}

/// Has a worker stopped in the middle, and looks what it has left. `stopped`
/// returns whether nobody can take its lock.
fn left_by(run: &mut Run, stopped: impl Fn(Place) -> bool) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Relaxed);
    let folder = format!("taking-turns-leaves-{}-{count}", id());
    let folder = std::env::temp_dir().join(folder);
    fs::create_dir(&folder).expect("a folder of ours");
    File::create(folder.join("log")).expect("a file of ours");
    let (asks, mut to_child) = io::pipe().expect("a pipe");
    let (mut from_child, says) = io::pipe().expect("a pipe");
    let place = Place { folder: folder.clone(), asks, says };

    let locked = stopped(place);
    // Whoever lives says so, and ends.
    let asked = to_child.write_all(b"?");
    drop(to_child);
    let mut said = Vec::new();
    from_child.read_to_end(&mut said).expect("a pipe that can be read");
    let left = [
        ("lock", locked),
        ("file", folder.join("scratch").exists()),
        ("child", asked.is_ok() && !said.is_empty()),
        ("half_line", is_half(&folder)),
    ];
    fs::remove_dir_all(&folder).expect("a folder of ours");
    for (name, left) in left {
        run.metric(name, f64::from(left));
    }
    let left = left.into_iter().filter_map(|(name, left)| left.then_some(name));
    match left.collect::<Vec<_>>()[..] {
        [] => "nothing".to_owned(),
        ref all => all.join(", ").replace('_', " "),
    }
}
