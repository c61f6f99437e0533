//! Matrices: models down, kinds of work across. A table whose cells are drawn too.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::html::{self};
use super::place::Place;
use super::shown::Shown;
use super::{Drawn, asked, beneath, colors, hollow};
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
    place: Place<'_>,
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
    for machine in machines {
        drawn.push((machine.shown, rows(machine, &cases, metric)?));
    }
    let values = drawn.iter().flat_map(|(_, rows)| rows.iter().flat_map(|row| &row.cells));
    let cells = Cells::over(values.flatten());
    let blocks: Vec<_> = drawn
        .into_iter()
        .map(|(shown, rows)| {
            let inner = html! {
                (table(&cases, &rows, &cells))
                @let data = data(&cases, &rows, &shown, metric);
                (beneath(&[(shown, shows(&cases, &rows))], data, place, "csv"))
            };
            (shown, inner)
        })
        .collect();
    let key = match metric {
        _ if cells.log => "The scale is logarithmic: places can be compared, lengths cannot.",
        Metric::Speedup => {
            "Speed-up over the same language one after another; right of the line is faster, \
             left of it slower. The scale is logarithmic."
        }
        _ => "Bars start at zero.",
    };
    let key = format!("{key} Median.");
    let kinds = machines.iter().flat_map(|drawn| drawn.variants.iter().map(|v| v.kind));
    Ok(html! {
        figure class="measured-figure" {
            (colors::caption(place, caption, &key, kinds))
            (html::machines("machines wide", &blocks))
        }
    })
}

fn rows<'r>(
    drawn: &Drawn<'r>,
    cases: &[(&str, &str)],
    metric: &Metric,
) -> Result<Vec<Row<'r>>> {
    let Drawn { shown, variants, .. } = drawn;
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
        rows.push(Row { title: drawn.title(model), model, cells });
    }
    Ok(rows)
}

/// The cells that have a value, by work and model.
fn shows(cases: &[(&str, &str)], rows: &[Row<'_>]) -> Vec<(String, Value)> {
    let of_row = |row: &Row<'_>| -> Vec<(String, Value)> {
        let cells = cases.iter().zip(&row.cells);
        let named = cells
            .filter_map(|((case, _), cell)| Some((format!("{case}, {}", row.title), (*cell)?)));
        named.collect()
    };
    rows.iter().flat_map(of_row).collect()
}

