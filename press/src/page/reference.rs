//! `{{#reference}}`: the machine whose numbers the sentences rest on, in a sentence, from what
//! its records say.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::nothing;

pub(super) const NAME: &str = "reference";

struct Reference;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(Reference)
}

impl Directive for Reference {
    fn render(&self, pages: &Pages, _: &mut Page) -> Result<String> {
        let name = &pages.results.reference;
        let records = pages.results.machines.get(name).context("it has no records")?;
        let record = records.values().next().context("it has no records")?;
        let machine = &record.machine;
        let threads = match machine.hardware_threads {
            1 => "one hardware thread".to_owned(),
            n => format!("{n} hardware threads"),
        };
        let cpu = machine.cpu.as_deref().unwrap_or("a processor that is not told");
        let mut system = machine.os.clone();
        if let Some(first) = system.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        // What a distributor adds to the version tells nobody anything here.
        let kernel = machine.kernel.as_deref().unwrap_or_default();
        let kernel = kernel.split('-').next().unwrap_or_default();
        let runners = records.values().flat_map(|record| &record.runners);
        let (rust, others): (Vec<_>, Vec<_>) =
            runners.partition(|runner| runner.implementation == "rustc");
        let rust: BTreeSet<&str> =
            rust.iter().filter_map(|runner| runner.version.split(' ').nth(1)).collect();
        let pythons: BTreeSet<&str> =
            others.iter().map(|runner| runner.name.as_str()).collect();
        Ok(markdown::inline(html! {
            (cpu) ", " (threads)
            @if machine.virtual_machine == Some(true) { " of a virtual machine" }
            ", " (system) " " (kernel)
            @if !rust.is_empty() {
                ", Rust " (rust.iter().copied().collect::<Vec<_>>().join(" and "))
            }
            @match pythons.len() {
                0 => {}
                1 => ", one Python",
                n => { ", " (n) " builds of Python" }
            }
        }))
    }
}
