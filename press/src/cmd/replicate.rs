//! `cargo book replicate`: whether it comes out again, on another machine or another day.

use anyhow::{Result, bail};

use super::claims::known;
use super::{check, say};
use crate::ask::metric::Metric;
use crate::ask::plain::plain;
use crate::ask::replication::{Asking, Comparison, Pairs, Tally, What};
use crate::ask::together::Spread;
use crate::outside::project::Project;

/// Holds `machine` against the machine `against`, or each of its sittings against the others.
///
/// # Errors
/// When a record, the ledger or a page is damaged, or there is nothing to compare.
pub fn replicate(project: &Project, machine: &str, against: Option<&str>) -> Result<()> {
    let results = project.results()?;
    known(&results, machine)?;
    let (pairs, title) = match against {
        Some(other) => {
            known(&results, other)?;
            let pairs = Pairs::of_machines(&results, other, machine);
            (pairs, format!("{machine} against {other}"))
        }
        None => {
            let pairs = Pairs::of_sittings(&results, machine);
            (pairs, format!("{machine}: each sitting against the others of its record"))
        }
    };
    if pairs.of.is_empty() {
        match against {
            Some(other) => bail!("{machine} and {other} have no experiment in common"),
            None => bail!(
                "no record of {machine} has several sittings; `cargo book measure --add` adds \
                 one, and `--against MACHINE` compares with another machine"
            ),
        }
    }
    let comparison = Comparison::of(&pairs);
    let mut out = format!("{title}\n\n{}\n{}", table(&comparison), totals(&comparison));
    if against.is_none() {
        for (what, metric) in [("times", Metric::Wall), ("speed-ups", Metric::Speedup)] {
            let spread = Spread::of(&results, machine, &metric);
            if let (Some(half), Some(most)) = (spread.quantile(0.5), spread.quantile(0.9)) {
                out.push_str(&format!(
                    "Medians of sittings, {what}: half lie within {:.1} % of each other, nine \
                     of ten within {:.1} %.\n",
                    half * 100.0,
                    most * 100.0
                ));
            }
        }
    }
    let claims = Asking::of_claims(&project.claims()?, &pairs);
    out.push_str(&format!("\n{}", asked("tests of claims", &claims)));
    let pages = Asking::of_pages(&check::expectations(&project.root)?, &pairs);
    out.push_str(&format!("\n{}", asked("expectations of pages", &pages)));
    if !pairs.alone.is_empty() {
        let why = if against.is_some() {
            "on one of the two only"
        } else {
            "of one sitting, or of one round in each"
        };
        out.push_str(&format!("\nNot compared, {why}: {}.\n", pairs.alone.join(", ")));
    }
    say::answer(&out)
}

/// A row an experiment, that which moved most first.
fn table(comparison: &Comparison) -> String {
    let overlap = |tally: &Tally| match tally.compared {
        0 => "–".to_owned(),
        all => format!("{} of {all}", tally.overlapping),
    };
    let mut rows = vec![
        [
            "experiment",
            "times",
            "speed-ups",
            "own metrics",
            "times moved",
            "largest move",
            "which",
        ]
        .map(str::to_owned),
    ];
    for compared in &comparison.experiments {
        let [times, speedups, metrics] = &compared.tallies;
        let most = compared.largest();
        let quick = if compared.quick { " (quick)" } else { "" };
        rows.push([
            plain(&format!("{}{quick}", compared.experiment)).into_owned(),
            overlap(times),
            overlap(speedups),
            overlap(metrics),
            times.middle_move().map_or("–".into(), factor),
            most.map_or("–".into(), |(_, most)| factor(most.factor())),
            most.map_or("–".into(), |(what, most)| {
                plain(&format!("{} of {}", what.one(), most.what)).into_owned()
            }),
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..7).map(|column| width(column).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in &rows {
        for (i, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[i] - cell.chars().count());
            out.push_str(&match i {
                0 => format!("{cell}{pad}"),
                6 => format!("  {cell}"),
                _ => format!("  {pad}{cell}"),
            });
        }
        out.push('\n');
    }
    out
}

/// What overlaps of all, and what could not be compared.
pub(super) fn totals(comparison: &Comparison) -> String {
    let mut out = String::new();
    for what in What::ALL {
        let tally = comparison.total(what);
        let Some(share) = tally.share() else {
            out.push_str(&format!("No {} to compare.\n", what.title()));
            continue;
        };
        out.push_str(&format!(
            "{} of {} intervals of {} overlap ({:.1} %)",
            tally.overlapping,
            tally.compared,
            what.title(),
            share * 100.0
        ));
        if let (Some(middle), Some(most)) = (tally.middle_move(), tally.largest()) {
            out.push_str(&format!(
                "; medians moved by {} in the middle, {} at most",
                factor(middle),
                factor(most.factor())
            ));
        }
        if tally.without_ratio > 0 {
            let n = tally.without_ratio;
            out.push_str(&format!("; {n} without a ratio, for a median of zero"));
        }
        if tally.not_compared > 0 {
            let n = tally.not_compared;
            out.push_str(&format!("; {n} more on one side only, or not a number"));
        }
        out.push_str(".\n");
    }
    out
}

/// What changed its verdict.
pub(super) fn asked(what: &str, asking: &Asking) -> String {
    let mut out = format!(
        "{} {what} compared, {} with another verdict; {} not tried.\n",
        asking.compared,
        asking.changed.len(),
        asking.untried
    );
    for changed in &asking.changed {
        let ((was, before), (is, after)) = (&changed.first, &changed.again);
        let what = plain(&changed.what);
        let (before, after) = (plain(before), plain(after));
        out.push_str(&format!("  {what}\n    {was}, {before}  ->  {is}, {after}\n"));
    }
    out
}

fn factor(factor: f64) -> String {
    format!("{factor:.2} ×")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::record::tests::demo;
    use crate::store::results::Results;

    #[test]
    fn a_table_has_what_moved_most_first_and_the_totals_say_what_is_missing() {
        let mut moved = demo();
        moved.variants[1].samples[0].wall_ns = vec![20_000_000, 20_500_000, 19_500_000];
        moved.variants.pop();
        let records = |second| {
            BTreeMap::from([("demo".to_owned(), demo()), ("moved".to_owned(), second)])
        };
        let results = Results {
            reference: "ref".into(),
            machines: BTreeMap::from([
                ("ref".into(), records(demo())),
                ("new".into(), records(moved)),
            ]),
            ..Results::default()
        };
        let comparison = Comparison::of(&Pairs::of_machines(&results, "ref", "new"));
        insta::assert_snapshot!(format!("{}\n{}", table(&comparison), totals(&comparison)));
    }
}
