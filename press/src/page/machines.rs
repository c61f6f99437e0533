//! `{{#machines}}`: every machine there are records of.

use anyhow::Result;

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::nothing;
use crate::figure::html;
use crate::figure::shown::title;

pub(super) const NAME: &str = "machines";

struct Machines;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(Machines)
}

const HEAD: [&str; 7] =
    ["machine", "processor", "cores", "memory", "system", "experiments", "measured"];

impl Directive for Machines {
    fn render(&self, pages: &Pages, _: &mut Page) -> Result<String> {
        let mut rows = Vec::new();
        for (name, records) in &pages.results.machines {
            let Some(record) = records.values().next() else { continue };
            let machine = &record.machine;
            let cores = match machine.cores {
                Some(cores) if cores != machine.hardware_threads => {
                    format!("{cores} ({} hardware threads)", machine.hardware_threads)
                }
                _ => machine.hardware_threads.to_string(),
            };
            let guest =
                if machine.virtual_machine == Some(true) { ", virtual machine" } else { "" };
            let days =
                records.values().filter_map(|record| record.last().date.split('T').next());
            rows.push(vec![
                title(name).to_owned(),
                format!("{}{guest}", machine.cpu.as_deref().unwrap_or("not told")),
                cores,
                machine.memory_bytes.map_or("not told".into(), html::memory),
                format!("{} {}", machine.os, machine.kernel.as_deref().unwrap_or_default()),
                records.len().to_string(),
                days.max().unwrap_or_default().to_owned(),
            ]);
        }
        Ok(markdown::block(html::table(&HEAD, &rows)))
    }
}
