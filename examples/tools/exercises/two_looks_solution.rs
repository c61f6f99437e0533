//! Who waits in a convoy has switched by the second look. Who is stuck has not.

/// A thread, as it was seen.
#[derive(Clone, Copy)]
pub struct Thread {
    /// Whether `lock_contended` is on its stack.
    pub is_in_a_lock: bool,
    /// Its voluntary switches so far.
    pub switches: u64,
}

/// Whether two threads at least are stuck in a lock for good, as far as two
/// looks can tell. The threads come in the same order.
pub fn is_deadlock(first: &[Thread], second: &[Thread]) -> bool {
    let is_stuck = |(then, now): &(&Thread, &Thread)| {
        then.is_in_a_lock && now.is_in_a_lock && then.switches == now.switches
    };
    first.iter().zip(second).filter(is_stuck).count() >= 2
}
