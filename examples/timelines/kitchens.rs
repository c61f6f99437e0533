//! Ten dishes, cooked by one chef who watches each pot, and in three
//! arrangements that do not watch pots.
//!
//! Run:  cargo run --example kitchens
//! See:  while pots simmer, ten kitchens, ten chefs, and one chef who has ten
//!       dishes under way all need little more time than one dish does. When
//!       there is chopping in place of simmering, kitchens and chefs gain as
//!       much as there are cores, and the one chef gains nothing.
//!
//! A kitchen is a process, a chef a thread, and a dish under way a task. The
//! clock starts with the order, so the start of processes and threads counts.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::process::{Child, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use lab::timeline::{Lane, Recorder, State, now_ns};
use lab::{Counters, Experiment, Kind, Run, os, rerun_self};

const DISHES: u64 = 10;
const SIMMER: Duration = Duration::from_millis(20);
// In cuts: some 2 ms, 1 ms, and as long as a pot simmers.
const CHOP: u32 = 8_000;
const SERVE: u32 = 4_000;
const INSTEAD_OF_SIMMER: u32 = 80_000;

type Arrangement = fn(&mut Run, bool) -> u64;

const ARRANGEMENTS: [(Kind, &str, &str, Arrangement); 4] = [
    (Kind::Alone, "one_by_one", "one chef, one dish at a time", one_by_one),
    (Kind::Process, "kitchens", "10 kitchens, a chef in each", kitchens),
    (Kind::Thread, "chefs", "1 kitchen, 10 chefs", chefs),
    (Kind::Task, "dishes", "1 chef, 10 dishes under way", dishes),
];

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "kitchens",
        "Ten dishes: what do more kitchens, chefs or pots gain?",
    )
    .baseline("one_by_one");
    for (case, label, simmers) in [
        ("simmer", "each dish simmers for 40 ms", true),
        ("chop", "chopping in place of simmering", false),
    ] {
        experiment = experiment.case(case, label);
        for (kind, name, label, cook_all) in ARRANGEMENTS {
            experiment = experiment
                .variant(kind, name, label, move |run| cook_all(run, simmers));
        }
    }
    experiment.child("kitchen", kitchen).run()
}

// ANCHOR: variants
fn one_by_one(run: &mut Run, simmers: bool) -> u64 {
    let ordered = now_ns();
    let cooked = (1..=DISHES).map(|dish| cook(dish, simmers, ordered));
    serve(run, cooked.collect())
}

fn kitchens(run: &mut Run, simmers: bool) -> u64 {
    let ordered = now_ns();
    let all: Vec<_> =
        (1..=DISHES).map(|dish| rent_kitchen(dish, simmers, ordered)).collect();
    let cooked = all.into_iter().map(|kitchen| fetch(run, kitchen)).collect();
    serve(run, cooked)
}

fn chefs(run: &mut Run, simmers: bool) -> u64 {
    let ordered = now_ns();
    let cooked = thread::scope(|kitchen| {
        let all: Vec<_> = (1..=DISHES)
            .map(|dish| kitchen.spawn(move || cook(dish, simmers, ordered)))
            .collect();
        all.into_iter().map(|chef| chef.join().unwrap()).collect()
    });
    serve(run, cooked)
}

fn dishes(run: &mut Run, simmers: bool) -> u64 {
    let ordered = now_ns();
    let chef = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let cooked = chef.block_on(async {
        let all: Vec<_> = (1..=DISHES)
            .map(|dish| tokio::spawn(cook_async(dish, simmers, ordered)))
            .collect();
        let mut cooked = Vec::new();
        for dish in all {
            cooked.push(dish.await.expect("a dish"));
        }
        cooked
    });
    serve(run, cooked)
}
// ANCHOR_END: variants

// ANCHOR: cook
fn cook(number: u64, simmers: bool, ordered_ns: u64) -> Cooked {
    let mut dish = Dish::begin(number, ordered_ns);
    for _ in 0..2 {
        dish.chop(CHOP);
        if simmers {
            dish.lane.enter(State::WaitingIo);
            thread::sleep(SIMMER); // the chef watches the pot
            dish.lane.leave_wait(State::Running);
        } else {
            dish.chop(INSTEAD_OF_SIMMER);
        }
    }
    dish.chop(SERVE);
    dish.finish()
}

