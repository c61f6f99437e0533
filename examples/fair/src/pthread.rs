//! Two locks of the C library, which have what the standard library's do not: a
//! mutex that lends priority, and a choice of who goes first.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;

/// A mutex of the C library, which may not move once it is in use.
pub struct Mutex(Box<UnsafeCell<libc::pthread_mutex_t>>);

// SAFETY: the C library's locks are made to be called by any thread.
unsafe impl Send for Mutex {}
// SAFETY: as above.
unsafe impl Sync for Mutex {}

impl Mutex {
    /// As it comes.
    pub fn plain() -> Mutex {
        Mutex::with_protocol(libc::PTHREAD_PRIO_NONE)
    }

    // ANCHOR: lends
    /// Whoever holds it has the priority of whoever waits for it.
    pub fn lends() -> Mutex {
        Mutex::with_protocol(libc::PTHREAD_PRIO_INHERIT)
    }

    fn with_protocol(protocol: libc::c_int) -> Mutex {
        let mutex = Box::new(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER));
        let mut how = MaybeUninit::uninit();
        // SAFETY: `how` is made before it is used and not used after it is
        // destroyed; the mutex lies in a box, and nobody has it yet.
        unsafe {
            done(libc::pthread_mutexattr_init(how.as_mut_ptr()));
            done(libc::pthread_mutexattr_setprotocol(
                how.as_mut_ptr(),
                protocol,
            ));
            done(libc::pthread_mutex_init(mutex.get(), how.as_ptr()));
            done(libc::pthread_mutexattr_destroy(how.as_mut_ptr()));
        }
        Mutex(mutex)
    }
    // ANCHOR_END: lends

    /// Runs `work` when nobody else does. If `work` panics, the lock stays
    /// taken for good.
    pub fn with<R>(&self, work: impl FnOnce() -> R) -> R {
        // SAFETY: the mutex was made by `with_protocol`.
        done(unsafe { libc::pthread_mutex_lock(self.0.get()) });
        let answer = work();
        // SAFETY: this thread has it.
        done(unsafe { libc::pthread_mutex_unlock(self.0.get()) });
        answer
    }
}

/// A lock for readers and writers, which may not move once it is in use.
pub struct RwLock(Box<UnsafeCell<libc::pthread_rwlock_t>>);

// SAFETY: the C library's locks are made to be called by any thread.
unsafe impl Send for RwLock {}
// SAFETY: as above.
unsafe impl Sync for RwLock {}

/// `PTHREAD_RWLOCK_PREFER_READER_NP` of glibc's pthread.h.
const READERS: libc::c_int = 0;
/// `PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP`.
const WRITERS: libc::c_int = 2;

impl RwLock {
    /// Readers go in as long as there are readers inside, as is the default.
    pub fn readers_first() -> RwLock {
        RwLock::of_kind(READERS)
    }

    /// Readers wait while a writer does.
    pub fn writers_first() -> RwLock {
        RwLock::of_kind(WRITERS)
    }

    fn of_kind(kind: libc::c_int) -> RwLock {
        let lock = Box::new(UnsafeCell::new(libc::PTHREAD_RWLOCK_INITIALIZER));
        let mut how = MaybeUninit::uninit();
        // SAFETY: `how` is made before it is used and not used after it is
        // destroyed; the lock lies in a box, and nobody has it yet.
        unsafe {
            done(libc::pthread_rwlockattr_init(how.as_mut_ptr()));
            done(libc::pthread_rwlockattr_setkind_np(how.as_mut_ptr(), kind));
            done(libc::pthread_rwlock_init(lock.get(), how.as_ptr()));
            done(libc::pthread_rwlockattr_destroy(how.as_mut_ptr()));
        }
        RwLock(lock)
    }

    /// Runs `work` when no writer is inside.
    pub fn read<R>(&self, work: impl FnOnce() -> R) -> R {
        // SAFETY: the lock was made by `of_kind`.
        done(unsafe { libc::pthread_rwlock_rdlock(self.0.get()) });
        self.then_unlock(work)
    }

    /// Runs `work` when nobody is inside.
    pub fn write<R>(&self, work: impl FnOnce() -> R) -> R {
        // SAFETY: the lock was made by `of_kind`.
        done(unsafe { libc::pthread_rwlock_wrlock(self.0.get()) });
        self.then_unlock(work)
    }

    fn then_unlock<R>(&self, work: impl FnOnce() -> R) -> R {
        let answer = work();
        // SAFETY: this thread has it.
        done(unsafe { libc::pthread_rwlock_unlock(self.0.get()) });
        answer
    }
}

fn done(status: libc::c_int) {
    assert_eq!(status, 0, "the C library refuses");
}
