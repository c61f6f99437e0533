//! A request: it computes, waits, computes, waits and computes.

use std::hint::black_box;
use std::sync::{Arc, OnceLock};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rayon::ThreadPool;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

/// How much of a core a request takes, on any machine: about this.
pub const COMPUTE: Duration = Duration::from_millis(1);
const PIECES: u32 = 3;

/// What each request takes.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// Steps of each of its three pieces.
    pub steps: u64,
    /// How long each of its two waits is.
    pub wait: Duration,
}

/// Where a task has its pieces computed.
#[derive(Clone)]
pub enum Place {
    /// Right there, on the loop's thread.
    Here,
    /// On the runtime's threads for blocking calls.
    Blocking,
    /// In a pool with a thread for each core.
    Rayon(Arc<ThreadPool>),
}

impl Job {
    /// That waits so many times as long as it computes.
    pub fn of_ratio(ratio: u32) -> Job {
        Job { steps: steps(), wait: COMPUTE * ratio / 2 }
    }

    // ANCHOR: kinds
    /// In a thread, which sleeps while it waits.
    pub fn answer(self, n: u64) -> u64 {
        let x = piece(n + 1, self.steps);
        sleep(self.wait);
        let x = piece(x, self.steps);
        sleep(self.wait);
        piece(x, self.steps)
    }

    /// In a task, which gives way while it waits.
    pub async fn in_task(self, n: u64, place: &Place) -> u64 {
        let x = place.compute(n + 1, self.steps).await;
        tokio::time::sleep(self.wait).await;
        let x = place.compute(x, self.steps).await;
        tokio::time::sleep(self.wait).await;
        place.compute(x, self.steps).await
    }
    // ANCHOR_END: kinds

    /// The right answer.
    pub fn right(self, n: u64) -> u64 {
        (0..PIECES).fold(n + 1, |x, _| piece(x, self.steps))
    }
}

// ANCHOR: places
impl Place {
    async fn compute(&self, x: u64, steps: u64) -> u64 {
        match self {
            Place::Here => piece(x, steps),
            Place::Blocking => {
                let job = spawn_blocking(move || piece(x, steps));
                job.await.expect("it does not panic")
            }
            Place::Rayon(pool) => {
                let (send, answer) = oneshot::channel();
                // Or nobody waits any more.
                pool.spawn(move || _ = send.send(piece(x, steps)));
                answer.await.expect("the pool does each of its jobs")
            }
        }
    }
}
// ANCHOR_END: places

/// Each step needs the one before.
#[inline(never)]
fn piece(x: u64, steps: u64) -> u64 {
    (0..steps).fold(black_box(x), |x, _| x * 48_271 % 0x7fff_ffff)
}

/// So many steps make a piece of a request on this machine, which is found out
/// once in a process.
fn steps() -> u64 {
    static STEPS: OnceLock<u64> = OnceLock::new();
    *STEPS.get_or_init(|| {
        const TRIED: u64 = 100_000;
        let time = || {
            let began = Instant::now();
            black_box(piece(1, TRIED));
            began.elapsed()
        };
        // Whatever else the machine does makes it longer only.
        let least = (0..60).map(|_| time()).min().expect("some times");
        let each_ns = least.as_nanos() as f64 / TRIED as f64;
        let wanted_ns = (COMPUTE / PIECES).as_nanos() as f64;
        (wanted_ns / each_ns) as u64
    })
}
