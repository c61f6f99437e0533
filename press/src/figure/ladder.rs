//! Ladders: costs over decades, one rung each, the least at the bottom of the scale first.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::html::{self, percent};
use super::place::Place;
use super::scale::Scale;
use super::shown::Shown;
use super::{Drawing, beneath, colors, cut, ends, hollow, spoken};
use crate::ask::selector::{Expression, find};
use crate::ask::unit::Unit;
use crate::ask::value::Value;
use crate::store::record::Variant;

/// One cost.
pub struct Rung<'r> {
    shown: Shown<'r>,
    variant: &'r Variant,
    title: String,
    value: Value,
    /// What is asked for it.
    asks: String,
}

/// What `expression` says of a record, called `title` or after its variant.
///
/// # Errors
/// When the record has no such number, or it is none to be put on a ladder.
pub fn rung<'r>(
    shown: Shown<'r>,
    expression: &Expression,
    title: Option<&str>,
) -> Result<Rung<'r>> {
    let value = expression.value(shown.record)?;
    let variant = find(shown.record, expression.lanes()[0])?;
    let title = title.map_or_else(|| html::lane_title(shown.record, variant), str::to_owned);
    if value.estimate.median <= 0.0 {
        bail!("`{title}` is not above zero, and a logarithmic scale has no place for it");
    }
    let asks = format!("{}: {expression}", shown.record.experiment);
    Ok(Rung { shown, variant, title, value, asks })
}

const ROW: usize = 30;

/// Draws the rungs of each machine over one scale.
///
/// # Errors
/// When there are none, or they have different units.
pub fn figure(
    caption: &str,
    place: Place<'_>,
    mut machines: Vec<Vec<Rung<'_>>>,
) -> Result<Markup> {
    let all = || machines.iter().flatten();
    let Some(first) = all().next() else { bail!("a ladder needs rungs") };
    let unit = first.value.unit;
    if let Some(other) = all().find(|rung| rung.value.unit != unit) {
        bail!("`{}` has another unit than `{}`", other.title, first.title);
    }
    let ends: Vec<f64> = all().flat_map(|rung| ends(&rung.value)).collect();
    let scale = Scale::log(&ends, unit);
    let key = match unit {
        Unit::Seconds => "The scale is logarithmic: each step is ten times the one before.",
        _ => "The scale is logarithmic.",
    };
    let cut = cut(&scale, all().map(|rung| &rung.value));
    let key = format!(
        "{key} Median; whiskers show the 95 % interval where it is wider than the mark.{cut}"
    );
    let kinds: Vec<_> = all().map(|rung| rung.variant.kind).collect();
    let mut blocks = Vec::new();
    for rungs in &mut machines {
        let shown = rungs[0].shown;
        rungs.sort_by(|a, b| a.value.estimate.median.total_cmp(&b.value.estimate.median));
        let mut from: BTreeMap<&str, Drawing<'_>> = BTreeMap::new();
        for rung in rungs.iter() {
            let (_, shows) =
                from.entry(&rung.shown.record.experiment).or_insert((rung.shown, vec![]));
            shows.push((rung.title.clone(), rung.value));
        }
        let from: Vec<Drawing<'_>> = from.into_values().collect();
        let inner = html! { (draw(rungs, &scale, caption)) (beneath(&from, data(rungs), place, "csv")) };
        blocks.push((shown, inner));
    }
    Ok(html! {
        figure class="measured-figure" {
            (colors::caption(place, caption, &key, kinds))
            (html::machines("machines wide", &blocks))
        }
    })
}

fn draw(rungs: &[Rung<'_>], scale: &Scale, caption: &str) -> Markup {
    let height = rungs.len() * ROW;
    let spoken = spoken(caption, rungs.iter().map(|rung| (rung.title.clone(), rung.value)));
    html! {
        svg class="ladder" role="img" aria-label=(spoken) width="100%" height=(height + 24) {
            (scale.grid(height))
            @for (i, rung) in rungs.iter().enumerate() {
                @let e = rung.value.estimate;
                @let x = percent(scale.place(e.median));
                @let (text, line) = (i * ROW + 13, i * ROW + 21);
                @let kind = rung.variant.kind.name();
                text x="0" y=(text) { (rung.title) }
                text x="100%" y=(text) class="value" { (rung.value.text()) }
                line class={ "rung " (kind) } x1="0" x2=(x) y1=(line) y2=(line) {}
                line class="whisker" x1=(percent(scale.place(e.low)))
                    x2=(percent(scale.place(e.high))) y1=(line) y2=(line) {}
                svg class="mark" x=(x) y=(line) overflow="visible" {
                    rect class={ (kind) (hollow(&rung.variant.runner)) } x="-5" y="-5"
                        width="10" height="10" {}
                }
            }
        }
    }
}

fn data(rungs: &[Rung<'_>]) -> Markup {
    let head = ["cost of", "median", "95 % interval", "samples", "experiment"];
    let rows: Vec<Vec<String>> = rungs
        .iter()
        .map(|rung| {
            vec![
                rung.title.clone(),
                rung.value.text(),
                rung.value.interval(),
                rung.value.estimate.n.to_string(),
                rung.shown.record.experiment.clone(),
            ]
        })
        .collect();
    let of = rungs.iter().map(|rung| rung.asks.clone()).collect();
    html::table_of(&head, &rows, &html::Of { rows: of, columns: Vec::new() })
}
