//! Flows that start together: all of them are there before the clock is started.
//!
//! Without that, the first of several threads may have ended before the last is made, and a
//! comparison measures the making. Where that is the question (what does a thread cost?), a
//! variant makes its flows under the clock, and says so.
//!
//! Flows that wait for the start keep awake: each gives way to the others and looks again.
//! Those that sleep at a barrier wake up one by one, and with many of them the work may be
//! done before the last one is up. Processes meet in a [`Crew`](crate::Crew) instead.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::Run;
use crate::sample::Clock;
use crate::timeline::now_ns;

/// Where flows meet before they start. Whoever comes last starts the clock, and all go on.
///
/// ```no_run
/// # fn piece(i: u64) -> u64 { i }
/// fn threads(run: &mut lab::Run) -> u64 {
///     let gate = run.gate(2);
///     let one = std::thread::spawn(gate.then(|| piece(0)));
///     let other = std::thread::spawn(gate.then(|| piece(1)));
///     one.join().unwrap() + other.join().unwrap()
/// }
/// ```
#[derive(Clone)]
pub struct Gate(Arc<State>);

struct State {
    missing: AtomicUsize,
    /// 0 as long as the gate is closed.
    began_ns: AtomicU64,
    clock: Arc<Mutex<Clock>>,
}

impl Gate {
    /// A gate for so many flows that nobody times, as in a test.
    pub fn of(flows: usize) -> Gate {
        Gate::starting(Arc::default(), flows)
    }

    fn starting(clock: Arc<Mutex<Clock>>, flows: usize) -> Gate {
        let (missing, began_ns) = (AtomicUsize::new(flows), AtomicU64::new(0));
        Gate(Arc::new(State { missing, began_ns, clock }))
    }

    /// Says that a flow is there, and waits, awake, for the others.
    pub fn wait(&self) {
        let State { missing, began_ns, clock } = &*self.0;
        if missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            clock.lock().unwrap().start();
            began_ns.store(now_ns(), Ordering::Release);
        }
        while began_ns.load(Ordering::Acquire) == 0 {
            thread::yield_now();
        }
    }

    /// What a thread does that waits first, for `thread::spawn` and its like.
    pub fn then<T, W: FnOnce() -> T>(&self, work: W) -> impl FnOnce() -> T + use<T, W> {
        let gate = self.clone();
        move || {
            gate.wait();
            work()
        }
    }

    /// When all were there, as [`now_ns`] tells it: where a timeline begins.
    pub fn began_ns(&self) -> u64 {
        self.0.began_ns.load(Ordering::Acquire)
    }
}

impl Run {
    /// Where so many flows meet. The clock starts when the last of them waits.
    pub fn gate(&mut self, flows: usize) -> Gate {
        Gate::starting(Arc::clone(&self.clock), flows)
    }

    /// Does `work(0)`, `work(1)` … at the same time, in `flows` threads, and returns what
    /// they return. The clock runs from when all of them are there until the last one is
    /// done.
    ///
    /// # Panics
    /// When one of them does.
    pub fn together<T: Send>(
        &mut self,
        flows: usize,
        work: impl Fn(usize) -> T + Sync,
    ) -> Vec<T> {
        let (gate, busy) = (&self.gate(flows), &AtomicUsize::new(flows));
        let (clock, work) = (&*self.clock, &work);
        let flow = move |i| {
            gate.wait();
            let answer = work(i);
            if busy.fetch_sub(1, Ordering::AcqRel) == 1 {
                clock.lock().unwrap().stop();
            }
            answer
        };
        thread::scope(|scope| {
            let all: Vec<_> = (0..flows).map(|i| scope.spawn(move || flow(i))).collect();
            all.into_iter().map(|flow| flow.join().unwrap()).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    /// Long beside the start of a thread, so that a naive start is found out: the first
    /// flows would be done before the last one is made.
    const LATE: Duration = Duration::from_millis(40);

    #[test]
    fn no_flow_begins_before_all_have_come() {
        let (gate, came) = (Gate::of(3), &AtomicUsize::new(0));
        thread::scope(|scope| {
            for i in 0..3 {
                let gate = &gate;
                scope.spawn(move || {
                    sleep(i * LATE);
                    came.fetch_add(1, Ordering::SeqCst);
                    gate.wait();
                    assert_eq!(came.load(Ordering::SeqCst), 3);
                });
            }
        });
    }

    #[test]
    fn the_clock_starts_when_the_last_flow_has_come() {
        let made = Instant::now();
        let sample = Run::once(2, false, &|run| {
            let gate = run.gate(2);
            let other = thread::spawn(gate.then(|| ()));
            sleep(LATE);
            gate.wait();
            other.join().unwrap();
            "done".into()
        });
        let timed = Duration::from_nanos(sample.unwrap().wall_ns);
        assert!(made.elapsed() >= LATE + timed, "the wait for the last one was timed");
    }

    #[test]
    fn flows_together_are_timed_until_the_last_one_is_done() {
        let sample = Run::once(2, false, &|run| {
            let answers = run.together(3, |i| {
                sleep(LATE * i as u32);
                i * i
            });
            let timed = run.elapsed();
            sleep(LATE);
            assert_eq!(run.elapsed(), timed);
            format!("{answers:?}")
        });
        let sample = sample.unwrap();
        assert_eq!(sample.answer, "[0, 1, 4]");
        assert!(sample.wall_ns >= 2 * LATE.as_nanos() as u64, "{sample:?}");
    }

    #[test]
    fn a_timeline_begins_when_the_gate_opens() {
        let gate = Gate::of(1);
        assert_eq!(gate.began_ns(), 0);
        let before = now_ns();
        gate.wait();
        assert!((before..=now_ns()).contains(&gate.began_ns()));
    }
}
