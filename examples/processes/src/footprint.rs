//! What a family of processes uses in memory: this process and its children.

use lab::os;

/// Bytes, as the kernel counts them. Kernel stacks are the whole machine's.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    pss: u64,
    page_tables: u64,
    kernel_stacks: u64,
}

impl Footprint {
    /// This process and its `children` now. `None` where that is not counted.
    pub fn now(children: &[u32]) -> Option<Footprint> {
        let kernel_stacks = os::kernel_stack_bytes()?;
        let mut all = Footprint { pss: 0, page_tables: 0, kernel_stacks };
        for &pid in children.iter().chain(&[std::process::id()]) {
            let bytes = os::process_bytes(pid)?;
            all.pss += bytes.proportional;
            all.page_tables += bytes.page_tables;
        }
        Some(all)
    }
}

/// Prints what came on top since `before` for each of `count` units, a
/// `name value` a line. What the platform does not count is left out.
pub fn print_growth(before: Option<Footprint>, children: &[u32], count: usize) {
    let (Some(before), Some(now)) = (before, Footprint::now(children)) else {
        return;
    };
    for (name, now, before) in [
        ("pss_bytes", now.pss, before.pss),
        ("page_table_bytes", now.page_tables, before.page_tables),
        ("kernel_stack_bytes", now.kernel_stacks, before.kernel_stacks),
    ] {
        println!("{name} {}", (now as f64 - before as f64) / count as f64);
    }
}
