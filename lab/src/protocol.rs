//! The runner lines: how a measuring process and `cargo book measure` talk.
//!
//! A runner is an experiment started with `--runner`. It reads one request a line from
//! standard input and answers each with one line of JSON on standard output. Rust and Python
//! speak the same lines, so both can take part in one interleaved run. Version 1:
//!
//! | Request | Answer |
//! |---|---|
//! | `list` | `{"protocol":1, "experiment", "question", "baseline", "implementation", "version", "profile", "threads", "variants":[{"case", "case_label", "name", "label", "kind", "observed"}]}` |
//! | `run case/name` | `{"answer", "wall_ns", "cpu_ns", "voluntary", "involuntary", "peak_bytes", "metrics":{…}, "timeline":[{"lane", "involuntary", "false_gaps", "spans":[[from_ns, to_ns, core or -1, "state"]]}]}` |
//! | `run` of what it does not have, or that failed | `{"error"}` |
//! | `quit`, or the end of input | the runner ends with status 0 |
//!
//! The answers of a case's variants must agree, but for those whose answer is `observed`. An
//! experiment without cases leaves `case` and `case_label` out, and `run name` suffices.
//! A counter that the platform does not have is left out. `gil` (`true` or `false`) is
//! there in `list` only for interpreters that have the question.

use std::io::{self, BufRead, Write};

use crate::experiment::{Experiment, Variant};
use crate::json::{Object, Value, array};
use crate::timeline::{Lane, Span, State};
use crate::{Counters, PROFILE, RUSTC, Sample};

/// The version of the lines that this build speaks.
pub const PROTOCOL: u32 = 1;

