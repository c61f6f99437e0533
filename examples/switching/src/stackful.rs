//! Coroutines with a stack of their own.
//!
//! A coroutine runs when it is resumed, until it suspends itself or ends. Both
//! are a call of [`switch`](crate::switch::switch).
//!
//! What was thought of, since the compiler does not check it:
//!
//! - *Alignment.* Both ABIs want the stack pointer at a multiple of 16 when a
//!   function is called. The first frame is laid out for it.
//! - *Overflow.* Below each stack lies a page that may not be touched, and
//!   rustc touches large frames page by page. So too deep a recursion ends in
//!   SIGSEGV and not in somebody else's memory. Rust's own message about stack
//!   overflows is for threads only.
//! - *Panics* do not cross stacks. They are caught at the bottom of the
//!   coroutine's and go on in whoever resumed it.
//! - *Dropping* a suspended coroutine unwinds its stack first, so that what
//!   lives there is dropped. Meanwhile it cannot suspend: a destructor that
//!   tries to ends the process. A forgotten coroutine keeps its stack.
//! - *Strangers.* Only what runs on a coroutine's own stack may suspend it.
//!   Its yielder cannot outlive its body, but a thread-local variable can lend
//!   it to others while the body stands still. [`Yielder::suspend`] looks.
//! - *Threads.* A coroutine stays on its thread: code may keep the address of a
//!   thread-local variable across a call.
//! - *Shadow stacks* refuse a `ret` to another stack. Linux has them on only
//!   for programs that ask for them, which Rust's do not.
//!
//! A real library also tells debuggers and profilers where one stack ends and
//! the next begins, keeps stacks for later use, and knows Windows.

use std::any::Any;
use std::arch::naked_asm;
use std::cell::Cell;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::rc::Rc;

use crate::switch::{Flow, GO_ON, SAVED, Switch, switch};

/// Lays out, below `top`, a flow that begins with `entry(inner)`.
///
/// # Safety
/// `top` is a multiple of 16, and the [`SAVED`] + 16 bytes below it are ours to
/// write.
unsafe fn first_frame(top: *mut u8, inner: *const Inner) -> Flow {
    // SAFETY: the caller grants the bytes below `top`; all offsets are
    // multiples of 8. The two words at the top stay zero, and there a backtrace
    // ends.
    unsafe {
        let frame = top.sub(SAVED + 16);
        frame.write_bytes(0, SAVED + 16);
        let words = frame.cast::<usize>();
        words.write(inner as usize); // r15, or x19
        words.add(GO_ON).write(trampoline as *const () as usize);
        frame
    }
}

/// Where a coroutine begins: brings the argument to where functions expect it.
#[unsafe(naked)]
unsafe extern "C" fn trampoline() {
    #[cfg(target_arch = "x86_64")]
    naked_asm!("mov rdi, r15", "call {}", "ud2", sym entry);
    #[cfg(target_arch = "aarch64")]
    naked_asm!("mov x0, x19", "bl {}", "brk #1", sym entry);
}

/// The bottom of each coroutine's stack. A panic must not get past it.
///
/// # Safety
/// To be reached by [`trampoline`] only, from [`Coroutine::resume`], which
/// keeps `inner` alive for as long as this runs.
unsafe extern "C" fn entry(inner: *const Inner) -> ! {
    // SAFETY: alive, and never borrowed mutably: all of it is cells.
    let inner = unsafe { &*inner };
    let body = inner.body.take().expect("a coroutine begins once");
    let yielder = ptr::from_ref(inner).cast::<Yielder>();
    // SAFETY: `Yielder` is a transparent wrapper of `Inner`.
    let yielder = unsafe { &*yielder };
    let outcome = catch_unwind(AssertUnwindSafe(|| body(yielder)));
    inner.panic.set(outcome.err());
    inner.state.set(State::Done);
    // SAFETY: whoever resumed us waits in `switch`. Nobody continues a flow
    // that is done.
    unsafe { (inner.switch)(inner.own.as_ptr(), inner.resumer.get()) };
    unreachable!("a coroutine that is done was resumed");
}

/// What a coroutine is doing, as seen by its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has not begun.
    New,
    /// It can be resumed.
    Suspended,
    /// Its body returned, or panicked.
    Done,
}

type Body = Box<dyn FnOnce(&Yielder)>;

/// What both sides share.
struct Inner {
    switch: Switch,
    // Addresses of the coroutine's stack.
    stack: Range<usize>,
    own: Cell<Flow>,
    resumer: Cell<Flow>,
    state: Cell<State>,
    cancelled: Cell<bool>,
    body: Cell<Option<Body>>,
    panic: Cell<Option<Box<dyn Any + Send>>>,
}

/// What a coroutine suspends itself by. It cannot leave its body.
#[repr(transparent)]
pub struct Yielder(Inner);

/// What unwinds the stack of a coroutine that is dropped.
struct Cancelled;

