//! What does a lane of a timeline pay for knowing when it ran?
//!
//! Run:  cargo bench -p benches --bench timeline_cost
//! See:  a reading of the clock takes tens of nanoseconds, and noting "I am
//!       running" hardly more. Asking the kernel about switches takes a system
//!       call, which is why a lane asks only after a gap.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lab::os;
use lab::timeline::{Recorder, now_ns};

fn timeline_cost(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("timeline_cost");
    group.bench_function("clock", |bench| bench.iter(|| black_box(now_ns())));
    group.bench_function("cpu", |bench| bench.iter(|| black_box(os::current_cpu())));
    group.bench_function("switches", |bench| bench.iter(|| black_box(os::thread_switches())));
    let mut recorder = Recorder::start("bench", now_ns());
    group.bench_function("note", |bench| bench.iter(|| black_box(recorder.note())));
    group.finish();
}

criterion_group!(benches, timeline_cost);
criterion_main!(benches);
