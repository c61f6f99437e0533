//! Which tool shows which ill: sees it, misses it, or misleads?
//!
//! Run:  cargo run --example tools_see
//! See:  a table of nine ills by the tools that are here. Who asks all threads
//!       for their stacks sees most of what stands still, and nobody who looks
//!       at threads sees a task that nobody wakes. What is not installed, or
//!       not allowed, is said to be absent.
//!
//! Each ill is a child process of a few lines, started anew for each tool. What
//! a tool must say to count was written down first, and is tried on a program
//! that is well, too.

use std::process::ExitCode;

use lab::{Experiment, Kind};
use tools::ills::{ILLS, fall_ill};
use tools::look::looked_at;
use tools::tool::{ANY, SPECIAL, TASKS};

const WITH_TASKS: [&str; 6] =
    ["blocked", "lost", "live", "pool", "storm", "well"];

fn main() -> ExitCode {
    let question = "Which tool sees which ill?";
    let mut experiment =
        Experiment::new("tools_see", question).baseline("none").observed();
    for (ill, label, _) in ILLS {
        experiment = experiment.case(ill, label);
        let has_tasks = WITH_TASKS.contains(&ill);
        let kind = if has_tasks { Kind::Task } else { Kind::Thread };
        let special = SPECIAL.iter().filter(|one| one.0 == ill);
        let tools = ANY
            .iter()
            .chain(TASKS.iter().filter(|_| has_tasks))
            .chain(special.map(|(_, tool)| tool));
        for &(tool, how) in tools {
            experiment = experiment
                .variant(kind, tool, how, move |run| looked_at(run, ill, tool));
        }
    }
    experiment.child("ill", fall_ill).run()
}
