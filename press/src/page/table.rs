//! `{{#table experiment: lanes; rows=…; columns=metric, metric (its heading); caption="…"}}`,
//! folded away with `fold="…"`.

use anyhow::{Result, anyhow};
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::lanes::Lanes;
use super::markdown;
use crate::ask::metric::Metric;
use crate::ask::unit::Unit;
use crate::ask::value::{Value, value};
use crate::figure::{Drawn, html};
use crate::store::record::Variant;

pub(super) const NAME: &str = "table";

struct Table {
    lanes: Lanes,
    columns: Vec<Column>,
    /// What stands above the names of rows.
    rows: String,
    /// What stands above their cases, where the cases do not say it themselves.
    cases: Option<String>,
    caption: Option<String>,
    /// The title under which it is folded away.
    fold: Option<String>,
}

struct Column {
    shows: Shows,
    heading: String,
}

enum Shows {
    Answer,
    Metric(Metric),
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (lanes, table) = Lanes::parse(rest, |options| {
        let columns = options.take("columns").unwrap_or("wall,speedup,utilization".into());
        let columns = columns.split(',').map(Column::parse).collect::<Result<_>>()?;
        let rows = options.take("rows").unwrap_or("what ran".into());
        let (cases, caption) = (options.take("cases"), options.take("caption"));
        Ok((columns, rows, cases, caption, options.take("fold")))
    })?;
    let (columns, rows, cases, caption, fold) = table;
    boxed(Table { lanes, columns, rows, cases, caption, fold })
}

impl Column {
    /// `wall`, or `first_us (first line)` where the metric's name makes a poor heading.
    fn parse(text: &str) -> Result<Column> {
        let (name, heading) = match text.trim().split_once('(') {
            None => (text.trim(), None),
            Some((name, rest)) => {
                let heading = rest.strip_suffix(')').map(str::trim).filter(|h| !h.is_empty());
                let heading = heading.ok_or_else(|| {
                    let text = text.trim();
                    anyhow!(
                        "`{text}` is not a column; write `metric`, or `metric (its heading)`"
                    )
                })?;
                (name.trim(), Some(heading.to_owned()))
            }
        };
        let shows = match name {
            "answer" => Shows::Answer,
            name => Shows::Metric(Metric::parse(name)),
        };
        let heading = heading.unwrap_or_else(|| match &shows {
            Shows::Answer => "observed".into(),
            Shows::Metric(metric) => metric.heading(),
        });
        Ok(Column { shows, heading })
    }
}

impl Directive for Table {
    fn cites(&self) -> Vec<&str> {
        vec![&self.lanes.experiment]
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let mut blocks = Vec::new();
        for drawn in self.lanes.drawn(pages)? {
            let inner = html! {
                (html::table_of(&self.heads(&drawn), &self.rows(&drawn)?, &self.of(&drawn)))
                p class="provenance" { (html::source(&drawn.shown, page.depth, "csv")) }
                @let unsure = html::unsure(&drawn.shown, page.depth, &self.shows(&drawn));
                @if !unsure.0.is_empty() {
                    details { summary { "How sure" } (unsure) }
                }
                (html::warnings(&drawn.shown, &self.shows(&drawn)))
            };
            blocks.push((drawn.shown, inner));
        }
        let figure = html! {
            figure class="measured-table" {
                @if let Some(caption) = &self.caption {
                    (html::caption(page.next_figure().number, caption))
                }
                (html::machines("machines", &blocks))
            }
        };
        Ok(markdown::block(match &self.fold {
            Some(title) => html! { details class="fold" { summary { (title) } (figure) } },
            None => figure,
        }))
    }
}

/// What tells the rows of a table apart.
struct Rows {
    /// The runner of them all, if it is not Rust; it stands in the heading then.
    runner: Option<String>,
    has_names: bool,
    has_cases: bool,
}

impl Rows {
    fn of(drawn: &Drawn<'_>, cases: Option<&str>) -> Rows {
        let (variants, first) = (&drawn.variants, drawn.variants[0]);
        let is_named = |v: &&Variant| drawn.names.contains_key(&v.id());
        let has_one_runner = variants.iter().all(|v| v.runner == first.runner);
        // A case says something only where there are two, and no name says it already.
        let has_cases = cases != Some("none")
            && variants.iter().any(|v| v.case != first.case)
            && !variants.iter().all(is_named);
        // And a name only where there are two.
        let has_names = !has_cases
            || variants.iter().any(|v| v.name != first.name || v.runner != first.runner);
        let runner = Some(first.runner.clone()).filter(|r| has_one_runner && r != "rust");
        Rows { runner, has_names, has_cases }
    }

    fn title(&self, drawn: &Drawn<'_>, variant: &Variant) -> String {
        match self.runner {
            Some(_) => drawn.title_below_its_runner(variant),
            None => drawn.title(variant),
        }
    }
}

