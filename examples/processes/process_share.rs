//! Two processes count in the same memory, and one dies with the lock.
//!
//! Run:  cargo run --example process_share
//! See:  without a lock increments are lost. An atomic addition, every kind of
//!       lock and a semaphore lose none. When the holder is killed, the kernel
//!       frees a file lock, unless a child of the holder has inherited the open
//!       file, and a robust mutex tells the next one; a bare futex or a
//!       semaphore keeps everybody out, forever.
//!
//! The processes share a file that lies in memory. They begin to count at the
//! same moment, when both have come to the gate.

use std::process::ExitCode;

#[cfg(unix)]
#[path = "src/share/mod.rs"]
mod share;

#[cfg(unix)]
fn main() -> ExitCode {
    use lab::{Experiment, Kind, Run};
    use share::board::means;
    use share::roles;
    let mut experiment = Experiment::new(
        "process_share",
        "What keeps two processes from spoiling each other's count?",
    )
    .baseline("atomic")
    .case("count", "two processes, one number");
    for one in means().into_iter().filter(|one| one.protects) {
        let count = move |run: &mut Run| roles::count(run, &one);
        experiment =
            experiment.variant(Kind::Process, one.name, one.label, count);
    }
    experiment = experiment.observed();
    for one in means().into_iter().filter(|one| !one.protects) {
        let count = move |run: &mut Run| roles::count(run, &one);
        experiment =
            experiment.variant(Kind::Process, one.name, one.label, count);
    }
    experiment = experiment.case("killed", "one is killed while it has it");
    for one in means().into_iter().filter(|one| one.can_be_held) {
        let kill =
            move |run: &mut Run| roles::kill_holder(run, "hold", one.name);
        experiment =
            experiment.variant(Kind::Process, one.name, one.label, kill);
    }
    experiment
        .variant(
            Kind::Process,
            "file_lock_fork",
            "file lock, and a child of the holder lives",
            |run| roles::kill_holder(run, "hold_and_fork", "file_lock"),
        )
        .child("count", roles::count_here)
        .child("hold", roles::hold)
        .child("hold_and_fork", roles::hold_and_fork)
        .child("take", roles::take)
        .run()
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("process_share: this system has no memory to share as Unix has");
    ExitCode::FAILURE
}
