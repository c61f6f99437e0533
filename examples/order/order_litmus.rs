//! Litmus tests: which outcomes that no interleaving allows does this machine
//! show?
//!
//! Run:  cargo run --example order_litmus
//! See:  on x86-64, `sb` shows one with Relaxed and with Release and Acquire,
//!       and none with SeqCst or a fence; the other tests show none, whichever
//!       the orderings. On aarch64 expect more, with Relaxed at least.
//!
//! The programs are in src/litmus.rs, what tries them in src/harness.rs.

use std::process::ExitCode;

use lab::{Experiment, Kind, Run};
use order::harness::trials;
use order::litmus::{
    AllRelaxed, AllSeqCst, Coherence, Fenced, IndependentReaders, Litmus,
    LoadBuffering, MessagePassing, Orders, ReleaseAcquire, StoreBuffering,
};

/// Trials of two threads.
const MANY: u64 = 200_000;
/// Four threads must take turns on two cores, which takes longer.
const FEWER: u64 = 20_000;

fn main() -> ExitCode {
    let experiment = Experiment::new(
        "order_litmus",
        "Which outcomes that no interleaving allows does this machine show?",
    )
    .baseline("none")
    .observed();
    let experiment = program::<StoreBuffering>(
        experiment.case("sb", "store x, read y | store y, read x"),
    );
    let experiment = program::<MessagePassing>(
        experiment.case("mp", "store x, store y | read y, read x"),
    );
    let experiment = program::<LoadBuffering>(
        experiment.case("lb", "read x, store y | read y, store x"),
    );
    let experiment = program::<Coherence>(
        experiment.case("corr", "store x | read x, read x"),
    );
    program::<IndependentReaders>(
        experiment.case("iriw", "store x | store y | read x, y | read y, x"),
    )
    .run()
}

fn program<L: Litmus + 'static>(experiment: Experiment) -> Experiment {
    experiment
        .variant(Kind::Thread, "relaxed", "Relaxed", outcomes::<L, AllRelaxed>)
        .variant(
            Kind::Thread,
            "acq_rel",
            "Release, Acquire",
            outcomes::<L, ReleaseAcquire>,
        )
        .variant(Kind::Thread, "seqcst", "SeqCst", outcomes::<L, AllSeqCst>)
        .variant(
            Kind::Thread,
            "fence",
            "Relaxed, a fence between",
            outcomes::<L, Fenced>,
        )
}

/// Tries a program, and notes how often each outcome came of it.
fn outcomes<L: Litmus, O: Orders>(run: &mut Run) -> &'static str {
    let many = if L::THREADS > 2 { FEWER } else { MANY };
    let counts = trials::<L, O>(run, many);
    run.metric("trials", counts.trials as f64);
    run.metric("weak", counts.per_million(L::WEAK));
    if L::READS == 2 {
        for read in 0..4 {
            // As it is said: the first read first.
            let name = format!("saw_{}{}_share", read & 1, read >> 1);
            run.metric(&name, counts.share(read));
        }
    }
    if counts.read[L::WEAK as usize] > 0 { "seen" } else { "not seen" }
}
