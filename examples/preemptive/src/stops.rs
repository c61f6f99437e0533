//! In which part of its step a thread is stopped.

use lab::Run;
use lab::timeline::{Recorder, now_ns};

/// The parts of a step.
pub const PARTS: usize = 8;

/// How often a lane was stopped in each part of its step.
pub struct Positions {
    lane: Recorder,
    seen: usize,
    stops: [u32; PARTS],
}

impl Positions {
    /// Begins to watch the calling thread.
    pub fn start() -> Positions {
        let lane = Recorder::start("mover", now_ns());
        Positions { lane, seen: 0, stops: [0; PARTS] }
    }

    /// Called in each part: if there was a stop since the last call, it was in
    /// this one.
    #[inline]
    pub fn note(&mut self, part: usize) {
        self.lane.note();
        if self.lane.stops() > self.seen {
            self.seen = self.lane.stops();
            self.stops[part] += 1;
        }
    }

    /// The stops in each part.
    pub fn stops(&self) -> [u32; PARTS] {
        self.stops
    }
}

/// Notes where the movers were stopped, and the share of stops with a coin on
/// its way.
pub fn note_stops(run: &mut Run, movers: &[[u32; PARTS]], on_its_way: usize) {
    let mut at = [0; PARTS];
    for (part, stops) in movers.iter().flat_map(|m| m.iter().enumerate()) {
        at[part] += stops;
    }
    let all: u32 = at.iter().sum();
    let inside: u32 = at[..on_its_way].iter().sum();
    run.metric("stops", f64::from(all));
    run.metric("positions", at.iter().filter(|n| **n > 0).count() as f64);
    run.metric("inside_share", f64::from(inside) / f64::from(all.max(1)));
    for (part, stops) in at.iter().enumerate() {
        run.metric(&format!("at_{}", part + 1), f64::from(*stops));
    }
}
