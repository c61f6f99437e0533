//! Where in its work is a thread stopped, and what do others see then?
//!
//! Run:  cargo run --example preempt_where
//! See:  two threads on one core are stopped in each of the eight parts of a
//!       step, and the sum is wrong in as large a share of an auditor's looks
//!       as the coin is on its way. Under a lock they are stopped as before,
//!       and no look is wrong. Tasks on one thread need no lock for that.

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use lab::timeline::now_ns;
use lab::{Experiment, Kind, Run};
use preemptive::pair::{COINS, Pair};
use preemptive::stops::{PARTS, Positions, note_stops};
use preemptive::{on_one_core, one_thread};

const LENGTH_NS: u64 = 300_000_000;
const PAUSE: Duration = Duration::from_millis(1);

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "preempt_where",
        "Where in its work is a thread stopped, and who sees it?",
    )
    .baseline("none");
    for parts in [1, 4, 7] {
        experiment = experiment
            .case(
                &parts.to_string(),
                &format!("a coin is on its way for {parts} of 8 parts"),
            )
            .variant(Kind::Thread, "threads", "2 threads", move |run| {
                threads(run, parts, false)
            })
            .variant(Kind::Thread, "locked", "2 threads, locked", move |run| {
                threads(run, parts, true)
            })
            .variant(Kind::Task, "tasks", "2 tasks, 1 thread", move |run| {
                tasks(run, parts)
            });
    }
    experiment.run()
}

// ANCHOR: step
fn step(pair: &Pair, on_its_way: usize, lane: &mut Positions) {
    pair.take();
    for part in 0..PARTS {
        if part == on_its_way {
            pair.put();
        }
        work();
        lane.note(part); // was I stopped during this part?
    }
}
// ANCHOR_END: step

fn work() {
    let mut x = black_box(1_u64);
    for _ in 0..20 {
        x = x * 48_271 % 0x7fff_ffff;
    }
    black_box(x);
}

fn threads(run: &mut Run, on_its_way: usize, locked: bool) -> String {
    let pairs = [Pair::new(), Pair::new()];
    let gate = &run.gate(3);
    let (stops, looks) = thread::scope(|scope| {
        let movers = pairs.each_ref().map(|pair| {
            scope.spawn(move || {
                on_one_core();
                gate.wait();
                let mut lane = Positions::start();
                let end = gate.began_ns() + LENGTH_NS;
                while now_ns() < end {
                    let _whole = locked.then(|| pair.whole());
                    step(pair, on_its_way, &mut lane);
                }
                lane.stops()
            })
        });
        let auditor = scope.spawn(|| {
            on_one_core();
            gate.wait();
            let mut looks = Looks::default();
            loop {
                thread::sleep(PAUSE);
                for pair in &pairs {
                    let _whole = locked.then(|| pair.whole());
                    looks.at(pair);
                }
                if now_ns() >= gate.began_ns() + LENGTH_NS {
                    return looks;
                }
            }
        });
        (movers.map(|mover| mover.join().unwrap()), auditor.join().unwrap())
    });
    note_stops(run, &stops, on_its_way);
    conclude(run, &pairs, &looks)
}

// ANCHOR: tasks
fn tasks(run: &mut Run, on_its_way: usize) -> String {
    let pairs = Arc::new([Pair::new(), Pair::new()]);
    let runtime = one_thread();
    run.start_clock();
    let end = now_ns() + LENGTH_NS;
    let looks = runtime.block_on(async {
        let movers = [0, 1].map(|i| {
            let pairs = Arc::clone(&pairs);
            tokio::spawn(async move {
                let mut lane = Positions::start();
                while now_ns() < end {
                    step(&pairs[i], on_its_way, &mut lane);
                    tokio::task::yield_now().await; // here, and nowhere else
                }
            })
        });
        let mut looks = Looks::default();
        while looks.all == 0 || now_ns() < end {
            tokio::time::sleep(PAUSE).await;
            pairs.iter().for_each(|pair| looks.at(pair));
        }
        for mover in movers {
            mover.await.expect("a task");
        }
        looks
    });
    conclude(run, &pairs, &looks)
}
// ANCHOR_END: tasks

/// What an auditor saw.
#[derive(Default)]
struct Looks {
    all: u32,
    wrong: u32,
}

impl Looks {
    fn at(&mut self, pair: &Pair) {
        self.all += 1;
        self.wrong += u32::from(pair.sum() != COINS);
    }
}

fn conclude(run: &mut Run, pairs: &[Pair; 2], looks: &Looks) -> String {
    run.metric("looks", f64::from(looks.all));
    let share = f64::from(looks.wrong) / f64::from(looks.all.max(1));
    run.metric("wrong_share", share);
    let coins: i64 = pairs.iter().map(Pair::sum).sum();
    format!("{coins} coins")
}
