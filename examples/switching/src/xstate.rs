//! How large the vector state is that the kernel keeps for each thread.

/// Bytes of a thread's floating-point and vector registers, as the `XSAVE`
/// instructions store them in their compacted form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorState {
    /// What every thread has.
    pub usual: u64,
    /// With what a process must ask for first, such as the tiles of AMX.
    pub most: u64,
}

/// What the processor says of it, for the features that the kernel has turned
/// on.
#[cfg(target_arch = "x86_64")]
pub fn vector_state() -> Option<VectorState> {
    use std::arch::asm;

    // Newer compilers know that asking is harmless.
    #[allow(unused_unsafe)]
    // SAFETY: every x86-64 processor has the instruction.
    let cpuid =
        |leaf, part| unsafe { std::arch::x86_64::__cpuid_count(leaf, part) };
    const OSXSAVE: u32 = 1 << 27;
    if cpuid(1, 0).ecx & OSXSAVE == 0 {
        return None;
    }
    let turned_on: u32;
    // SAFETY: OSXSAVE says that programs may read register 0, XCR0.
    unsafe {
        asm!("xgetbv", in("ecx") 0, out("eax") turned_on, out("edx") _,
            options(nomem, nostack, preserves_flags));
    }
    // The x87 and SSE registers, and the header; see Intel's manual, volume 1,
    // chapter 13, for all of this.
    let (mut usual, mut most) = (512 + 64, 512 + 64);
    for part in (2..32).filter(|part| turned_on & (1 << part) != 0) {
        let found = cpuid(0xd, part);
        let (size, aligned) = (u64::from(found.eax), found.ecx & 2 != 0);
        let add =
            |to: u64| size + if aligned { to.next_multiple_of(64) } else { to };
        // What can be turned off for a thread until it asks for it.
        let on_request = found.ecx & 4 != 0;
        most = add(most);
        if !on_request {
            usual = add(usual);
        }
    }
    Some(VectorState { usual, most })
}

/// Elsewhere nobody can be asked.
#[cfg(not(target_arch = "x86_64"))]
pub fn vector_state() -> Option<VectorState> {
    None
}
