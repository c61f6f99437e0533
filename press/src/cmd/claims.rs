//! `cargo book claims`: every claim with its verdict, or why it has none.

use anyhow::{Result, bail};

use super::say;
use crate::ask::near::Unknown;
use crate::outside::project::Project;
use crate::store::results::Results;

/// `cargo book claims`: the whole ledger at the terminal. By the reference, unless a machine is
/// asked for; then also where the others differ.
///
/// # Errors
/// When the ledger or a record is damaged, or there is no such machine.
pub fn print(project: &Project, machine: Option<String>) -> Result<()> {
    let (claims, results) = (project.claims()?, project.results()?);
    let reference = &project.settings.reference;
    let others = match machine {
        None => results.machines.keys().filter(|name| *name != reference).collect(),
        Some(_) => Vec::new(),
    };
    let others: Vec<&str> = others.into_iter().map(String::as_str).collect();
    let machine = machine.as_ref().unwrap_or(reference);
    known(&results, machine)?;
    say::answer(&claims.ledger(&results, machine, &others))
}

/// # Errors
/// When there are no records of `machine`; the message names the nearest.
pub(super) fn known(results: &Results, machine: &str) -> Result<()> {
    if !results.machines.contains_key(machine) {
        let text = format!("there are no records of a machine called `{machine}`");
        bail!(Unknown::new(text, machine, results.machines.keys().map(String::as_str)));
    }
    Ok(())
}
