//! A dish, and what is served.

use std::hint::black_box;
use std::thread;

use lab::timeline::{Lane, Recorder};

/// A dish under way, which records its own lane.
pub struct Dish {
    taste: u64,
    /// What happens to it, and when.
    pub lane: Recorder,
}

impl Dish {
    /// Takes it on, at a time since it was `ordered`.
    pub fn begin(number: u64, ordered_ns: u64) -> Dish {
        let lane = Recorder::start(&format!("dish {number}"), ordered_ns);
        Dish { taste: number, lane }
    }

    /// The taste depends on how often a dish was chopped, not on how finely:
    /// Python's chefs are slower, and make fewer cuts.
    pub fn chop(&mut self, cuts: u32) {
        let before = self.taste;
        for _ in 0..cuts {
            self.taste = black_box(cut(black_box(before)));
            self.lane.note();
        }
    }

    /// Hands it over, with the names of those who made it.
    pub fn finish(self) -> Cooked {
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

/// A dish that is done.
pub struct Cooked {
    /// The same in every arrangement.
    pub taste: u64,
    /// The process it was made in.
    pub kitchen: u32,
    /// The thread of that process.
    pub chef: String,
    /// What happened to it, and when.
    pub lane: Lane,
}
