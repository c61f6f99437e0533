//! What a switch leaves behind: how long one's own memory takes afterwards.
//!
//! Run:  cargo run --example switch_cold
//! See:  a neighbor that touches nothing costs us little. After one that went
//!       through 8 MiB, a list that had lain in the core's caches takes several
//!       times as long; one that was too large for them loses less.
//!
//! Only the list is timed, and the switches are not. The neighbor is a process
//! on the same core; where nothing can be kept there, it is left out.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use lab::{Experiment, Kind, Run};
use switching::touch::List;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "switch_cold",
        "How much slower is one's own memory after somebody else ran?",
    )
    .baseline("undisturbed");
    for (kib, turns) in [(64, 50), (256, 50), (1024, 20), (4096, 10)] {
        let list = Again { bytes: kib << 10, turns };
        experiment = experiment
            .case(&kib.to_string(), "KiB, gone through again")
            .variant(
                Kind::Alone,
                "undisturbed",
                "nobody ran in between",
                move |run| list.follow(run, || ()),
            );
        experiment = with_neighbors(experiment, list);
    }
    experiment.run()
}

/// A list that is gone through again and again.
#[derive(Clone, Copy)]
struct Again {
    bytes: usize,
    turns: u32,
}

impl Again {
    // ANCHOR: follow
    fn follow(self, run: &mut Run, mut in_between: impl FnMut()) -> u64 {
        let list = List::new(self.bytes);
        let mut lines = list.follow();
        let mut took = Duration::ZERO;
        run.start_clock();
        for _ in 0..self.turns {
            in_between();
            let began = Instant::now();
            lines = list.follow();
            took += began.elapsed();
        }
        run.stop_clock();
        run.metric("list_us", took.as_secs_f64() * 1e6 / self.turns as f64);
        lines
    }
    // ANCHOR_END: follow
}

#[cfg(unix)]
fn with_neighbors(experiment: Experiment, list: Again) -> Experiment {
    use switching::pipes::{self, Partner};
    use switching::rung::{cpus, on_core};
    use switching::touch::WorkingSet;

    fn beside(run: &mut Run, cpu: usize, list: Again, touches: usize) -> u64 {
        on_core(cpu, || {
            let neighbor = Partner::process(cpu, touches).expect("a neighbor");
            let nothing = &mut WorkingSet::new(0);
            let lines = list.follow(run, || {
                // There and back: two switches.
                neighbor.play(1, nothing).expect("the ball");
            });
            // Or it would end during somebody else's run.
            neighbor.end().expect("a report");
            lines
        })
    }

    /// More than most cores have in caches of their own.
    const MUCH: usize = 8 << 20;

    let Some(&cpu) = cpus().first() else { return experiment };
    experiment
        .variant(
            Kind::Process,
            "idle_neighbor",
            "one that touched nothing",
            move |run| beside(run, cpu, list, 0),
        )
        .variant(
            Kind::Process,
            "busy_neighbor",
            "one that touched 8 MiB",
            move |run| beside(run, cpu, list, MUCH),
        )
        .child("partner", pipes::partner)
}

#[cfg(not(unix))]
fn with_neighbors(experiment: Experiment, _: Again) -> Experiment {
    experiment
}
