//! Curves: a line a variant over numeric cases, each with its name at its end.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::html::percent;
use super::scale::{self, Axis, Held, Scale};
use super::{Bar, hollow};
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

/// Between two names at the ends of lines.
const NAME: f64 = 16.0;

/// A line: its marks, how it looks, and what it is called.
struct Series<'b> {
    /// Its color, and which of that color it is.
    class: String,
    /// Its mark's shape, the same for one variant in every language.
    shape: usize,
    hollow: &'static str,
    title: &'b str,
    points: Vec<(f64, &'b Bar<'b>)>,
}

impl<'b> Series<'b> {
    /// Where it ends at the right.
    fn end(&self) -> Option<&(f64, &'b Bar<'b>)> {
        self.points.iter().max_by(|one, other| one.0.total_cmp(&other.0))
    }

    fn ends_at(&self) -> f64 {
        self.end().map_or(0.0, |(_, bar)| bar.value.estimate.median)
    }

    fn mark(&self, x: f64, y: f64) -> Markup {
        mark(self.shape, x, y, &format!("{}{}", self.class, self.hollow))
    }
}

/// Lines over their axes, and what names them.
pub(super) struct Curves {
    /// Their names, for where there is no room at their ends.
    pub(super) legend: Markup,
    /// The lines, with their names.
    pub(super) drawn: Markup,
    /// How high that is.
    pub(super) height: f64,
    /// How many characters the longest name has.
    pub(super) longest: usize,
}

