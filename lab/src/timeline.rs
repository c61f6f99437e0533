//! Who ran when: lanes that note when they are on a core, without any privilege.
//!
//! A lane reads the clock again and again while it works. As long as it has the core, two
//! readings are some tens of nanoseconds apart. A longer gap may mean that it was off the
//! core, or that an interrupt was served; so after each gap it asks the kernel whether this
//! thread was switched since (`getrusage(RUSAGE_THREAD)`). If so the gap is real, however
//! short. Where the kernel cannot be asked (macOS, Windows), only long gaps count.
//!
//! The clock is the system's monotonic one, which all processes share, so lanes of several
//! processes line up.

use std::thread::{self, ThreadId};

use crate::json::Value;
use crate::{os, protocol};

/// What a lane is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// On a core and working.
    Running,
    /// Holding the lock that this timeline is about, and working.
    Holding,
    /// Waiting for that lock.
    WaitingLock,
    /// Waiting for input, output or a timer.
    WaitingIo,
}

impl State {
    /// All of them.
    pub const ALL: [State; 4] =
        [State::Running, State::Holding, State::WaitingLock, State::WaitingIo];

    /// The state with this name.
    pub fn named(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }

    /// As it stands in a record.
    pub fn name(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Holding => "holding",
            State::WaitingLock => "waiting-lock",
            State::WaitingIo => "waiting-io",
        }
    }
}

/// A stretch of one state. Between two spans the lane was off the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it did.
    pub state: State,
    /// Since when, in nanoseconds after the timeline's start.
    pub from_ns: u64,
    /// Until when.
    pub to_ns: u64,
    /// On which core; absent where that cannot be told, and while waiting.
    pub core: Option<u32>,
}

/// What one flow of control did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lane {
    /// Its name in figures.
    pub name: String,
    /// What it did, in order.
    pub spans: Vec<Span>,
    /// Involuntary switches of this thread that the kernel counted meanwhile.
    pub involuntary: Option<u64>,
    /// Gaps above the threshold in which the kernel counted no switch.
    pub false_gaps: u64,
}

/// Gaps up to this are never looked into: the clock, the loop, a cache miss.
const GAP_NS: u64 = 3_000;
/// Without the kernel's word, only a gap this long is taken for a switch.
const LONE_GAP_NS: u64 = 20_000;

/// The moment a timeline starts, for all its lanes, in other processes too.
pub fn now_ns() -> u64 {
    os::monotonic_ns()
}

/// A lane while it is recorded. Made and used by the thread it is about, or by a task, which
/// may change threads; the kernel's count of involuntary switches is absent then.
pub struct Recorder {
    lane: Lane,
    epoch_ns: u64,
    state: State,
    from_ns: u64,
    last_ns: u64,
    core: Option<u32>,
    switches: Option<os::Switches>,
    before: Option<os::Switches>,
    thread: ThreadId,
}

impl Recorder {
    /// Starts a lane of the timeline that began at `epoch_ns`.
    pub fn start(name: &str, epoch_ns: u64) -> Recorder {
        let switches = os::thread_switches();
        let now = now_ns();
        Recorder {
            lane: Lane { name: name.into(), ..Lane::default() },
            epoch_ns,
            state: State::Running,
            from_ns: now,
            last_ns: now,
            core: os::current_cpu(),
            switches,
            before: switches,
            thread: thread::current().id(),
        }
    }

    /// Says "I am running"; to be called every few hundred nanoseconds of work. Returns the
    /// time, so that a caller need not read the clock again.
    #[inline]
    pub fn note(&mut self) -> u64 {
        let mut now = now_ns();
        if now - self.last_ns > GAP_NS {
            now = self.gap();
        }
        self.last_ns = now;
        now
    }

    /// Rare, so kept out of the loop. Returns the time at which the lane is known to run.
    #[cold]
    fn gap(&mut self) -> u64 {
        let (switches, now) = settled();
        let off = match switches {
            Some(_) => switches != self.switches,
            None => now - self.last_ns > LONE_GAP_NS,
        };
        if !off {
            self.lane.false_gaps += 1;
            return now;
        }
        self.close(self.last_ns);
        self.from_ns = now;
        self.core = os::current_cpu();
        self.switches = switches;
        now
    }

    /// Stretches ended so far. For a lane that does not wait: how often it was stopped.
    #[inline]
    pub fn stops(&self) -> usize {
        self.lane.spans.len()
    }

    /// Passes into another state now.
    pub fn enter(&mut self, state: State) {
        let now = self.note();
        self.close(now);
        self.state = state;
        self.from_ns = now;
        // A wait may end on another core, and is not a gap.
        self.core = os::current_cpu();
        self.switches = os::thread_switches();
        self.last_ns = now_ns();
    }

    /// Like [`Recorder::enter`] after a wait: the time since the last call was all waiting.
    pub fn leave_wait(&mut self, state: State) {
        let now = now_ns();
        self.last_ns = now;
        self.close(now);
        self.state = state;
        self.from_ns = now;
        self.core = os::current_cpu();
        self.switches = os::thread_switches();
    }

