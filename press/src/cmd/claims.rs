//! `cargo book claims`: every claim with its verdict, or why it has none.

use anyhow::{Result, bail};

use crate::ask::near::nearest;
use crate::outside::project::Project;

/// `cargo book claims`: the whole ledger at the terminal.
///
/// # Errors
/// When the ledger or a record is damaged, or there is no such machine.
pub fn print(project: &Project, machine: Option<String>) -> Result<()> {
    let (claims, results) = (project.claims()?, project.results()?);
    let machine = machine.unwrap_or(project.settings.reference.clone());
    if !results.machines.contains_key(&machine) {
        let near = nearest(&machine, results.machines.keys().map(String::as_str));
        bail!("there are no records of a machine called `{machine}`{near}");
    }
    print!("{}", claims.ledger(&results, &machine));
    Ok(())
}
