//! A producer that is a tenth too fast. What becomes of the tenth?
//!
//! Run:  cargo run --example overload_queue
//! See:  in an unbounded channel it waits: the longer this goes on, the older
//!       is each message when its turn comes. So do tasks that are started
//!       first and then wait for a semaphore. Where there is room for eight,
//!       the producer waits instead, or a tenth is thrown away. With messages
//!       of a megabyte the unbounded channel ends the program.
//!
//! A message takes a millisecond, by a timer, so the processor is idle. On
//! platforms other than Linux memory is not limited, and both survive.

use std::future::Future;
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use lab::timeline::now_ns;
use lab::{Experiment, Kind, Run, os, rerun_self};
use overload::server::Desk;
use overload::watch::Watch;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::{Semaphore, mpsc};

/// How long a message takes, and after how long the next one comes.
const SERVICE_NS: u64 = 1_000_000;
const EVERY_NS: u64 = SERVICE_NS * 10 / 11;
const ROOM: usize = 8;

/// For messages that have a size: quicker, so that it does not take long.
const BIG: usize = 1 << 20;
const BIG_NS: u64 = 100_000;
const BIGS: u64 = 1_800;
const MEMORY: u64 = 128 << 20;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "overload_queue",
        "A producer that is a tenth too fast: what becomes of the tenth?",
    )
    .baseline("unbounded");
    for ms in [40, 80, 160, 320] {
        experiment = experiment
            .case(&ms.to_string(), "ms of messages, a tenth too many")
            .variant(Kind::Task, "unbounded", "unbounded_channel", move |run| {
                play(run, ms, unbounded)
            })
            .variant(Kind::Task, "bounded", "channel(8), send", move |run| {
                play(run, ms, bounded)
            })
            .variant(Kind::Task, "newest", "channel(8), try_send", move |run| {
                play(run, ms, newest)
            })
            .variant(Kind::Task, "oldest", "broadcast(8)", move |run| {
                play(run, ms, oldest)
            })
            .variant(Kind::Task, "inside", "spawn, then acquire", move |run| {
                play(run, ms, inside)
            })
            .variant(
                Kind::Task,
                "outside",
                "acquire, then spawn",
                move |run| play(run, ms, outside),
            );
    }
    experiment
        .case("memory", "messages of 1 MiB, memory for 128")
        .observed()
        .variant(Kind::Process, "unbounded", "unbounded_channel", |run| {
            filled(run, "unbounded")
        })
        .variant(Kind::Process, "bounded", "channel(8), send", |run| {
            filled(run, "bounded")
        })
        .child("fill", |args| fill(&args[0]))
        .run()
}

/// What producer and consumer share, and what we look at.
struct Scene {
    messages: u64,
    desk: Mutex<Desk>,
    in_flight: AtomicUsize,
    most: AtomicUsize,
    dropped: AtomicUsize,
    ages_ns: Mutex<Vec<u64>>,
    behind_ns: Mutex<u64>,
    tasks: AtomicUsize,
}

impl Scene {
    /// A message is let in.
    fn accept(&self) -> u64 {
        let now = self.in_flight.fetch_add(1, Relaxed) + 1;
        self.most.fetch_max(now, Relaxed);
        now_ns()
    }

    /// So many are thrown away that were let in.
    fn drop_oldest(&self, count: usize) {
        self.in_flight.fetch_sub(count, Relaxed);
        self.dropped.fetch_add(count, Relaxed);
    }

    /// One after the other.
    async fn serve(&self, came_ns: u64) {
        let done_ns = self.desk.lock().unwrap().done_ns(came_ns);
        until(done_ns).await;
        self.in_flight.fetch_sub(1, Relaxed);
        self.ages_ns.lock().unwrap().push(now_ns() - came_ns);
    }

    // ANCHOR: produce
    /// A message is due each 10/11 of the time that one takes.
    async fn produce(&self, mut put: impl AsyncFnMut()) {
        let began = now_ns();
        for i in 0..self.messages {
            let due = began + i * EVERY_NS;
            until(due).await;
            put().await;
            *self.behind_ns.lock().unwrap() = now_ns().saturating_sub(due);
        }
        let tasks = Handle::current().metrics().num_alive_tasks();
        self.tasks.store(tasks, Relaxed);
    }
    // ANCHOR_END: produce
}

