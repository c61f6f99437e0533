//! Small pieces of HTML that several directives share.

use std::fmt::Write;

use crate::ask::number;
use crate::ask::select::Value;
use crate::store::record::{LOCAL, Method, Record, Results, Variant};

/// Text made safe between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The machines whose records of `experiment` a page shows: the reader's own where there are
/// records of it, the reference, then all others.
pub fn shown<'r>(results: &'r Results, experiment: &str) -> Vec<(&'r str, &'r Record)> {
    let first = [LOCAL, results.reference.as_str()];
    let others =
        results.machines.keys().map(String::as_str).filter(|name| !first.contains(name));
    first
        .into_iter()
        .chain(others)
        .filter_map(|name| {
            let (name, records) = results.machines.get_key_value(name)?;
            Some((name.as_str(), records.get(experiment)?))
        })
        .collect()
}

/// What a figure has for one of `count` machines. The reader's own and the reference stand
/// side by side; others are offered.
pub fn machine_block(
    position: usize,
    count: usize,
    machine: &str,
    is_reference: bool,
    inner: &str,
) -> String {
    let title = escape(machine_title(machine));
    if !is_reference && position > 0 {
        return format!(
            "<details class=\"machine other\" data-machine=\"{machine}\"><summary>{title}</summary>{inner}</details>"
        );
    }
    let name = match count {
        1 => String::new(),
        _ => format!("<p class=\"machine-name\">{title}</p>"),
    };
    format!("<div class=\"machine\" data-machine=\"{machine}\">{name}{inner}</div>")
}

/// What readers call a machine.
pub fn machine_title(machine: &str) -> &str {
    if machine == LOCAL { "your machine" } else { machine }
}

/// One line about where and when: machine, rounds, date.
pub fn provenance(machine: &str, record: &Record) -> String {
    let day = record.date.split('T').next().unwrap_or_default();
    let quick = if record.quick { "quick run, " } else { "" };
    let commit = match (&record.commit, record.modified) {
        (Some(commit), false) => format!(", commit {commit}"),
        (Some(commit), true) => format!(", after commit {commit}"),
        (None, _) => String::new(),
    };
    let kept = record.rounds.kept;
    let how = match record.method {
        Method::Rounds if kept == 1 => "1 round".to_owned(),
        Method::Rounds => format!("{kept} interleaved rounds"),
        Method::Criterion => format!("Criterion, {kept} samples"),
    };
    format!("{}, {quick}{how}, {day}{commit}", machine_title(machine))
}

/// A number in a sentence; a click or a key tells how sure it is and where it comes from. The
/// first machine's number is the sentence's; the reference's stands beside it, and those of
/// other machines are there for readers who choose one.
pub fn measured(
    id: &str,
    reference: &str,
    has_local: bool,
    values: &[(&str, &Record, Value)],
) -> String {
    let mut button = String::new();
    let mut about = String::new();
    for (i, (machine, record, value)) in values.iter().enumerate() {
        let text = value.text();
        let _ = match i {
            0 if !has_local || *machine == LOCAL => {
                write!(button, "<span data-machine=\"{machine}\">{text}</span>")
            }
            // Also where the reader's machine has others, but not this.
            _ if *machine == reference => write!(
                button,
                "<span class=\"beside\" data-machine=\"{machine}\"><span class=\"whose\">ours</span> {text}</span>"
            ),
            _ => write!(button, "<span data-machine=\"{machine}\" hidden>{text}</span>"),
        };
        let _ = write!(
            about,
            "<span data-machine=\"{machine}\"><b>{text}</b> 95 % interval {} over {} samples. {}</span>",
            value.interval(),
            value.estimate.n,
            escape(&provenance(machine, record))
        );
    }
    // The word joiner keeps the full stop that may follow on the number's line.
    format!(
        "<button type=\"button\" class=\"measured\" popovertarget=\"{id}\">{button}</button>\
         <span popover id=\"{id}\" class=\"about\">{about}</span>\u{2060}"
    )
}

/// A message as a page shows it: what stands in backticks is code.
pub fn words(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(i, part)| match i % 2 {
            1 => format!("<code>{}</code>", escape(part)),
            _ => escape(part),
        })
        .collect()
}

/// An answer in words, and beside it ours where it is another.
pub fn observed(reference: &str, ours: &str, theirs: Option<&str>) -> String {
    let ours_too = |ours: &str| {
        format!(
            "<span class=\"beside\" data-machine=\"{reference}\">\
             <span class=\"whose\">ours</span> {}</span>",
            escape(ours)
        )
    };
    match theirs {
        Some(theirs) if theirs != ours => format!(
            "<span class=\"observed\"><span data-machine=\"{LOCAL}\">{}</span>{}</span>",
            escape(theirs),
            ours_too(ours)
        ),
        _ => format!("<span class=\"observed\">{}</span>", escape(ours)),
    }
}

/// What is to be known before believing a record, as a list; empty when there is nothing.
pub fn warnings(record: &Record) -> String {
    let mut out = String::new();
    for warning in &record.warnings {
        let _ =
            write!(out, "<li><b>{}</b>: {}</li>", escape(&warning.kind), escape(&warning.text));
    }
    if out.is_empty() { out } else { format!("<ul class=\"warnings\">{out}</ul>") }
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

/// Whether a cell holds a number, with or without a unit, or nothing.
fn is_number(cell: &str) -> bool {
    let number = cell.split('\u{202f}').next().unwrap_or_default();
    cell == "–" || number.parse::<f64>().is_ok() || cell.contains(" to ")
}

/// A table: the first column names the row; columns of numbers are set right, of text left.
pub fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let mut out = String::from("<table><thead><tr>");
    let is_text = |column: usize| rows.iter().any(|row| !is_number(&row[column]));
    for (i, cell) in head.iter().enumerate() {
        let class = if is_text(i) { " class=\"text\"" } else { "" };
        let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", escape(cell));
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (i, cell) in row.iter().enumerate() {
            let _ = match i {
                0 => write!(out, "<th scope=\"row\">{}</th>", escape(cell)),
                _ if is_text(i) => write!(out, "<td class=\"text\">{}</td>", escape(cell)),
                _ => write!(out, "<td>{}</td>", escape(cell)),
            };
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    // A wide table scrolls by itself, and so by keyboard too.
    let label = escape(&head.join(", "));
    format!(
        "<div class=\"table-wrapper\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\">{out}</div>"
    )
}

/// Memory as a machine's description gives it.
pub fn memory(bytes: u64) -> String {
    number::axis(crate::ask::select::Unit::Bytes, bytes as f64)
}