async fn cook_async(number: u64, simmers: bool, ordered_ns: u64) -> Cooked {
    let mut dish = Dish::begin(number, ordered_ns);
    for _ in 0..2 {
        dish.chop(CHOP);
        if simmers {
            dish.lane.enter(State::WaitingIo);
            tokio::time::sleep(SIMMER).await; // the chef turns to another dish
            dish.lane.leave_wait(State::Running);
        } else {
            dish.chop(INSTEAD_OF_SIMMER);
        }
    }
    dish.chop(SERVE);
    dish.finish()
}
// ANCHOR_END: cook

/// A dish under way, which records its own lane.
struct Dish {
    taste: u64,
    lane: Recorder,
}

impl Dish {
    fn begin(number: u64, ordered_ns: u64) -> Dish {
        let lane = Recorder::start(&format!("dish {number}"), ordered_ns);
        Dish { taste: number, lane }
    }

    /// The taste depends on how often a dish was chopped, not on how finely:
    /// Python's chefs are slower, and make fewer cuts.
    fn chop(&mut self, cuts: u32) {
        let before = self.taste;
        for _ in 0..cuts {
            self.taste = black_box(cut(black_box(before)));
            self.lane.note();
        }
    }

    fn finish(self) -> Cooked {
        Cooked {
            taste: self.taste,
            kitchen: std::process::id(),
            chef: format!("{:?}", thread::current().id()),
            lane: self.lane.finish(),
        }
    }
}

fn cut(mut x: u64) -> u64 {
    for _ in 0..50 {
        x = x * 48_271 % 0x7fff_ffff;
    }
    x
}

struct Cooked {
    taste: u64,
    kitchen: u32,
    chef: String,
    lane: Lane,
}

fn serve(run: &mut Run, cooked: Vec<Cooked>) -> u64 {
    run.stop_clock();
    let kitchens: BTreeSet<_> =
        cooked.iter().map(|dish| dish.kitchen).collect();
    let chefs: BTreeSet<_> =
        cooked.iter().map(|dish| (dish.kitchen, &dish.chef)).collect();
    run.metric("kitchens", kitchens.len() as f64);
    run.metric("chefs", chefs.len() as f64);
    let tastes = cooked.iter().map(|dish| dish.taste).sum();
    run.timeline(cooked.into_iter().map(|dish| dish.lane).collect());
    tastes
}

fn rent_kitchen(number: u64, simmers: bool, ordered_ns: u64) -> Child {
    let order = [number, u64::from(simmers), ordered_ns];
    rerun_self("kitchen", &order.map(|word| word.to_string()))
        .and_then(|mut kitchen| kitchen.stdout(Stdio::piped()).spawn())
        .expect("a kitchen")
}

/// What goes on in a kitchen: the program itself, started again.
fn kitchen(order: &[String]) {
    let order: Vec<u64> =
        order.iter().map(|word| word.parse().expect("a number")).collect();
    let cooked = cook(order[0], order[1] == 1, order[2]);
    println!("{}\t{}\t{}", cooked.taste, cooked.kitchen, cooked.chef);
    println!("{}", cooked.lane.to_text());
    let used = os::counters();
    for count in [used.cpu_ns, used.voluntary, used.involuntary] {
        println!("{}", count.map_or("absent".into(), |n| n.to_string()));
    }
}

fn fetch(run: &mut Run, kitchen: Child) -> Cooked {
    let out = kitchen.wait_with_output().expect("a dish from each kitchen");
    let text = String::from_utf8(out.stdout).expect("text");
    let mut lines = text.lines();
    let dish: Vec<&str> = lines.next().expect("a dish").split('\t').collect();
    let lane = lines.next().and_then(Lane::from_text).expect("a lane");
    let mut count = || lines.next().and_then(|count| count.parse().ok());
    run.add_counters(Counters {
        cpu_ns: count(),
        voluntary: count(),
        involuntary: count(),
    });
    Cooked {
        taste: dish[0].parse().expect("a taste"),
        kitchen: dish[1].parse().expect("a process"),
        chef: dish[2].into(),
        lane,
    }
}
