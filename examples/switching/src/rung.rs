//! One rung of the ladder: a number of switches, timed and counted.

use std::thread;
use std::time::Instant;

use lab::{Counters, Run, os};

/// Nothing counted.
pub const NONE: Counters =
    Counters { cpu_ns: Some(0), voluntary: Some(0), involuntary: Some(0) };

/// Times `play`, which makes `switches` of them and returns how many it has
/// counted. Notes what one cost and how many the kernel saw. The answer is how
/// many are missing.
pub fn rung(run: &mut Run, switches: u64, play: impl FnOnce() -> u64) -> i64 {
    rung_against(run, switches, (), |()| play(), |()| NONE)
}

/// The same against somebody who may be another process. What was counted
/// there is asked for when the clock has stopped.
pub fn rung_against<P>(
    run: &mut Run,
    switches: u64,
    mut partner: P,
    play: impl FnOnce(&mut P) -> u64,
    end: impl FnOnce(P) -> Counters,
) -> i64 {
    let before = os::counters();
    run.start_clock();
    let began = Instant::now();
    let made = play(&mut partner);
    let took = began.elapsed();
    run.stop_clock();
    let here = os::counters().since(before);
    let there = end(partner);
    run.add_counters(there);
    run.metric("each_ns", took.as_nanos() as f64 / switches as f64);
    if let (Some(here), Some(there)) = (switched(here), switched(there)) {
        run.metric("kernel_each", (here + there) as f64 / switches as f64);
    }
    switches as i64 - made as i64
}

/// Runs `work` on a thread of its own, which stays on hardware thread `cpu`, as
/// do the threads and processes that it starts.
pub fn on_core<T: Send>(cpu: usize, work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let pinned = scope.spawn(move || {
            os::pin_to(&[cpu]);
            work()
        });
        pinned.join().expect("no panic")
    })
}

/// The hardware threads that flows can be kept on: none where nobody can say.
pub fn cpus() -> Vec<usize> {
    os::allowed_cpus().unwrap_or_default()
}

fn switched(counters: Counters) -> Option<u64> {
    Some(counters.voluntary? + counters.involuntary?)
}
