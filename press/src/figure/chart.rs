//! Charts: bars, or curves over numeric cases.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::html::{self};
use super::place::Place;
use super::scale::{Axis, Scale};
use super::shown::Shown;
use super::{Bar, Drawn, asked, bars, beneath, colors, curve, cut, ends, spoken};
use crate::ask::metric::Metric;
use crate::ask::unit::Unit;
use crate::ask::value::value;

/// How a chart is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The form.
    pub form: Form,
    /// What is drawn.
    pub metric: Metric,
    /// The caption: a sentence with the finding.
    pub caption: String,
    /// What the axis of values is called; what the metric is, where the page says nothing.
    pub title: Option<String>,
    /// The axes of values; of two the reader has the choice.
    pub axes: Vec<Axis>,
    /// The axis of cases, below a curve. As the axis of values is, where the page says
    /// nothing: what is straight then bends on neither.
    pub across: Option<Axis>,
    /// Two variants of which the figure tells where one overtakes the other.
    pub crossing: Option<(String, String)>,
}

/// The form of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A bar a lane.
    Bars,
    /// A line a variant, over numeric cases.
    Curve,
}

/// Draws lanes of each machine's record; the axis is the same for all machines.
///
/// # Errors
/// When a lane of the reference record lacks the metric.
pub fn figure(chart: &Chart, place: Place<'_>, machines: &[Drawn<'_>]) -> Result<Markup> {
    let mut drawn = Vec::new();
    for machine in machines {
        let shown = machine.shown;
        let mut bars = Vec::new();
        for variant in &machine.variants {
            // What the reader's platform does not count is left out.
            let value = shown.excuse(value(shown.record, variant, &chart.metric))?;
            let title = machine.title(variant);
            bars.extend(value.map(|value| Bar { variant, title, group: None, value }));
        }
        if chart.form == Form::Bars {
            bars::group(&mut bars, machine);
        }
        drawn.push((shown, bars));
    }
    let all = || drawn.iter().flat_map(|(_, bars)| bars);
    let Some(first) = all().next() else { bail!("no lane to draw") };
    let unit = first.value.unit;
    let all: Vec<f64> = all().flat_map(|bar| ends(&bar.value)).collect();
    // Bars of ratios begin at 1, and half must not look weaker than twice.
    let is_ratio = unit == Unit::Times && chart.form == Form::Bars;
    let axes = if is_ratio { &[Axis::Log][..] } else { &chart.axes };
    let scale = |axis| match axis {
        _ if is_ratio => Scale::ratios(&all),
        Axis::Linear => Scale::linear(&all, unit),
        Axis::Log => Scale::log_tight(&all, unit),
    };
    let mut blocks = Vec::new();
    for (shown, bars) in &drawn {
        let mut drawings = Vec::new();
        for axis in axes {
            drawings.push(drawing(chart, bars, *axis, &scale(*axis))?);
        }
        let crossing = match &chart.crossing {
            Some((one, other)) => {
                Some(curve::crossing(shown.record, bars, &chart.metric, one, other)?)
            }
            None => None,
        };
        let shows = bars.iter().map(|bar| (named(bar), bar.value)).collect();
        let inner = html! {
            @for drawing in drawings { (drawing) }
            @if let (Some(found), Some((one, other))) = (crossing, &chart.crossing) {
                p class="crossing"
                    data-of={ (shown.record.experiment) ": " (chart.metric.name()) }
                    data-crossing={ (one) "," (other) } { (found) }
            }
            (beneath(&[(*shown, shows)], data(bars, chart, shown), place, "csv"))
        };
        blocks.push((*shown, inner));
    }
    let values = || drawn.iter().flat_map(|(_, bars)| bars.iter().map(|bar| &bar.value));
    let cuts = axes.iter().map(|axis| cut(&scale(*axis), values()));
    let mut key = key(unit, &chart.metric, chart.form) + cuts.max().unwrap_or_default();
    key.push_str(logarithmic(chart, is_ratio, axes));
    let kinds = drawn.iter().flat_map(|(_, bars)| bars.iter().map(|bar| bar.variant.kind));
    Ok(html! {
        figure class="measured-figure" {
            (colors::caption(place, &chart.caption, &key, kinds))
            @if axes.len() > 1 {
                label class="scale" { input type="checkbox"; " logarithmic scale" }
            }
            (html::machines("machines", &blocks))
        }
    })
}

