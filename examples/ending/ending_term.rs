//! SIGTERM with a hundred requests in flight: who is answered?
//!
//! Run:  cargo run --example ending_term
//! See:  by default nobody, and the program ends at once. A program that hears
//!       of the signal and returns from main answers nobody either. One that
//!       stops taking and finishes what is begun answers all, as soon as they
//!       are done; where some take too long it answers the others, and ends at
//!       its deadline. Workers of a parent that is told alone answer all and
//!       stay.
//!
//! Each server is a child process. A request takes 150 ms. Ten more clients
//! are connected and ask nothing; they hang up after 500 ms.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ending::crowd::{Server, announce, ask, begin, begun};
use ending::crowd::{is_answered, listener, started};
use ending::os::{Bell, Door, Word, as_input, of_input};
use ending::os::{tell, tell_group, terminated};
use ending::{drain, talk};
use lab::{Experiment, Kind, Run, rerun_self};
use tokio::runtime::Builder;
use tokio::select;
use tokio_util::sync::CancellationToken;

/// So many requests are in flight, and so many clients ask nothing.
const REQUESTS: usize = 100;
const IDLE: usize = 10;
const WORK: Duration = Duration::from_millis(150);
/// One in ten of some takes so long.
const TOO_LONG: Duration = Duration::from_secs(10);
/// What has not ended after this time is dropped.
const DEADLINE: Duration = Duration::from_millis(300);
/// So long an idle client stays.
const PATIENCE: Duration = Duration::from_millis(500);
/// So long it may take those who were told at the same time.
const MOMENT: Duration = Duration::from_millis(50);
const WORKERS: usize = 4;

type Way = (&'static str, &'static str);

const NAIVE: Way = ("naive", "the default action");
const HANDLED: Way = ("handled", "main hears of it, and returns");
const GRACEFUL: Way = ("graceful", "stops, finishes what is begun");
const SLOW: Way = ("slow", "the same, one in ten takes 10 s");
const UNTOLD: Way = ("untold", "the same, idle clients are waited for");

fn main() -> ExitCode {
    let question = "SIGTERM with 100 requests in flight: who is answered?";
    let mut experiment =
        Experiment::new("ending_term", question).baseline("naive").observed();
    let parent = ("naive", "the default action, the parent is told");
    let group = ("group", "the default action, all are told");
    let threads = [NAIVE, HANDLED, GRACEFUL, SLOW];
    let tasks = [NAIVE, HANDLED, GRACEFUL, SLOW, UNTOLD];
    let processes = [parent, group, GRACEFUL, SLOW];
    for (case, label, kind, ways) in [
        ("threads", "a thread for each", Kind::Thread, &threads[..]),
        ("tasks", "a task for each", Kind::Task, &tasks[..]),
        ("processes", "four processes", Kind::Process, &processes[..]),
    ] {
        experiment = experiment.case(case, label);
        for &(way, label) in ways {
            experiment = experiment
                .variant(kind, way, label, move |run| told(run, case, way));
        }
    }
    experiment.child("serve", serve).child("worker", worker).run()
}

// ANCHOR: told
fn told(run: &mut Run, case: &str, way: &str) -> String {
    run.elsewhere();
    let mut server = Server::start(&[case, way]);
    let come = || TcpStream::connect(server.address);
    let idle = [(); IDLE].map(|()| come().expect("a server"));
    let mut requests: Vec<_> = (0..REQUESTS)
        .map(|i| {
            let is_slow = way == "slow" && i % 10 == 0;
            let work = if is_slow { TOO_LONG } else { WORK };
            ask(server.address, work.as_millis())
        })
        .collect();
    requests.iter_mut().for_each(begun);

    run.start_clock();
    let then = Instant::now() + PATIENCE;
    match way {
        "group" => tell_group(server.pid(), Word::Terminate),
        _ => tell(server.pid(), Word::Terminate),
    }
    let is_over = server.ends_by(then).is_some();
    drop(idle);
    if !is_over {
        server.ends();
    }
    run.stop_clock();
    // ANCHOR_END: told

    run.metric("exit_ms", run.elapsed().as_secs_f64() * 1e3);
    let answered =
        requests.into_iter().map(is_answered).filter(|&it_is| it_is).count();
    run.metric("answered", answered as f64);
    run.metric("dropped", (REQUESTS - answered) as f64);
    if case == "processes" {
        // Whether somebody is still there, though who was told is gone.
        thread::sleep(MOMENT);
        let stays = TcpStream::connect(server.address).is_ok();
        run.metric("stays", f64::from(u8::from(stays)));
    }
    format!("{answered} of {REQUESTS} answered")
}

