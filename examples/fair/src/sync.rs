//! What the ticket lock is made of. The model checker offers the same names.

pub(crate) use std::hint::spin_loop;
pub(crate) use std::sync::atomic::AtomicUsize;

/// The standard `UnsafeCell`, but an access has a beginning and an end, so that
/// a checker can watch it.
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> UnsafeCell<T> {
        UnsafeCell(std::cell::UnsafeCell::new(value))
    }

    #[inline]
    pub(crate) fn with_mut<R>(&self, access: impl FnOnce(*mut T) -> R) -> R {
        access(self.0.get())
    }
}