async fn until(ns: u64) {
    let left = ns.saturating_sub(now_ns());
    if left > 0 {
        tokio::time::sleep(Duration::from_nanos(left)).await;
    }
}

// ANCHOR: channels
async fn unbounded(scene: Arc<Scene>) {
    let (to, mut from) = mpsc::unbounded_channel();
    let consumer = spawn(&scene, async move |scene| {
        while let Some(came) = from.recv().await {
            scene.serve(came).await;
        }
    });
    // Succeeds at once, whatever waits there already.
    scene.produce(async || to.send(scene.accept()).unwrap()).await;
    drop(to);
    consumer.await.unwrap();
}

async fn bounded(scene: Arc<Scene>) {
    let (to, mut from) = mpsc::channel(ROOM);
    let consumer = spawn(&scene, async move |scene| {
        while let Some(came) = from.recv().await {
            scene.serve(came).await;
        }
    });
    scene
        .produce(async || {
            // Waits until there is room: that is all of backpressure.
            let room = to.reserve().await.unwrap();
            room.send(scene.accept());
        })
        .await;
    drop(to);
    consumer.await.unwrap();
}
// ANCHOR_END: channels

async fn newest(scene: Arc<Scene>) {
    let (to, mut from) = mpsc::channel(ROOM);
    let consumer = spawn(&scene, async move |scene| {
        while let Some(came) = from.recv().await {
            scene.serve(came).await;
        }
    });
    scene
        .produce(async || match to.try_reserve() {
            Ok(room) => room.send(scene.accept()),
            Err(_full) => {
                scene.dropped.fetch_add(1, Relaxed);
            }
        })
        .await;
    drop(to);
    consumer.await.unwrap();
}

async fn oldest(scene: Arc<Scene>) {
    let (to, mut from) = broadcast::channel(ROOM);
    let consumer = spawn(&scene, async move |scene| {
        loop {
            match from.recv().await {
                Ok(came) => scene.serve(came).await,
                Err(RecvError::Lagged(count)) => {
                    scene.drop_oldest(count as usize);
                }
                Err(RecvError::Closed) => return,
            }
        }
    });
    scene
        .produce(async || {
            to.send(scene.accept()).unwrap();
        })
        .await;
    drop(to);
    consumer.await.unwrap();
}

// ANCHOR: semaphores
/// Broken: so many work at once, and any number wait to.
async fn inside(scene: Arc<Scene>) {
    let places = Arc::new(Semaphore::new(ROOM));
    let mut tasks = Vec::new();
    scene
        .produce(async || {
            let (came, places) = (scene.accept(), Arc::clone(&places));
            tasks.push(spawn(&scene, async move |scene| {
                let _place = places.acquire().await.unwrap();
                scene.serve(came).await;
            }));
        })
        .await;
    all(tasks).await;
}

async fn outside(scene: Arc<Scene>) {
    let places = Arc::new(Semaphore::new(ROOM));
    let mut tasks = Vec::new();
    scene
        .produce(async || {
            // No task without a place.
            let place = Arc::clone(&places).acquire_owned().await.unwrap();
            let came = scene.accept();
            tasks.push(spawn(&scene, async move |scene| {
                scene.serve(came).await;
                drop(place);
            }));
        })
        .await;
    all(tasks).await;
}
// ANCHOR_END: semaphores

type Task = tokio::task::JoinHandle<()>;

fn spawn<F>(scene: &Arc<Scene>, work: impl FnOnce(Arc<Scene>) -> F) -> Task
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(work(Arc::clone(scene)))
}

async fn all(tasks: Vec<Task>) {
    for task in tasks {
        task.await.unwrap();
    }
}

