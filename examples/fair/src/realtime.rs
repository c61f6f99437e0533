//! Real-time priorities, where the kernel has them and lets us.

/// Gives the calling thread this real-time priority: it runs until it waits, or
/// until one of a higher priority wants the core. `false` where that cannot be
/// had.
#[cfg(target_os = "linux")]
pub fn fifo(priority: i32) -> bool {
    let wanted = libc::sched_param { sched_priority: priority };
    // SAFETY: the pointer is to a live `sched_param`; 0 is the calling thread.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &wanted) == 0 }
}

/// Not written for this platform.
#[cfg(not(target_os = "linux"))]
pub fn fifo(_priority: i32) -> bool {
    false
}

/// Whether this process may. Tried by a thread that ends at once.
pub fn allowed() -> bool {
    std::thread::spawn(|| fifo(1)).join().unwrap_or(false)
}
