//! `{{#replication sittings}}`, `machines`, `controls`: whether it comes out again, on another
//! day, on another machine, and in the same round.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use crate::ask::near::Unknown;
use crate::ask::replication::{Comparison, Move, What};
use crate::ask::together::Spread;
use crate::figure::html;
use crate::figure::shown::title;
use crate::store::results::Results;

pub(super) const NAME: &str = "replication";

/// What is held against what.
#[derive(Clone, Copy)]
enum Against {
    Sittings,
    Machines,
    Controls,
}

const KINDS: [(&str, Against); 3] = [
    ("sittings", Against::Sittings),
    ("machines", Against::Machines),
    ("controls", Against::Controls),
];

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    match KINDS.iter().find(|(name, _)| *name == rest) {
        Some((_, against)) => boxed(*against),
        None => {
            let text =
                format!("`{rest}` is not replicated; write sittings, machines or controls");
            bail!(Unknown::new(text, rest, KINDS.map(|(name, _)| name)))
        }
    }
}

impl Directive for Against {
    fn render(&self, pages: &Pages, _: &mut Page) -> Result<String> {
        let together = pages.together();
        let reference = &pages.results.reference;
        Ok(markdown::block(match self {
            Against::Sittings if together.sittings.is_empty() => html! {
                p {
                    "Every record so far is of one sitting, so there is nothing to hold it "
                    "against on its own machine yet."
                }
            },
            Against::Sittings => html! {
                (overlaps("machine", &together.sittings))
                (spreads(&together.spread, &pages.results))
                @for (machine, comparison) in &together.sittings {
                    (by_experiment(
                        &format!("Each experiment's sittings on {}", title(machine)),
                        comparison,
                    ))
                }
            },
            Against::Machines if together.machines.is_empty() => html! {
                p {
                    "There are records of one machine only, " (reference)
                    ", so there is nothing to hold it against yet."
                }
            },
            Against::Machines => html! {
                (overlaps(&format!("against {reference}"), &together.machines))
                @for (machine, comparison) in &together.machines {
                    (by_experiment(
                        &format!("Each experiment on {} against {reference}", title(machine)),
                        comparison,
                    ))
                }
            },
            Against::Controls if together.controls.is_empty() => html! {
                p { "No record so far has a control." }
            },
            Against::Controls => {
                let apart: Vec<_> =
                    together.controls.iter().filter(|control| !control.holds()).collect();
                let rows: Vec<Vec<String>> = apart
                    .iter()
                    .map(|control| {
                        let ratio = control.ratio;
                        vec![
                            control.of.clone(),
                            format!("{:.3}\u{202f}×", ratio.median),
                            format!("{:.3} to {:.3}\u{202f}×", ratio.low, ratio.high),
                        ]
                    })
                    .collect();
                html! {
                    p {
                        (together.controls.len() - apart.len()) " of "
                        (together.controls.len())
                        " controls have 1 in their interval."
                    }
                    @if !rows.is_empty() {
                        details {
                            summary { "Those that do not" }
                            (html::table(&["control", "ratio", "95 % interval"], &rows))
                        }
                    }
                }
            }
        }))
    }
}

/// What overlaps, a row a machine and kind of interval.
fn overlaps(first: &str, of: &BTreeMap<String, Comparison>) -> Markup {
    let head =
        [first, "intervals of", "overlap", "share", "typical move", "largest move", "which"];
    let mut rows = Vec::new();
    for (machine, comparison) in of {
        for what in What::ALL {
            let tally = comparison.total(what);
            let most = tally.largest();
            rows.push(vec![
                title(machine).to_owned(),
                what.title().to_owned(),
                format!("{} of {}", tally.overlapping, tally.compared),
                tally.share().map_or("–".into(), percent),
                tally.middle_move().map_or("–".into(), times),
                most.map_or("–".into(), |most| times(most.factor())),
                most.map_or("–".into(), |most| of_whom(comparison, what, most)),
            ]);
        }
    }
    html::table(&head, &rows)
}

/// The experiment of the move, and the move's own name.
fn of_whom(comparison: &Comparison, what: What, most: &Move) -> String {
    let whose = comparison
        .experiments
        .iter()
        .find(|compared| compared.tallies[what as usize].largest() == Some(most));
    whose.map_or(most.what.clone(), |whose| format!("{}: {}", whose.experiment, most.what))
}

/// On how many days the machine's sittings were made.
fn days(results: &Results, machine: &str) -> usize {
    let records = results.machines.get(machine).into_iter().flat_map(BTreeMap::values);
    let dates = records
        .flat_map(|record| &record.sittings)
        .filter_map(|sitting| sitting.date.split('T').next());
    dates.collect::<BTreeSet<_>>().len()
}

/// How far sittings lie apart, a row a machine.
fn spreads(of: &BTreeMap<String, Spread>, results: &Results) -> Markup {
    let rows: Vec<Vec<String>> = of
        .iter()
        .map(|(machine, spread)| {
            let share = |q| spread.quantile(q).map_or("–".into(), percent);
            vec![
                title(machine).to_owned(),
                days(results, machine).to_string(),
                spread.count().to_string(),
                share(0.5),
                share(0.9),
            ]
        })
        .collect();
    html! {
        p { "How far the medians of a variant's sittings lie apart, as a share of the middle one:" }
        (html::table(&["machine", "days", "variants", "half within", "nine of ten within"], &rows))
    }
}

/// The same for each experiment, that which moved most first; folded away.
fn by_experiment(summary: &str, comparison: &Comparison) -> Markup {
    let head = ["experiment", "times", "speed-ups", "own metrics", "largest move", "which"];
    let rows: Vec<Vec<String>> = comparison
        .experiments
        .iter()
        .map(|compared| {
            let mut row = vec![compared.experiment.clone()];
            row.extend(compared.tallies.iter().map(|tally| match tally.compared {
                0 => "–".to_owned(),
                all => format!("{} of {all}", tally.overlapping),
            }));
            row.extend(match compared.largest() {
                Some((what, most)) => {
                    [times(most.factor()), format!("{} of {}", what.one(), most.what)]
                }
                None => ["–".into(), "–".into()],
            });
            row
        })
        .collect();
    html! {
        details {
            summary { (summary) }
            (html::table(&head, &rows))
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}\u{202f}%", share * 100.0)
}

fn times(factor: f64) -> String {
    format!("{factor:.2}\u{202f}×")
}
