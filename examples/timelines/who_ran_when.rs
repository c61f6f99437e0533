//! Who ran when: the same spinning lanes under four arrangements.
//!
//! Run:  cargo run --example who_ran_when
//! See:  as many slices as switches counted, and one more for each lane. Four
//!       threads on one core take turns; two processes have a core each and
//!       are hardly ever stopped. `cargo book measure who_ran_when` records
//!       the lanes, Python's too, and the book draws them.
//!
//! A lane spins and reads the clock; after a gap it asks the kernel whether it
//! was switched. Nothing is traced from outside, and no privilege is needed.

use std::process::ExitCode;
use std::thread;

use lab::timeline::{Lane, now_ns, spin};
use lab::{Crew, Experiment, Kind, Run, os};

const RECORD_NS: u64 = 200_000_000;

fn main() -> ExitCode {
    Experiment::new(
        "who_ran_when",
        "Who has a core when there are more flows than cores?",
    )
    .baseline("none")
    .observed()
    .variant(Kind::Thread, "one_core", "4 threads on 1 core", |run| {
        threads(run, 4, 1)
    })
    .variant(Kind::Thread, "two_cores", "4 threads on 2 cores", |run| {
        threads(run, 4, 2)
    })
    .variant(Kind::Thread, "threads", "2 threads", |run| {
        threads(run, 2, usize::MAX)
    })
    .variant(Kind::Process, "processes", "2 processes", |run| processes(run, 2))
    .crew("spin", |i, args| {
        let epoch = args[0].parse().expect("a time");
        spin(&format!("P{i}"), epoch, RECORD_NS).to_text()
    })
    .run()
}

// ANCHOR: threads
fn threads(run: &mut Run, count: usize, cores: usize) -> String {
    let cpus: Vec<usize> = os::allowed_cpus().unwrap_or_default();
    let cpus = &cpus[..cores.min(cpus.len())];
    let gate = &run.gate(count);
    let lanes: Vec<Lane> = thread::scope(|scope| {
        let all: Vec<_> = (0..count)
            .map(|i| {
                scope.spawn(move || {
                    os::pin_to(cpus);
                    gate.wait();
                    spin(&format!("T{i}"), gate.began_ns(), RECORD_NS)
                })
            })
            .collect();
        all.into_iter().map(|lane| lane.join().unwrap()).collect()
    });
    keep(run, lanes)
}
// ANCHOR_END: threads

fn processes(run: &mut Run, count: usize) -> String {
    let mut crew = Crew::start("spin", count).expect("child processes");
    // The clock is the same in every process, so one start serves all lanes.
    let epoch = now_ns().to_string();
    let lanes = crew.go(run, &[epoch]).expect("a lane from each child");
    keep(
        run,
        lanes
            .iter()
            .map(|lane| Lane::from_text(lane).expect("a lane"))
            .collect(),
    )
}

fn keep(run: &mut Run, lanes: Vec<Lane>) -> String {
    let gaps: u64 = lanes.iter().map(|lane| lane.false_gaps).sum();
    let spans: usize = lanes.iter().map(|lane| lane.spans.len()).sum();
    let switched: Option<u64> = lanes.iter().map(|lane| lane.involuntary).sum();
    run.metric("slices_seen", spans as f64);
    if let Some(switched) = switched {
        run.metric("switches_counted", switched as f64);
    }
    run.metric("false_gaps", gaps as f64);
    let answer = format!("{} lanes", lanes.len());
    run.timeline(lanes);
    answer
}
