//! `{{#table experiment: lanes; columns=metric, metric (its heading); caption="…"}}`.

use anyhow::{Result, anyhow};
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::lanes::Lanes;
use super::markdown;
use crate::ask::metric::Metric;
use crate::ask::value::{Value, value};
use crate::figure::{Drawn, html};
use crate::store::record::Variant;

pub(super) const NAME: &str = "table";

struct Table {
    lanes: Lanes,
    columns: Vec<Column>,
    caption: Option<String>,
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
    let (lanes, (columns, caption)) = Lanes::parse(rest, |options| {
        let columns = options.take("columns").unwrap_or("wall,speedup,utilization".into());
        let columns = columns.split(',').map(Column::parse).collect::<Result<_>>()?;
        Ok((columns, options.take("caption")))
    })?;
    boxed(Table { lanes, columns, caption })
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
                (html::table(&self.heads(&drawn.variants), &self.rows(&drawn)?))
                p class="provenance" { (html::source(&drawn.shown, page.depth, "csv")) }
                (html::unsure(&drawn.shown, page.depth, &self.shows(&drawn)))
                (html::warnings(&drawn.shown, &self.shows(&drawn)))
            };
            blocks.push((drawn.shown, inner));
        }
        Ok(markdown::block(html! {
            figure class="measured-table" {
                @if let Some(caption) = &self.caption {
                    (html::caption(page.next_figure().number, caption, None))
                }
                (html::machines("machines", &blocks))
            }
        }))
    }
}

/// A case says something only where there are two.
fn has_cases(variants: &[&Variant]) -> bool {
    variants.iter().any(|v| v.case != variants[0].case)
}

impl Table {
    fn heads(&self, variants: &[&Variant]) -> Vec<&str> {
        let mut head = vec!["variant"];
        if has_cases(variants) {
            head.push("case");
        }
        head.extend(self.columns.iter().map(|column| column.heading.as_str()));
        head
    }

    /// The numbers in the cells, by variant and heading.
    fn shows(&self, drawn: &Drawn<'_>) -> Vec<(String, Value)> {
        let of_column = |column: &Column| -> Vec<(String, Value)> {
            let Shows::Metric(metric) = &column.shows else { return vec![] };
            let cells = drawn.variants.iter().filter_map(|variant| {
                let value = value(drawn.shown.record, variant, metric).ok()?;
                let title = html::lane_title(drawn.shown.record, variant);
                let case = variant.case.as_ref().filter(|_| has_cases(&drawn.variants));
                let case = case.map_or(String::new(), |case| format!("{case}, "));
                Some((format!("{case}{title}, {}", column.heading), value))
            });
            cells.collect()
        };
        self.columns.iter().flat_map(of_column).collect()
    }

    /// A cell a column; on the reference machine every column must be there for some row.
    fn rows(&self, drawn: &Drawn<'_>) -> Result<Vec<Vec<String>>> {
        let Drawn { shown, variants } = drawn;
        let cases = has_cases(variants);
        let mut rows: Vec<Vec<String>> = variants
            .iter()
            .map(|variant| {
                let mut row = vec![html::lane_title(shown.record, variant)];
                if cases {
                    row.push(variant.case.as_deref().unwrap_or_default().replace('_', " "));
                }
                row
            })
            .collect();
        for column in &self.columns {
            let mut filled = false;
            let mut fault = None;
            for (row, variant) in rows.iter_mut().zip(variants) {
                let cell = match &column.shows {
                    Shows::Answer => Ok(variant.answer()),
                    Shows::Metric(metric) => {
                        value(shown.record, variant, metric).map(|value| value.text())
                    }
                };
                filled |= cell.is_ok();
                row.push(cell.unwrap_or_else(|e| {
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
