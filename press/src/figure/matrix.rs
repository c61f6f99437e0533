//! Matrices: models down, kinds of work across. A table whose cells are drawn too.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::html::{self};
use super::shown::Shown;
use super::{Drawn, Place, beneath, hollow};
use crate::ask::metric::Metric;
use crate::ask::unit::Unit;
use crate::ask::value::{Value, value};
use crate::store::record::Variant;

/// One model: a variant of a runner, with a value for each case that has it.
struct Row<'r> {
    title: String,
    model: &'r Variant,
    cells: Vec<Option<Value>>,
}

/// Draws the variants of each machine.
///
/// # Errors
/// When variants have no cases, or a lane of the reference record lacks the metric.
pub fn figure(
    caption: &str,
    metric: &Metric,
    place: Place,
    machines: &[Drawn<'_>],
) -> Result<Markup> {
    let mut cases: Vec<(&str, &str)> = Vec::new();
    for variant in machines.iter().flat_map(|drawn| &drawn.variants) {
        let Some(case) = &variant.case else {
            bail!("a matrix needs cases; `{}` has none", variant.id());
        };
        if !cases.iter().any(|(known, _)| known == case) {
            cases.push((case, variant.case_label.as_deref().unwrap_or_default()));
        }
    }
    let mut drawn = Vec::new();
    for Drawn { shown, variants } in machines {
        drawn.push((*shown, rows(shown, variants, &cases, metric)?));
    }
    let values = drawn.iter().flat_map(|(_, rows)| rows.iter().flat_map(|row| &row.cells));
    let most = values.flatten().map(|value| value.estimate.median).fold(0.0, f64::max);
    let blocks: Vec<_> = drawn
        .into_iter()
        .map(|(shown, rows)| {
            let inner = html! {
                (table(&cases, &rows, most))
                (beneath(&[(shown, shows(&cases, &rows))], data(&cases, &rows), place, "csv"))
            };
            (shown, inner)
        })
        .collect();
    let key = match metric {
        Metric::Speedup => {
            "Speed-up over the same language one after another; longer is better."
        }
        _ => "",
    };
    let key = format!("{key} Median; bars are drawn on a logarithmic scale.");
    Ok(html! {
        figure class="measured-figure" {
            (html::caption(place.number, caption, Some(&key)))
            (html::machines("machines wide", &blocks))
        }
    })
}

fn rows<'r>(
    shown: &Shown<'_>,
    variants: &[&'r Variant],
    cases: &[(&str, &str)],
    metric: &Metric,
) -> Result<Vec<Row<'r>>> {
    let is_of =
        |one: &Variant, other: &Variant| one.runner == other.runner && one.name == other.name;
    let mut rows: Vec<Row<'r>> = Vec::new();
    for model in variants {
        if rows.iter().any(|row| is_of(row.model, model)) {
            continue;
        }
        let mut cells = Vec::new();
        for (case, _) in cases {
            let its =
                variants.iter().find(|v| is_of(v, model) && v.case.as_deref() == Some(case));
            let cell = its.map(|its| shown.excuse(value(shown.record, its, metric)));
            cells.push(cell.transpose()?.flatten());
        }
        rows.push(Row { title: html::lane_title(shown.record, model), model, cells });
    }
    Ok(rows)
}

/// The cells that have a value, by work and model.
fn shows(cases: &[(&str, &str)], rows: &[Row<'_>]) -> Vec<(String, Value)> {
    let of_row = |row: &Row<'_>| -> Vec<(String, Value)> {
        let cells = cases.iter().zip(&row.cells);
        let named = cells.filter_map(|((case, _), cell)| {
            Some((format!("{}/{case}/{}", row.model.runner, row.model.name), (*cell)?))
        });
        named.collect()
    };
    rows.iter().flat_map(of_row).collect()
}

fn table(cases: &[(&str, &str)], rows: &[Row<'_>], most: f64) -> Markup {
    html! {
        table class="matrix" {
            thead {
                tr {
                    th scope="col" { "model" }
                    @for (case, label) in cases {
                        th scope="col" { (case) span class="note" { (label) } }
                    }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (row.title) }
                        @for cell in &row.cells {
                            td {
                                @if let Some(value) = cell {
                                    span
                                        class={ "cell " (row.model.kind.name())
                                            (hollow(&row.model.runner)) }
                                        style=(format!("--share:{:.1}%", share(value, most))) {}
                                    (value.text())
                                } @else {
                                    "–"
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How long a cell's bar is. A ratio of one, no gain, has a bar of a tenth.
fn share(value: &Value, most: f64) -> f64 {
    let at = value.estimate.median;
    match value.unit {
        Unit::Times if most > 1.0 => (10.0 + 90.0 * at.ln() / most.ln()).clamp(2.0, 100.0),
        _ => (100.0 * at / most.max(f64::MIN_POSITIVE)).clamp(2.0, 100.0),
    }
}

fn data(cases: &[(&str, &str)], rows: &[Row<'_>]) -> Markup {
    let head = ["model", "work", "median", "95 % interval", "samples"];
    let mut lines = Vec::new();
    for row in rows {
        for ((case, _), cell) in cases.iter().zip(&row.cells) {
            let Some(value) = cell else { continue };
            lines.push(vec![
                row.title.clone(),
                (*case).to_owned(),
                value.text(),
                value.interval(),
                value.estimate.n.to_string(),
            ]);
        }
    }
    html::table(&head, &lines)
}
