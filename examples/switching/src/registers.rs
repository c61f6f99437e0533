//! Which registers keep what was in them across a switch?
//!
//! A flow puts marks into registers, another one overwrites them, and then the
//! first one looks. It is all in assembly, since a compiler would use
//! the registers for its own ends.

use std::arch::naked_asm;
use std::mem::MaybeUninit;
use std::ptr;

use crate::switch::{Flow, GO_ON, SAVED, Switch};

/// The registers that a function must not change, but for the stack pointer:
/// six, or eleven and the lower halves of eight vector registers.
pub const CALLEE_SAVED: usize =
    if cfg!(target_arch = "x86_64") { 6 } else { 11 + 8 };

/// Two flows that switch to each other. Assembly knows its layout.
#[repr(C)]
struct Two {
    switch: Switch,
    ours: Flow,
    theirs: Flow,
    marks: *const u64,
    found: *mut u64,
}

#[repr(C, align(16))]
struct Stack([MaybeUninit<u8>; 1024]);

/// Marks the registers, switches to a flow that overwrites them all, and back;
/// returns what is in them then.
pub fn across(
    switch: Switch,
    marks: &[u64; CALLEE_SAVED],
) -> [u64; CALLEE_SAVED] {
    let mut found = [0; CALLEE_SAVED];
    let mut stack = Box::new(Stack([MaybeUninit::uninit(); 1024]));
    let mut two = Two {
        switch,
        ours: ptr::null_mut(),
        theirs: ptr::null_mut(),
        marks: marks.as_ptr(),
        found: found.as_mut_ptr(),
    };
    let two = &raw mut two;
    // SAFETY: the frame lies within the stack, at a multiple of 8. What
    // `switch` takes from it are pointers to `two`, and the address where
    // `overwrite` begins, at the place of the return address. That flow calls
    // nothing but `switch`, for which the stack is large enough, and it is not
    // continued after `mark` returns.
    unsafe {
        let top = (&raw mut *stack).cast::<u8>().add(size_of::<Stack>());
        let frame = top.sub(SAVED + 16).cast::<usize>();
        for word in 0..SAVED / 8 {
            frame.add(word).write(two as usize);
        }
        frame.add(GO_ON).write(overwrite as *const () as usize);
        (*two).theirs = frame.cast();
        mark(two);
    }
    found
}

// ANCHOR: forgetful
/// WRONG: keeps a place for the sixth register, and does not save it.
///
/// # Safety
/// Rust code may call it no more than any function that breaks the ABI.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn forgetful(save: *mut Flow, restore: Flow) {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "sub rsp, 8", // r15 belongs here
        "mov [rdi], rsp",
        "mov rsp, rsi",
        "add rsp, 8",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}
// ANCHOR_END: forgetful

#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn mark(two: *mut Two) {
    naked_asm!(
        "push rbp; push rbx; push r12; push r13; push r14; push r15",
        "push rdi",
        "mov rax, [rdi]",
        "mov rcx, [rdi + 24]",
        "mov rsi, [rdi + 16]",
        "add rdi, 8",
        "mov rbp, [rcx]; mov rbx, [rcx + 8]; mov r12, [rcx + 16]",
        "mov r13, [rcx + 24]; mov r14, [rcx + 32]; mov r15, [rcx + 40]",
        "call rax",
        "pop rdi",
        "mov rcx, [rdi + 32]",
        "mov [rcx], rbp; mov [rcx + 8], rbx; mov [rcx + 16], r12",
        "mov [rcx + 24], r13; mov [rcx + 32], r14; mov [rcx + 40], r15",
        "pop r15; pop r14; pop r13; pop r12; pop rbx; pop rbp",
        "ret",
    )
}

/// The other flow. It gets `two` in each register.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn overwrite() {
    naked_asm!(
        "push r12; push r12", // twice, for the alignment
        "2:",
        "mov rbp, -1; mov rbx, -1; mov r12, -1",
        "mov r13, -1; mov r14, -1; mov r15, -1",
        "mov rdi, [rsp]",
        "mov rax, [rdi]",
        "mov rsi, [rdi + 8]",
        "add rdi, 16",
        "call rax",
        "jmp 2b",
    )
}