impl Yielder {
    /// Goes back to whoever resumed this coroutine, until it is resumed again.
    ///
    /// # Panics
    /// When the caller is not this coroutine.
    #[inline]
    pub fn suspend(&self) {
        let inner = &self.0;
        let here = 0_u8;
        let here = ptr::from_ref(&here).addr();
        assert!(inner.stack.contains(&here), "another flow's yielder");
        if !inner.cancelled.get() {
            // SAFETY: we are on this coroutine's stack, so it is running, and
            // whoever resumed it waits in `switch`.
            unsafe { (inner.switch)(inner.own.as_ptr(), inner.resumer.get()) };
        }
        if inner.cancelled.get() {
            resume_unwind(Box::new(Cancelled));
        }
    }
}

/// A flow with a stack of its own, which runs when it is resumed.
pub struct Coroutine {
    inner: Rc<Inner>,
    // Unmapped after `Drop::drop` has emptied it.
    _stack: Stack,
}

impl Coroutine {
    /// A coroutine that will run `body` on a stack of `stack_size` bytes. A
    /// panic needs some ten thousand of them.
    ///
    /// # Errors
    /// When the system has no memory for the stack.
    pub fn new(
        stack_size: usize,
        body: impl FnOnce(&Yielder) + 'static,
    ) -> io::Result<Coroutine> {
        // SAFETY: it does what it should.
        unsafe { Coroutine::with(switch, stack_size, body) }
    }

    /// The same, with another switch.
    ///
    /// # Errors
    /// As for [`Coroutine::new`].
    ///
    /// # Safety
    /// It saves and restores what [`switch`] does, in the same places.
    pub unsafe fn with(
        switch: Switch,
        stack_size: usize,
        body: impl FnOnce(&Yielder) + 'static,
    ) -> io::Result<Coroutine> {
        let stack = Stack::new(stack_size)?;
        let inner = Rc::new(Inner {
            switch,
            stack: stack.bottom.addr()..stack.top().addr(),
            own: Cell::new(ptr::null_mut()),
            resumer: Cell::new(ptr::null_mut()),
            state: Cell::new(State::New),
            cancelled: Cell::new(false),
            body: Cell::new(Some(Box::new(body))),
            panic: Cell::new(None),
        });
        // SAFETY: the top of a stack is a multiple of the size of a page, and
        // at least a page below it is ours and unused.
        let first = unsafe { first_frame(stack.top(), Rc::as_ptr(&inner)) };
        inner.own.set(first);
        Ok(Coroutine { inner, _stack: stack })
    }

    /// Runs the coroutine until it suspends itself or is done.
    ///
    /// # Panics
    /// When it is done already, and with whatever its body panics with.
    #[inline]
    pub fn resume(&mut self) -> State {
        let inner = &*self.inner;
        assert!(inner.state.get() != State::Done, "this coroutine is done");
        inner.state.set(State::Suspended);
        // SAFETY: a flow that is not done waits in `switch` or in its first
        // frame, on a stack that we own. `&mut self` keeps it from being
        // continued or dropped meanwhile.
        unsafe { (inner.switch)(inner.resumer.as_ptr(), inner.own.get()) };
        if let Some(panic) = inner.panic.take() {
            resume_unwind(panic);
        }
        inner.state.get()
    }

    /// What it is doing.
    pub fn state(&self) -> State {
        self.inner.state.get()
    }
}

impl Drop for Coroutine {
    /// Drops what lives on the stack before the stack goes.
    fn drop(&mut self) {
        let inner = &*self.inner;
        if inner.state.get() == State::Suspended {
            inner.cancelled.set(true);
            // SAFETY: as in `resume`. It comes back when it is done, since it
            // cannot suspend any more.
            unsafe { (inner.switch)(inner.resumer.as_ptr(), inner.own.get()) };
            // Like the panic of a thread that nobody joins.
            drop(inner.panic.take());
        }
    }
}

/// Memory for a stack, with a page below it that nobody may touch.
struct Stack {
    bottom: *mut u8,
    size: usize,
}

impl Stack {
    fn new(size: usize) -> io::Result<Stack> {
        // SAFETY: `sysconf` has no preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        let too_large = || io::Error::from(io::ErrorKind::OutOfMemory);
        let size = size
            .max(page)
            .checked_next_multiple_of(page)
            .and_then(|size| size.checked_add(page))
            .ok_or_else(too_large)?;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let private = libc::MAP_PRIVATE | libc::MAP_ANON;
        // SAFETY: new memory, at an address that the system chooses.
        let bottom = unsafe {
            libc::mmap(ptr::null_mut(), size, access, private, -1, 0)
        };
        if bottom == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let stack = Stack { bottom: bottom.cast(), size };
        // SAFETY: the lowest page of what was mapped above, and unused.
        if unsafe { libc::mprotect(bottom, page, libc::PROT_NONE) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(stack)
    }

    /// Stacks grow down from here.
    fn top(&self) -> *mut u8 {
        // SAFETY: one past the end of the mapping.
        unsafe { self.bottom.add(self.size) }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and the flow on it is done or never began.
        unsafe { libc::munmap(self.bottom.cast(), self.size) };
    }
}
