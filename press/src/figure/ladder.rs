//! Ladders: costs over decades, one rung each, the least at the bottom of the scale first.

use std::fmt::Write;

use anyhow::{Result, bail};

use super::{beneath_all, color, scale::Scale};
use crate::ask::select::{self, Expression, Unit, Value};
use crate::figure::html::{self, escape};
use crate::store::record::{Kind, Record};

/// One cost.
pub struct Rung<'r> {
    record: &'r Record,
    title: String,
    kind: Kind,
    is_rust: bool,
    value: Value,
}

/// What `expression` says of `record`, called `title` or after its variant.
///
/// # Errors
/// When the record has no such number, or it is none to be put on a ladder.
pub fn rung<'r>(
    record: &'r Record,
    expression: &Expression,
    title: Option<&str>,
) -> Result<Rung<'r>> {
    let value = expression.value(record)?;
    let variant = select::find(record, expression.lanes()[0])?;
    let title = title.map_or_else(|| html::lane_title(record, variant), str::to_owned);
    if value.estimate.median <= 0.0 {
        bail!("`{title}` is not above zero, and a logarithmic scale has no place for it");
    }
    Ok(Rung { record, title, kind: variant.kind, is_rust: variant.runner == "rust", value })
}

const ROW: usize = 30;

/// Draws the rungs of each machine over one scale.
///
/// # Errors
/// When rungs have different units.
pub fn figure(
    caption: &str,
    number: usize,
    reference: &str,
    mut machines: Vec<(&str, Vec<Rung<'_>>)>,
) -> Result<String> {
    let all = || machines.iter().flat_map(|(_, rungs)| rungs.iter());
    let Some(first) = all().next() else { bail!("a ladder needs rungs") };
    let unit = first.value.unit;
    if let Some(other) = all().find(|rung| rung.value.unit != unit) {
        bail!("`{}` has another unit than `{}`", other.title, first.title);
    }
    let ends: Vec<f64> =
        all().flat_map(|rung| [rung.value.estimate.low, rung.value.estimate.high]).collect();
    let scale = Scale::log(&ends, unit);
    let count = machines.len();
    let mut body = String::new();
    for (i, (machine, rungs)) in machines.iter_mut().enumerate() {
        rungs.sort_by(|a, b| a.value.estimate.median.total_cmp(&b.value.estimate.median));
        let mut inner = svg(rungs, &scale, &escape(&spoken(caption, rungs)));
        let mut records: Vec<&Record> = rungs.iter().map(|rung| rung.record).collect();
        records.dedup_by(|a, b| a.experiment == b.experiment);
        records.sort_by(|a, b| a.experiment.cmp(&b.experiment));
        records.dedup_by(|a, b| a.experiment == b.experiment);
        inner.push_str(&beneath_all(machine, &records, &data(rungs)));
        body.push_str(&html::machine_block(i, count, machine, *machine == reference, &inner));
    }
    let key = match unit {
        Unit::Seconds => "Each step of the scale is ten times the one before.",
        _ => "A logarithmic scale.",
    };
    Ok(format!(
        "<figure class=\"measured-figure\"><figcaption><b>Figure {number}.</b> {} \
         <span class=\"key\">{key} Median; whiskers show the 95 % interval where it is wider \
         than the mark.</span></figcaption><div class=\"machines wide\">{body}</div></figure>",
        escape(caption)
    ))
}

fn svg(rungs: &[Rung<'_>], scale: &Scale, spoken: &str) -> String {
    let mut body = String::new();
    for (i, rung) in rungs.iter().enumerate() {
        let y = i * ROW;
        let e = rung.value.estimate;
        let (x, from, to) = (scale.place(e.median), scale.place(e.low), scale.place(e.high));
        let line = y + 21;
        let hollow = if rung.is_rust { "" } else { " hollow" };
        let _ = write!(
            body,
            "<text x=\"0\" y=\"{text}\">{}</text>\
             <text x=\"100%\" y=\"{text}\" class=\"value\">{}</text>\
             <line class=\"rung {kind}\" x1=\"0\" x2=\"{x:.2}%\" y1=\"{line}\" y2=\"{line}\"/>\
             <line class=\"whisker\" x1=\"{from:.2}%\" x2=\"{to:.2}%\" y1=\"{line}\" y2=\"{line}\"/>\
             <svg class=\"mark\" x=\"{x:.2}%\" y=\"{line}\" overflow=\"visible\">\
             <rect class=\"{kind}{hollow}\" x=\"-5\" y=\"-5\" width=\"10\" height=\"10\"/></svg>",
            escape(&rung.title),
            rung.value.text(),
            text = y + 13,
            kind = color(rung.kind),
        );
    }
    let height = rungs.len() * ROW;
    let ticks = scale.ticks();
    let mut grid = String::new();
    for (i, (x, text)) in ticks.iter().enumerate() {
        let anchor = match i {
            0 => "start",
            i if i + 1 == ticks.len() => "end",
            _ => "middle",
        };
        let _ = write!(
            grid,
            "<line class=\"grid\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"0\" y2=\"{height}\"/>\
             <text class=\"tick\" x=\"{x:.2}%\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>",
            height + 17
        );
    }
    format!(
        "<svg class=\"ladder\" role=\"img\" aria-label=\"{spoken}\" width=\"100%\" \
         height=\"{}\">{grid}{body}</svg>",
        height + 24
    )
}

fn spoken(caption: &str, rungs: &[Rung<'_>]) -> String {
    rungs.iter().fold(caption.to_owned(), |mut text, rung| {
        let _ = write!(text, " {}: {}.", rung.title, rung.value.text());
        text
    })
}

fn data(rungs: &[Rung<'_>]) -> String {
    let head = ["cost of", "median", "95 % interval", "samples", "experiment"];
    let rows: Vec<Vec<String>> = rungs
        .iter()
        .map(|rung| {
            vec![
                rung.title.clone(),
                rung.value.text(),
                rung.value.interval(),
                rung.value.estimate.n.to_string(),
                rung.record.experiment.clone(),
            ]
        })
        .collect();
    html::table(&head.map(str::to_owned), &rows)
}