fn table(cases: &[(&str, &str)], rows: &[Row<'_>], cells: &Cells) -> Markup {
    html! {
        table class="matrix" {
            // Two rows of heads would need an id for each, which figures in print have twice.
            @if let Some(label) = of_all(cases) { caption { (label) } }
            thead {
                tr {
                    th scope="col" { "model" }
                    @for (case, label) in cases {
                        th scope="col" {
                            (case)
                            @if of_all(cases).is_none() { span class="note" { (label) } }
                        }
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
                                    span class="cells" style=[cells.line()] {
                                        span
                                            class={ (cells.class()) (row.model.kind.name())
                                                (hollow(&row.model.runner)) }
                                            style=(cells.bar(value)) {}
                                    }
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

/// What all cases are called, if all are called the same: it stands above them, once.
fn of_all<'c>(cases: &[(&str, &'c str)]) -> Option<&'c str> {
    let (_, first) = cases.first()?;
    let is_one = cases.len() > 1 && !first.is_empty();
    (is_one && cases.iter().all(|(_, label)| label == first)).then_some(*first)
}

/// How many times the least value the greatest may be before bars from zero are stubs.
const FAR: f64 = 50.0;

/// The scale of all cells: ratios lie on both sides of 1, all else starts at zero, unless it
/// lies too far apart.
struct Cells {
    least: f64,
    most: f64,
    ratios: bool,
    /// Whether it is marks over decades that are drawn.
    log: bool,
}

impl Cells {
    fn over<'v>(values: impl Iterator<Item = &'v Value>) -> Cells {
        let mut cells = Cells { least: f64::MAX, most: 0.0, ratios: false, log: false };
        for value in values {
            cells.ratios |= value.unit == Unit::Times;
            cells.least = cells.least.min(value.estimate.median.max(f64::MIN_POSITIVE));
            cells.most = cells.most.max(value.estimate.median);
        }
        if cells.ratios {
            (cells.least, cells.most) = (cells.least.min(1.0), cells.most.max(1.0));
        } else {
            // Nothing has no logarithm.
            let is_far = cells.most > cells.least * FAR;
            cells.log = is_far && cells.least > f64::MIN_POSITIVE;
        }
        cells
    }

    /// Where `value` lies, in per cent.
    fn place(&self, value: f64) -> f64 {
        let share = match self.ratios || self.log {
            true if self.most > self.least => {
                (value.max(self.least) / self.least).ln() / (self.most / self.least).ln()
            }
            true => 0.0,
            false => value / self.most.max(f64::MIN_POSITIVE),
        };
        100.0 * share.clamp(0.0, 1.0)
    }

    fn class(&self) -> &'static str {
        if self.log { "cell spot " } else { "cell " }
    }

    /// Where the line of no gain lies.
    fn line(&self) -> Option<String> {
        self.ratios.then(|| format!("--one:{:.1}%", self.place(1.0)))
    }

    fn bar(&self, value: &Value) -> String {
        if self.log {
            return format!("--from:{:.1}%", self.place(value.estimate.median));
        }
        let base = if self.ratios { self.place(1.0) } else { 0.0 };
        let end = self.place(value.estimate.median);
        format!("--from:{:.1}%;--share:{:.1}%", base.min(end), (end - base).abs())
    }
}

fn data(
    cases: &[(&str, &str)],
    rows: &[Row<'_>],
    shown: &Shown<'_>,
    metric: &Metric,
) -> Markup {
    let head = ["model", "work", "median", "95 % interval", "samples"];
    let (mut lines, mut of) = (Vec::new(), Vec::new());
    for row in rows {
        for ((case, _), cell) in cases.iter().zip(&row.cells) {
            let Some(value) = cell else { continue };
            let variant = Variant { case: Some((*case).to_owned()), ..row.model.clone() };
            of.push(asked(shown, &variant, metric));
            lines.push(vec![
                row.title.clone(),
                (*case).to_owned(),
                value.text(),
                value.interval(),
                value.estimate.n.to_string(),
            ]);
        }
    }
    html::table_of(&head, &lines, &html::Of { rows: of, columns: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::stats::Estimate;

    fn value(median: f64, unit: Unit) -> Value {
        let estimate = Estimate { median, low: median, high: median, n: 3, sittings: 3 };
        Value { estimate, unit }
    }

    #[test]
    fn what_is_slower_lies_left_of_the_line_and_each_at_its_own_place() {
        let values = [0.2, 0.33, 0.52, 0.93, 2.0].map(|ratio| value(ratio, Unit::Times));
        let cells = Cells::over(values.iter());
        let line = cells.place(1.0);
        let places = values.map(|value| cells.place(value.estimate.median));
        assert!(places.is_sorted() && places[0] == 0.0 && places[4] == 100.0, "{places:?}");
        assert!(places[3] < line && line < places[4], "{line} {places:?}");
        assert!(places.windows(2).all(|two| two[1] - two[0] > 5.0), "{places:?}");
        assert_eq!(cells.bar(&values[4]), "--from:69.9%;--share:30.1%");
    }

    #[test]
    fn what_all_columns_are_called_is_said_once_above_them() {
        let alike = [("1", "threads"), ("2", "threads"), ("8", "threads")];
        let html = table(&alike, &[], &Cells::over([].iter())).into_string();
        assert_eq!(html.matches("threads").count(), 1, "{html}");
        assert!(html.contains("<caption>threads</caption>"), "{html}");
        let unlike = [("cpu", "computes"), ("io", "waits")];
        let html = table(&unlike, &[], &Cells::over([].iter())).into_string();
        assert!(html.contains("computes") && !html.contains("<caption>"), "{html}");
    }

    #[test]
    fn what_is_no_ratio_starts_at_zero() {
        let values = [1.0, 4.0].map(|seconds| value(seconds, Unit::Seconds));
        let cells = Cells::over(values.iter());
        assert_eq!(cells.line(), None);
        assert_eq!(cells.bar(&values[0]), "--from:0.0%;--share:25.0%");
    }

    #[test]
    fn what_lies_decades_apart_is_marks_and_not_stubs() {
        let values = [1.0, 10.0, 100.0].map(|seconds| value(seconds, Unit::Seconds));
        let cells = Cells::over(values.iter());
        assert_eq!(cells.class(), "cell spot ");
        let bars = values.map(|value| cells.bar(&value));
        assert_eq!(bars, ["--from:0.0%", "--from:50.0%", "--from:100.0%"]);
        let with_nothing = [0.0, 1.0].map(|seconds| value(seconds, Unit::Seconds));
        assert_eq!(Cells::over(with_nothing.iter()).class(), "cell ");
    }
}
