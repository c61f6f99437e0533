//! Four ways to run a team. The programs are the same, and so are the answers.
//!
//! |                   | plain counts              | atomic counts |
//! |-------------------|---------------------------|---------------|
//! | no lock           | [`alone`]: one thread     | [`free`]      |
//! | one lock          | [`locked`]                |               |
//! | a lock for each   | [`separate`]: nothing shared |            |

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::thread;
use std::time::Duration;

use lab::timeline::{Lane, Recorder, State};

use crate::lock::{GlobalLock, Held};
use crate::machine::{Job, Rules, Start, Team, run};
use crate::object::{Heap, Plain, Value};

/// Nothing to ask, nobody to give way to.
struct Unlocked<H>(PhantomData<H>);

impl<H: Heap> Rules for Unlocked<H> {
    type Heap = H;

    fn breaker(&mut self) {}

    fn waiting(&mut self, wait: impl FnOnce() -> i64) -> i64 {
        wait()
    }
}

/// One thread, job after job. `H` says how it counts.
pub fn alone<H: Heap>(team: &Team<'_>) -> Vec<Value> {
    let starts = Start::<H>::all(team).into_iter();
    starts
        .zip(&team.jobs)
        .map(|(start, job)| run(job, start, &mut Unlocked(PhantomData)))
        .collect()
}

/// A thread for each job and no lock. The compiler sees to it that `H` counts
/// in a way that threads may share.
pub fn free<H: Heap<Ref: Send>>(team: &Team<'_>) -> Vec<Value> {
    in_threads(team, Start::<H>::all(team), |_, job, start| {
        run(job, start, &mut Unlocked(PhantomData))
    })
}

/// Holds the global lock, gives way when asked, lets it go around a wait.
struct Locked<'l>(Held<'l>);

impl Rules for Locked<'_> {
    type Heap = Plain;

    fn breaker(&mut self) {
        self.0.give_way();
    }

    fn waiting(&mut self, wait: impl FnOnce() -> i64) -> i64 {
        self.0.without(wait)
    }
}

/// A thread for each job, plain counts, and one lock.
pub fn locked(team: &Team<'_>, lock: &GlobalLock) -> Vec<Value> {
    under(team, lock, |_| (), |(), held| Locked(held), |answer, _| answer)
}

// ANCHOR: under
/// What only a holder of the lock may touch, or even drop.
struct UnderLock(ManuallyDrop<Start<Plain>>);

// SAFETY: a start has `Rc`s, and other threads of the team have references to
// the same objects. All counting happens under the one lock of the team:
// `under` holds it while it makes the starts, it opens them for rules that hold
// it, and `run` drops the last reference before those rules are dropped. While
// they let it go, to give way or to wait, nothing is counted: who waits has a
// number only. A start that nobody opens is leaked. The lock's mutex makes what
// one holder wrote visible to the next.
unsafe impl Send for UnderLock {}

impl UnderLock {
    /// For whoever has the lock, and will have it until the run is over.
    fn open(self, _holder: &impl Rules<Heap = Plain>) -> Start<Plain> {
        ManuallyDrop::into_inner(self.0)
    }
}

fn under<'l, B, R: Rules<Heap = Plain>, T: Send>(
    team: &Team<'_>,
    lock: &'l GlobalLock,
    before: impl Fn(usize) -> B + Sync,
    rules: impl Fn(B, Held<'l>) -> R + Sync,
    finish: impl Fn(Value, R) -> T + Sync,
) -> Vec<T> {
    let held = lock.hold();
    let starts = Start::all(team).into_iter();
    let starts = starts.map(|s| UnderLock(ManuallyDrop::new(s))).collect();
    drop(held);
    in_threads(team, starts, |i, job, start: UnderLock| {
        let before = before(i);
        let mut rules = rules(before, lock.hold());
        let answer = run(job, start.open(&rules), &mut rules);
        finish(answer, rules) // and the lock is let go with the rules
    })
}
// ANCHOR_END: under

/// A thread for each job, and in it an interpreter of its own: its own lock,
/// its own copy of everything.
pub fn separate(team: &Team<'_>, interval: Duration) -> Vec<Value> {
    let nothing: Vec<()> = team.jobs.iter().map(|_| ()).collect();
    in_threads(team, nothing, |_, job, ()| {
        let lock = GlobalLock::new(interval);
        let mut rules = Locked(lock.hold());
        let start = Start::one(team, job);
        run(job, start, &mut rules)
    })
}

/// [`locked`], with a lane for each job that says when it held the lock.
pub fn recorded(
    team: &Team<'_>,
    lock: &GlobalLock,
    names: &[&str],
) -> (Vec<Value>, Vec<Lane>) {
    let begin = |i: usize| {
        let mut recorder = Recorder::start(names[i], team.gate.began_ns());
        recorder.enter(State::WaitingLock);
        recorder
    };
    let hold = |mut recorder: Recorder, held| {
        recorder.leave_wait(State::Holding);
        Recorded { recorder, held }
    };
    let end = |answer, rules: Recorded<'_>| (answer, rules.recorder.finish());
    under(team, lock, begin, hold, end).into_iter().unzip()
}

/// [`Locked`], and notes what it does.
struct Recorded<'l> {
    // Declared first, so that the lane ends before the lock is let go.
    recorder: Recorder,
    held: Held<'l>,
}

impl Rules for Recorded<'_> {
    type Heap = Plain;

    fn breaker(&mut self) {
        self.recorder.note();
        if self.held.is_asked() {
            self.recorder.enter(State::WaitingLock);
            self.held.give_way();
            self.recorder.leave_wait(State::Holding);
        }
    }

    fn waiting(&mut self, wait: impl FnOnce() -> i64) -> i64 {
        let Recorded { recorder, held } = self;
        recorder.enter(State::WaitingIo);
        let answer = held.without(|| {
            let answer = wait();
            recorder.leave_wait(State::WaitingLock);
            answer
        });
        recorder.leave_wait(State::Holding);
        answer
    }
}

/// A thread for each job; they begin when all of them are there.
fn in_threads<S: Send, T: Send>(
    team: &Team<'_>,
    starts: Vec<S>,
    work: impl Fn(usize, &Job<'_>, S) -> T + Sync,
) -> Vec<T> {
    let work = &work;
    thread::scope(|scope| {
        let threads: Vec<_> = team
            .jobs
            .iter()
            .zip(starts)
            .enumerate()
            .map(|(i, (job, start))| {
                scope.spawn(team.gate.then(move || work(i, job, start)))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
