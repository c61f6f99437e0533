//! Memory that several processes see.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, Ordering};

/// What may lie in shared memory.
///
/// # Safety
/// All zero bytes must be a value of the type, it must hold no pointer and need
/// no drop, and every change through a shared reference must be atomic or under
/// a lock that works across processes.
pub unsafe trait ForAll: Sync {}

/// A `T` that every process has which maps the same file.
#[derive(Debug)]
pub struct Shared<T: ForAll> {
    at: NonNull<T>,
    file: File,
    path: PathBuf,
    ours: bool,
}

// SAFETY: `T` is `Sync`, and the mapping belongs to the process, not to a
// thread.
unsafe impl<T: ForAll> Send for Shared<T> {}
// SAFETY: as above; a shared `Shared` gives out nothing but `&T`.
unsafe impl<T: ForAll> Sync for Shared<T> {}

impl<T: ForAll> Shared<T> {
    /// A new one, all zero, under a name of its own.
    ///
    /// # Errors
    /// When the system has no room for it.
    pub fn create() -> io::Result<Shared<T>> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("taking-turns-{}-{number}", std::process::id());
        let path = folder().join(name);
        let options = &mut OpenOptions::new();
        let file =
            options.read(true).write(true).create_new(true).open(&path)?;
        file.set_len(size_of::<T>() as u64)?;
        Shared::map(file, path, true)
    }

    /// The one that another process created.
    ///
    /// # Errors
    /// When there is none at `path`, or none of this size.
    pub fn open(path: &Path) -> io::Result<Shared<T>> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        // Touching what lies beyond the end of the file would be a SIGBUS.
        if file.metadata()?.len() != size_of::<T>() as u64 {
            return Err(io::Error::other("shared memory of another size"));
        }
        Shared::map(file, path.to_owned(), false)
    }

    fn map(file: File, path: PathBuf, ours: bool) -> io::Result<Shared<T>> {
        // SAFETY: a new mapping at an address of the kernel's choice touches
        // nothing that is there. It is as long as the file.
        let at = unsafe {
            libc::mmap(
                ptr::null_mut(),
                size_of::<T>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED, // what one writes, all see
                file.as_raw_fd(),
                0,
            )
        };
        match NonNull::new(at.cast::<T>()) {
            Some(at) if at.as_ptr().cast() != libc::MAP_FAILED => {
                Ok(Shared { at, file, path, ours })
            }
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// The file, which can be locked as well.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Where another process finds it.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl<T: ForAll> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: mapped until we are dropped, page-aligned, and a valid `T`
        // from the first, all-zero byte on (see `ForAll`).
        unsafe { self.at.as_ref() }
    }
}

impl<T: ForAll> Drop for Shared<T> {
    fn drop(&mut self) {
        // SAFETY: this is the mapping we made, and nobody can still borrow from
        // it.
        unsafe { libc::munmap(self.at.as_ptr().cast(), size_of::<T>()) };
        if self.ours {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A file system that lies in memory, where there is one. POSIX's `shm_open`
/// puts its files there, too.
fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.into() } else { std::env::temp_dir() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fork::fork;

    // SAFETY: an atomic number; 0 is one.
    unsafe impl ForAll for AtomicU32 {}

    #[test]
    fn what_a_child_writes_the_parent_sees_and_the_file_goes_with_it() {
        let ours: Shared<AtomicU32> = Shared::create().unwrap();
        let theirs: Shared<AtomicU32> = Shared::open(ours.path()).unwrap();
        // SAFETY: the child changes an atomic number.
        let child = unsafe { fork(|| theirs.store(42, Ordering::Relaxed)) };
        child.unwrap().wait().unwrap();
        assert_eq!(ours.load(Ordering::Relaxed), 42);
        let path = ours.path().to_owned();
        drop(ours);
        assert!(!path.exists());
    }

    #[test]
    fn memory_of_another_size_is_refused() {
        struct Two([AtomicU32; 2]);
        // SAFETY: two atomic numbers.
        unsafe impl ForAll for Two {}
        let two: Shared<Two> = Shared::create().unwrap();
        assert_eq!(two.0[1].load(Ordering::Relaxed), 0);
        assert!(Shared::<AtomicU32>::open(two.path()).is_err());
    }
}
