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
//! clock starts with the order, when all kitchens and chefs are there.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use lab::timeline::{State, now_ns};
use lab::{Experiment, Kind, Run};
use timelines::dish::{Cooked, Dish};
use timelines::kitchen;

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
    experiment.child("kitchen", |dish| kitchen::work(dish, cook)).run()
}

fn one_by_one(run: &mut Run, simmers: bool) -> u64 {
    let ordered = now_ns();
    let cooked = (1..=DISHES).map(|dish| cook(dish, simmers, ordered));
    serve(run, cooked.collect())
}

fn kitchens(run: &mut Run, simmers: bool) -> u64 {
    let mut all: Vec<_> =
        (1..=DISHES).map(|dish| kitchen::rent(dish, simmers)).collect();
    run.start_clock();
    let ordered = now_ns();
    all.iter_mut().for_each(|one| kitchen::order(one, ordered));
    let cooked = all.iter_mut().map(|one| kitchen::fetch(run, one)).collect();
    serve(run, cooked)
}

fn chefs(run: &mut Run, simmers: bool) -> u64 {
    let order = &run.gate(DISHES as usize);
    let chef = |dish| {
        order.wait();
        cook(dish, simmers, order.began_ns())
    };
    let cooked = thread::scope(|kitchen| {
        let all: Vec<_> = (1..=DISHES)
            .map(|dish| kitchen.spawn(move || chef(dish)))
            .collect();
        all.into_iter().map(|chef| chef.join().unwrap()).collect()
    });
    serve(run, cooked)
}

fn dishes(run: &mut Run, simmers: bool) -> u64 {
    let chef = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    run.start_clock();
    let ordered = now_ns();
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
