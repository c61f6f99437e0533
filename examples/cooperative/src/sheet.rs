//! A sheet of paper that every flow signs at each step. It tells who ran last,
//! and whether the one before had said that it gives way.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock};

use lab::Run;
use lab::timeline::{Lane, Recorder, State, now_ns};

/// Counts who takes over from whom. For flows on one thread or on one core:
/// on two cores, two flows would sign in turn without ever being switched.
#[derive(Debug, Default)]
pub struct Sheet {
    // Twice the flow's number, and one more once it has given way; 0: nobody.
    last: AtomicU64,
    handovers: AtomicU64,
    unannounced: AtomicU64,
}

impl Sheet {
    // ANCHOR: sign
    /// Flow `me`, counted from 1, is running.
    pub fn sign(&self, me: u64) {
        self.note(me, 2 * me);
    }

    /// Flow `me` says that another one may run now.
    pub fn give_way(&self, me: u64) {
        self.note(me, 2 * me + 1);
    }

    fn note(&self, me: u64, signature: u64) {
        let before = self.last.swap(signature, Relaxed);
        if before != 0 && before / 2 != me {
            self.handovers.fetch_add(1, Relaxed);
            // The other one was stopped in the middle of its work.
            self.unannounced.fetch_add(1 - before % 2, Relaxed);
        }
    }
    // ANCHOR_END: sign

    /// How often a flow took over from another, and how many of these times
    /// the other had not given way.
    pub fn counted(&self) -> (u64, u64) {
        (self.handovers.load(Relaxed), self.unannounced.load(Relaxed))
    }
}

/// How many bursts each flow makes.
pub const BURSTS: u32 = 6;
/// Between two steps; whoever notices more was not running.
const STEP_NS: u64 = 3_000;

/// A flow that works in bursts, and gives way after each.
pub struct Worker {
    number: u64,
    name: String,
    burst_ns: u64,
    lane: Option<Recorder>,
    all: Arc<Recording>,
}

/// What the flows of a run share.
#[derive(Debug, Default)]
pub struct Recording {
    sheet: Sheet,
    // With the first burst.
    began_ns: OnceLock<u64>,
    lanes: Mutex<BTreeMap<u64, Lane>>,
}

impl Worker {
    /// Three of them, whose bursts are 2, 5 and 10 milliseconds of work.
    pub fn three() -> (Arc<Recording>, [Worker; 3]) {
        let all = Arc::new(Recording::default());
        let mut number = 0;
        let workers = [2, 5, 10].map(|burst_ms| {
            number += 1;
            Worker {
                number,
                name: format!("{burst_ms} ms"),
                burst_ns: burst_ms * 1_000_000,
                lane: None,
                all: Arc::clone(&all),
            }
        });
        (all, workers)
    }

    /// Works for a burst, and says that others may run now.
    pub fn burst(&mut self) {
        let lane = match &mut self.lane {
            Some(lane) => {
                lane.leave_wait(State::Running);
                lane
            }
            None => {
                let began_ns = *self.all.began_ns.get_or_init(now_ns);
                self.lane.insert(Recorder::start(&self.name, began_ns))
            }
        };
        let (mut worked, mut before) = (0, lane.note());
        while worked < self.burst_ns {
            self.all.sheet.sign(self.number);
            let now = lane.note();
            worked += (now - before).min(STEP_NS); // a gap is no work of ours
            before = now;
        }
        self.all.sheet.give_way(self.number);
        lane.enter(State::WaitingLock);
    }

    /// Hands in the lane.
    pub fn finish(self) {
        let Some(lane) = self.lane else { return };
        let mut lane = lane.finish();
        // While it could run and did not, there is a gap, as for a thread.
        lane.spans.retain(|span| span.state == State::Running);
        self.all
            .lanes
            .lock()
            .expect("no flow panics")
            .insert(self.number, lane);
    }
}

impl Recording {
    /// Notes the lanes and what the sheet says. The answer is how many there
    /// are.
    pub fn keep(&self, run: &mut Run) -> String {
        run.stop_clock();
        let (handovers, unannounced) = self.sheet.counted();
        run.metric("handovers", handovers as f64);
        run.metric("unannounced", unannounced as f64);
        if handovers > 0 {
            let announced = (handovers - unannounced) as f64;
            run.metric("announced_share", announced / handovers as f64);
        }
        let lanes =
            std::mem::take(&mut *self.lanes.lock().expect("no flow panics"));
        let answer = format!("{} lanes", lanes.len());
        run.timeline(lanes.into_values().collect());
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_takes_over_from_one_that_gave_way_was_announced() {
        let sheet = Sheet::default();
        sheet.sign(1);
        sheet.sign(1);
        sheet.give_way(1);
        sheet.sign(2);
        assert_eq!(sheet.counted(), (1, 0));
        sheet.give_way(2);
        sheet.sign(2); // nobody else wanted to run
        assert_eq!(sheet.counted(), (1, 0));
    }

    #[test]
    fn who_takes_over_in_the_middle_was_not_announced() {
        let sheet = Sheet::default();
        sheet.sign(1);
        sheet.sign(2);
        sheet.give_way(1); // and 1 took over from 2 just before it gave way
        sheet.sign(2);
        assert_eq!(sheet.counted(), (3, 2));
    }
}
