//! Memory for the browser's build. The usual allocator would be a tenth of what a page fetches,
//! and what is asked here is soon forgotten: so pieces are taken one behind the other, and when
//! none is left the next begins where the first one did.

use core::arch::wasm32::{memory_grow, memory_size};
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr;

#[global_allocator]
static ARENA: Arena = Arena { first: Cell::new(0), next: Cell::new(0), live: Cell::new(0) };

const PAGE_BYTES: usize = 64 << 10;

struct Arena {
    /// Behind everything else in memory.
    first: Cell<usize>,
    /// Behind the last piece.
    next: Cell<usize>,
    /// How many pieces are there.
    live: Cell<usize>,
}

// SAFETY: This build has one thread.
unsafe impl Sync for Arena {}

// SAFETY: A piece begins behind all that are live, as aligned as was asked for, and ends within
// memory that was grown for this and that nobody else was given.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut end = memory_size(0) * PAGE_BYTES;
        if self.first.get() == 0 {
            self.first.set(end);
        }
        let behind = if self.live.get() == 0 { self.first.get() } else { self.next.get() };
        let at = behind.next_multiple_of(layout.align());
        let next = at + layout.size();
        while next > end {
            if memory_grow(0, 1) == usize::MAX {
                return ptr::null_mut();
            }
            end += PAGE_BYTES;
        }
        self.next.set(next);
        self.live.set(self.live.get() + 1);
        at as *mut u8
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        self.live.set(self.live.get() - 1);
        // The last one leaves its room to the next.
        if piece as usize + layout.size() == self.next.get() {
            self.next.set(piece as usize);
        }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let at = piece as usize;
        // The last one grows where it is, if there is room.
        if at + layout.size() == self.next.get() && at + size <= memory_size(0) * PAGE_BYTES {
            self.next.set(at + size);
            return piece;
        }
        // SAFETY: The caller says that the alignment is one, and that the size fits with it.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: Both pieces are there, apart from each other, and as long as what is copied.
        unsafe {
            let new = self.alloc(wanted);
            if !new.is_null() {
                ptr::copy_nonoverlapping(piece, new, layout.size().min(size));
                self.dealloc(piece, layout);
            }
            new
        }
    }
}
