//! A stack that threads share: what do a lock, a tag and epochs cost?
//!
//! Run:  cargo run --example order_stack
//! See:  alone, the tag is quickest, since it neither locks nor allocates, and
//!       epochs are slowest. For two threads at once it depends on the machine;
//!       every way keeps all values.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Mutex;

use lab::{Experiment, Kind, Run};
use order::epoch;
use order::harness::keep_apart;
use order::tagged::Tagged;

/// How often each thread takes a value and puts it back.
const TURNS: u64 = 1_000_000;
/// How many values the stack has.
const VALUES: u32 = 16;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "order_stack",
        "A stack that threads share: what do a lock, a tag and epochs cost?",
    )
    .baseline("mutex");
    for (case, label, threads) in
        [("1", "one thread", 1), ("2", "two threads", 2)]
    {
        experiment = experiment
            .case(case, label)
            .variant(Kind::Thread, "mutex", "Mutex<Vec>", move |run| {
                let stack = Mutex::new((0..VALUES).collect());
                turns(run, threads, &stack)
            })
            .variant(Kind::Thread, "tagged", "slots and a tag", move |run| {
                turns(run, threads, &Tagged::new(VALUES))
            })
            .variant(Kind::Thread, "epoch", "nodes and epochs", move |run| {
                let stack = epoch::Stack::default();
                (0..VALUES).for_each(|value| stack.push(value));
                turns(run, threads, &stack)
            });
    }
    experiment.run()
}

// ANCHOR: stacks
trait Stack: Sync {
    fn take(&self) -> Option<u32>;
    fn put(&self, value: u32);
}

impl Stack for Mutex<Vec<u32>> {
    fn take(&self) -> Option<u32> {
        self.lock().unwrap().pop()
    }
    fn put(&self, value: u32) {
        self.lock().unwrap().push(value);
    }
}

impl Stack for Tagged {
    fn take(&self) -> Option<u32> {
        self.pop()
    }
    fn put(&self, value: u32) {
        self.push(value);
    }
}

impl Stack for epoch::Stack<u32> {
    fn take(&self) -> Option<u32> {
        self.pop()
    }
    fn put(&self, value: u32) {
        self.push(value);
    }
}
// ANCHOR_END: stacks

/// Each thread takes a value and puts it back, again and again. At the end all
/// of them must be there, each once.
fn turns(run: &mut Run, threads: usize, stack: &impl Stack) -> String {
    run.together(threads, |i| {
        keep_apart(i, threads);
        for _ in 0..TURNS {
            let value = stack.take().expect("more values than threads");
            stack.put(value);
        }
    });
    run.stop_clock();
    let pairs = threads as u64 * TURNS;
    run.metric("pair_ns", run.elapsed().as_nanos() as f64 / pairs as f64);
    let left: Vec<u32> =
        std::iter::from_fn(|| stack.take()).take(2 * VALUES as usize).collect();
    let each: BTreeSet<u32> = left.iter().copied().collect();
    format!("{} values, {} different", left.len(), each.len())
}
