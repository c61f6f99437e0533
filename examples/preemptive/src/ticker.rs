//! A ticker that should wake every 10 ms, and notes how late it wakes.

use std::time::{Duration, Instant};

use lab::Run;
use lab::timeline::{Lane, Recorder, State};

const TICKS: usize = 12;
const PERIOD: Duration = Duration::from_millis(10);

/// A lane that is due every 10 ms, and how late it was each time.
pub struct Ticker {
    lane: Recorder,
    started: Instant,
    due: Duration,
    late: Vec<Duration>,
}

impl Ticker {
    /// Begins to wait for the first tick, in the thread that it is about.
    pub fn start(epoch_ns: u64) -> Ticker {
        let mut lane = Recorder::start("ticker", epoch_ns);
        lane.enter(State::WaitingIo);
        let started = Instant::now();
        Ticker { lane, started, due: PERIOD, late: Vec::new() }
    }

    /// How long until the next tick; `None` after the last.
    pub fn pause(&self) -> Option<Duration> {
        let pause = self.due.saturating_sub(self.started.elapsed());
        (self.late.len() < TICKS).then_some(pause)
    }

    /// Notes how late it is. Ticks that were missed altogether are skipped.
    pub fn tick(&mut self) {
        self.lane.leave_wait(State::Running);
        let now = self.started.elapsed();
        self.late.push(now.saturating_sub(self.due));
        while self.due <= now {
            self.due += PERIOD;
        }
        self.lane.enter(State::WaitingIo);
    }

    /// Ends the lane, in the thread that it is about.
    pub fn finish(self) -> (Lane, Vec<Duration>) {
        (self.lane.finish(), self.late)
    }
}

/// Notes how late the ticks were, and who ran when.
pub fn conclude(
    run: &mut Run,
    mut late: Vec<Duration>,
    lanes: Vec<Lane>,
) -> String {
    run.stop_clock();
    late.sort_unstable();
    let ms = |late: Duration| late.as_secs_f64() * 1e3;
    run.metric("late_p50_ms", ms(late[late.len() / 2]));
    run.metric("late_worst_ms", ms(late[late.len() - 1]));
    run.timeline(lanes);
    format!("{} ticks", late.len())
}
