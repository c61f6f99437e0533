//! What does a lock cost that nobody else wants?
//!
//! Run:  cargo bench -p benches --bench lock_cost
//! See:  an atomic addition costs several plain ones. The spin lock, which has one
//!       atomic instruction, costs about as much as one; the mutex, which has two, about
//!       as much as the same two with nothing around them.

use std::hint::black_box;
use std::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use std::sync::{Mutex, RwLock};

use criterion::{Criterion, criterion_group, criterion_main};
use sharing::park::ParkLock;
use sharing::spin::SpinLock;

fn lock_cost(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lock_cost");
    // The number goes through memory each time, as a shared one would.
    let mut number = 0_u64;
    group.bench_function("plain", |bench| bench.iter(|| *black_box(&mut number) += 1));
    let number = AtomicU64::new(0);
    group.bench_function("fetch_add", |bench| {
        bench.iter(|| {
            number.fetch_add(1, Relaxed); // nobody asks what it was
        });
    });
    // The two of the mutex, when nobody else wants it.
    let state = AtomicU32::new(0);
    group.bench_function("two_atomics", |bench| {
        bench.iter(|| {
            let taken = state.compare_exchange(0, 1, Acquire, Relaxed);
            (taken, state.swap(0, Release))
        });
    });
    let number = Mutex::new(0_u64);
    group.bench_function("mutex", |bench| bench.iter(|| *number.lock().unwrap() += 1));
    let number = RwLock::new(0_u64);
    group.bench_function("rwlock_read", |bench| {
        bench.iter(|| black_box(*number.read().unwrap()));
    });
    let number = SpinLock::new(0_u64);
    group.bench_function("spin", |bench| bench.iter(|| number.with(|number| *number += 1)));
    let number = ParkLock::new(0_u64);
    group.bench_function("park", |bench| bench.iter(|| number.with(|number| *number += 1)));
    group.finish();
}

criterion_group!(benches, lock_cost);
criterion_main!(benches);
