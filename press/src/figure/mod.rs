//! Figures: inline SVG whose text keeps its size at any width.
//!
//! Everything across is in per cent and everything down in pixels, so no `viewBox` scales
//! the text. Colors are CSS variables, so a figure follows the theme. Without script and
//! on paper it is the same figure; its numbers stand in a table beneath.

mod bars;
mod curve;
pub mod html;
pub mod ladder;
pub mod matrix;
pub mod scale;
pub mod timeline;

use std::fmt::Write;

use anyhow::{Result, bail};

use crate::ask::select::{Unit, Value, value};
use crate::store::record::{Kind, Record, Variant};
use html::escape;
use scale::Scale;

/// How a figure is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The form.
    pub form: Form,
    /// What is drawn.
    pub metric: String,
    /// The caption: a sentence with the finding.
    pub caption: String,
    /// The axis.
    pub axis: Axis,
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

/// The axis of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// From zero.
    Linear,
    /// Decades.
    Log,
    /// The reader switches.
    Both,
}

/// One lane's value.
struct Bar<'r> {
    variant: &'r Variant,
    title: String,
    value: Value,
}

/// Draws `lanes` of each machine's record; the axis is the same for all machines.
///
/// # Errors
/// When a lane of the reference record lacks the metric.
pub fn chart(
    chart: &Chart,
    number: usize,
    reference: &str,
    machines: &[(&str, &Record, Vec<&Variant>)],
) -> Result<String> {
    let mut drawn = Vec::new();
    for (machine, record, variants) in machines {
        let mut bars = Vec::new();
        for variant in variants {
            match value(record, variant, &chart.metric) {
                Ok(value) => {
                    let title = html::lane_title(record, variant);
                    bars.push(Bar { variant, title, value });
                }
                // What the reader's platform does not count is left out; ours must be whole.
                Err(e) if *machine == reference => return Err(e),
                Err(_) => {}
            }
        }
        drawn.push((*machine, *record, bars));
    }
    let all: Vec<&Bar<'_>> = drawn.iter().flat_map(|(_, _, bars)| bars).collect();
    let Some(first) = all.first() else { bail!("no lane to draw") };
    let unit = first.value.unit;
    let linear = || ("linear", Scale::linear(&all_ends(&all), unit));
    let log = || match chart.form {
        Form::Bars => ("log", Scale::log(&all_ends(&all), unit)),
        Form::Curve => ("log", Scale::log_tight(&all_ends(&all), unit)),
    };
    let scales: Vec<(&str, Scale)> = match chart.axis {
        Axis::Linear => vec![linear()],
        Axis::Log => vec![log()],
        Axis::Both => vec![linear(), log()],
    };
    let mut body = String::new();
    if chart.axis == Axis::Both {
        body.push_str(
            "<label class=\"scale\"><input type=\"checkbox\"> logarithmic scale</label>",
        );
    }
    body.push_str("<div class=\"machines\">");
    for (i, (machine, record, bars)) in drawn.iter().enumerate() {
        let mut inner = String::new();
        for (class, scale) in &scales {
            let label = escape(&spoken(chart, bars));
            inner.push_str(&match chart.form {
                Form::Bars => bars::svg(bars, scale, class, &label),
                Form::Curve => curve::svg(bars, scale, class, &label)?,
            });
        }
        if let Some((one, other)) = &chart.crossing {
            let found = curve::crossing(record, bars, &chart.metric, one, other)?;
            let _ = write!(inner, "<p class=\"crossing\">{}</p>", escape(&found));
        }
        inner.push_str(&beneath(machine, record, &data(bars)));
        body.push_str(&html::machine_block(
            i,
            drawn.len(),
            machine,
            *machine == reference,
            &inner,
        ));
    }
    body.push_str("</div>");
    Ok(format!(
        "<figure class=\"measured-figure\"><figcaption><b>Figure {number}.</b> {} \
         <span class=\"key\">{}</span></figcaption>{body}</figure>",
        escape(&chart.caption),
        key(unit, &chart.metric, chart.form)
    ))
}

/// What stands beneath every figure: its data, where they come from, and what to know.
fn beneath(machine: &str, record: &Record, data: &str) -> String {
    beneath_all(machine, &[record], data)
}

/// The same for a figure of several records.
fn beneath_all(machine: &str, records: &[&Record], data: &str) -> String {
    let mut from = String::new();
    let mut warnings = String::new();
    for record in records {
        let which =
            if records.len() > 1 { format!("{}: ", record.experiment) } else { String::new() };
        let _ = write!(
            from,
            "<p class=\"provenance\">{}</p>",
            escape(&format!("{which}{}", html::provenance(machine, record)))
        );
        warnings.push_str(&html::warnings(record));
    }
    format!("<details><summary>Data</summary>{data}{from}</details>{warnings}")
}

/// What a bar or a line means and which way is good.
fn key(unit: Unit, metric: &str, form: Form) -> String {
    let (less, more) = match form {
        Form::Bars => ("shorter", "longer"),
        Form::Curve => ("lower", "higher"),
    };
    // What a chapter counts for itself is said in its caption.
    let what = match metric {
        "wall" => format!("Wall-clock time; {less} is better. "),
        "cpu" => format!("CPU time; {less} is better. "),
        "speedup" => {
            format!("Speed-up over the same language one after another; {more} is better. ")
        }
        "utilization" => "CPU time over wall-clock time; 100 % is one core. ".to_owned(),
        _ if matches!(unit, Unit::Seconds | Unit::Bytes) => {
            format!("{}{} is better. ", less[..1].to_uppercase(), &less[1..])
        }
        _ => String::new(),
    };
    format!("{what}Median; whiskers show the 95 % interval.")
}

fn spoken(chart: &Chart, bars: &[Bar<'_>]) -> String {
    let mut text = chart.caption.clone();
    for bar in bars {
        let case = bar.variant.case.as_ref().map_or(String::new(), |case| format!("{case}, "));
        let _ = write!(text, " {case}{}: {}.", bar.title, bar.value.text());
    }
    text
}

fn data(bars: &[Bar<'_>]) -> String {
    let cases = bars.iter().any(|bar| bar.variant.case.is_some());
    let mut head: Vec<String> = vec!["variant".into()];
    if cases {
        head.push("case".into());
    }
    head.extend(["median", "95 % interval", "samples"].map(str::to_owned));
    let rows: Vec<Vec<String>> = bars
        .iter()
        .map(|bar| {
            let mut row = vec![bar.title.clone()];
            if cases {
                row.push(bar.variant.case.clone().unwrap_or_default());
            }
            row.extend([
                bar.value.text(),
                bar.value.interval(),
                bar.value.estimate.n.to_string(),
            ]);
            row
        })
        .collect();
    html::table(&head, &rows)
}

fn all_ends(bars: &[&Bar<'_>]) -> Vec<f64> {
    bars.iter().flat_map(|bar| [bar.value.estimate.low, bar.value.estimate.high]).collect()
}

fn color(kind: Kind) -> &'static str {
    match kind {
        Kind::Alone => "alone",
        Kind::Thread => "thread",
        Kind::Process => "process",
        Kind::Task => "task",
    }
}