fn serve(args: &[String]) {
    begin();
    let (listener, way) = (listener(), args[1].as_str());
    match args[0].as_str() {
        "threads" => threads(listener, way),
        "tasks" => tasks(listener, way),
        _ => processes(listener, way),
    }
}

fn threads(listener: TcpListener, way: &str) {
    let address = listener.local_addr().expect("an address");
    match way {
        "naive" | "group" => {
            announce(address);
            take_all(&listener);
        }
        "handled" => {
            let bell = Bell::of(Word::Terminate);
            thread::spawn(move || take_all(&listener));
            announce(address);
            bell.wait();
        }
        _ => {
            let door = Door::open(listener, Bell::of(Word::Terminate));
            announce(address);
            in_order(door);
        }
    }
}

fn take_all(listener: &TcpListener) {
    for connection in listener.incoming().flatten() {
        let never = AtomicBool::new(false);
        thread::spawn(move || talk::of_thread(connection, &never));
    }
}

// ANCHOR: threads
fn in_order(door: Door) {
    let closing = Arc::new(AtomicBool::new(false));
    let (open, all_done) = mpsc::channel::<()>();
    while let Some(connection) = door.next() {
        let (closing, open) = (Arc::clone(&closing), open.clone());
        thread::spawn(move || {
            let _ = talk::of_thread(connection, &closing);
            drop(open);
        });
    }
    closing.store(true, Ordering::Relaxed); // who has not asked yet may go
    drop((door, open)); // who comes now is refused
    // It ends early when no thread holds an `open` any more: all are done.
    let _ = all_done.recv_timeout(DEADLINE);
}
// ANCHOR_END: threads

// ANCHOR: tasks
fn tasks(listener: TcpListener, way: &str) {
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let address = listener.local_addr().expect("an address");
        listener.set_nonblocking(true).expect("a listener");
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        if way == "naive" {
            announce(address);
            return spawn_all(listener).await;
        }
        let terminated = terminated();
        announce(address);
        if way == "handled" {
            return select! {
                () = terminated => {}
                () = spawn_all(listener) => {}
            };
        }
        let closing = CancellationToken::new();
        let close = closing.clone();
        tokio::spawn(async move {
            terminated.await;
            close.cancel();
        });
        let is_told = way != "untold";
        let talk = |connection, closing| {
            let never = CancellationToken::new();
            talk::of_task(connection, if is_told { closing } else { never })
        };
        drain::serve(listener, closing, DEADLINE, talk).await;
    });
}
// ANCHOR_END: tasks

async fn spawn_all(listener: tokio::net::TcpListener) {
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(talk::of_task(connection, CancellationToken::new()));
    }
}

// ANCHOR: processes
fn processes(listener: TcpListener, way: &str) {
    let address = listener.local_addr().expect("an address");
    let is_graceful = ["graceful", "slow"].contains(&way);
    let bell = is_graceful.then(|| Bell::of(Word::Terminate));
    let mut workers = [(); WORKERS].map(|()| start_worker(&listener, way));
    drop(listener); // the workers have it
    announce(address);
    if let Some(bell) = bell {
        bell.wait();
        // The signal is for the parent. It has to pass it on.
        workers.iter().for_each(|one| tell(one.id(), Word::Terminate));
    }
    for worker in &mut workers {
        worker.wait().expect("a worker that ends");
    }
}
// ANCHOR_END: processes

fn start_worker(listener: &TcpListener, way: &str) -> Child {
    let worker = rerun_self("worker", &[way.to_owned()]);
    let mut worker = worker.expect("our path");
    started(worker.stdin(as_input(listener))).0
}

fn worker(args: &[String]) {
    begin();
    threads(of_input(), &args[0]);
}
