//! `cargo book claims`: every claim with its verdict, or why it has none.

use anyhow::{Result, bail};

use crate::ask::near::Unknown;
use crate::outside::project::Project;

/// `cargo book claims`: the whole ledger at the terminal.
///
/// # Errors
/// When the ledger or a record is damaged, or there is no such machine.
pub fn print(project: &Project, machine: Option<String>) -> Result<()> {
    let (claims, results) = (project.claims()?, project.results()?);
    let machine = machine.unwrap_or(project.settings.reference.clone());
    if !results.machines.contains_key(&machine) {
        let text = format!("there are no records of a machine called `{machine}`");
        bail!(Unknown::new(text, &machine, results.machines.keys().map(String::as_str)));
    }
    print!("{}", claims.ledger(&results, &machine));
    Ok(())
}
