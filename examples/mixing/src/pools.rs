//! One interface for whoever does jobs: threads, rayon, tasks, processes, and
//! an actor.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use lab::{Helper, rerun_self};
use rayon::ThreadPool;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc as tasks, oneshot};

// ANCHOR: pool
/// Comes when the job is done: to a thread that waits, or a task that awaits.
pub type Answer = oneshot::Receiver<u64>;

/// Whoever does jobs. A job is a number here; it may have to go to another
/// process, so it is plain data.
pub trait Pool {
    /// Hands it over and returns at once.
    fn submit(&self, n: u64) -> Answer;
}
// ANCHOR_END: pool

/// The job.
pub fn square(n: u64) -> u64 {
    n * n
}

/// A job, and whom its answer is for.
type Sent = (u64, oneshot::Sender<u64>);

/// Threads that take the next job from one queue.
pub struct Threads {
    queue: Option<Sender<Sent>>,
    all: Vec<JoinHandle<()>>,
}

impl Threads {
    /// So many.
    pub fn of(size: usize) -> Threads {
        Threads::that_do(size, |_| square)
    }

    /// Each does its jobs by what it is given for its number.
    fn that_do<W: FnMut(u64) -> u64 + Send + 'static>(
        size: usize,
        worker: impl Fn(usize) -> W,
    ) -> Threads {
        let (queue, jobs) = mpsc::channel::<Sent>();
        let jobs = Arc::new(Mutex::new(jobs));
        let start = |i| {
            let (jobs, mut work) = (Arc::clone(&jobs), worker(i));
            thread::spawn(move || {
                while let Some((n, answer)) = next(&jobs) {
                    // Or nobody waits any more.
                    let _ = answer.send(work(n));
                }
            })
        };
        Threads { queue: Some(queue), all: (0..size).map(start).collect() }
    }
}

fn next(jobs: &Mutex<Receiver<Sent>>) -> Option<Sent> {
    jobs.lock().expect("no worker panics at the queue").recv().ok()
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.all.drain(..) {
            let _ = thread.join();
        }
    }
}

// ANCHOR: pools
impl Pool for Threads {
    fn submit(&self, n: u64) -> Answer {
        let (send, answer) = oneshot::channel();
        let queue = self.queue.as_ref().expect("open until it is dropped");
        queue.send((n, send)).expect("somebody takes it");
        answer
    }
}

impl Pool for ThreadPool {
    fn submit(&self, n: u64) -> Answer {
        let (send, answer) = oneshot::channel();
        self.spawn(move || _ = send.send(square(n)));
        answer
    }
}

impl Pool for Runtime {
    fn submit(&self, n: u64) -> Answer {
        let (send, answer) = oneshot::channel();
        self.spawn(async move { _ = send.send(square(n)) });
        answer
    }
}
// ANCHOR_END: pools

/// Processes, each with a thread that hands it a job and waits.
pub struct Processes(Threads);

impl Processes {
    /// So many; `main` must know the child, as `worker`, which is [`serve`].
    ///
    /// # Panics
    /// When one of them does not start.
    pub fn of(size: usize) -> Processes {
        Processes(Threads::that_do(size, |_| {
            let child = rerun_self("worker", &[]).and_then(Helper::start);
            let mut child = child.expect("a worker process");
            move |n| {
                let said = child.ask(&n.to_string()).expect("it lives");
                said.parse().expect("a number")
            }
        }))
    }
}

impl Pool for Processes {
    fn submit(&self, n: u64) -> Answer {
        self.0.submit(n)
    }
}

/// The process's side.
pub fn serve() {
    println!("ready");
    for line in std::io::stdin().lines() {
        let Ok(n) = line.unwrap_or_default().parse() else { return };
        println!("{}", square(n));
    }
}

// ANCHOR: actor
/// An actor: a flow that owns its state, and a mailbox. Nobody else can touch
/// what it has counted, so there is no lock.
pub struct Actor {
    mailbox: tasks::UnboundedSender<Sent>,
}

impl Actor {
    /// A task of the runtime's.
    pub fn task(runtime: &Runtime) -> Actor {
        let (mailbox, mut letters) = tasks::unbounded_channel::<Sent>();
        runtime.spawn(async move {
            let mut done = 0_u64;
            while let Some((n, answer)) = letters.recv().await {
                done += 1;
                let _ = answer.send(square(n));
            }
            done
        });
        Actor { mailbox }
    }

    /// A thread.
    pub fn thread() -> Actor {
        let (mailbox, mut letters) = tasks::unbounded_channel::<Sent>();
        thread::spawn(move || {
            let mut done = 0_u64;
            while let Some((n, answer)) = letters.blocking_recv() {
                done += 1;
                let _ = answer.send(square(n));
            }
            done
        });
        Actor { mailbox }
    }
}

impl Pool for Actor {
    fn submit(&self, n: u64) -> Answer {
        let (send, answer) = oneshot::channel();
        self.mailbox.send((n, send)).expect("it lives as long as we do");
        answer
    }
}
// ANCHOR_END: actor