/// What a figure's key says where a scale is in decades, in the same words for all of a form.
fn logarithmic(chart: &Chart, is_ratio: bool, axes: &[Axis]) -> &'static str {
    let up = axes == [Axis::Log];
    // Without a word of the page, the axis across is as the one that goes up.
    let across = match chart.across {
        Some(axis) => axis == Axis::Log,
        None => up,
    };
    match (chart.form, up, across) {
        (Form::Bars, true, _) if is_ratio => {
            " The scale is logarithmic: half is as far from 1\u{202f}× as twice is."
        }
        (Form::Bars, true, _) => {
            " The scale is logarithmic: places can be compared, lengths cannot."
        }
        (Form::Curve, true, true) => {
            " Both scales are logarithmic: equal steps are equal ratios."
        }
        (Form::Curve, true, false) => {
            " The scale is logarithmic, upward: equal steps are equal ratios."
        }
        (Form::Curve, false, true) => {
            " The scale is logarithmic, across: equal steps are equal ratios."
        }
        _ => "",
    }
}

fn drawing(chart: &Chart, bars: &[Bar<'_>], axis: Axis, scale: &Scale) -> Result<Markup> {
    let class = axis.class();
    let spoken = spoken(&chart.caption, bars.iter().map(|bar| (named(bar), bar.value)));
    let heading = chart.metric.heading();
    let title = chart.title.as_deref().unwrap_or(&heading);
    let svg = |form: &str, height: &dyn std::fmt::Display, drawn: Markup| {
        html! {
            svg class=(form) role="img" aria-label=(spoken) width="100%"
                height=(height) { (drawn) }
        }
    };
    Ok(match chart.form {
        Form::Bars => {
            let (drawn, height) = bars::draw(bars, scale, title);
            html! { div class={ "plot " (class) } { (svg("bars", &height, drawn)) } }
        }
        Form::Curve => {
            let across = chart.across.unwrap_or(axis);
            let curves = curve::draw(bars, scale, across, title)?;
            html! {
                div class={ "plot " (class) } style={ "--ends:" (curves.longest) } {
                    ul class="legend" { (curves.legend) }
                    (svg("curves", &curves.height, curves.drawn))
                }
            }
        }
    })
}

/// A bar by what it stands below and its title, a point by its case and its line.
fn named(bar: &Bar<'_>) -> String {
    let case = || bar.variant.case.as_ref();
    let group = bar.group.as_ref().map(|group| &group.name).or_else(case);
    format!("{}{}", group.map_or(String::new(), |group| format!("{group}, ")), bar.title)
}

/// What a bar or a line means and which way is good.
fn key(unit: Unit, metric: &Metric, form: Form) -> String {
    let less = match form {
        Form::Bars => "shorter",
        Form::Curve => "lower",
    };
    // What a chapter counts for itself is said in its caption.
    let what = match metric {
        Metric::Wall => format!("Wall-clock time; {less} is better. "),
        Metric::Cpu => format!("CPU time; {less} is better. "),
        Metric::Speedup => {
            let how = match form {
                Form::Bars => "right of 1\u{202f}× is faster, left of it slower",
                Form::Curve => "higher is better",
            };
            format!("Speed-up over the same language one after another; {how}. ")
        }
        Metric::Utilization => "CPU time over wall-clock time; 100 % is one core. ".to_owned(),
        _ if matches!(unit, Unit::Seconds | Unit::Bytes) => {
            format!("{}{} is better. ", less[..1].to_uppercase(), &less[1..])
        }
        _ => String::new(),
    };
    format!("{what}Median; whiskers show the 95 % interval.")
}

fn data(bars: &[Bar<'_>], chart: &Chart, shown: &Shown<'_>) -> Markup {
    let form = chart.form;
    let group = |bar: &Bar<'_>| match form {
        Form::Bars => bar.group.as_ref().map(|group| group.name.clone()),
        Form::Curve => bar.variant.case.clone(),
    };
    let cases = curve::of_cases(bars);
    let (first, second) = match form {
        Form::Bars => ("bar", "below"),
        Form::Curve if cases.is_empty() => ("line", "at"),
        Form::Curve => ("line", cases.as_str()),
    };
    let is_grouped = bars.iter().any(|bar| group(bar).is_some());
    let mut head = vec![first];
    if is_grouped {
        head.push(second);
    }
    head.extend(["median", "95 % interval", "samples"]);
    let rows: Vec<Vec<String>> = bars
        .iter()
        .map(|bar| {
            let mut row = vec![bar.title.clone()];
            if is_grouped {
                row.push(group(bar).unwrap_or_default());
            }
            row.extend([
                bar.value.text(),
                bar.value.interval(),
                bar.value.estimate.n.to_string(),
            ]);
            row
        })
        .collect();
    let of = bars.iter().map(|bar| asked(shown, bar.variant, &chart.metric)).collect();
    html::table_of(&head, &rows, &html::Of { rows: of, columns: Vec::new() })
}
