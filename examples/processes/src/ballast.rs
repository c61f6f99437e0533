//! Memory that is in use, in pages of a chosen size.

use std::ptr::{self, NonNull};

/// What size of pages to ask for. Only Linux lets us choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// The usual ones.
    Small,
    /// Some hundred times larger, if the kernel has any.
    Huge,
}

/// So many bytes of memory, all of it written to.
#[derive(Debug)]
pub struct Ballast {
    at: NonNull<u8>,
    length: usize,
}

/// No page is smaller than this.
const PAGE: usize = 4096;

impl Ballast {
    /// # Panics
    /// When there is not so much memory.
    pub fn of(length: usize, pages: Pages) -> Ballast {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
        // SAFETY: a new mapping at an address of the kernel's choice touches
        // nothing that is there.
        let at = unsafe {
            libc::mmap(ptr::null_mut(), length, protection, flags, -1, 0)
        };
        assert_ne!(at, libc::MAP_FAILED, "not so much memory");
        #[cfg(target_os = "linux")]
        {
            let advice = match pages {
                Pages::Small => libc::MADV_NOHUGEPAGE,
                Pages::Huge => libc::MADV_HUGEPAGE,
            };
            // SAFETY: about the mapping we made. It is advice: a kernel without
            // huge pages refuses it, and nothing else happens.
            unsafe { libc::madvise(at, length, advice) };
        }
        let _ = pages;
        let at = NonNull::new(at.cast()).expect("not at address 0");
        let mut ballast = Ballast { at, length };
        ballast.write(1);
        ballast
    }

    /// Writes to every page.
    pub fn write(&mut self, value: u8) {
        for offset in (0..self.length).step_by(PAGE) {
            // SAFETY: inside the mapping, which nobody else has.
            unsafe { self.at.add(offset).write_volatile(value) };
        }
    }

    /// Reads every page; the sum of what is there.
    pub fn read(&self) -> usize {
        (0..self.length)
            .step_by(PAGE)
            // SAFETY: inside the mapping, and the kernel filled it with zeroes.
            .map(|offset| unsafe { self.at.add(offset).read_volatile() }
                as usize)
            .sum()
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        // SAFETY: this is the mapping we made.
        unsafe { libc::munmap(self.at.as_ptr().cast(), self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_there_and_holds_what_was_written() {
        let mut ballast = Ballast::of(10 * PAGE, Pages::Small);
        assert_eq!(ballast.read(), 10);
        ballast.write(3);
        assert_eq!(ballast.read(), 30);
    }
}
