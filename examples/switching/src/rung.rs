//! One rung of the ladder: so many switches, timed and counted.

use std::thread;
use std::time::Instant;

use lab::{Counters, Run, os};

/// For work that stays in this process.
pub const HERE: Counters =
    Counters { cpu_ns: Some(0), voluntary: Some(0), involuntary: Some(0) };

/// Times `play`, which makes `switches` of them and returns how many it has
/// counted, and what the kernel counted in other processes. Notes what one
/// cost, and how many the kernel saw. The answer is how many are missing.
pub fn rung(
    run: &mut Run,
    switches: u64,
    play: impl FnOnce() -> (u64, Counters),
) -> i64 {
    let before = os::counters();
    run.start_clock();
    let began = Instant::now();
    let (made, elsewhere) = play();
    let took = began.elapsed();
    run.stop_clock();
    let here = since(os::counters(), before);
    run.add_counters(elsewhere);
    run.metric("each_ns", took.as_nanos() as f64 / switches as f64);
    if let (Some(here), Some(there)) = (switched(here), switched(elsewhere)) {
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

/// What was counted between two readings.
pub fn since(now: Counters, then: Counters) -> Counters {
    let less = |now: Option<u64>, then: Option<u64>| Some(now? - then?);
    Counters {
        cpu_ns: less(now.cpu_ns, then.cpu_ns),
        voluntary: less(now.voluntary, then.voluntary),
        involuntary: less(now.involuntary, then.involuntary),
    }
}

fn switched(counters: Counters) -> Option<u64> {
    Some(counters.voluntary? + counters.involuntary?)
}
