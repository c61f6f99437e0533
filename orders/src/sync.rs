//! Locks and atomics that ask before each step, by the names that the chapters' files use.

use std::cell;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{self, LockResult};

pub use std::sync::Arc;
pub use std::sync::atomic::Ordering;

use crate::clock::{Clock, acquires, releases};
use crate::turns::{Failure, Lane, Object, Wants, below, hash, me, share, step, within};
use crate::words::words;

/// A number that threads share, in any width.
struct Number(usize);

impl Number {
    fn new(value: u64, is_flag: bool) -> Number {
        Number(share(Object::Number { value, is_flag, told: Clock::default() }))
    }

    #[track_caller]
    fn load(&self, order: Ordering) -> u64 {
        step(Wants::Nothing, Location::caller(), |state, lane| {
            let (value, told) = state.number(self.0);
            let (value, told) = (*value, told.clone());
            if acquires(order) {
                state.flows[lane].clock.join(&told);
            }
            let says = format!("reads {}: {}", state.name(self.0), state.shown(self.0, value));
            (says, value, value)
        })
    }

    #[track_caller]
    fn store(&self, new: u64, order: Ordering) {
        step(Wants::Nothing, Location::caller(), |state, lane| {
            let clock = state.flows[lane].clock.clone();
            let (value, told) = state.number(self.0);
            *value = new;
            *told = if releases(order) { clock } else { Clock::default() };
            state.changes += 1;
            let says =
                format!("writes {} into {}", state.shown(self.0, new), state.name(self.0));
            (says, 0, ())
        });
    }

    /// Reads and writes in one step. What was told before stays told.
    #[track_caller]
    fn change(&self, order: Ordering, new: impl FnOnce(u64) -> u64) -> u64 {
        step(Wants::Nothing, Location::caller(), |state, lane| {
            let old = *state.number(self.0).0;
            let new = new(old);
            let says = format!(
                "changes {} from {} to {}",
                state.name(self.0),
                state.shown(self.0, old),
                state.shown(self.0, new)
            );
            let known = state.number(self.0).1.clone();
            if acquires(order) {
                state.flows[lane].clock.join(&known);
            }
            let clock = state.flows[lane].clock.clone();
            let (value, told) = state.number(self.0);
            *value = new;
            if releases(order) {
                told.join(&clock);
            }
            state.changes += 1;
            (says, old, old)
        })
    }

