//! Curves: a line a variant over numeric cases, both axes logarithmic where asked.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::Bar;
use super::html::percent;
use super::scale::{self, Scale};
use crate::ask::metric::Metric;
use crate::ask::number;
use crate::ask::selector::{Expression, Selector};
use crate::ask::unit::Unit;
use crate::store::record::Record;

const HEIGHT: f64 = 240.0;
/// Above the plot stands what goes up.
const TOP: f64 = 26.0;
/// Where the axis across lies.
const GROUND: f64 = TOP + HEIGHT;

/// The marks of a line, and what they are called.
struct Series<'b> {
    class: String,
    points: Vec<(f64, &'b Bar<'b>)>,
}

impl Series<'_> {
    fn ends_at(&self) -> f64 {
        let last = self.points.iter().max_by(|one, other| one.0.total_cmp(&other.0));
        last.map_or(0.0, |(_, bar)| bar.value.estimate.median)
    }
}

/// The legend, the lines over their axes, and the height of these.
pub(super) fn draw(
    bars: &[Bar<'_>],
    scale: &Scale,
    title: &str,
) -> Result<(Markup, Markup, f64)> {
    let mut all: Vec<Series<'_>> = Vec::new();
    let mut cases: Vec<f64> = Vec::new();
    for bar in bars {
        let variant = bar.variant;
        let Some(Ok(x)) = variant.case.as_deref().map(str::parse) else {
            bail!("a curve needs numeric cases; `{}` has none", variant.id());
        };
        cases.push(x);
        let is_its = |series: &&mut Series<'_>| {
            let first = series.points[0].1.variant;
            first.runner == variant.runner && first.name == variant.name
        };
        match all.iter_mut().find(is_its) {
            Some(series) => series.points.push((x, bar)),
            None => all.push(Series {
                class: format!("{} s{}", variant.kind.name(), all.len()),
                points: vec![(x, bar)],
            }),
        }
    }
    let across = across(&cases);
    let down = |value: f64| TOP + HEIGHT * (1.0 - scale.place(value) / 100.0);
    cases.sort_by(f64::total_cmp);
    cases.dedup();
    let ticks: Vec<(f64, String)> =
        cases.iter().map(|x| (across(*x), number::axis(Unit::Count, *x))).collect();
    let drawn = html! {
        text class="axis" x="0" y="12" { (title) }
        @for (place, text) in scale.ticks() {
            @let y = TOP + HEIGHT * (1.0 - place / 100.0);
            (level(&pixels(y)))
            text class="tick" x="-6" y=(pixels(y + 4.0)) text-anchor="end" { (text) }
        }
        (level(&GROUND.to_string()))
        @for (x, text) in scale::apart(&ticks) {
            // A long one would stand out at the right.
            text class="tick" x=(percent(*x)) y=(GROUND + 18.0)
                text-anchor=(if *x > 95.0 && text.len() > 4 { "end" } else { "middle" }) {
                (text)
            }
        }
        text class="axis" x="50%" y=(GROUND + 38.0) text-anchor="middle" { (of_cases(bars)) }
        @for (i, Series { class, points }) in all.iter().enumerate() {
            @for pair in points.windows(2) {
                line class={ "curve " (class) }
                    x1=(percent(across(pair[0].0)))
                    y1=(pixels(down(pair[0].1.value.estimate.median)))
                    x2=(percent(across(pair[1].0)))
                    y2=(pixels(down(pair[1].1.value.estimate.median))) {}
            }
            @for (x, bar) in points {
                @let e = bar.value.estimate;
                @let x = across(*x);
                line class="whisker" x1=(percent(x)) x2=(percent(x))
                    y1=(pixels(down(e.low))) y2=(pixels(down(e.high))) {}
                (mark(i, x, down(e.median), class))
            }
        }
    };
    let mut by_end: Vec<(usize, &Series<'_>)> = all.iter().enumerate().collect();
    by_end.sort_by(|(_, one), (_, other)| other.ends_at().total_cmp(&one.ends_at()));
    let legend = html! {
        // From top to bottom as the lines end at the right.
        @for (i, Series { class, points }) in by_end {
            li {
                svg width="16" height="16" aria-hidden="true" { (mark(i, 50.0, 8.0, class)) }
                " " (points[0].1.title)
            }
        }
    };
    Ok((legend, drawn, GROUND + 46.0))
}

/// What the numbers across are: what all cases are called, or all but for the number in it.
fn of_cases(bars: &[Bar<'_>]) -> String {
    let mut called = bars.iter().filter_map(|bar| {
        let (case, label) = (bar.variant.case.as_ref()?, bar.variant.case_label.as_ref()?);
        let is_it = |word: &&str| word == case;
        match label.split(' ').filter(is_it).count() {
            0 => Some(label.clone()),
            _ => Some(label.replacen(case.as_str(), "…", 1)),
        }
    });
    let first = called.next().unwrap_or_default();
    if called.all(|other| other == first) { first } else { String::new() }
}

fn pixels(y: f64) -> String {
    format!("{y:.1}")
}

fn level(y: &str) -> Markup {
    html! { line class="grid" x1="0" x2="100%" y1=(y) y2=(y) {} }
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
    metric: &Metric,
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
        let both = bars.iter().any(|b| {
            b.variant.name == other
                && b.variant.case == bar.variant.case
                && b.variant.runner == bar.variant.runner
        });
        if !both {
            continue;
        }
        let of = |name: &str| Selector {
            lane: format!("{}/{case}/{name}", bar.variant.runner),
            metric: metric.clone(),
        };
        let e = Expression::Ratio(of(one), of(other)).value(record)?.estimate;
        match (e.high < 1.0, e.low > 1.0) {
            (true, _) => less.push(x),
            (_, true) => more.push(x),
            _ => even.push(x),
        }
    }
    let kinds = [(less, "below"), (more, "above"), (even, "indistinguishable from")];
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

/// A series differs by shape as well as by color; from the fifth on, the shapes come again,
/// hollow. A mark across is in per cent, so it is drawn as an `svg` of its own at that place.
fn mark(series: usize, x: f64, y: f64, class: &str) -> Markup {
    let hollow = if series / 4 % 2 == 1 { " hollow" } else { "" };
    html! {
        svg class={ "mark " (class) (hollow) } x=(percent(x)) y=(pixels(y)) overflow="visible" {
            @match series % 4 {
                0 => circle cx="0" cy="0" r="5" {},
                1 => rect x="-4.5" y="-4.5" width="9" height="9" {},
                2 => path d="M0 -6 L6 5 L-6 5 Z" {},
                _ => path d="M0 -6 L6 0 L0 6 L-6 0 Z" {},
            }
        }
    }
}
