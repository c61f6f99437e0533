//! Two threads add to one counter: is every addition there in the end?
//!
//! Run:  cargo run --example sharing_lost
//! See:  `plain` and `load_store` lose a good part of the additions; everything
//!       that adds in one step, takes turns or does not share loses none. On
//!       x86-64, `increment` is one instruction and loses all the same, unless
//!       both threads are kept on one core.
//!
//! `plain` is undefined behavior, done on purpose: safe Rust refuses to compile
//! it.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, mpsc};
use std::thread;

use lab::{Experiment, Kind, Run, os};

const THREADS: usize = 2;
/// By each thread. The threads must run long enough to run at the same time.
const MANY: u64 = 20_000_000;
/// On one core they take turns, and must run for more than a few.
const LONGER: u64 = 4 * MANY;
/// What costs more, done less often.
const FEWER: u64 = 500_000;

fn main() -> ExitCode {
    let mut ways: Vec<(&str, &str, Count, u64)> = vec![
        ("plain", "read, add, write", plain, MANY),
        ("load_store", "atomic load, atomic store", load_store, MANY),
        ("fetch_add", "atomic addition", fetch_add, FEWER),
        ("mutex", "std::sync::Mutex", mutex, FEWER),
        ("channel", "a message for each", channel, FEWER),
        ("own_sums", "a sum each, then one message", own_sums, MANY),
        ("own_locked", "a sum each, then one lock", own_locked, MANY),
    ];
    let one_core = os::allowed_cpus().is_some();
    if one_core {
        let label = "load, store, on one core";
        ways.push(("load_store_one_core", label, load_store_one_core, LONGER));
    }
    #[cfg(target_arch = "x86_64")]
    ways.push(("increment", "one instruction", increment, MANY));
    #[cfg(target_arch = "x86_64")]
    if one_core {
        let label = "one instruction, on one core";
        ways.push(("increment_one_core", label, increment_one_core, LONGER));
    }
    let mut experiment = Experiment::new(
        "sharing_lost",
        "Two threads add to one counter: is every addition there in the end?",
    )
    .baseline("mutex")
    .observed();
    for (name, label, count, updates) in ways {
        experiment =
            experiment.variant(Kind::Thread, name, label, move |run| {
                report(run, count, updates)
            });
    }
    experiment.run()
}

/// Has each thread add so many times, and returns what the counter says.
type Count = fn(&mut Run, u64) -> u64;

fn report(run: &mut Run, count: Count, updates: u64) -> &'static str {
    let total = THREADS as u64 * updates;
    let counted = count(run, updates);
    run.stop_clock();
    run.metric("each_ns", run.elapsed().as_nanos() as f64 / total as f64);
    run.metric("lost_share", 1.0 - counted as f64 / total as f64);
    if counted == total { "nothing lost" } else { "additions lost" }
}

/// Two threads do this at the same time, so many times each.
fn two_threads(run: &mut Run, updates: u64, add: impl Fn() + Sync) {
    run.together(THREADS, |_| (0..updates).for_each(|_| add()));
}

/// The same, by two threads that are kept on one core.
fn two_on_one_core(run: &mut Run, updates: u64, add: impl Fn() + Sync) {
    let core = os::allowed_cpus().and_then(|cpus| cpus.first().copied());
    let core = core.expect("a core to be kept on");
    run.together(THREADS, |_| {
        assert!(os::pin_to(&[core]), "kept on one core");
        (0..updates).for_each(|_| add());
    });
}

/// A pointer that claims to be safe to share, and is not.
struct Shared(*mut u64);

// SAFETY: none, that is the point.
unsafe impl Sync for Shared {}

impl Shared {
    fn get(&self) -> *mut u64 {
        self.0
    }
}

// ANCHOR: wrong
fn plain(run: &mut Run, updates: u64) -> u64 {
    let mut counter = 0;
    let shared = Shared(&raw mut counter);
    two_threads(run, updates, || {
        // SAFETY: none. Two threads write at once, which is undefined behavior,
        // on purpose. Volatile keeps the compiler from adding in a register.
        unsafe {
            let seen = shared.get().read_volatile();
            shared.get().write_volatile(seen + 1);
        }
    });
    counter
}

fn load_store(run: &mut Run, updates: u64) -> u64 {
    let counter = AtomicU64::new(0);
    two_threads(run, updates, || add_in_two_steps(&counter));
    counter.into_inner()
}

fn add_in_two_steps(counter: &AtomicU64) {
    let seen = counter.load(Relaxed);
    // What the other thread stored since is gone after this.
    counter.store(seen + 1, Relaxed);
}
// ANCHOR_END: wrong

fn load_store_one_core(run: &mut Run, updates: u64) -> u64 {
    let counter = AtomicU64::new(0);
    two_on_one_core(run, updates, || add_in_two_steps(&counter));
    counter.into_inner()
}

#[cfg(target_arch = "x86_64")]
fn increment(run: &mut Run, updates: u64) -> u64 {
    let counter = AtomicU64::new(0);
    two_threads(run, updates, || add_in_one_instruction(&counter));
    counter.into_inner()
}

#[cfg(target_arch = "x86_64")]
fn increment_one_core(run: &mut Run, updates: u64) -> u64 {
    let counter = AtomicU64::new(0);
    two_on_one_core(run, updates, || add_in_one_instruction(&counter));
    counter.into_inner()
}

// ANCHOR: increment
#[cfg(target_arch = "x86_64")]
fn add_in_one_instruction(counter: &AtomicU64) {
    // SAFETY: the address is a live counter's, aligned to its eight bytes, so
    // the processor loads and stores it whole, as two relaxed accesses would.
    unsafe {
        std::arch::asm!(
            "inc qword ptr [{}]", // without `lock`
            in(reg) counter.as_ptr(),
            options(nostack),
        );
    }
}
// ANCHOR_END: increment

// ANCHOR: right
fn fetch_add(run: &mut Run, updates: u64) -> u64 {
    let counter = AtomicU64::new(0);
    two_threads(run, updates, || {
        counter.fetch_add(1, Relaxed); // one step: nobody comes in between
    });
    counter.into_inner()
}

fn mutex(run: &mut Run, updates: u64) -> u64 {
    let counter = Mutex::new(0);
    two_threads(run, updates, || *counter.lock().unwrap() += 1);
    counter.into_inner().unwrap()
}

fn channel(run: &mut Run, updates: u64) -> u64 {
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let sum = scope.spawn(|| receiver.into_iter().sum());
        two_threads(run, updates, || sender.send(1).unwrap());
        drop(sender); // or the sum would never be complete
        sum.join().unwrap()
    })
}

fn own_sums(run: &mut Run, updates: u64) -> u64 {
    let (sender, receiver) = mpsc::channel();
    run.together(THREADS, |_| {
        let mut sum = 0;
        (0..updates).for_each(|_| sum += std::hint::black_box(1));
        sender.send(sum).unwrap();
    });
    drop(sender);
    receiver.into_iter().sum()
}
// ANCHOR_END: right

fn own_locked(run: &mut Run, updates: u64) -> u64 {
    let total = Mutex::new(0);
    run.together(THREADS, |_| {
        let mut sum = 0;
        (0..updates).for_each(|_| sum += std::hint::black_box(1));
        *total.lock().unwrap() += sum;
    });
    total.into_inner().unwrap()
}
