//! What the kernel keeps of a thread that it stops: every register there is.
//!
//! A thread fills them all with marks and spins. It neither calls nor writes
//! anything, so whenever it is stopped, all of them are in use. In the end it
//! looks. In assembly, as [`crate::registers`].

use std::arch::naked_asm;
use std::sync::atomic::{AtomicBool, Ordering};

/// General registers and vector registers that are filled: on x86-64 all but
/// the stack pointer, and the lower 16 bytes of the vectors that every such
/// processor has. On AArch64 two more hold the address that is spun on, and one
/// is the platform's.
const GENERAL: usize = if cfg!(target_arch = "x86_64") { 15 } else { 28 };
const VECTORS: usize = if cfg!(target_arch = "x86_64") { 16 } else { 32 };

/// How many registers are filled.
pub const REGISTERS: usize = GENERAL + VECTORS;
/// How many words that is: two for a vector.
pub const WORDS: usize = GENERAL + 2 * VECTORS;

static OVER: AtomicBool = AtomicBool::new(false);

/// Begins (`false`) or ends (`true`) the spinning of all threads.
pub fn set_over(over: bool) {
    OVER.store(over, Ordering::Relaxed);
}

/// Fills the registers with `marks`, spins until it is over, and returns what
/// is in them then.
pub fn spin(marks: &[u64; WORDS]) -> [u64; WORDS] {
    let mut found = [0; WORDS];
    // SAFETY: it reads and writes as many words as the arrays have, keeps the
    // registers that a function must keep, and calls nothing.
    unsafe { fill_and_spin(marks.as_ptr(), found.as_mut_ptr()) };
    found
}

/// How many registers hold what was put there.
pub fn registers_kept(marked: &[u64; WORDS], found: &[u64; WORDS]) -> usize {
    let same = |i: usize| marked[i] == found[i];
    let vector = |i: &usize| same(GENERAL + 2 * i) && same(GENERAL + 2 * i + 1);
    (0..GENERAL).filter(|&i| same(i)).count()
        + (0..VECTORS).filter(vector).count()
}

#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
unsafe extern "C" fn fill_and_spin(marks: *const u64, found: *mut u64) {
    naked_asm!(
        "push rbp; push rbx; push r12; push r13; push r14; push r15",
        "push rsi",
        "movups xmm0, [rdi + 120]; movups xmm1, [rdi + 136]",
        "movups xmm2, [rdi + 152]; movups xmm3, [rdi + 168]",
        "movups xmm4, [rdi + 184]; movups xmm5, [rdi + 200]",
        "movups xmm6, [rdi + 216]; movups xmm7, [rdi + 232]",
        "movups xmm8, [rdi + 248]; movups xmm9, [rdi + 264]",
        "movups xmm10, [rdi + 280]; movups xmm11, [rdi + 296]",
        "movups xmm12, [rdi + 312]; movups xmm13, [rdi + 328]",
        "movups xmm14, [rdi + 344]; movups xmm15, [rdi + 360]",
        "mov rax, [rdi]; mov rbx, [rdi + 8]; mov rcx, [rdi + 16]",
        "mov rdx, [rdi + 24]; mov rsi, [rdi + 32]; mov rbp, [rdi + 40]",
        "mov r8, [rdi + 48]; mov r9, [rdi + 56]; mov r10, [rdi + 64]",
        "mov r11, [rdi + 72]; mov r12, [rdi + 80]; mov r13, [rdi + 88]",
        "mov r14, [rdi + 96]; mov r15, [rdi + 104]",
        "mov rdi, [rdi + 112]",
        "2:",
        "cmp byte ptr [rip + {over}], 0", // needs no register
        "je 2b",
        "push rdi",
        "mov rdi, [rsp + 8]",
        "mov [rdi], rax; mov [rdi + 8], rbx; mov [rdi + 16], rcx",
        "mov [rdi + 24], rdx; mov [rdi + 32], rsi; mov [rdi + 40], rbp",
        "mov [rdi + 48], r8; mov [rdi + 56], r9; mov [rdi + 64], r10",
        "mov [rdi + 72], r11; mov [rdi + 80], r12; mov [rdi + 88], r13",
        "mov [rdi + 96], r14; mov [rdi + 104], r15",
        "pop rax",
        "mov [rdi + 112], rax",
        "movups [rdi + 120], xmm0; movups [rdi + 136], xmm1",
        "movups [rdi + 152], xmm2; movups [rdi + 168], xmm3",
        "movups [rdi + 184], xmm4; movups [rdi + 200], xmm5",
        "movups [rdi + 216], xmm6; movups [rdi + 232], xmm7",
        "movups [rdi + 248], xmm8; movups [rdi + 264], xmm9",
        "movups [rdi + 280], xmm10; movups [rdi + 296], xmm11",
        "movups [rdi + 312], xmm12; movups [rdi + 328], xmm13",
        "movups [rdi + 344], xmm14; movups [rdi + 360], xmm15",
        "pop rsi",
        "pop r15; pop r14; pop r13; pop r12; pop rbx; pop rbp",
        "ret",
        over = sym OVER,
    )
}

