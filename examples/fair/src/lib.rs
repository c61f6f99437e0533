//! What the page on fair turns shares: locks that take turns, a ticket lock of
//! our own, and two locks of the C library.

pub mod lock;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub mod pthread;
pub mod realtime;
mod sync;
pub mod ticket;
pub mod turns;

/// Keeps the core busy for so long.
pub fn spin(ns: u64) {
    let until = lab::timeline::now_ns() + ns;
    while lab::timeline::now_ns() < until {
        std::hint::spin_loop();
    }
}
