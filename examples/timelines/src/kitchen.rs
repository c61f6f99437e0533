//! A kitchen that is rented for one dish: this program, started again.

use std::process::{Child, Stdio};

use lab::timeline::Lane;
use lab::{Counters, Run, os, rerun_self};

use crate::dish::Cooked;

/// Has a dish cooked in a new one, by [`work`].
///
/// # Panics
/// When there is no process to be had.
pub fn rent(number: u64, simmers: bool, ordered_ns: u64) -> Child {
    let order = [number, u64::from(simmers), ordered_ns];
    rerun_self("kitchen", &order.map(|word| word.to_string()))
        .and_then(|mut kitchen| kitchen.stdout(Stdio::piped()).spawn())
        .expect("a kitchen")
}

/// What goes on in a kitchen.
///
/// # Panics
/// When the order is not one of `rent`'s.
pub fn work(order: &[String], cook: fn(u64, bool, u64) -> Cooked) {
    let order: Vec<u64> =
        order.iter().map(|word| word.parse().expect("a number")).collect();
    let cooked = cook(order[0], order[1] == 1, order[2]);
    println!("{}\t{}\t{}", cooked.taste, cooked.kitchen, cooked.chef);
    println!("{}", cooked.lane.to_text());
    println!("{}", os::counters().to_text());
}

/// Waits for the dish; what the kitchen used is counted as ours.
///
/// # Panics
/// When there is none.
pub fn fetch(run: &mut Run, kitchen: Child) -> Cooked {
    let out = kitchen.wait_with_output().expect("a dish from each kitchen");
    let text = String::from_utf8(out.stdout).expect("text");
    let mut lines = text.lines();
    let dish: Vec<&str> = lines.next().expect("a dish").split('\t').collect();
    let lane = lines.next().and_then(Lane::from_text).expect("a lane");
    run.add_counters(Counters::from_text(lines.next().expect("counters")));
    Cooked {
        taste: dish[0].parse().expect("a taste"),
        kitchen: dish[1].parse().expect("a process"),
        chef: dish[2].into(),
        lane,
    }
}
