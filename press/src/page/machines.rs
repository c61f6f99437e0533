//! `{{#machines}}`: every machine there are records of, and how much it has measured.

use anyhow::Result;

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::nothing;
use crate::figure::html;
use crate::figure::shown::title;
use crate::store::record::Record;

pub(super) const NAME: &str = "machines";

struct Machines;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(Machines)
}

const HEAD: [&str; 10] = [
    "machine",
    "processor",
    "cores",
    "memory",
    "system",
    "experiments",
    "sittings",
    "samples",
    "rules",
    "measured",
];

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
                span(records.values().map(|record| record.sittings.len() as u64)),
                span(records.values().map(Record::rounds)),
                rules(records.values().filter(|one| one.is_older()).count(), records.len()),
                days.max().unwrap_or_default().to_owned(),
            ]);
        }
        Ok(markdown::block(html::table(&HEAD, &rows)))
    }
}

/// The least and the most, where an experiment has more than another.
fn span(counts: impl Iterator<Item = u64> + Clone) -> String {
    match (counts.clone().min(), counts.max()) {
        (Some(least), Some(most)) if least < most => format!("{least}–{most}"),
        (least, _) => least.unwrap_or(0).to_string(),
    }
}

fn rules(older: usize, all: usize) -> String {
    match older {
        0 => "today’s".into(),
        _ if older == all => "older".into(),
        _ => format!("older: {older} of {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{rules, span};

    #[test]
    fn what_experiments_differ_in_is_a_span_and_older_rules_are_told() {
        assert_eq!(span([3, 3].into_iter()), "3");
        assert_eq!(span([30, 2, 7].into_iter()), "2–30");
        assert_eq!([rules(0, 4), rules(4, 4)], ["today’s", "older"]);
        assert_eq!(rules(1, 4), "older: 1 of 4");
    }
}