    fn close(&mut self, to_ns: u64) {
        if to_ns <= self.from_ns {
            return;
        }
        let waits = matches!(self.state, State::WaitingLock | State::WaitingIo);
        self.lane.spans.push(Span {
            state: self.state,
            from_ns: self.from_ns.saturating_sub(self.epoch_ns),
            to_ns: to_ns.saturating_sub(self.epoch_ns),
            core: if waits { None } else { self.core },
        });
    }

    /// Ends the lane.
    pub fn finish(mut self) -> Lane {
        let now = self.note();
        self.close(now);
        // Another thread's counter says nothing about this lane.
        let same = thread::current().id() == self.thread;
        if let (true, Some(before), Some(now)) = (same, self.before, os::thread_switches()) {
            self.lane.involuntary = Some(now.involuntary - before.involuntary);
        }
        self.lane
    }
}

/// The kernel's counter, and a time at which it stood there. A thread that is stopped between
/// the two readings would lose that stop, so the counter is read on both sides of the clock,
/// and again if it moved.
fn settled() -> (Option<os::Switches>, u64) {
    loop {
        let before = os::thread_switches();
        let now = now_ns();
        if os::thread_switches() == before {
            return (before, now);
        }
    }
}

/// Spins until the timeline is `until_ns` old, and returns the lane.
pub fn spin(name: &str, epoch_ns: u64, until_ns: u64) -> Lane {
    let mut recorder = Recorder::start(name, epoch_ns);
    while recorder.note() < epoch_ns + until_ns {
        std::hint::spin_loop();
    }
    recorder.finish()
}

impl Lane {
    /// One line of JSON, as in a record, for a child process to hand its lane to its parent.
    pub fn to_text(&self) -> String {
        protocol::lane_json(self)
    }

    /// Reads [`Lane::to_text`]; `None` when it is something else.
    pub fn from_text(text: &str) -> Option<Lane> {
        protocol::lane_of(&Value::read(text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_ended_by_another_thread_has_no_count_of_switches() {
        let lane = spin("here", now_ns(), 1_000_000);
        assert_eq!(lane.involuntary.is_some(), os::thread_switches().is_some());
        let moved = Recorder::start("moved", now_ns());
        let lane = thread::spawn(move || moved.finish()).join().unwrap();
        assert_eq!(lane.involuntary, None);
    }

    #[test]
    fn a_lane_that_waits_has_a_span_for_it() {
        let epoch = now_ns();
        let mut recorder = Recorder::start("one", epoch);
        recorder.enter(State::WaitingIo);
        std::thread::sleep(std::time::Duration::from_millis(5));
        recorder.leave_wait(State::Running);
        let lane = recorder.finish();
        let wait = lane.spans.iter().find(|span| span.state == State::WaitingIo).unwrap();
        assert!(wait.to_ns - wait.from_ns >= 5_000_000, "{lane:?}");
        assert_eq!(wait.core, None);
        assert!(lane.spans.windows(2).all(|pair| pair[0].to_ns <= pair[1].from_ns), "{lane:?}");
    }

    #[test]
    fn a_lane_survives_the_way_from_a_child() {
        let lane = Lane {
            name: "P 0".into(),
            spans: vec![
                Span { state: State::Running, from_ns: 1, to_ns: 2, core: Some(1) },
                Span { state: State::WaitingLock, from_ns: 2, to_ns: 9, core: None },
            ],
            involuntary: Some(3),
            false_gaps: 4,
        };
        assert_eq!(Lane::from_text(&lane.to_text()), Some(lane));
        assert_eq!(Lane::from_text("no lane"), None);
    }

    /// The recorder against the kernel: on one core, each time the scheduler takes the core
    /// away must show as a gap. A tenth and two may differ, since the counter is read a
    /// moment before and after the lane.
    #[cfg(target_os = "linux")]
    #[test]
    fn gaps_agree_with_the_switches_that_the_kernel_counts() {
        let cpu = os::allowed_cpus().unwrap()[0];
        let epoch = now_ns();
        let lanes: Vec<Lane> = std::thread::scope(|scope| {
            let lanes: Vec<_> = (0..3)
                .map(|i| {
                    scope.spawn(move || {
                        assert!(os::pin_to(&[cpu]));
                        spin(&format!("{i}"), epoch, 300_000_000)
                    })
                })
                .collect();
            lanes.into_iter().map(|lane| lane.join().unwrap()).collect()
        });
        for lane in lanes {
            let seen = lane.spans.len().saturating_sub(1) as f64;
            let counted = lane.involuntary.unwrap() as f64;
            assert!(
                (seen - counted).abs() <= 2.0 + counted / 10.0,
                "{seen} seen, {counted} counted"
            );
            assert!(
                counted >= 3.0,
                "three threads on one core were hardly switched: {counted}"
            );
        }
    }
}
