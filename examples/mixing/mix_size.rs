//! How many threads does a service want that computes for a millisecond and
//! waits as long, four times as long or twenty times? Do the usual formulas
//! find the number?
//!
//! Run:  cargo run --example mix_size
//! See:  each thread that is missing leaves a core idle, and what is too many
//!       costs little. Twice the cores and one more is near for a service that
//!       waits as long as it computes, and far too few for the others. The
//!       cores times one more than the ratio of waiting to computing is nearer;
//!       half as many again is better.
//!
//! A closed loop: as many requests at once in all cases, so the rest wait to be
//! accepted. Cases are threads for each core.

use std::process::ExitCode;
use std::time::Duration;

use lab::{Experiment, Kind, Run};
use mixing::job::Job;
use mixing::load::{self, Load};
use mixing::service::{Service, Way};

const LENGTH: Duration = Duration::from_millis(300);
/// Threads for each core; two of them, five and 21 are what the formula says.
const SIZES: [usize; 8] = [1, 2, 3, 5, 8, 21, 34, 64];
/// To try it, these will do.
const QUICK: [usize; 4] = [1, 5, 21, 64];
/// Requests at once, for each core: as many as the largest pool.
const AT_ONCE: usize = 64;
const RATIOS: [u32; 3] = [1, 4, 20];

fn main() -> ExitCode {
    let question = "How many threads does it take?";
    let mut all = Experiment::new("mix_size", question).baseline("ratio1");
    for size in SIZES {
        all = all.case(&size.to_string(), "threads for each core");
        for ratio in RATIOS {
            if !QUICK.contains(&size) {
                all = all.slow(); // all of them take a while
            }
            all = with(all, ratio, move |run| {
                closed(run, ratio, size * run.threads());
            });
        }
    }
    all = all.case("rule", "twice the cores, and one more");
    for ratio in RATIOS {
        all = with(all, ratio, move |run| {
            closed(run, ratio, 2 * run.threads() + 1);
        });
    }
    all.child("load", load::child).run()
}

fn with(
    all: Experiment,
    ratio: u32,
    work: impl Fn(&mut Run) + 'static,
) -> Experiment {
    let says = format!("waits {ratio} times as long as it computes");
    let name = format!("ratio{ratio}");
    all.variant(Kind::Thread, &name, &says, move |run| {
        work(run);
        "each request was answered"
    })
}

// ANCHOR: closed
fn closed(run: &mut Run, ratio: u32, threads: usize) {
    let (job, cores) = (Job::of_ratio(ratio), run.threads());
    let way = Way::Threads(threads);
    let service = Service::start(cores, way, job).expect("a port");
    run.start_clock();
    let load = Load::Closed { at_once: AT_ONCE * cores, length: LENGTH };
    let seen = load.send(service.address, job);
    run.stop_clock();
    drop(service);
    load::note(run, &seen);
    run.metric("size", threads as f64);
}
// ANCHOR_END: closed
