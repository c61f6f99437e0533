//! Small pieces of HTML that several directives share. `maud` escapes every text and every
//! attribute.

use maud::{Markup, html};

use super::shown::{Role, Shown, title};
use crate::ask::unit::Unit;
use crate::ask::value::Value;
use crate::ask::{doubt, number};
use crate::store::record::{Record, Variant};

/// What a figure has for each machine. The reader's own and the reference stand side by side;
/// others are offered.
pub fn machines(class: &str, blocks: &[(Shown<'_>, Markup)]) -> Markup {
    html! {
        div class=(class) {
            @for (i, (shown, inner)) in blocks.iter().enumerate() {
                @if shown.role == Role::Other && i > 0 {
                    details class="machine other" data-machine=(shown.machine) {
                        summary { "On another machine, " (title(shown.machine)) }
                        (inner)
                    }
                } @else {
                    div class="machine" data-machine=(shown.machine) {
                        @if blocks.len() > 1 {
                            p class="machine-name" { (title(shown.machine)) }
                        }
                        (inner)
                    }
                }
            }
        }
    }
}

/// What a caption says, with its number.
pub fn caption(number: usize, caption: &str) -> Markup {
    html! {
        figcaption { b { "Figure " (number) "." } " " (caption) }
    }
}

/// One line about where and when, and the way to the data in a file of that `kind`.
pub fn source(shown: &Shown<'_>, depth: usize, kind: &str) -> Markup {
    let whose = format!("data of {} on {}", shown.record.experiment, shown.machine);
    html! {
        (shown.provenance())
        @if let Some(address) = shown.data(depth, kind) {
            " · " a href=(address) aria-label=(whose) { "data" }
        }
    }
}

/// Where something lies across, in hundredths of the width.
pub fn percent(x: f64) -> String {
    format!("{x:.2}%")
}

const UNSTABLE: &str = "unstable";
const WHY_UNSTABLE: &str = "method.html#a-core-that-is-not-all-ours";

/// What is to be known before believing what is shown of a record, as a list; empty when there
/// is nothing. How far a number of the book's own machines is known, its whisker shows already,
/// and [`unsure`] says in the fold; a reader can do something about theirs.
pub fn warnings(shown: &Shown<'_>, shows: &[(String, Value)]) -> Markup {
    let mut warnings = doubt::warnings(shown.record, shows);
    warnings.retain(|warning| shown.role == Role::Local || warning.kind != UNSTABLE);
    html! {
        @if !warnings.is_empty() {
            ul class="warnings" {
                @for warning in &warnings { li { b { (warning.kind) } ": " (warning.text) } }
            }
        }
    }
}

/// Which numbers of the book's own machines are not well known, and why, for a figure's fold.
pub fn unsure(shown: &Shown<'_>, depth: usize, shows: &[(String, Value)]) -> Markup {
    let why = format!("{}{WHY_UNSTABLE}", "../".repeat(depth));
    let warnings = doubt::warnings(shown.record, shows);
    let unstable = warnings.iter().filter(|warning| warning.kind == UNSTABLE);
    html! {
        @for warning in unstable.filter(|_| shown.role != Role::Local) {
            p class="provenance" {
                b { (warning.kind) } ": " (warning.text) " · " a href=(why) { "why" }
            }
        }
    }
}

/// How a lane is called in a figure: its label, and its runner where that is not Rust.
pub fn lane_title(record: &Record, variant: &Variant) -> String {
    let runner = record.runners.iter().find(|runner| runner.name == variant.runner);
    match runner {
        Some(runner) if runner.gil.is_some() => {
            format!("{} · {}", variant.label, runner_title(&runner.name))
        }
        _ => variant.label.clone(),
    }
}

/// `cpython-3.11` as readers know it: `Python 3.11`.
pub fn runner_title(name: &str) -> String {
    let (implementation, version) = name.split_once('-').unwrap_or((name, ""));
    let title = match implementation {
        "cpython" => "Python",
        "pypy" => "PyPy",
        "jython" => "Jython",
        "rust" => "Rust",
        other => other,
    };
    format!("{title} {version}").trim().to_owned()
}

/// A number with its unit as pages have it, of one that a terminal may break.
pub fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{202f}")
}

/// Whether a cell holds a number, with or without a unit, or nothing.
fn is_number(cell: &str) -> bool {
    let number = cell.trim_start_matches("<\u{202f}");
    let number = number.split('\u{202f}').next().unwrap_or_default();
    cell == "–" || number.parse::<f64>().is_ok() || cell.contains(" to ")
}

/// A table: the first column names the row; columns of numbers are set right, of text left.
/// A wide one scrolls by itself, and so by keyboard too.
pub fn table<S: AsRef<str>>(head: &[S], rows: &[Vec<String>]) -> Markup {
    table_of(head, rows, &Of::default())
}

/// What is asked for each number of a table, so that whoever has the records can recompute it:
/// `experiment: selector` of a row, or of a row the variant, and of each column the metric.
#[derive(Clone, Debug, Default)]
pub struct Of {
    /// Of each row; none where a table is of no record.
    pub rows: Vec<String>,
    /// Of each column, where it has a metric.
    pub columns: Vec<Option<String>>,
}

/// A table that says what its numbers are `of`.
pub fn table_of<S: AsRef<str>>(head: &[S], rows: &[Vec<String>], of: &Of) -> Markup {
    let metric = |column: usize| of.columns.get(column).and_then(Option::as_deref);
    let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
    let class =
        |column: usize| rows.iter().any(|row| !is_number(&row[column])).then_some("text");
    html! {
        div class="table-wrapper" tabindex="0" role="group" aria-label=(head.join(", ")) {
            table {
                thead {
                    tr {
                        @for (i, cell) in head.iter().enumerate() {
                            th scope="col" class=[class(i)] data-metric=[metric(i)] { (cell) }
                        }
                    }
                }
                tbody {
                    @for (i, row) in rows.iter().enumerate() {
                        tr data-of=[of.rows.get(i)] {
                            @for (i, cell) in row.iter().enumerate() {
                                @if i == 0 {
                                    th scope="row" { (cell) }
                                } @else {
                                    td class=[class(i)] { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Memory as a machine's description gives it.
pub fn memory(bytes: u64) -> String {
    number::axis(Unit::Bytes, bytes as f64)
}