/// Answers requests until there are no more.
pub(crate) fn speak(
    experiment: &Experiment,
    threads: usize,
    mut run: impl FnMut(&Variant) -> Result<Sample, String>,
    input: impl BufRead,
    mut output: impl Write,
) -> io::Result<()> {
    for request in input.lines() {
        let request = request?;
        let answer = match request.trim().split_once(' ').unwrap_or((request.trim(), "")) {
            ("list", "") => list(experiment, threads),
            ("quit", "") => break,
            ("run", id) => match experiment.find(id) {
                Some(variant) => match run(variant) {
                    Ok(sample) => sample_line(&sample),
                    Err(text) => error(&text),
                },
                None => error(&format!("no variant is called {id}")),
            },
            _ => error(&format!("no request is called {request:?}")),
        };
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

fn error(text: &str) -> String {
    Object::new().text("error", text).end()
}

fn list(experiment: &Experiment, threads: usize) -> String {
    let variants = experiment.variants.iter().map(|variant| {
        let mut object = Object::new();
        if let Some(case) = &variant.case {
            object = object.text("case", &case.name).text("case_label", &case.label);
        }
        object
            .text("name", &variant.name)
            .text("label", &variant.label)
            .text("kind", variant.kind.name())
            .raw("observed", variant.observed)
            .end()
    });
    Object::new()
        .raw("protocol", PROTOCOL)
        .text("experiment", &experiment.name)
        .text("question", &experiment.question)
        .text("baseline", &experiment.baseline)
        .text("implementation", "rustc")
        .text("version", RUSTC)
        .text("profile", PROFILE)
        .raw("threads", threads)
        .raw("variants", array(variants))
        .end()
}

pub(crate) fn sample_line(sample: &Sample) -> String {
    let mut metrics = Object::new();
    for (name, value) in &sample.metrics {
        metrics = metrics.raw(name, value);
    }
    let line = Object::new()
        .text("answer", &sample.answer)
        .raw("wall_ns", sample.wall_ns)
        .some("cpu_ns", sample.counters.cpu_ns)
        .some("voluntary", sample.counters.voluntary)
        .some("involuntary", sample.counters.involuntary)
        .some("peak_bytes", sample.peak_bytes)
        .raw("metrics", metrics.end());
    if sample.timeline.is_empty() {
        return line.end();
    }
    line.raw("timeline", array(sample.timeline.iter().map(lane_json))).end()
}

/// One lane of a timeline.
pub(crate) fn lane_json(lane: &Lane) -> String {
    let spans = lane.spans.iter().map(|span| {
        let core = span.core.map_or(-1, i64::from);
        format!("[{},{},{core},\"{}\"]", span.from_ns, span.to_ns, span.state.name())
    });
    Object::new()
        .text("lane", &lane.name)
        .some("involuntary", lane.involuntary)
        .raw("false_gaps", lane.false_gaps)
        .raw("spans", array(spans))
        .end()
}

/// Reads a sample line; `None` when it is something else, such as an error.
pub(crate) fn read_sample(line: &str) -> Option<Sample> {
    sample_of(&Value::read(line)?)
}

/// Reads a line of `--json`: a variant's id and a sample.
pub(crate) fn read_named(line: &str) -> Option<(String, Sample)> {
    let line = Value::read(line)?;
    Some((line.get("variant")?.text()?.to_owned(), sample_of(line.get("sample")?)?))
}

fn sample_of(line: &Value) -> Option<Sample> {
    let count = |name: &str| Some(line.get(name)?.number()? as u64);
    let metrics = match line.get("metrics")? {
        Value::Object(metrics) => metrics,
        _ => return None,
    };
    let lanes = line.get("timeline").map_or(Some(&[][..]), Value::list)?;
    Some(Sample {
        answer: line.get("answer")?.text()?.to_owned(),
        wall_ns: count("wall_ns")?,
        counters: Counters {
            cpu_ns: count("cpu_ns"),
            voluntary: count("voluntary"),
            involuntary: count("involuntary"),
        },
        peak_bytes: count("peak_bytes"),
        metrics: metrics
            .iter()
            .map(|(name, value)| Some((name.clone(), value.number()?)))
            .collect::<Option<_>>()?,
        timeline: lanes.iter().map(lane_of).collect::<Option<_>>()?,
    })
}

fn lane_of(lane: &Value) -> Option<Lane> {
    let spans = lane.get("spans")?.list()?.iter().map(|span| {
        let [from, to, core, state] = span.list()? else { return None };
        Some(Span {
            from_ns: from.number()? as u64,
            to_ns: to.number()? as u64,
            core: core.number().filter(|core| *core >= 0.0).map(|core| core as u32),
            state: State::named(state.text()?)?,
        })
    });
    Some(Lane {
        name: lane.get("lane")?.text()?.to_owned(),
        spans: spans.collect::<Option<_>>()?,
        involuntary: lane.get("involuntary").and_then(Value::number).map(|n| n as u64),
        false_gaps: lane.get("false_gaps")?.number()? as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn a_runner_lists_runs_and_names_what_it_does_not_have() {
        let experiment = Experiment::new("demo", "Why?").case("small", "a small one").variant(
            Kind::Thread,
            "threads",
            "std::thread",
            |_| 42,
        );
        let run = |variant: &Variant| {
            Ok(Sample { answer: variant.id(), wall_ns: 5, ..Sample::default() })
        };
        let input = "list\nrun small/threads\nrun small/nobody\nsing\nquit\nlist\n";
        let mut output = Vec::new();
        speak(&experiment, 2, run, input.as_bytes(), &mut output).unwrap();
        let output = String::from_utf8(output).unwrap();
        let lines: Vec<&str> = output.lines().collect();
        assert_eq!(lines.len(), 4, "nothing after quit: {output}");
        assert!(lines[0].contains(
            r#""variants":[{"case":"small","case_label":"a small one","name":"threads","label":"std::thread","kind":"thread","observed":false}]"#
        ), "{}", lines[0]);
        assert_eq!(lines[1], r#"{"answer":"small/threads","wall_ns":5,"metrics":{}}"#);
        assert_eq!(lines[2], r#"{"error":"no variant is called small/nobody"}"#);
        assert!(lines[3].contains("no request is called"));
    }
}
