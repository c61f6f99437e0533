//! The table a reader gets at the terminal.

use std::fmt::Write;
use std::io::IsTerminal;

use crate::experiment::{Experiment, Variant};
use crate::rounds::{Measured, Outcome};
use crate::stats::{Estimate, estimate, paired_ratio};
use crate::{PROFILE, RUSTC, Sample};

pub(crate) struct Row<'a> {
    pub(crate) variant: &'a Variant,
    pub(crate) samples: &'a [Sample],
    threads: Option<u32>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(variant: &'a Variant, outcome: &'a Outcome) -> Row<'a> {
        Row { variant, samples: &outcome.samples, threads: outcome.threads }
    }

    fn values(&self, f: impl Fn(&Sample) -> Option<f64>) -> Option<Estimate> {
        let values: Option<Vec<f64>> = self.samples.iter().map(f).collect();
        estimate(&values?)
    }

    fn wall(&self) -> Vec<f64> {
        self.samples.iter().map(|s| s.wall_ns as f64).collect()
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Style {
    color: bool,
}

impl Style {
    pub(crate) fn of_stdout() -> Style {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        Style { color: wanted && std::io::stdout().is_terminal() && !is_dumb() }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Whether the terminal is of the kind that shows escapes as they are.
pub(crate) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

const BAR: usize = 16;

pub(crate) fn render(
    experiment: &Experiment,
    rows: &[Row<'_>],
    measured: &Measured,
    threads: usize,
    warnings: &[String],
    style: Style,
) -> String {
    let mut out = String::new();
    let title = style.paint("1", &format!("{} · {}", experiment.name, experiment.question));
    let about = format!("{threads} workers · {} rounds · {RUSTC} · {PROFILE}", measured.rounds);
    let _ = writeln!(out, "\n{title}\n{}", style.paint("2", &about));
    for group in rows.chunk_by(|a, b| a.variant.case == b.variant.case) {
        out.push('\n');
        if let Some(case) = &group[0].variant.case {
            let _ = writeln!(
                out,
                "{}",
                style.paint("1", &seen(&format!("{}: {}", case.name, case.label)))
            );
        }
        out.push_str(&group_table(experiment, group, style));
    }
    if !warnings.is_empty() {
        out.push('\n');
    }
    for warning in warnings {
        let _ = writeln!(out, "{} {}", style.paint("33", "!"), seen(warning));
    }
    out.push('\n');
    out
}

fn group_table(experiment: &Experiment, group: &[Row<'_>], style: Style) -> String {
    let base = group.iter().find(|row| row.variant.name == experiment.baseline).map(Row::wall);
    let slowest =
        group.iter().filter_map(|row| Some(estimate(&row.wall())?.median)).fold(0.0, f64::max);
    let mut metrics: Vec<&str> = group
        .iter()
        .flat_map(|row| row.samples)
        .flat_map(|s| s.metrics.keys())
        .map(String::as_str)
        .collect();
    metrics.sort_unstable();
    metrics.dedup();
    let mut head: Vec<String> = HEAD.map(str::to_owned).to_vec();
    head.extend(metrics.iter().map(|name| split_unit(name).0.replace('_', " ")));
    head.push("observed".into());
    let mut cells = vec![head];
    for row in group {
        let Some(wall) = estimate(&row.wall()) else { continue };
        let bar = (wall.median / slowest * BAR as f64).round().max(1.0) as usize;
        let speed_up = base.as_ref().and_then(|base| paired_ratio(base, &row.wall()));
        let utilization = row.values(|s| Some(s.counters.cpu_ns? as f64 / s.wall_ns as f64));
        let waits = row.values(|s| Some(s.counters.voluntary? as f64));
        let taken = row.values(|s| Some(s.counters.involuntary? as f64));
        let peak = row.values(|s| Some(s.peak_bytes? as f64));
        let mut line = vec![
            seen(&row.variant.label),
            time(wall.median),
            format!("{} … {}", time(wall.low), time(wall.high)),
            "━".repeat(bar),
            speed_up.map_or("".into(), |e| format!("{:.2} × ±{:.2}", e.median, half(e))),
            utilization.map_or("".into(), |e| format!("{:.0} %", e.median * 100.0)),
            waits
                .zip(taken)
                .map_or("".into(), |(w, t)| format!("{:.0} + {:.0}", w.median, t.median)),
            row.threads.map_or("".into(), |n| n.to_string()),
            peak.map_or("".into(), |e| bytes(e.median)),
        ];
        line.extend(metrics.iter().map(|name| {
            let value = row.values(|s| s.metrics.get(*name).copied());
            value.map_or("".into(), |e| with_unit(name, e.median))
        }));
        let observed = row.samples.last().filter(|_| row.variant.observed);
        line.push(observed.map_or("".into(), |s| seen(&s.answer)));
        cells.push(line);
    }
    aligned(&cells, style)
}

/// What a program answered, as it is seen: a terminal would act upon a control character.
fn seen(text: &str) -> String {
    let shown = |c: char| match c.is_control() {
        true => c.escape_default().collect(),
        false => c.to_string(),
    };
    text.chars().map(shown).collect()
}

const HEAD: [&str; 9] =
    ["variant", "time", "95 % interval", "", "speed-up", "CPU", "switches", "threads", "peak"];

/// A metric's name ends in its unit: `start_up_us` is a start-up in microseconds.
fn split_unit(name: &str) -> (&str, &str) {
    match name.rsplit_once('_') {
        Some((stem, unit @ ("ns" | "us" | "ms" | "s" | "bytes"))) => (stem, unit),
        _ => (name, ""),
    }
}

fn with_unit(name: &str, value: f64) -> String {
    match split_unit(name).1 {
        "ns" => time(value),
        "us" => time(value * 1e3),
        "ms" => time(value * 1e6),
        "s" => time(value * 1e9),
        "bytes" => bytes(value),
        _ => plain(value),
    }
}

/// Columns that no row fills are left out; the first is set left, the bar too.
fn aligned(cells: &[Vec<String>], style: Style) -> String {
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max();
    let shown: Vec<usize> = (0..cells[0].len())
        .filter(|&column| cells[1..].iter().any(|row| !row[column].is_empty()))
        .collect();
    let mut out = String::new();
    for (i, row) in cells.iter().enumerate() {
        let mut line = String::from(" ");
        for &column in &shown {
            let (text, width) = (&row[column], width(column).unwrap_or(0));
            let _ = match column {
                _ if column == cells[0].len() - 1 => write!(line, " {text}"),
                0 | 3 => write!(line, " {text:<width$} "),
                _ => write!(line, " {text:>width$} "),
            };
        }
        let line = line.trim_end();
        let _ =
            writeln!(out, "{}", if i == 0 { style.paint("2", line) } else { line.to_owned() });
    }
    if !shown.contains(&6) {
        return out;
    }
    let note = "  switches: voluntary (it waited) + involuntary (it was stopped)";
    let _ = writeln!(out, "{}", style.paint("2", note));
    out
}

fn half(e: Estimate) -> f64 {
    (e.high - e.low) / 2.0
}

fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.0} ns"),
        ns if ns < 1e6 => format!("{:.1} µs", ns / 1e3),
        ns if ns < 1e9 => format!("{:.1} ms", ns / 1e6),
        ns => format!("{:.2} s", ns / 1e9),
    }
}

fn bytes(n: f64) -> String {
    match n / 1024.0 {
        kib if kib < 10.0 => format!("{n:.0} B"),
        kib if kib < 1024.0 => format!("{kib:.0} KiB"),
        kib if kib < 1024.0 * 1024.0 => format!("{:.1} MiB", kib / 1024.0),
        kib => format!("{:.1} GiB", kib / 1024.0 / 1024.0),
    }
}

fn plain(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Counters, Kind};

    fn samples(wall_ms: &[u64]) -> Vec<Sample> {
        wall_ms
            .iter()
            .map(|ms| Sample {
                answer: "42".into(),
                wall_ns: ms * 1_000_000,
                counters: Counters {
                    cpu_ns: Some(100_000_000),
                    voluntary: Some(2),
                    involuntary: None,
                },
                peak_bytes: Some(3 << 20),
                ..Sample::default()
            })
            .collect()
    }

    #[test]
    fn an_answer_does_not_act_on_the_terminal() {
        let experiment = Experiment::new("demo", "Why?").observed().variant(
            Kind::Alone,
            "sequential",
            "a\u{1b}[2Jb",
            |_| 42,
        );
        let mut samples = samples(&[100, 102, 98]);
        samples[2].answer = "done\u{1b}]0;x\u{7}\r\nmore".into();
        let outcome = Outcome { samples, threads: None, dropped: None };
        let rows = [Row::new(&experiment.variants[0], &outcome)];
        let measured = Measured { rounds: 3, ..Measured::default() };
        let warnings = ["runner: \u{9b}2J".to_owned()];
        let text = render(&experiment, &rows, &measured, 2, &warnings, Style { color: false });
        assert_eq!(text.chars().find(|c| c.is_control() && *c != '\n'), None, "{text}");
        assert!(text.contains("done\\u{1b}]0;x\\u{7}\\r\\nmore"), "{text}");
    }

    #[test]
    fn the_table_shows_speed_up_and_leaves_out_what_was_not_counted() {
        let experiment = Experiment::new("demo", "Why?")
            .case("chain", "one after another")
            .variant(Kind::Alone, "sequential", "sequential", |_| 42)
            .variant(Kind::Thread, "threads", "std::thread", |_| 42);
        let outcomes = [samples(&[100, 102, 98]), samples(&[50, 51, 49])]
            .map(|samples| Outcome { samples, threads: None, dropped: None });
        let rows: Vec<Row<'_>> =
            experiment.variants.iter().zip(&outcomes).map(|(v, o)| Row::new(v, o)).collect();
        let measured = Measured { rounds: 3, ..Measured::default() };
        let warnings = ["noisy: look out".to_owned()];
        let text = render(&experiment, &rows, &measured, 2, &warnings, Style { color: false });
        let body: Vec<&str> = text.lines().skip(4).collect();
        assert_eq!(
            body.join("\n").trim_end(),
            "\
chain: one after another
  variant          time       95 % interval                        speed-up    CPU     peak
  sequential   100.0 ms  95.1 ms … 105.1 ms  ━━━━━━━━━━━━━━━━  1.00 × ±0.00  100 %  3.0 MiB
  std::thread   50.0 ms   47.6 ms … 52.5 ms  ━━━━━━━━          2.00 × ±0.00  200 %  3.0 MiB

! noisy: look out"
        );
    }
}
