//! Two threads against two processes, by the same pipes, on one core.
//!
//! Run:  cargo run --example switch_process
//! See:  processes cost little more than threads, if anything. The more each
//!       side touches in its turn, the less that matters: at 256 KiB touching
//!       costs about what the switch does, or more.
//!
//! `touching` is the work alone: one thread that touches both working sets in
//! turn and never switches. Where nothing can be kept on one core, it is all
//! that there is.

use std::process::ExitCode;

use lab::{Experiment, Kind, Run};
use switching::rung::{cpus, on_core, rung};
use switching::touch::WorkingSet;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "switch_process",
        "Does it cost more to switch processes than to switch threads?",
    )
    .baseline("threads");
    for (kib, rounds) in [(0, 15_000), (16, 10_000), (64, 5_000), (256, 1_500)]
    {
        let game = Game { bytes: kib << 10, rounds };
        let label = format!("each side touches {kib} KiB in its turn");
        experiment = experiment.case(&kib.to_string(), &label);
        if kib > 0 {
            experiment = experiment.variant(
                Kind::Alone,
                "touching",
                "the touching alone",
                move |run| touching(run, game),
            );
        }
        experiment = taking_turns(experiment, game);
    }
    experiment.run()
}

/// What each side touches in its turn, and how often there and back.
#[derive(Clone, Copy)]
struct Game {
    bytes: usize,
    rounds: u64,
}

impl Game {
    /// How many of the touches are missing.
    fn untouched(self, touched: u64) -> i64 {
        let lines = WorkingSet::new(self.bytes).lines();
        (2 * self.rounds * lines) as i64 - touched as i64
    }
}

fn touching(run: &mut Run, game: Game) -> i64 {
    on_core(cpus().first().copied().unwrap_or(0), || {
        let mut sets = [(); 2].map(|()| WorkingSet::new(game.bytes));
        let missing = rung(run, 2 * game.rounds, || {
            for _ in 0..game.rounds {
                sets.iter_mut().for_each(WorkingSet::touch);
            }
            2 * game.rounds
        });
        let touched = sets.iter().map(WorkingSet::touched).sum();
        missing + game.untouched(touched)
    })
}

#[cfg(unix)]
fn taking_turns(experiment: Experiment, game: Game) -> Experiment {
    use switching::pipes::{self, Partner};
    use switching::rung::rung_against;

    // ANCHOR: turns
    fn turns(
        run: &mut Run,
        cpu: usize,
        game: Game,
        partner: fn(usize, usize) -> std::io::Result<Partner>,
    ) -> i64 {
        on_core(cpu, || {
            let mut set = WorkingSet::new(game.bytes);
            let mut theirs = 0;
            let missing = rung_against(
                run,
                2 * game.rounds,
                partner(cpu, game.bytes).expect("a partner"),
                |other| other.play(game.rounds, &mut set).expect("the ball"),
                |other| {
                    let report = other.end().expect("a report");
                    theirs = report.touched;
                    report.counters
                },
            );
            missing + game.untouched(set.touched() + theirs)
        })
    }
    // ANCHOR_END: turns

    let Some(&cpu) = cpus().first() else { return experiment };
    experiment
        .variant(Kind::Thread, "threads", "two threads", move |run| {
            turns(run, cpu, game, Partner::thread)
        })
        .variant(Kind::Process, "processes", "two processes", move |run| {
            turns(run, cpu, game, Partner::process)
        })
        .child("partner", pipes::partner)
}

#[cfg(not(unix))]
fn taking_turns(experiment: Experiment, _: Game) -> Experiment {
    experiment
}
