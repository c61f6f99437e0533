//! The switch itself: one function, in a few lines of assembly.
//!
//! What is saved is what the ABI calls *callee-saved*: the registers in which a
//! caller finds after a call what it had there before. The compiler has put
//! away whatever it still needs of the others, as before any call.
//!
//! On x86-64 these are `rbp`, `rbx` and `r12` to `r15` (System V ABI, AMD64
//! supplement, section 3.2.1); on AArch64 `x19` to `x29` and the lower halves
//! of `v8` to `v15` (AAPCS64, section 6.1), and the stack pointer on both. The
//! control words of the floating-point units are callee-saved too. Rust code
//! must not change them, so all flows have the same and nothing is saved.

use std::arch::naked_asm;

/// A stack pointer, at which a flow's registers are saved: all there is to say
/// of a flow that does not run.
pub type Flow = *mut u8;

/// A function that saves the running flow where the first argument points, and
/// continues the second.
pub type Switch = unsafe extern "C" fn(*mut Flow, Flow);

/// How many bytes of a flow [`switch`] saves: its registers and the address to
/// go on at.
pub const SAVED: usize =
    if cfg!(target_arch = "x86_64") { 7 * 8 } else { 20 * 8 };

/// Which of the saved words is the address to go on at.
pub const GO_ON: usize = if cfg!(target_arch = "x86_64") { 6 } else { 11 };

// ANCHOR: switch
/// Saves the running flow in `save` and continues the flow `restore`.
///
/// # Safety
/// `restore` was saved by this function or is a first frame, its stack is still
/// there, and nobody continues it a second time.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn switch(save: *mut Flow, restore: Flow) {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rdi], rsp", // from here on we are a pointer in memory,
        "mov rsp, rsi",   // and this is the other
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
    )
}
// ANCHOR_END: switch

/// [`switch`], but the last instruction does not pretend to return.
///
/// # Safety
/// As for [`switch`].
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub unsafe extern "C" fn switch_by_jump(save: *mut Flow, restore: Flow) {
    naked_asm!(
        "push rbp; push rbx; push r12; push r13; push r14; push r15",
        "mov [rdi], rsp",
        "mov rsp, rsi",
        "pop r15; pop r14; pop r13; pop r12; pop rbx; pop rbp",
        // ANCHOR: jump
        "pop rcx",
        "jmp rcx",
        // ANCHOR_END: jump
    )
}

#[cfg(target_arch = "aarch64")]
macro_rules! switch {
    ($leave:literal) => {
        naked_asm!(
            "sub sp, sp, #160",
            "stp x19, x20, [sp]",
            "stp x21, x22, [sp, #16]",
            "stp x23, x24, [sp, #32]",
            "stp x25, x26, [sp, #48]",
            "stp x27, x28, [sp, #64]",
            "stp x29, x30, [sp, #80]", // x30 is the address to go on at
            "stp d8, d9, [sp, #96]",
            "stp d10, d11, [sp, #112]",
            "stp d12, d13, [sp, #128]",
            "stp d14, d15, [sp, #144]",
            "mov x9, sp",
            "str x9, [x0]", // from here on we are a pointer in memory,
            "mov sp, x1",   // and this is the other
            "ldp x19, x20, [sp]",
            "ldp x21, x22, [sp, #16]",
            "ldp x23, x24, [sp, #32]",
            "ldp x25, x26, [sp, #48]",
            "ldp x27, x28, [sp, #64]",
            "ldp x29, x30, [sp, #80]",
            "ldp d8, d9, [sp, #96]",
            "ldp d10, d11, [sp, #112]",
            "ldp d12, d13, [sp, #128]",
            "ldp d14, d15, [sp, #144]",
            "add sp, sp, #160",
            $leave,
        )
    };
}

/// Saves the running flow in `save` and continues the flow `restore`.
///
/// # Safety
/// `restore` was saved by this function or is a first frame, its stack is still
/// there, and nobody continues it a second time.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub unsafe extern "C" fn switch(save: *mut Flow, restore: Flow) {
    switch!("ret")
}

/// [`switch`], but the last instruction does not pretend to return.
///
/// # Safety
/// As for [`switch`].
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub unsafe extern "C" fn switch_by_jump(save: *mut Flow, restore: Flow) {
    switch!("br x30")
}
