// Two locks that have a spin lock inside. That one is checked by itself; a lock
// that sleeps stands for it here, or the checker would have to follow threads
// that spin in every order there is.

use loom::sync::Mutex;

#[path = "../sharing/src/broken_wake.rs"]
pub mod broken_wake;
#[path = "../sharing/src/park.rs"]
pub mod park;

pub use super::sync;

pub mod spin {
    pub struct SpinLock<T>(super::Mutex<T>);

    impl<T> SpinLock<T> {
        pub fn new(value: T) -> SpinLock<T> {
            SpinLock(super::Mutex::new(value))
        }

        pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
            work(&mut self.0.lock().unwrap())
        }
    }
}