    #[track_caller]
    fn exchange(
        &self,
        expected: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64> {
        step(Wants::Nothing, Location::caller(), |state, lane| {
            let old = *state.number(self.0).0;
            let is_it = old == expected;
            let order = if is_it { success } else { failure };
            let known = state.number(self.0).1.clone();
            if acquires(order) {
                state.flows[lane].clock.join(&known);
            }
            let name = state.name(self.0);
            let shown = |value| state.shown(self.0, value);
            let says = if is_it {
                format!("changes {name} from {} to {}", shown(old), shown(new))
            } else {
                format!("finds {name} {} and not {}", shown(old), shown(expected))
            };
            if is_it {
                let clock = state.flows[lane].clock.clone();
                let (value, told) = state.number(self.0);
                *value = new;
                if releases(order) {
                    told.join(&clock);
                }
                state.changes += 1;
            }
            (says, old, if is_it { Ok(old) } else { Err(old) })
        })
    }
}

macro_rules! atomic {
    ($name:ident, $of:ty) => {
        /// As the standard library's.
        pub struct $name(Number);

        impl $name {
            /// With a first value.
            pub fn new(value: $of) -> $name {
                $name(Number::new(value as u64, false))
            }

            /// Reads it.
            #[track_caller]
            pub fn load(&self, order: Ordering) -> $of {
                self.0.load(order) as $of
            }

            /// Writes it.
            #[track_caller]
            pub fn store(&self, value: $of, order: Ordering) {
                self.0.store(value as u64, order);
            }

            /// Writes it, and reads what was there.
            #[track_caller]
            pub fn swap(&self, value: $of, order: Ordering) -> $of {
                self.0.change(order, |_| value as u64) as $of
            }

            /// Adds to it.
            #[track_caller]
            pub fn fetch_add(&self, more: $of, order: Ordering) -> $of {
                self.0.change(order, |old| (old as $of).wrapping_add(more) as u64) as $of
            }

            /// Takes from it.
            #[track_caller]
            pub fn fetch_sub(&self, less: $of, order: Ordering) -> $of {
                self.0.change(order, |old| (old as $of).wrapping_sub(less) as u64) as $of
            }

            /// Writes it if it is as expected.
            ///
            /// # Errors
            /// With what is there instead.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                expected: $of,
                new: $of,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$of, $of> {
                let outcome = self.0.exchange(expected as u64, new as u64, success, failure);
                outcome.map(|old| old as $of).map_err(|old| old as $of)
            }

            /// Looks, and writes if nobody was there in between; else it looks again.
            ///
            /// # Errors
            /// With what is there, where `new` has nothing to write.
            #[track_caller]
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

            /// The same: here it never fails for no reason.
            ///
            /// # Errors
            /// With what is there instead.
            #[track_caller]
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

atomic!(AtomicU8, u8);
atomic!(AtomicU32, u32);
atomic!(AtomicU64, u64);
atomic!(AtomicUsize, usize);

/// As the standard library's.
pub struct AtomicBool(Number);

impl AtomicBool {
    /// With a first value.
    pub fn new(value: bool) -> AtomicBool {
        AtomicBool(Number::new(value.into(), true))
    }

    /// Reads it.
    #[track_caller]
    pub fn load(&self, order: Ordering) -> bool {
        self.0.load(order) != 0
    }

    /// Writes it.
    #[track_caller]
    pub fn store(&self, value: bool, order: Ordering) {
        self.0.store(value.into(), order);
    }

    /// Writes it, and reads what was there.
    #[track_caller]
    pub fn swap(&self, value: bool, order: Ordering) -> bool {
        self.0.change(order, |_| value.into()) != 0
    }

    /// Writes it if it is as expected.
    ///
    /// # Errors
    /// With what is there instead.
    #[track_caller]
    pub fn compare_exchange(
        &self,
        expected: bool,
        new: bool,
        success: Ordering,
        failure: Ordering,
    ) -> Result<bool, bool> {
        let outcome = self.0.exchange(expected.into(), new.into(), success, failure);
        outcome.map(|old| old != 0).map_err(|old| old != 0)
    }
}

/// A value that only those may reach who are ordered.
pub struct UnsafeCell<T> {
    id: usize,
    value: cell::UnsafeCell<T>,
}

impl<T> UnsafeCell<T> {
    /// With a first value.
    pub fn new(value: T) -> UnsafeCell<T> {
        let id = share(Object::Cell { last: Clock::default(), past: 0 });
        UnsafeCell { id, value: cell::UnsafeCell::new(value) }
    }

    /// Reaches the value in one step, and fails where nothing orders that after the last time.
    #[track_caller]
    pub fn with_mut<R>(&self, access: impl FnOnce(*mut T) -> R) -> R {
        step(Wants::Nothing, Location::caller(), |state, lane| {
            let name = state.name(self.id);
            let clock = state.flows[lane].clock.clone();
            let lane_past = state.flows[lane].past;
            let Object::Cell { last, past } = &mut state.objects[self.id] else {
                unreachable!("a cell")
            };
            let told = *past;
            *past = hash((*past, lane, lane_past));
            if !last.is_known_to(&clock) {
                state.failure.get_or_insert(Failure::Unordered(name));
            } else {
                *last = clock;
            }
            (format!("reaches {name}"), told, ())
        });
        access(self.value.get())
    }
}

/// As the standard library's, and never poisoned.
pub struct Mutex<T> {
    id: usize,
    value: sync::Mutex<T>,
}

/// Has the lock.
pub struct MutexGuard<'a, T> {
    lock: &'a Mutex<T>,
    value: Option<sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    /// A lock that is free.
    pub fn new(value: T) -> Mutex<T> {
        let words = words(&value, |_| "somebody");
        let lock = Object::Lock { holder: None, told: Clock::default(), past: 0, words };
        Mutex { id: share(lock), value: sync::Mutex::new(value) }
    }

    /// Waits for it.
    ///
    /// # Errors
    /// Never.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        step(Wants::Free(self.id), Location::caller(), |state, lane| {
            let told = state.take(self.id, lane);
            (format!("locks {}", state.name(self.id)), told, ())
        });
        Ok(MutexGuard { lock: self, value: Some(self.inside()) })
    }

