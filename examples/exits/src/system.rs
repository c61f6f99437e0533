//! What the programs ask of the system about processes. Where it is not Linux,
//! the answer is that it cannot be had.

#[cfg(not(target_os = "linux"))]
#[path = "system/absent.rs"]
mod here;
#[cfg(target_os = "linux")]
#[path = "system/linux.rs"]
mod here;

use std::thread::sleep;
use std::time::{Duration, Instant};

pub use here::{
    Limited, adopt_orphans, alone, be_first, children, die_with_parent,
    end_now, every_child, heed_interrupt, in_own_group, lead_session, lives,
    our_pid, parent, reap, tell, tell_group, with_c_handler,
};

/// Another process, as the kernel has it on its books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number, as our own `/proc` has it.
    pub pid: u32,
    /// It has ended, and nobody has asked how.
    pub is_zombie: bool,
}

/// A signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// SIGTERM: please end.
    Terminate,
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGKILL: nobody is asked.
    Kill,
}

/// Asks until it is so, or `patience` is over. Whether it became so.
pub fn until(patience: Duration, is_so: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < patience {
        if is_so() {
            return true;
        }
        sleep(Duration::from_millis(1));
    }
    is_so()
}

/// Ends every child of ours, those that we have adopted too, and the children
/// that come to us when they end.
pub fn end_all_children() {
    loop {
        let left = children(our_pid());
        if left.is_empty() {
            return;
        }
        for process in left {
            tell(process.pid, Tell::Kill);
            reap(process.pid);
        }
    }
}
