//! A mutex and a semaphore of POSIX's that work across processes.

use std::cell::UnsafeCell;
use std::io;

/// `pthread_mutex_t` must be set up before its first use.
#[repr(transparent)]
pub(crate) struct Mutex(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: pthread functions may be called from any thread, and after `set_up`
// from any process.
unsafe impl Sync for Mutex {}

impl Mutex {
    /// Makes it one for all processes, and *robust*: when its holder dies, the
    /// next one is told. To be called once, before anybody else can see it.
    pub(crate) fn set_up(&self) {
        // SAFETY: plain data, which pthread_mutexattr_init fills.
        let mut as_we_want: libc::pthread_mutexattr_t =
            unsafe { std::mem::zeroed() };
        let attribute = &mut as_we_want;
        // SAFETY: the attribute is live, is initialized first and destroyed
        // last; nobody uses the mutex yet.
        unsafe {
            ok(libc::pthread_mutexattr_init(attribute));
            ok(libc::pthread_mutexattr_setpshared(
                attribute,
                libc::PTHREAD_PROCESS_SHARED,
            ));
            ok(libc::pthread_mutexattr_setrobust(
                attribute,
                libc::PTHREAD_MUTEX_ROBUST,
            ));
            ok(libc::pthread_mutex_init(self.0.get(), attribute));
            ok(libc::pthread_mutexattr_destroy(attribute));
        }
    }

    pub(crate) fn lock(&self) {
        // SAFETY: it was set up by the one who made the board.
        let result = unsafe { libc::pthread_mutex_lock(self.0.get()) };
        if result == libc::EOWNERDEAD {
            // We have it, and what it protects may be half changed. Whoever
            // has mended that says so; we only report it.
            println!("told");
            // SAFETY: we hold it, and its last holder died.
            ok(unsafe { libc::pthread_mutex_consistent(self.0.get()) });
        } else {
            ok(result);
        }
    }

    pub(crate) fn unlock(&self) {
        // SAFETY: set up, and called by its holder only.
        ok(unsafe { libc::pthread_mutex_unlock(self.0.get()) });
    }
}

/// `sem_t` must be set up before its first use.
#[repr(transparent)]
pub(crate) struct Semaphore(UnsafeCell<libc::sem_t>);

// SAFETY: a semaphore may be used from any thread, and after `set_up` from any
// process.
unsafe impl Sync for Semaphore {}

impl Semaphore {
    /// For all processes, with room for one. To be called once, before anybody
    /// else can see it.
    pub(crate) fn set_up(&self) {
        let for_processes = 1;
        // SAFETY: it lies in memory that is mapped as long as we exist.
        let result = unsafe { libc::sem_init(self.0.get(), for_processes, 1) };
        assert_eq!(result, 0, "{}", io::Error::last_os_error());
    }

    pub(crate) fn wait(&self) {
        // SAFETY: set up; it fails only when a signal interrupts it.
        while unsafe { libc::sem_wait(self.0.get()) } != 0 {}
    }

    pub(crate) fn post(&self) {
        // SAFETY: set up.
        unsafe { libc::sem_post(self.0.get()) };
    }
}

fn ok(result: i32) {
    assert_eq!(result, 0, "{}", io::Error::from_raw_os_error(result));
}