/// Draws a line for each variant.
///
/// # Errors
/// When a case is not a number.
pub(super) fn draw(bars: &[Bar<'_>], scale: &Scale, axis: Axis, title: &str) -> Result<Curves> {
    let (all, mut cases) = series(bars)?;
    let across = across(&cases, axis);
    let down = |value: f64| TOP + HEIGHT * (1.0 - scale.place(value) / 100.0);
    cases.sort_by(f64::total_cmp);
    cases.dedup();
    let gap = gap(&cases, axis).map(&across);
    let ticks: Vec<(f64, String)> =
        cases.iter().map(|x| (across(*x), number::axis(Unit::Count, *x))).collect();
    let mut by_end: Vec<&Series<'_>> = all.iter().collect();
    by_end.sort_by(|one, other| other.ends_at().total_cmp(&one.ends_at()));
    let names = spread(by_end.iter().map(|series| down(series.ends_at())).collect());
    let drawn = html! {
        text class="axis" x="0" y="12" { (title) }
        @for (place, text) in scale.ticks() {
            @let y = TOP + HEIGHT * (1.0 - place / 100.0);
            (level(&pixels(y)))
            text class="tick" x="-6" y=(pixels(y + 4.0)) text-anchor="end" { (text) }
        }
        (level(&GROUND.to_string()))
        @for (x, text) in scale::apart(&ticks, Held::Centered, 1.0) {
            text class="tick" x=(percent(*x)) y=(GROUND + 18.0) text-anchor="middle" { (text) }
        }
        text class="axis" x="50%" y=(GROUND + 38.0) text-anchor="middle" { (of_cases(bars)) }
        @if let Some(gap) = &gap {
            // Zero has no place among decades: the axis is broken before it.
            line class="gap" x1=(percent(*gap)) x2=(percent(*gap)) y1=(TOP - 2.0)
                y2=(GROUND + 3.0) {}
            svg x=(percent(*gap)) y=(GROUND) overflow="visible" {
                line class="break" x1="-8" x2="-2" y1="6" y2="-6" {}
                line class="break" x1="2" x2="8" y1="6" y2="-6" {}
            }
        }
        @for (i, series) in all.iter().enumerate() {
            // No line leads to what is set apart.
            @let joined = |pair: &&[(f64, &Bar<'_>)]| gap.is_none() || pair.iter().all(|p| p.0 > 0.0);
            g transform=[aside(i, all.len())] {
                @for pair in series.points.windows(2).filter(joined) {
                    line class={ "curve " (series.class) }
                        x1=(percent(across(pair[0].0)))
                        y1=(pixels(down(pair[0].1.value.estimate.median)))
                        x2=(percent(across(pair[1].0)))
                        y2=(pixels(down(pair[1].1.value.estimate.median))) {}
                }
                @for (x, bar) in &series.points {
                    @let e = bar.value.estimate;
                    @let x = across(*x);
                    line class={ "whisker " (series.points[0].1.variant.kind.name()) }
                        x1=(percent(x)) x2=(percent(x))
                        y1=(pixels(down(e.low))) y2=(pixels(down(e.high))) {}
                    (series.mark(x, down(e.median)))
                }
            }
        }
        g class="ends" aria-hidden="true" {
            @for (series, y) in by_end.iter().zip(names) {
                @let (x, end) = (series.end().map_or(0.0, |(x, _)| across(*x)), series.ends_at());
                line class="leader" x1=(percent(x)) x2="100%" y1=(pixels(down(end)))
                    y2=(pixels(y)) {}
                svg x="100%" y=(pixels(y)) overflow="visible" {
                    line class={ "curve " (series.class) } x1="2" x2="28" {}
                    svg x="15" overflow="visible" { (series.mark(0.0, 0.0)) }
                    text x="34" y="4" { (series.title) }
                }
            }
        }
    };
    let legend = html! {
        // From top to bottom as the lines end at the right.
        @for series in &by_end {
            li {
                svg width="26" height="16" aria-hidden="true" {
                    line class={ "curve " (series.class) } x1="0" x2="26" y1="8" y2="8" {}
                    (series.mark(50.0, 8.0))
                }
                " " (series.title)
            }
        }
    };
    let longest = all.iter().map(|series| series.title.chars().count()).max().unwrap_or(0);
    Ok(Curves { legend, drawn, height: GROUND + 46.0, longest })
}

/// The lines, and where all their marks lie.
fn series<'b>(bars: &'b [Bar<'b>]) -> Result<(Vec<Series<'b>>, Vec<f64>)> {
    let mut all: Vec<Series<'b>> = Vec::new();
    let mut cases: Vec<f64> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
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
        if let Some(series) = all.iter_mut().find(is_its) {
            series.points.push((x, bar));
            continue;
        }
        let shape = names.iter().position(|name| *name == variant.name).unwrap_or(names.len());
        if shape == names.len() {
            names.push(&variant.name);
        }
        let kind = variant.kind;
        let before = all.iter().filter(|one| one.points[0].1.variant.kind == kind).count();
        all.push(Series {
            class: format!("{} n{}", kind.name(), before % DASHES),
            shape,
            hollow: hollow(&variant.runner),
            title: &bar.title,
            points: vec![(x, bar)],
        });
    }
    Ok((all, cases))
}

/// How far the first and the last of several lines are from their marks, in pixels.
const ASIDE: f64 = 6.0;

/// Marks of several lines over one case stand side by side, so that no whisker hides another.
fn aside(i: usize, count: usize) -> Option<String> {
    let last = count.checked_sub(1).filter(|last| *last > 0)? as f64;
    let reach = (last * 3.0).min(ASIDE);
    Some(format!("translate({:.1} 0)", (2.0 * i as f64 / last - 1.0) * reach))
}

/// How many ways there are to break a line, so that lines of one color differ.
const DASHES: usize = 5;

/// Where names stand that belong at `ends`, from above down: apart, and within the plot.
fn spread(mut ends: Vec<f64>) -> Vec<f64> {
    let mut least = f64::NEG_INFINITY;
    for y in &mut ends {
        *y = y.max(least);
        least = *y + NAME;
    }
    let mut most = GROUND + 4.0;
    for y in ends.iter_mut().rev() {
        *y = y.min(most);
        most = *y - NAME;
    }
    ends
}

/// What the numbers across are: what all cases are called, or all but for the number in it.
pub(super) fn of_cases(bars: &[Bar<'_>]) -> String {
    let mut called = bars.iter().filter_map(|bar| {
        let (case, label) = (bar.variant.case.as_ref()?, bar.variant.case_label.as_ref()?);
        let is_it = |word: &&str| word == case;
        match label.split(' ').filter(is_it).count() {
            0 => Some(label.clone()),
            _ => {
                Some(label.replacen(case.as_str(), "…", 1).trim_start_matches("… ").to_owned())
            }
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

/// Where a case lies, in per cent. On a logarithmic axis zero stands a step before the least.
fn across(cases: &[f64], axis: Axis) -> impl Fn(f64) -> f64 + use<> {
    let positive = || cases.iter().copied().filter(|x| *x > 0.0);
    let least = positive().fold(f64::INFINITY, f64::min);
    let most = positive().fold(0.0, f64::max);
    let from = if cases.contains(&0.0) { least / 3.0 } else { least };
    move |x| {
        let share = match axis {
            Axis::Linear => x / most,
            Axis::Log => (x.max(from) / from).ln() / (most / from).ln().max(f64::MIN_POSITIVE),
        };
        3.0 + 94.0 * if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Where a logarithmic axis of sorted `cases` is broken, between zero and the least.
fn gap(cases: &[f64], axis: Axis) -> Option<f64> {
    let least = cases.iter().copied().find(|x| *x > 0.0)?;
    (axis == Axis::Log && cases.contains(&0.0)).then_some(least / 3_f64.sqrt())
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

/// A mark differs by shape as well as by color. One across is in per cent, so it is drawn as
/// an `svg` of its own at that place.
fn mark(shape: usize, x: f64, y: f64, class: &str) -> Markup {
    html! {
        svg class={ "mark " (class) } x=(percent(x)) y=(pixels(y)) overflow="visible" {
            @match shape % 6 {
                0 => circle cx="0" cy="0" r="4.5" {},
                1 => rect x="-4" y="-4" width="8" height="8" {},
                2 => path d="M0 -5.5 L5.5 4.5 L-5.5 4.5 Z" {},
                3 => path d="M0 -6 L6 0 L0 6 L-6 0 Z" {},
                4 => path d="M0 5.5 L5.5 -4.5 L-5.5 -4.5 Z" {},
                _ => path d="M-5 -2 H-2 V-5 H2 V-2 H5 V2 H2 V5 H-2 V2 H-5 Z" {},
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::Variant;

    #[test]
    fn names_of_lines_that_end_together_stand_apart_and_inside() {
        let names = spread(vec![40.0, 41.0, 41.0, 264.0, 265.0]);
        assert_eq!(names, [40.0, 56.0, 72.0, 254.0, 270.0]);
        assert!(names.windows(2).all(|two| two[1] - two[0] >= NAME));
    }

    #[test]
    fn lines_stand_side_by_side_and_a_single_one_where_it_belongs() {
        assert_eq!(aside(0, 1), None);
        let two = [0, 1].map(|i| aside(i, 2).unwrap());
        assert_eq!(two, ["translate(-3.0 0)", "translate(3.0 0)"]);
        let places: Vec<String> = (0..5).filter_map(|i| aside(i, 5)).collect();
        assert_eq!((&*places[0], &*places[2]), ("translate(-6.0 0)", "translate(0.0 0)"));
    }

    #[test]
    fn zero_stands_apart_on_a_logarithmic_axis_only() {
        let cases = [0.0, 1.0, 10.0];
        let place = across(&cases, Axis::Log);
        let gap_at = gap(&cases, Axis::Log).map(&place).unwrap();
        assert!(place(0.0) < gap_at && gap_at < place(1.0), "{gap_at}");
        assert_eq!(gap(&cases, Axis::Linear), None);
        assert_eq!(gap(&cases[1..], Axis::Log), None);
        assert_eq!(gap(&[0.0, 0.0], Axis::Log), None);
    }

    #[test]
    fn no_line_leads_to_zero_where_it_is_set_apart() {
        use crate::ask::value::value;
        let mut record = crate::store::record::tests::demo();
        let one = record.variants[0].clone();
        record.variants = ["0", "1", "10"]
            .map(|case| Variant { case: Some(case.into()), ..one.clone() })
            .to_vec();
        let bars: Vec<Bar<'_>> = record
            .variants
            .iter()
            .map(|variant| Bar {
                variant,
                title: "one".into(),
                group: None,
                value: value(&record, variant, &Metric::Wall).unwrap(),
            })
            .collect();
        let scale = Scale::log_tight(&[0.01, 1.0], Unit::Seconds);
        let draw = |axis| draw(&bars, &scale, axis, "").unwrap().drawn.into_string();
        let lines = |html: &str| {
            html.split("<g class=\"ends\"").next().unwrap().matches("\"curve ").count()
        };
        let (log, linear) = (draw(Axis::Log), draw(Axis::Linear));
        assert_eq!((lines(&log), lines(&linear)), (1, 2), "{log}");
        assert!(log.contains("class=\"break\"") && !linear.contains("class=\"break\""));
    }

    #[test]
    fn what_is_straight_is_straight_where_both_axes_are_of_a_kind() {
        let cases = [2.0, 4.0, 8.0, 16.0];
        let linear = across(&cases, Axis::Linear);
        let steps: Vec<f64> = cases.iter().map(|x| (linear(*x) - 3.0) / x).collect();
        assert!(steps.windows(2).all(|two| (two[0] - two[1]).abs() < 1e-9), "{steps:?}");
        let log = across(&cases, Axis::Log);
        assert_eq!(cases.map(log).map(|place| place.round()), [3.0, 34.0, 66.0, 97.0]);
        assert_eq!(across(&[0.0, 0.0], Axis::Linear)(0.0), 3.0);
    }
}
