//! Exercise 2: two owners, each with a page to write on. Who lets go last reads
//! both. Does the last one see what the other wrote?

use std::sync::atomic::Ordering::Relaxed;

use super::sync::{AtomicUsize, UnsafeCell};

/// A notebook of two pages, and how many still own it.
pub struct Notebook {
    owners: AtomicUsize,
    pages: [UnsafeCell<u64>; 2],
}

// SAFETY: a page is written by its owner, before letting go, and read by the
// last owner, after everybody let go. Or so it says.
unsafe impl Sync for Notebook {}

impl Notebook {
    /// Two empty pages, two owners.
    pub fn new() -> Notebook {
        let pages = [UnsafeCell::new(0), UnsafeCell::new(0)];
        Notebook { owners: AtomicUsize::new(2), pages }
    }

    /// Writes on page `me`, which is 0 or 1, and lets go. The last owner gets
    /// the sum of both pages. To be called once by each.
    pub fn write(&self, me: usize, number: u64) -> Option<u64> {
        // SAFETY: the page is ours until we let go.
        self.pages[me].with_mut(|page| unsafe { *page = number });
        if self.owners.fetch_sub(1, Relaxed) > 1 {
            return None;
        }
        let read = |page: &UnsafeCell<u64>| {
            // SAFETY: nobody owns it any more.
            page.with_mut(|page| unsafe { *page })
        };
        Some(self.pages.iter().map(read).sum())
    }
}
