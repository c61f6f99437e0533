//! Curves: a line a variant over numeric cases, both axes logarithmic where asked.

use std::fmt::Write;

use anyhow::{Result, bail};

use super::scale::Scale;
use super::{Bar, color};
use crate::ask::number;
use crate::ask::select::{Expression, Unit};
use crate::figure::html::escape;
use crate::store::record::Record;

const HEIGHT: f64 = 240.0;
const TOP: f64 = 8.0;

pub(super) fn svg(
    bars: &[Bar<'_>],
    scale: &Scale,
    class: &str,
    spoken: &str,
) -> Result<String> {
    let mut points: Vec<(f64, &Bar<'_>)> = Vec::new();
    for bar in bars {
        match bar.variant.case.as_deref().map(str::parse) {
            Some(Ok(x)) => points.push((x, bar)),
            _ => bail!("a curve needs numeric cases; `{}` has none", bar.variant.id()),
        }
    }
    let across = across(&points.iter().map(|(x, _)| *x).collect::<Vec<_>>());
    let down = |value: f64| TOP + HEIGHT * (1.0 - scale.place(value) / 100.0);

    let mut out = String::new();
    for (place, text) in scale.ticks() {
        let y = TOP + HEIGHT * (1.0 - place / 100.0);
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"tick\" x=\"-6\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            y + 4.0
        );
    }
    let ground = TOP + HEIGHT;
    let _ = write!(
        out,
        "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{ground}\" y2=\"{ground}\"/>"
    );
    let mut ticks: Vec<f64> = points.iter().map(|(x, _)| *x).collect();
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    for (i, x) in ticks.iter().enumerate() {
        let anchor = match i {
            // A long one would stand out at the right.
            i if i + 1 == ticks.len() && number::axis(Unit::Count, *x).len() > 4 => "end",
            _ => "middle",
        };
        let _ = write!(
            out,
            "<text class=\"tick\" x=\"{:.2}%\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            across(*x),
            ground + 18.0,
            number::axis(Unit::Count, *x)
        );
    }
    let mut series: Vec<(&str, &str)> = Vec::new();
    for (_, bar) in &points {
        let key = (bar.variant.runner.as_str(), bar.variant.name.as_str());
        if !series.contains(&key) {
            series.push(key);
        }
    }
    let mut legend = String::new();
    for (i, (runner, name)) in series.iter().enumerate() {
        let line: Vec<&(f64, &Bar<'_>)> = points
            .iter()
            .filter(|(_, bar)| bar.variant.runner == *runner && bar.variant.name == *name)
            .collect();
        let class = format!("{} s{i}", color(line[0].1.variant.kind));
        for pair in line.windows(2) {
            let _ = write!(
                out,
                "<line class=\"curve {class}\" x1=\"{:.2}%\" y1=\"{:.1}\" x2=\"{:.2}%\" y2=\"{:.1}\"/>",
                across(pair[0].0),
                down(pair[0].1.value.estimate.median),
                across(pair[1].0),
                down(pair[1].1.value.estimate.median)
            );
        }
        for (x, bar) in &line {
            let e = bar.value.estimate;
            let x = across(*x);
            let _ = write!(
                out,
                "<line class=\"whisker\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
                down(e.low),
                down(e.high)
            );
            out.push_str(&mark(i, x, down(e.median), &class));
        }
        let _ = write!(
            legend,
            "<li><svg width=\"16\" height=\"16\" aria-hidden=\"true\">{}</svg> {}</li>",
            mark(i, 50.0, 8.0, &class),
            escape(&line[0].1.title)
        );
    }
    Ok(format!(
        "<ul class=\"legend {class}\">{legend}</ul>\
         <svg class=\"curves {class}\" role=\"img\" aria-label=\"{spoken}\" width=\"100%\" \
         height=\"{}\">{out}</svg>",
        TOP + HEIGHT + 26.0
    ))
}

/// Where a case lies, in per cent. Zero has no logarithm; it stands a step before the least.
fn across(cases: &[f64]) -> impl Fn(f64) -> f64 + use<> {
    let positive = || cases.iter().copied().filter(|x| *x > 0.0);
    let least = positive().fold(f64::INFINITY, f64::min);
    let most = positive().fold(0.0, f64::max);
    let from = if cases.contains(&0.0) { least / 3.0 } else { least };
    move |x| 3.0 + 94.0 * (x.max(from) / from).ln() / (most / from).ln().max(f64::MIN_POSITIVE)
}

/// Where `one` is surely less than `other` and where surely more, by ratios within rounds.
pub(super) fn crossing(
    record: &Record,
    bars: &[Bar<'_>],
    metric: &str,
    one: &str,
    other: &str,
) -> Result<String> {
    let mut less: Vec<f64> = Vec::new();
    let mut more: Vec<f64> = Vec::new();
    let mut even: Vec<f64> = Vec::new();
    let named = |name: &str| {
        let bar = bars.iter().find(|bar| bar.variant.name == name);
        bar.map(|bar| bar.title.clone())
    };
    let (Some(title), Some(other_title)) = (named(one), named(other)) else {
        bail!("crossing names a variant that the figure does not draw: `{one}` or `{other}`");
    };
    for bar in bars.iter().filter(|bar| bar.variant.name == one) {
        let Some(case) = bar.variant.case.as_deref() else { continue };
        let Ok(x) = case.parse::<f64>() else { continue };
        let lane = |name: &str| format!("{}/{case}/{name}.{metric}", bar.variant.runner);
        let both = bars.iter().any(|b| {
            b.variant.name == other
                && b.variant.case == bar.variant.case
                && b.variant.runner == bar.variant.runner
        });
        if !both {
            continue;
        }
        let ratio = format!("{} / {}", lane(one), lane(other));
        let e = Expression::parse(&ratio)?.value(record)?.estimate;
        match (e.high < 1.0, e.low > 1.0) {
            (true, _) => less.push(x),
            (_, true) => more.push(x),
            _ => even.push(x),
        }
    }
    let kinds = [(less, "below"), (more, "above"), (even, "not to be told apart from")];
    let everywhere = kinds.iter().filter(|(cases, _)| !cases.is_empty()).count() == 1;
    let mut parts: Vec<String> = Vec::new();
    for (mut cases, how) in kinds {
        if cases.is_empty() {
            continue;
        }
        cases.sort_by(f64::total_cmp);
        let texts: Vec<String> = cases.iter().map(|x| number::axis(Unit::Count, *x)).collect();
        let places =
            if everywhere { "everywhere".into() } else { format!("at {}", texts.join(", ")) };
        // The first says what from; the others need not.
        let what = match parts.is_empty() {
            true => format!("{how} “{other_title}” "),
            false => format!("{} ", how.trim_end_matches(" from")),
        };
        parts.push(what + &places);
    }
    Ok(format!("“{title}” is {}.", parts.join("; ")))
}

/// A series differs by shape as well as by color. A mark across is in per cent, so it is
/// drawn as an `svg` of its own at that place.
fn mark(series: usize, x: f64, y: f64, class: &str) -> String {
    let shape = match series % 4 {
        0 => "<circle cx=\"0\" cy=\"0\" r=\"5\"/>",
        1 => "<rect x=\"-4.5\" y=\"-4.5\" width=\"9\" height=\"9\"/>",
        2 => "<path d=\"M0 -6 L6 5 L-6 5 Z\"/>",
        _ => "<path d=\"M0 -6 L6 0 L0 6 L-6 0 Z\"/>",
    };
    // From the fifth on, the shapes come again, hollow.
    let class = if series / 4 % 2 == 1 { format!("{class} hollow") } else { class.to_owned() };
    format!(
        "<svg class=\"mark {class}\" x=\"{x:.2}%\" y=\"{y:.1}\" overflow=\"visible\">{shape}</svg>"
    )
}
