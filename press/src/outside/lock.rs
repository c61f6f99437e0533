//! What only one process may do at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;

use anyhow::{Context, Result};

/// Held by one process; it goes with the process, however that ends.
#[derive(Debug)]
pub struct Lock {
    /// Absent where files cannot be locked, as on some network drives.
    _file: Option<File>,
}

impl Lock {
    /// Takes the lock that is the file `path`; `None` while another has it.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn take(path: &Path) -> Result<Option<Lock>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: Some(file) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(_)) => Ok(Some(Lock { _file: None })),
        }
    }

    /// Takes the lock that is the file `path`, and calls `waiting` before it waits for another
    /// to give it back.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn wait(path: &Path, waiting: impl FnOnce()) -> Result<Lock> {
        if let Some(lock) = Lock::take(path)? {
            return Ok(lock);
        }
        waiting();
        let file = open(path)?;
        let is_locked = file.lock().is_ok();
        Ok(Lock { _file: is_locked.then_some(file) })
    }
}

fn open(path: &Path) -> Result<File> {
    let open = || {
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        OpenOptions::new().create(true).append(true).open(path)
    };
    open().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_had_by_one_and_then_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/one.lock");
        let first = Lock::take(&path).unwrap().expect("it is free");
        assert!(Lock::take(&path).unwrap().is_none());
        let mut waits = false;
        drop(first);
        let second = Lock::wait(&path, || waits = true).unwrap();
        assert!(!waits && Lock::take(&path).unwrap().is_none());
        drop(second);
        assert!(Lock::take(&path).unwrap().is_some());
    }
}