/// WRONG: keeps a place for `x28`, and does not save it.
///
/// # Safety
/// Rust code may call it no more than any function that breaks the ABI.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub unsafe extern "C" fn forgetful(save: *mut Flow, restore: Flow) {
    naked_asm!(
        "sub sp, sp, #160",
        "stp x19, x20, [sp]; stp x21, x22, [sp, #16]",
        "stp x23, x24, [sp, #32]; stp x25, x26, [sp, #48]",
        "str x27, [sp, #64]; stp x29, x30, [sp, #80]", // x28 belongs here
        "stp d8, d9, [sp, #96]; stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]; stp d14, d15, [sp, #144]",
        "mov x9, sp; str x9, [x0]",
        "mov sp, x1",
        "ldp x19, x20, [sp]; ldp x21, x22, [sp, #16]",
        "ldp x23, x24, [sp, #32]; ldp x25, x26, [sp, #48]",
        "ldr x27, [sp, #64]; ldp x29, x30, [sp, #80]",
        "ldp d8, d9, [sp, #96]; ldp d10, d11, [sp, #112]",
        "ldp d12, d13, [sp, #128]; ldp d14, d15, [sp, #144]",
        "add sp, sp, #160",
        "ret",
    )
}

#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
unsafe extern "C" fn mark(two: *mut Two) {
    naked_asm!(
        "sub sp, sp, #176",
        "stp x19, x20, [sp]; stp x21, x22, [sp, #16]",
        "stp x23, x24, [sp, #32]; stp x25, x26, [sp, #48]",
        "stp x27, x28, [sp, #64]; stp x29, x30, [sp, #80]",
        "stp d8, d9, [sp, #96]; stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]; stp d14, d15, [sp, #144]",
        "str x0, [sp, #160]",
        "ldr x10, [x0]",
        "ldr x9, [x0, #24]",
        "ldr x1, [x0, #16]",
        "add x0, x0, #8",
        "ldp x19, x20, [x9]; ldp x21, x22, [x9, #16]",
        "ldp x23, x24, [x9, #32]; ldp x25, x26, [x9, #48]",
        "ldp x27, x28, [x9, #64]; ldr x29, [x9, #80]",
        "ldp d8, d9, [x9, #88]; ldp d10, d11, [x9, #104]",
        "ldp d12, d13, [x9, #120]; ldp d14, d15, [x9, #136]",
        "blr x10",
        "ldr x0, [sp, #160]",
        "ldr x9, [x0, #32]",
        "stp x19, x20, [x9]; stp x21, x22, [x9, #16]",
        "stp x23, x24, [x9, #32]; stp x25, x26, [x9, #48]",
        "stp x27, x28, [x9, #64]; str x29, [x9, #80]",
        "stp d8, d9, [x9, #88]; stp d10, d11, [x9, #104]",
        "stp d12, d13, [x9, #120]; stp d14, d15, [x9, #136]",
        "ldp x19, x20, [sp]; ldp x21, x22, [sp, #16]",
        "ldp x23, x24, [sp, #32]; ldp x25, x26, [sp, #48]",
        "ldp x27, x28, [sp, #64]; ldp x29, x30, [sp, #80]",
        "ldp d8, d9, [sp, #96]; ldp d10, d11, [sp, #112]",
        "ldp d12, d13, [sp, #128]; ldp d14, d15, [sp, #144]",
        "add sp, sp, #176",
        "ret",
    )
}

/// The other flow. It gets `two` in each register.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
unsafe extern "C" fn overwrite() {
    naked_asm!(
        "sub sp, sp, #16; str x19, [sp]",
        "2:",
        "mov x19, #-1; mov x20, #-1; mov x21, #-1; mov x22, #-1",
        "mov x23, #-1; mov x24, #-1; mov x25, #-1; mov x26, #-1",
        "mov x27, #-1; mov x28, #-1; mov x29, #-1",
        "fmov d8, x19; fmov d9, x19; fmov d10, x19; fmov d11, x19",
        "fmov d12, x19; fmov d13, x19; fmov d14, x19; fmov d15, x19",
        "ldr x0, [sp]",
        "ldr x10, [x0]",
        "ldr x1, [x0, #8]",
        "add x0, x0, #16",
        "blr x10",
        "b 2b",
    )
}
