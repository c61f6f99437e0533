//! What lies in the shared memory, and the ways to change it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use processes::shared::{ForAll, Shared};

/// All zero bytes are an empty board.
#[repr(C)]
pub(crate) struct Board {
    pub(crate) gate: AtomicU32,
    pub(crate) count: AtomicU64,
    #[cfg(target_os = "linux")]
    lock: processes::handover::Lock<processes::futex::Futex>,
    #[cfg(target_os = "linux")]
    pub(crate) mutex: super::posix::Mutex,
    #[cfg(target_os = "linux")]
    pub(crate) semaphore: super::posix::Semaphore,
}

// SAFETY: all of it is atomic, or a lock that was made for this.
unsafe impl ForAll for Board {}

/// A way to let only one of them work on the board.
#[derive(Clone, Copy)]
pub(crate) struct Means {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// How often each process does it.
    pub(crate) times: u64,
    /// Whether no increment may be lost.
    pub(crate) protects: bool,
    /// Whether it can be held for a while, and so by somebody who dies.
    pub(crate) can_be_held: bool,
    /// Does something to the board.
    pub(crate) with: fn(&Shared<Board>, fn(&Board)),
    /// What is done to count.
    pub(crate) increment: fn(&Board),
}

// ANCHOR: increment
/// An increment in two steps. Each is atomic, and together they are not.
fn in_two_steps(board: &Board) {
    let seen = board.count.load(Relaxed);
    board.count.store(seen + 1, Relaxed);
}

fn in_one(board: &Board) {
    board.count.fetch_add(1, Relaxed);
}

fn under_nothing(board: &Shared<Board>, work: fn(&Board)) {
    work(board);
}

fn under_a_file_lock(board: &Shared<Board>, work: fn(&Board)) {
    board.file().lock().expect("a lock on an open file");
    work(board);
    board.file().unlock().expect("ours");
}

#[cfg(target_os = "linux")]
fn under_our_lock(board: &Shared<Board>, work: fn(&Board)) {
    let _held = board.lock.lock();
    work(board);
}

#[cfg(target_os = "linux")]
fn under_a_mutex(board: &Shared<Board>, work: fn(&Board)) {
    board.mutex.lock();
    work(board);
    board.mutex.unlock();
}

#[cfg(target_os = "linux")]
fn under_a_semaphore(board: &Shared<Board>, work: fn(&Board)) {
    board.semaphore.wait();
    work(board);
    board.semaphore.post();
}
// ANCHOR_END: increment

pub(crate) fn means() -> Vec<Means> {
    let a_lock = Means {
        name: "file_lock",
        label: "file lock",
        times: 5_000, // two system calls each
        protects: true,
        can_be_held: true,
        with: under_a_file_lock,
        increment: in_two_steps,
    };
    vec![
        Means {
            name: "atomic",
            label: "atomic addition",
            times: 1_000_000,
            can_be_held: false,
            with: under_nothing,
            increment: in_one,
            ..a_lock
        },
        #[cfg(target_os = "linux")]
        Means {
            name: "futex",
            label: "our lock on a futex",
            times: 100_000,
            with: under_our_lock,
            ..a_lock
        },
        #[cfg(target_os = "linux")]
        Means {
            name: "mutex",
            label: "robust mutex",
            times: 100_000,
            with: under_a_mutex,
            ..a_lock
        },
        #[cfg(target_os = "linux")]
        Means {
            name: "semaphore",
            label: "semaphore",
            times: 100_000,
            with: under_a_semaphore,
            ..a_lock
        },
        a_lock,
        Means {
            name: "unsynchronized",
            label: "nothing",
            times: 5_000_000, // for longer than one has a core to itself
            protects: false,
            can_be_held: false,
            with: under_nothing,
            ..a_lock
        },
    ]
}