    fn inside(&self) -> sync::MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("it is there until it is dropped")
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("it is there until it is dropped")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if let Some(value) = self.value.take() {
            within(|state, lane| {
                state.let_go(self.lock.id, lane, &*value);
                format!(", unlocks {}", state.name(self.lock.id))
            });
        }
    }
}

/// As the standard library's, and nobody wakes for no reason.
pub struct Condvar(usize);

impl Condvar {
    /// Where nobody sleeps yet.
    pub fn new() -> Condvar {
        Condvar(share(Object::Bell { asleep: VecDeque::new() }))
    }

    /// Sleeps until somebody rings.
    ///
    /// # Errors
    /// Never.
    #[track_caller]
    pub fn wait<'a, T>(&self, mut guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let (at, lock) = (Location::caller(), guard.lock);
        step(Wants::Nothing, at, |state, lane| {
            if let Some(value) = guard.value.take() {
                state.let_go(lock.id, lane, &*value);
            }
            state.flows[lane].is_woken = false;
            let Object::Bell { asleep } = &mut state.objects[self.0] else {
                unreachable!("a bell")
            };
            asleep.push_back(lane);
            (format!("unlocks {} and sleeps", state.name(lock.id)), 0, ())
        });
        drop(guard);
        step(Wants::Woken(lock.id), at, |state, lane| {
            let told = state.take(lock.id, lane);
            state.flows[lane].is_woken = false;
            (format!("wakes and locks {}", state.name(lock.id)), told, ())
        });
        Ok(MutexGuard { lock, value: Some(lock.inside()) })
    }

    /// Wakes who has slept longest.
    #[track_caller]
    pub fn notify_one(&self) {
        self.rings(1, Location::caller());
    }

    /// Wakes all who sleep.
    #[track_caller]
    pub fn notify_all(&self) {
        self.rings(usize::MAX, Location::caller());
    }

    fn rings(&self, most: usize, at: &'static Location<'static>) {
        step(Wants::Nothing, at, |state, _| {
            let Object::Bell { asleep } = &mut state.objects[self.0] else {
                unreachable!("a bell")
            };
            let woken: Vec<Lane> = asleep.drain(..most.min(asleep.len())).collect();
            woken.iter().for_each(|&lane| state.flows[lane].is_woken = true);
            state.changes += 1;
            let names: Vec<_> = woken.iter().map(|&lane| state.lane(lane)).collect();
            let who = if names.is_empty() { "nobody".into() } else { names.join(", ") };
            (format!("rings, and wakes {who}"), 0, ())
        });
    }
}

impl Default for Condvar {
    fn default() -> Condvar {
        Condvar::new()
    }
}

/// A thread, to be woken by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread(Lane);

impl Thread {
    /// Tells it from others.
    pub fn id(&self) -> Lane {
        self.0
    }

    /// Wakes it, now or when it goes to sleep.
    #[track_caller]
    pub fn unpark(&self) {
        step(Wants::Nothing, below(Location::caller()), |state, lane| {
            let clock = state.flows[lane].clock.clone();
            state.flows[self.0].token.get_or_insert_default().join(&clock);
            state.changes += 1;
            (format!("wakes {}", state.lane(self.0)), 0, ())
        });
    }
}

/// This thread.
pub fn current() -> Thread {
    Thread(me())
}

/// Sleeps until somebody wakes this thread.
#[track_caller]
pub fn park() {
    step(Wants::Token, Location::caller(), |state, lane| {
        let told = state.flows[lane].token.take().unwrap_or_default();
        state.flows[lane].clock.join(&told);
        ("was woken, and goes on".into(), 0, ())
    });
}

/// It has looked in vain: it need not look again before something is different.
pub fn spin_loop() {
    within(|state, lane| {
        state.flows[lane].looked = Some(state.changes);
        String::new()
    });
}

/// The same.
pub fn yield_now() {
    spin_loop();
}