#[cfg(target_arch = "aarch64")]
macro_rules! fill_and_spin {
    ($page:literal, $offset:literal) => {
        naked_asm!(
            "sub sp, sp, #176",
            "stp x19, x20, [sp]; stp x21, x22, [sp, #16]",
            "stp x23, x24, [sp, #32]; stp x25, x26, [sp, #48]",
            "stp x27, x28, [sp, #64]; stp x29, x30, [sp, #80]",
            "stp d8, d9, [sp, #96]; stp d10, d11, [sp, #112]",
            "stp d12, d13, [sp, #128]; stp d14, d15, [sp, #144]",
            "str x1, [sp, #160]",
            "ldp q0, q1, [x0, #224]; ldp q2, q3, [x0, #256]",
            "ldp q4, q5, [x0, #288]; ldp q6, q7, [x0, #320]",
            "ldp q8, q9, [x0, #352]; ldp q10, q11, [x0, #384]",
            "ldp q12, q13, [x0, #416]; ldp q14, q15, [x0, #448]",
            "ldp q16, q17, [x0, #480]; ldp q18, q19, [x0, #512]",
            "ldp q20, q21, [x0, #544]; ldp q22, q23, [x0, #576]",
            "ldp q24, q25, [x0, #608]; ldp q26, q27, [x0, #640]",
            "ldp q28, q29, [x0, #672]; ldp q30, q31, [x0, #704]",
            "ldp x2, x3, [x0, #16]; ldp x4, x5, [x0, #32]",
            "ldp x6, x7, [x0, #48]; ldp x8, x9, [x0, #64]",
            "ldp x10, x11, [x0, #80]; ldp x12, x13, [x0, #96]",
            "ldp x14, x15, [x0, #112]; ldp x19, x20, [x0, #128]",
            "ldp x21, x22, [x0, #144]; ldp x23, x24, [x0, #160]",
            "ldp x25, x26, [x0, #176]; ldp x27, x28, [x0, #192]",
            "ldp x29, x30, [x0, #208]",
            "ldp x0, x1, [x0]",
            "2:",
            $page,
            $offset,
            "cbz w17, 2b",
            "ldr x16, [sp, #160]",
            "stp x0, x1, [x16]; stp x2, x3, [x16, #16]",
            "stp x4, x5, [x16, #32]; stp x6, x7, [x16, #48]",
            "stp x8, x9, [x16, #64]; stp x10, x11, [x16, #80]",
            "stp x12, x13, [x16, #96]; stp x14, x15, [x16, #112]",
            "stp x19, x20, [x16, #128]; stp x21, x22, [x16, #144]",
            "stp x23, x24, [x16, #160]; stp x25, x26, [x16, #176]",
            "stp x27, x28, [x16, #192]; stp x29, x30, [x16, #208]",
            "stp q0, q1, [x16, #224]; stp q2, q3, [x16, #256]",
            "stp q4, q5, [x16, #288]; stp q6, q7, [x16, #320]",
            "stp q8, q9, [x16, #352]; stp q10, q11, [x16, #384]",
            "stp q12, q13, [x16, #416]; stp q14, q15, [x16, #448]",
            "stp q16, q17, [x16, #480]; stp q18, q19, [x16, #512]",
            "stp q20, q21, [x16, #544]; stp q22, q23, [x16, #576]",
            "stp q24, q25, [x16, #608]; stp q26, q27, [x16, #640]",
            "stp q28, q29, [x16, #672]; stp q30, q31, [x16, #704]",
            "ldp x19, x20, [sp]; ldp x21, x22, [sp, #16]",
            "ldp x23, x24, [sp, #32]; ldp x25, x26, [sp, #48]",
            "ldp x27, x28, [sp, #64]; ldp x29, x30, [sp, #80]",
            "ldp d8, d9, [sp, #96]; ldp d10, d11, [sp, #112]",
            "ldp d12, d13, [sp, #128]; ldp d14, d15, [sp, #144]",
            "add sp, sp, #176",
            "ret",
            over = sym OVER,
        )
    };
}

/// The address of `OVER` is written in the way of the object files.
#[cfg(all(target_arch = "aarch64", target_vendor = "apple"))]
#[unsafe(naked)]
unsafe extern "C" fn fill_and_spin(marks: *const u64, found: *mut u64) {
    fill_and_spin!("adrp x16, {over}@PAGE", "ldrb w17, [x16, {over}@PAGEOFF]")
}

#[cfg(all(target_arch = "aarch64", not(target_vendor = "apple")))]
#[unsafe(naked)]
unsafe extern "C" fn fill_and_spin(marks: *const u64, found: *mut u64) {
    fill_and_spin!("adrp x16, {over}", "ldrb w17, [x16, :lo12:{over}]")
}
