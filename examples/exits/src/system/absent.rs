//! Not written for this platform.

use std::process::{Command, exit};

use super::{Process, Tell};

/// Whether we got process numbers of our own for what we start.
pub fn be_first() -> bool {
    false
}

/// Whether orphans below us become our children.
pub fn adopt_orphans() -> bool {
    false
}

/// Whether the kernel kills us when who started us has ended.
pub fn die_with_parent() -> bool {
    false
}

/// Whether we lead a session, and so a process group, of our own.
pub fn lead_session() -> bool {
    false
}

/// Has the command begin a process group of its own.
pub fn in_own_group(command: &mut Command) -> &mut Command {
    command
}

/// Whether children are no zombies when they end, and tell nothing.
pub fn alone() -> bool {
    false
}

/// Takes leave of all children that have ended.
pub fn every_child() -> usize {
    0
}

/// Takes leave of one, when it has ended.
pub fn reap(_pid: u32) {}

/// Lets SIGINT end us, whatever who started us has wished.
pub fn heed_interrupt() {}

/// Ends with nothing done before it.
pub fn end_now(code: i32) -> ! {
    exit(code)
}

/// Whether C's `exit` calls the function.
pub fn with_c_handler(_handler: extern "C" fn()) -> bool {
    false
}

/// Our own number.
pub fn our_pid() -> u32 {
    std::process::id()
}

/// Our parent's number.
pub fn parent() -> u32 {
    0
}

/// Whether it is there, and no zombie.
pub fn lives(_pid: u32) -> bool {
    false
}

/// The children of a process.
pub fn children(_pid: u32) -> Vec<Process> {
    Vec::new()
}

/// Whether the signal could be sent.
pub fn tell(_pid: u32, _tell: Tell) -> bool {
    false
}

/// Whether the signal could be sent to the group that `leader` began.
pub fn tell_group(_leader: u32, _tell: Tell) -> bool {
    false
}

/// So many processes at most.
pub struct Limited;

impl Limited {
    /// `None`: it cannot be had.
    pub fn to(_most: usize) -> Option<Limited> {
        None
    }
}
