//! `cargo book machines`: whose records there are.

use anyhow::Result;

use super::say;
use crate::figure::html::memory;
use crate::outside::project::Project;

/// Lists the machines.
///
/// # Errors
/// When a record is damaged.
pub fn print(project: &Project) -> Result<()> {
    let results = project.results()?;
    let mut out = format!(
        "{:<12} {:>5} {:>10} {:>11}  processor\n",
        "machine", "cores", "memory", "experiments"
    );
    for (name, records) in &results.machines {
        let Some(machine) = records.values().next().map(|record| &record.machine) else {
            continue;
        };
        let reference = if *name == results.reference { " (the reference)" } else { "" };
        out.push_str(&format!(
            "{name:<12} {:>5} {:>10} {:>11}  {}{reference}\n",
            machine.hardware_threads,
            machine.memory_bytes.map_or("–".into(), memory),
            records.len(),
            machine.cpu.as_deref().unwrap_or("not told"),
        ));
    }
    say::answer(&out)
}
