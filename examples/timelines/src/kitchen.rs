//! A kitchen that is rented for one dish: this program, started again.

use std::io;

use lab::timeline::Lane;
use lab::{Counters, Helper, Run, os, rerun_self};

use crate::dish::Cooked;

/// Has a new one wait for the order of a dish, in [`work`].
///
/// # Panics
/// When there is no process to be had.
pub fn rent(number: u64, simmers: bool) -> Helper {
    let dish = [number, u64::from(simmers)].map(|word| word.to_string());
    rerun_self("kitchen", &dish).and_then(Helper::start).expect("a kitchen")
}

/// Orders its dish.
///
/// # Panics
/// When the kitchen is gone.
pub fn order(kitchen: &mut Helper, ordered_ns: u64) {
    kitchen.write_line(&ordered_ns.to_string()).expect("a kitchen");
}

/// What goes on in a kitchen.
///
/// # Panics
/// When the dish is not one of `rent`'s.
pub fn work(dish: &[String], cook: fn(u64, bool, u64) -> Cooked) {
    let number = |word: &str| word.trim().parse::<u64>().expect("a number");
    println!("ready");
    let mut ordered = String::new();
    io::stdin().read_line(&mut ordered).expect("an order");
    let before = os::counters();
    let cooked = cook(number(&dish[0]), dish[1] == "1", number(&ordered));
    println!("{}\t{}\t{}", cooked.taste, cooked.kitchen, cooked.chef);
    println!("{}", cooked.lane.to_text());
    println!("{}", os::counters().since(before).to_text());
}

/// Waits for the dish; what the kitchen used is counted as ours.
///
/// # Panics
/// When there is none.
pub fn fetch(run: &mut Run, kitchen: &mut Helper) -> Cooked {
    let mut line = || kitchen.read_line().expect("a dish from each kitchen");
    let (dish, lane, counters) = (line(), line(), line());
    run.add_counters(Counters::from_text(&counters));
    let dish: Vec<&str> = dish.split('\t').collect();
    let lane = Lane::from_text(&lane).expect("a lane");
    Cooked {
        taste: dish[0].parse().expect("a taste"),
        kitchen: dish[1].parse().expect("a process"),
        chef: dish[2].into(),
        lane,
    }
}
