//! Every order in which a program's threads can go, as far as it makes a difference: orders
//! that lead to the same place share what comes after.

use std::collections::HashMap;

use crate::programs::{Program, Setup};
use crate::turns::{At, Failure, Lane, Next, Reached, Step, play};

/// More places than a page should carry.
pub const MOST: usize = 3_000;

/// Where a program can be.
#[derive(Debug)]
pub struct Place {
    /// What is shared, in words.
    pub shared: Vec<(&'static str, String)>,
    /// For each thread: what it does next, and where that leads.
    pub moves: Vec<Move>,
    /// Nobody goes on from here.
    pub end: Option<Result<(), Failure>>,
}

/// What a thread can do at a place.
#[derive(Debug)]
pub enum Move {
    /// This step, to that place.
    To(Step, usize),
    /// Nothing before somebody else has done something; it is in this line.
    Waits(At),
    /// It has ended.
    Done,
}

/// All places that a program can be at; it begins at the first.
///
/// # Panics
/// When there are more than [`MOST`].
pub fn explore(program: &Program, make: fn() -> Setup) -> Vec<Place> {
    let first = play(program, make, &[]);
    let mut known = HashMap::from([(first.signature, 0)]);
    let mut orders: Vec<Vec<Lane>> = vec![Vec::new()];
    let mut reached = vec![first];
    let mut places: Vec<Place> = Vec::new();
    while places.len() < reached.len() {
        let from = places.len();
        assert!(from < MOST, "{}: more than {MOST} places", program.name);
        let is_over = reached[from].failure.is_some();
        let next = reached[from].next.clone();
        let moves = (0..next.len())
            .map(|lane| match next[lane] {
                Next::Can(_) if !is_over => {
                    let mut order = orders[from].clone();
                    order.push(lane);
                    let then = play(program, make, &order);
                    let step = then.steps.last().expect("a step").clone();
                    let to = *known.entry(then.signature).or_insert(reached.len());
                    if to == reached.len() {
                        orders.push(order);
                        reached.push(then);
                    }
                    Move::To(step, to)
                }
                Next::Can(at) | Next::Looks(at) | Next::Waits(at) => Move::Waits(at),
                Next::Done => Move::Done,
            })
            .collect();
        let Reached { shared, failure, .. } = &reached[from];
        let is_whole = next.iter().all(|next| matches!(next, Next::Done));
        let end = match failure {
            Some(failure) => Some(Err(failure.clone())),
            None => is_whole.then_some(Ok(())),
        };
        places.push(Place { shared: shared.clone(), moves, end });
    }
    places
}

/// How many orders there are from the beginning to an end, and how many of them fail.
pub fn count(places: &[Place]) -> (u64, u64) {
    fn from(places: &[Place], at: usize, seen: &mut [Option<(u64, u64)>]) -> (u64, u64) {
        if let Some(known) = seen[at] {
            return known;
        }
        let counted = match &places[at].end {
            Some(Ok(())) => (1, 0),
            Some(Err(_)) => (1, 1),
            None => places[at].moves.iter().fold((0u64, 0u64), |(all, bad), next| match next {
                Move::To(_, to) => {
                    let (more, worse) = from(places, *to, seen);
                    (all.saturating_add(more), bad.saturating_add(worse))
                }
                _ => (all, bad),
            }),
        };
        seen[at] = Some(counted);
        counted
    }
    from(places, 0, &mut vec![None; places.len()])
}
