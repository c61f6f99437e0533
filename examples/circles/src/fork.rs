//! `fork(2)` without `exec`: a child that goes on with its parent's memory.

use std::io;

use crate::watch::Watched;

/// Whatever becomes of a child, the kernel ends it after this many seconds.
const ALARM_S: u32 = 30;

/// A forked child. Dropped before it has ended, it is killed.
#[derive(Debug)]
pub struct Forked {
    pid: libc::pid_t,
    reaped: bool,
}

/// Forks, and runs `child` in the new process, which then ends.
///
/// # Panics
/// When the kernel refuses another process.
///
/// # Safety
/// If the parent has other threads, the child may call only what POSIX lists as
/// safe in signal handlers: a lock, as that of the allocator, may be held by a
/// thread that is not there. And `child` must not panic.
pub unsafe fn fork(child: impl FnOnce()) -> Forked {
    // SAFETY: the caller keeps to what is said above.
    match unsafe { libc::fork() } {
        -1 => panic!("no further process: {}", io::Error::last_os_error()),
        0 => {
            // SAFETY: both are on the list.
            unsafe { libc::alarm(ALARM_S) };
            child();
            // SAFETY: nothing is flushed and nothing dropped, since buffers
            // and destructors are the parent's as well.
            unsafe { libc::_exit(0) }
        }
        pid => Forked { pid, reaped: false },
    }
}

impl Watched for Forked {
    fn pid(&self) -> u32 {
        self.pid as u32
    }

    fn has_ended(&mut self) -> bool {
        // SAFETY: where to put a status may be left out.
        let asked = unsafe {
            libc::waitpid(self.pid, std::ptr::null_mut(), libc::WNOHANG)
        };
        self.reaped = asked == self.pid;
        self.reaped
    }

    fn end(&mut self) {
        // SAFETY: both take numbers, and a place for a status that may be left
        // out. Nobody has waited for it, so the id is still ours.
        unsafe {
            libc::kill(self.pid, libc::SIGKILL);
            libc::waitpid(self.pid, std::ptr::null_mut(), 0);
        }
        self.reaped = true;
    }
}

impl Drop for Forked {
    fn drop(&mut self) {
        if !self.reaped {
            self.end();
        }
    }
}
