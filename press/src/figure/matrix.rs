//! Matrices: models down, kinds of work across. A table whose cells are drawn too.

use std::fmt::Write;

use anyhow::{Result, bail};

use super::{beneath, color};
use crate::ask::select::{Unit, Value, value};
use crate::figure::html::{self, escape};
use crate::store::record::{Kind, Record, Variant};

/// One model: a variant of a runner, with a value for each case that has it.
struct Row {
    title: String,
    kind: Kind,
    is_rust: bool,
    cells: Vec<Option<Value>>,
}

/// Draws the variants of each machine.
///
/// # Errors
/// When variants have no cases, or a lane of the reference record lacks the metric.
pub fn figure(
    caption: &str,
    metric: &str,
    number: usize,
    reference: &str,
    machines: &[(&str, &Record, Vec<&Variant>)],
) -> Result<String> {
    let mut cases: Vec<(&str, &str)> = Vec::new();
    for variant in machines.iter().flat_map(|(_, _, variants)| variants) {
        match (&variant.case, &variant.case_label) {
            (Some(case), label) => {
                if !cases.iter().any(|(known, _)| known == case) {
                    cases.push((case, label.as_deref().unwrap_or_default()));
                }
            }
            _ => bail!("a matrix needs cases; `{}` has none", variant.id()),
        }
    }
    let mut drawn = Vec::new();
    for (machine, record, variants) in machines {
        let whole = *machine == reference;
        drawn.push((*machine, *record, rows(record, variants, &cases, metric, whole)?));
    }
    let values = drawn.iter().flat_map(|(_, _, rows)| rows.iter().flat_map(|row| &row.cells));
    let most = values.flatten().map(|value| value.estimate.median).fold(0.0, f64::max);
    let mut body = String::new();
    for (i, (machine, record, rows)) in drawn.iter().enumerate() {
        let mut inner = table(&cases, rows, most);
        inner.push_str(&beneath(machine, record, &data(&cases, rows)));
        let is_reference = *machine == reference;
        body.push_str(&html::machine_block(i, drawn.len(), machine, is_reference, &inner));
    }
    let key = match metric {
        "speedup" => "Speed-up over the same language one after another; longer is better.",
        _ => "",
    };
    Ok(format!(
        "<figure class=\"measured-figure\"><figcaption><b>Figure {number}.</b> {} \
         <span class=\"key\">{key} Median; bars are drawn on a logarithmic scale.</span>\
         </figcaption><div class=\"machines wide\">{body}</div></figure>",
        escape(caption)
    ))
}

fn rows(
    record: &Record,
    variants: &[&Variant],
    cases: &[(&str, &str)],
    metric: &str,
    whole: bool,
) -> Result<Vec<Row>> {
    let mut models: Vec<(&str, &str)> = Vec::new();
    for variant in variants {
        let model = (variant.runner.as_str(), variant.name.as_str());
        if !models.contains(&model) {
            models.push(model);
        }
    }
    let mut rows = Vec::new();
    for (runner, name) in models {
        let its = |case: &str| {
            variants.iter().find(|v| {
                v.runner == runner && v.name == name && v.case.as_deref() == Some(case)
            })
        };
        let mut cells = Vec::new();
        for (case, _) in cases {
            cells.push(match its(case).map(|variant| value(record, variant, metric)) {
                Some(Ok(value)) => Some(value),
                Some(Err(e)) if whole => return Err(e),
                _ => None,
            });
        }
        let Some(one) = variants.iter().find(|v| v.runner == runner && v.name == name) else {
            continue;
        };
        rows.push(Row {
            title: html::lane_title(record, one),
            kind: one.kind,
            is_rust: runner == "rust",
            cells,
        });
    }
    Ok(rows)
}

fn table(cases: &[(&str, &str)], rows: &[Row], most: f64) -> String {
    let mut out =
        String::from("<table class=\"matrix\"><thead><tr><th scope=\"col\">model</th>");
    for (case, label) in cases {
        let _ = write!(
            out,
            "<th scope=\"col\">{}<span class=\"note\">{}</span></th>",
            escape(case),
            escape(label)
        );
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(&row.title));
        for cell in &row.cells {
            let Some(value) = cell else {
                out.push_str("<td>–</td>");
                continue;
            };
            let hollow = if row.is_rust { "" } else { " hollow" };
            let _ = write!(
                out,
                "<td><span class=\"cell {}{hollow}\" style=\"--share:{:.1}%\"></span>{}</td>",
                color(row.kind),
                share(value, most),
                value.text()
            );
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    out
}

/// How long a cell's bar is. A ratio of one, no gain, has a bar of a tenth.
fn share(value: &Value, most: f64) -> f64 {
    let at = value.estimate.median;
    match value.unit {
        Unit::Times if most > 1.0 => (10.0 + 90.0 * at.ln() / most.ln()).clamp(2.0, 100.0),
        _ => (100.0 * at / most.max(f64::MIN_POSITIVE)).clamp(2.0, 100.0),
    }
}

fn data(cases: &[(&str, &str)], rows: &[Row]) -> String {
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
    html::table(&head.map(str::to_owned), &lines)
}