fn play<F: Future<Output = ()>>(
    run: &mut Run,
    ms: u64,
    way: impl FnOnce(Arc<Scene>) -> F,
) -> &'static str {
    let scene = Arc::new(Scene {
        messages: ms * 1_000_000 / EVERY_NS,
        desk: Mutex::new(Desk::new(SERVICE_NS)),
        in_flight: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        dropped: AtomicUsize::new(0),
        ages_ns: Mutex::default(),
        behind_ns: Mutex::default(),
        tasks: AtomicUsize::new(0),
    });
    let (runtime, over) = (runtime(), &AtomicBool::new(false));
    let gate = &run.gate(2);
    let watch = thread::scope(|scope| {
        let in_flight = &scene.in_flight;
        let watch = scope.spawn(move || {
            gate.wait();
            let mut watch = Watch::begin();
            while !over.load(Relaxed) {
                watch.look(in_flight.load(Relaxed));
                thread::sleep(Duration::from_micros(300));
            }
            watch
        });
        gate.wait();
        runtime.block_on(way(Arc::clone(&scene)));
        over.store(true, Relaxed);
        watch.join().unwrap()
    });
    run.stop_clock();
    let ages = scene.ages_ns.lock().unwrap();
    let dropped = scene.dropped.load(Relaxed);
    assert_eq!(ages.len() + dropped, scene.messages as usize, "one is lost");
    let last = &ages[ages.len().saturating_sub(ROOM)..];
    let mean = last.iter().sum::<u64>() as f64 / last.len() as f64;
    run.metric("age_ms", mean / 1e6);
    run.metric("behind_ms", *scene.behind_ns.lock().unwrap() as f64 / 1e6);
    run.metric("dropped_share", dropped as f64 / scene.messages as f64);
    run.metric("most_waiting", scene.most.load(Relaxed) as f64);
    run.metric("tasks", scene.tasks.load(Relaxed) as f64);
    if dropped == 0 {
        // What is thrown away has waited, too, and nobody knows how long.
        run.metric("little", watch.little(&ages));
    }
    "each message was served or thrown away"
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("tokio")
}

fn filled(run: &mut Run, way: &str) -> String {
    run.elsewhere();
    let child = rerun_self("fill", &[way.to_owned()])
        .and_then(|mut child| child.output())
        .expect("this program, started again");
    run.stop_clock();
    run.metric("survived", f64::from(child.status.success()));
    let said = String::from_utf8_lossy(&child.stderr);
    let complaint = said.lines().find(|line| line.starts_with("memory"));
    let ending = os::ending(child.status);
    complaint.map_or(ending.clone(), |words| format!("{ending}: {words}"))
}

// ANCHOR: fill
/// A message of a megabyte, of which nothing is written.
fn big() -> Vec<u8> {
    black_box(Vec::with_capacity(BIG))
}

async fn fill_unbounded() {
    let (to, mut from) = mpsc::unbounded_channel();
    let consumer = tokio::spawn(async move {
        let mut desk = Desk::new(BIG_NS);
        while let Some((came, big)) = from.recv().await {
            until(desk.done_ns(came)).await;
            drop::<Vec<u8>>(big);
        }
    });
    big_ones(async || to.send((now_ns(), big())).unwrap()).await;
    drop(to);
    consumer.await.unwrap();
}
// ANCHOR_END: fill

async fn fill_bounded() {
    let (to, mut from) = mpsc::channel(ROOM);
    let consumer = tokio::spawn(async move {
        let mut desk = Desk::new(BIG_NS);
        while let Some((came, big)) = from.recv().await {
            until(desk.done_ns(came)).await;
            drop::<Vec<u8>>(big);
        }
    });
    big_ones(async || {
        to.reserve().await.unwrap().send((now_ns(), big()));
    })
    .await;
    drop(to);
    consumer.await.unwrap();
}

async fn big_ones(mut put: impl AsyncFnMut()) {
    let began = now_ns();
    for i in 0..BIGS {
        until(began + i * BIG_NS * 10 / 11).await;
        put().await;
    }
}

fn fill(way: &str) {
    os::no_core_file();
    let now = os::memory_bytes().map_or(MEMORY, |(_, now)| now);
    os::limit_memory(now + MEMORY);
    match way {
        "unbounded" => runtime().block_on(fill_unbounded()),
        _ => runtime().block_on(fill_bounded()),
    }
}
