//! A deadlock, or a lock that is wanted by many? Each look has, for each
//! thread, whether its stack ends in a lock, and how often it has switched.
//! This one decides by a single look.

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
pub fn is_deadlock(first: &[Thread], _second: &[Thread]) -> bool {
    first.iter().filter(|thread| thread.is_in_a_lock).count() >= 2
}
