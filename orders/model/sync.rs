//! Loom's locks and atomics, which note whose step it is.

use std::collections::VecDeque;
use std::sync::{self, LockResult};

use loom::sync::atomic as checked;

pub use std::sync::Arc;
pub use std::sync::atomic::Ordering;

use orders::turns::Lane;

use crate::noted;

/// Which of the checker's threads is which of the program's.
static LANES: sync::Mutex<Vec<(String, Lane)>> = sync::Mutex::new(Vec::new());

fn lanes() -> sync::MutexGuard<'static, Vec<(String, Lane)>> {
    LANES.lock().unwrap_or_else(sync::PoisonError::into_inner)
}

/// A new execution begins.
pub fn forget() {
    lanes().clear();
}

fn me() -> String {
    format!("{:?}", loom::thread::current().id())
}

/// This thread is that one of the program's.
pub fn is_lane(lane: Lane) {
    lanes().push((me(), lane));
}

/// This thread makes a step. Between it and what is noted no other can make one.
fn step() {
    let me = me();
    let lane = lanes().iter().find(|(id, _)| *id == me).map(|(_, lane)| *lane);
    noted().0.extend(lane);
}

macro_rules! atomic {
    ($name:ident, $of:ty, $look:ident, $nothing:expr) => {
        pub struct $name(checked::$name);

        impl $name {
            pub fn new(value: $of) -> $name {
                $name(checked::$name::new(value))
            }

            pub fn load(&self, order: Ordering) -> $of {
                let value = self.0.$look($nothing, order);
                step();
                value
            }

            pub fn store(&self, value: $of, order: Ordering) {
                self.0.swap(value, order);
                step();
            }

            pub fn swap(&self, value: $of, order: Ordering) -> $of {
                let old = self.0.swap(value, order);
                step();
                old
            }

            pub fn compare_exchange(
                &self,
                expected: $of,
                new: $of,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$of, $of> {
                let outcome = self.0.compare_exchange(expected, new, success, failure);
                step();
                outcome
            }

            pub fn compare_exchange_weak(
                &self,
                expected: $of,
                new: $of,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$of, $of> {
                self.compare_exchange(expected, new, success, failure)
            }
        }
    };
}

macro_rules! number {
    ($name:ident, $of:ty) => {
        atomic!($name, $of, fetch_add, 0);

        impl $name {
            pub fn fetch_add(&self, more: $of, order: Ordering) -> $of {
                let old = self.0.fetch_add(more, order);
                step();
                old
            }

            pub fn fetch_sub(&self, less: $of, order: Ordering) -> $of {
                let old = self.0.fetch_sub(less, order);
                step();
                old
            }

            pub fn fetch_update(
                &self,
                success: Ordering,
                failure: Ordering,
                new: impl Fn($of) -> Option<$of>,
            ) -> Result<$of, $of> {
                let mut old = self.load(failure);
                while let Some(new) = new(old) {
                    match self.compare_exchange(old, new, success, failure) {
                        Ok(old) => return Ok(old),
                        Err(other) => old = other,
                    }
                }
                Err(old)
            }
        }
    };
}

atomic!(AtomicBool, bool, fetch_or, false);
number!(AtomicU8, u8);
number!(AtomicU32, u32);
number!(AtomicU64, u64);
number!(AtomicUsize, usize);

pub struct UnsafeCell<T>(loom::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub fn new(value: T) -> UnsafeCell<T> {
        UnsafeCell(loom::cell::UnsafeCell::new(value))
    }

    pub fn with_mut<R>(&self, access: impl FnOnce(*mut T) -> R) -> R {
        step(); // before, since the checker may say no
        self.0.with_mut(access)
    }
}

#[derive(Default)]
pub struct Mutex<T>(loom::sync::Mutex<T>);

pub type MutexGuard<'a, T> = Guard<'a, T>;

pub struct Guard<'a, T> {
    lock: &'a Mutex<T>,
    inside: Option<loom::sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub fn new(value: T) -> Mutex<T> {
        Mutex(loom::sync::Mutex::new(value))
    }

    pub fn lock(&self) -> LockResult<Guard<'_, T>> {
        let inside = self.0.lock().unwrap();
        step();
        Ok(Guard { lock: self, inside: Some(inside) })
    }
}

impl<T> std::ops::Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inside.as_ref().expect("it is there until it is dropped")
    }
}

impl<T> std::ops::DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inside.as_mut().expect("it is there until it is dropped")
    }
}

/// One that notes the very moment at which somebody falls asleep: the checker's own may let
/// another thread go on between the call and that.
pub struct Condvar {
    asleep: sync::Mutex<VecDeque<(Thread, Arc<sync::atomic::AtomicBool>)>>,
    /// Whoever comes here touches it, so that the checker tries both orders.
    moment: checked::AtomicUsize,
}

impl Condvar {
    pub fn new() -> Condvar {
        Condvar { asleep: sync::Mutex::default(), moment: checked::AtomicUsize::new(0) }
    }

    pub fn wait<'a, T>(&self, mut guard: Guard<'a, T>) -> LockResult<Guard<'a, T>> {
        let woken = Arc::new(sync::atomic::AtomicBool::new(false));
        self.moment.fetch_add(1, Ordering::AcqRel);
        step();
        self.queue().push_back((current(), Arc::clone(&woken)));
        let lock = guard.lock;
        guard.inside = None;
        while !woken.load(Ordering::Relaxed) {
            loom::thread::park();
        }
        lock.lock()
    }

    pub fn notify_one(&self) {
        self.rings(1);
    }

    pub fn notify_all(&self) {
        self.rings(usize::MAX);
    }

    fn rings(&self, most: usize) {
        self.moment.fetch_add(1, Ordering::AcqRel);
        step();
        let mut queue = self.queue();
        let most = most.min(queue.len());
        let woken: Vec<_> = queue.drain(..most).collect();
        drop(queue);
        for (thread, woken) in woken {
            woken.store(true, Ordering::Relaxed);
            thread.0.unpark();
        }
    }

    fn queue(&self) -> sync::MutexGuard<'_, VecDeque<(Thread, Arc<sync::atomic::AtomicBool>)>> {
        self.asleep.lock().unwrap_or_else(sync::PoisonError::into_inner)
    }
}

impl Default for Condvar {
    fn default() -> Condvar {
        Condvar::new()
    }
}

#[derive(Clone)]
pub struct Thread(loom::thread::Thread);

impl Thread {
    pub fn id(&self) -> loom::thread::ThreadId {
        self.0.id()
    }

    pub fn unpark(&self) {
        self.0.unpark();
        step();
    }
}

pub fn current() -> Thread {
    Thread(loom::thread::current())
}

pub fn park() {
    loom::thread::park();
    step();
}

pub fn spin_loop() {
    loom::hint::spin_loop();
}

pub fn yield_now() {
    loom::thread::yield_now();
}
