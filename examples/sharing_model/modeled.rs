// The files of examples/sharing, compiled against the model checker's atomics,
// cells and threads in place of the standard library's. Only `sync` is new.

#[path = "../sharing/src/broken_check.rs"]
pub mod broken_check;
#[path = "../sharing/src/broken_order.rs"]
pub mod broken_order;
#[path = "../sharing/src/queue.rs"]
pub mod queue;
#[path = "../sharing/src/ring.rs"]
pub mod ring;
#[path = "../sharing/src/spin.rs"]
pub mod spin;

pub mod sync {
    pub use loom::cell::UnsafeCell;
    pub use loom::hint::spin_loop;
    pub use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};
    pub use loom::sync::{Arc, Condvar, Mutex};
    pub use loom::thread::{Thread, current, park, yield_now};
}

#[path = "modeled_asleep.rs"]
pub mod asleep;
