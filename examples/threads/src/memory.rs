//! What the kernel says that our threads use.

use lab::os;

/// Bytes. Kernel stacks are the whole machine's.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    resident: u64,
    reserved: u64,
    page_tables: u64,
    kernel_stacks: u64,
}

impl Memory {
    /// What is in use now. `None` where that is not counted.
    pub fn now() -> Option<Memory> {
        let (resident, reserved) = os::memory_bytes()?;
        let (page_tables, kernel_stacks) =
            (os::page_table_bytes()?, os::kernel_stack_bytes()?);
        Some(Memory { resident, reserved, page_tables, kernel_stacks })
    }

    /// Prints what came on top since `before` for each of `count` threads, a
    /// `name value` a line.
    pub fn print_since(&self, before: Memory, count: usize) {
        for (name, now, before) in [
            ("resident_bytes", self.resident, before.resident),
            ("reserved_bytes", self.reserved, before.reserved),
            ("page_table_bytes", self.page_tables, before.page_tables),
            ("kernel_stack_bytes", self.kernel_stacks, before.kernel_stacks),
        ] {
            println!("{name} {}", (now as f64 - before as f64) / count as f64);
        }
    }
}