/// A number, but none of which one has to count the zeros.
fn cell(value: &Value) -> String {
    let is_small = value.unit == Unit::Count && (0.0..0.000_5).contains(&value.estimate.median);
    match is_small && value.estimate.median > 0.0 {
        true => "<\u{202f}0.001".into(),
        false => value.text(),
    }
}

/// What numbers are that cases are called by: `threads a core`.
fn what_cases_count(variants: &[&Variant]) -> Option<String> {
    let label_of = |variant: &&Variant| {
        let case = variant.case.as_deref()?;
        case.parse::<f64>().ok()?;
        let words = variant.case_label.as_deref()?.split(' ').filter(|word| *word != case);
        Some(words.collect::<Vec<_>>().join(" "))
    };
    let first = label_of(variants.first()?)?;
    variants.iter().all(|v| label_of(v).as_ref() == Some(&first)).then_some(first)
}

impl Table {
    fn heads(&self, drawn: &Drawn<'_>) -> Vec<String> {
        let rows = Rows::of(drawn, self.cases.as_deref());
        let mut head = Vec::new();
        let below = rows.runner.iter().map(|r| format!(" · {}", html::runner_title(r)));
        let below: String = below.collect();
        if rows.has_names {
            head.push(format!("{}{below}", self.rows));
        }
        if rows.has_cases {
            let counted = || what_cases_count(&drawn.variants);
            head.push(self.cases.clone().or_else(counted).unwrap_or("work".into()));
        }
        head.extend(self.columns.iter().map(|column| column.heading.clone()));
        head
    }

    /// Which variant each row is of, and which metric each column.
    fn of(&self, drawn: &Drawn<'_>) -> html::Of {
        let shape = Rows::of(drawn, self.cases.as_deref());
        // As it is asked: what is computed of a record has another name than the record.
        let experiment = &self.lanes.experiment;
        let before = [shape.has_names, shape.has_cases].into_iter().filter(|is| *is);
        let metrics = self.columns.iter().map(|column| match &column.shows {
            Shows::Answer => None,
            Shows::Metric(metric) => Some(metric.name().to_owned()),
        });
        html::Of {
            rows: drawn.variants.iter().map(|v| format!("{experiment}: {}", v.id())).collect(),
            columns: before.map(|_| None).chain(metrics).collect(),
        }
    }

    /// The numbers in the cells, by variant and heading.
    fn shows(&self, drawn: &Drawn<'_>) -> Vec<(String, Value)> {
        let of_column = |column: &Column| -> Vec<(String, Value)> {
            let Shows::Metric(metric) = &column.shows else { return vec![] };
            let cells = drawn.variants.iter().filter_map(|variant| {
                let value = value(drawn.shown.record, variant, metric).ok()?;
                let rows = Rows::of(drawn, self.cases.as_deref());
                let title = drawn.title(variant);
                let case = variant.case.as_ref().filter(|_| rows.has_cases);
                let case = case.map_or(String::new(), |case| format!("{case}, "));
                Some((format!("{case}{title}, {}", column.heading), value))
            });
            cells.collect()
        };
        self.columns.iter().flat_map(of_column).collect()
    }

    /// A cell a column; on the reference machine every column must be there for some row.
    fn rows(&self, drawn: &Drawn<'_>) -> Result<Vec<Vec<String>>> {
        let Drawn { shown, variants, .. } = drawn;
        let shape = Rows::of(drawn, self.cases.as_deref());
        let mut rows: Vec<Vec<String>> = variants
            .iter()
            .map(|variant| {
                let title = shape.title(drawn, variant);
                let case = variant.case.as_deref().unwrap_or_default().replace('_', " ");
                let cells = [(shape.has_names, title), (shape.has_cases, case)];
                cells.into_iter().filter_map(|(is, cell)| is.then_some(cell)).collect()
            })
            .collect();
        for column in &self.columns {
            let mut filled = false;
            let mut fault = None;
            for (row, variant) in rows.iter_mut().zip(variants) {
                let found = match &column.shows {
                    Shows::Answer => Ok(variant.answer()),
                    Shows::Metric(metric) => {
                        value(shown.record, variant, metric).map(|value| cell(&value))
                    }
                };
                filled |= found.is_ok();
                row.push(found.unwrap_or_else(|e| {
                    fault = Some(e);
                    "–".into()
                }));
            }
            if let (false, Some(fault)) = (filled, fault) {
                shown.excuse(Err::<(), _>(fault))?;
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::stats::Estimate;

    #[test]
    fn a_count_next_to_nothing_is_read_without_counting_zeros() {
        let text = |median: f64, unit| {
            let estimate = Estimate { median, low: median, high: median, n: 3, sittings: 3 };
            cell(&Value { estimate, unit })
        };
        assert_eq!(text(0.000_005, Unit::Count), "<\u{202f}0.001");
        assert_eq!(text(0.0, Unit::Count), "0");
        assert_eq!(text(0.999, Unit::Count), "0.999");
        assert_eq!(text(0.000_005, Unit::Seconds), "5\u{202f}µs");
    }
}
