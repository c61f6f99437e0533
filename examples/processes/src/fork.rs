//! `fork(2)`: a second process that begins where the first one stands.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// A forked child. Dropped before it was waited for, it is killed, so that
/// nothing is left behind.
#[derive(Debug)]
pub struct Forked {
    pid: libc::pid_t,
    reaped: bool,
}

/// Forks, and runs `child` in the new process, which then ends.
///
/// # Errors
/// When the kernel refuses another process.
///
/// # Safety
/// Only the calling thread exists in the child. If the parent has others, they
/// may hold a lock at this moment, and nobody is left to let go of it: `child`
/// may then call only what POSIX lists as safe in signal handlers. It must not
/// allocate, print or lock.
pub unsafe fn fork(child: impl FnOnce()) -> io::Result<Forked> {
    // SAFETY: the caller keeps to what is said above.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            let end = End; // a panic must not unwind into the parent's code
            child();
            drop(end);
            unreachable!("the process has ended")
        }
        pid => Ok(Forked { pid, reaped: false }),
    }
}

/// Ends the process when it goes out of scope, with nothing flushed and nothing
/// dropped: buffers and destructors are the parent's as well.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        let code = if std::thread::panicking() { 101 } else { 0 };
        // SAFETY: `_exit` has no preconditions.
        unsafe { libc::_exit(code) }
    }
}

impl Forked {
    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.pid as u32
    }

    /// Waits until the child has ended, and takes its status off the kernel's
    /// books.
    ///
    /// # Errors
    /// When somebody else has waited for it.
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        self.reap()
    }

    /// Kills the child, and tells how it ended: if it had ended before, how it
    /// did then.
    ///
    /// # Errors
    /// When somebody else has waited for it.
    pub fn kill(mut self) -> io::Result<ExitStatus> {
        // SAFETY: `kill` only takes numbers, and the id is still ours, as
        // nobody has waited for it.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        self.reap()
    }

    fn reap(&mut self) -> io::Result<ExitStatus> {
        let mut status = 0;
        // SAFETY: the pointer is to a live integer.
        while unsafe { libc::waitpid(self.pid, &mut status, 0) } < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        self.reaped = true;
        Ok(ExitStatus::from_raw(status))
    }
}

impl Drop for Forked {
    fn drop(&mut self) {
        if !self.reaped {
            // SAFETY: `kill` only takes numbers, and the id is still ours, as
            // nobody has waited for it.
            unsafe { libc::kill(self.pid, libc::SIGKILL) };
            let _ = self.reap();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write, pipe};

    #[test]
    fn a_forked_child_begins_with_our_memory_and_keeps_its_changes() {
        let mut number = 41;
        let (mut from, mut to) = pipe().unwrap();
        // SAFETY: an addition and a write, both allowed after a fork.
        let child = unsafe {
            fork(|| {
                number += 1;
                let _ = to.write_all(&[number]);
            })
        };
        drop(to);
        let mut said = Vec::new();
        from.read_to_end(&mut said).unwrap();
        assert!(child.unwrap().wait().unwrap().success());
        assert_eq!((said, number), (vec![42], 41));
    }

    #[test]
    fn a_child_that_had_ended_is_told_from_one_that_was_killed() {
        let (mut from, to) = pipe().unwrap();
        // SAFETY: the child does nothing.
        let child = unsafe { fork(|| {}) }.unwrap();
        drop(to);
        from.read_to_end(&mut Vec::new()).unwrap();
        // Its end of the pipe is closed a little before it has ended.
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert!(child.kill().unwrap().success());
        // SAFETY: the child does nothing but wait.
        let child = unsafe {
            fork(|| {
                libc::pause();
            })
        };
        assert!(!child.unwrap().kill().unwrap().success());
    }

    #[test]
    fn a_dropped_child_is_killed_and_reaped() {
        // SAFETY: the child does nothing but wait.
        let child = unsafe {
            fork(|| {
                libc::pause();
            })
        };
        let pid = child.as_ref().unwrap().id() as i32;
        drop(child);
        // SAFETY: signal 0 only asks whether the process is there.
        assert_eq!(unsafe { libc::kill(pid, 0) }, -1);
    }
}
