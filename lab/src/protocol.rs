#![doc = include_str!("../protocol/README.md")]

use std::io::{self, BufRead, Write};

use crate::experiment::{Experiment, Variant};
use crate::json::{Object, Value, array};
use crate::timeline::{Lane, Span, State};
use crate::{Counters, PROFILE, RUSTC, Sample};

/// The version of the lines that this build speaks.
pub const PROTOCOL: u32 = 2;

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
        let request = request.trim();
        let answer = match request.split_once(' ').unwrap_or((request, "")) {
            ("list", "") => Ok(list(experiment, threads)),
            ("quit", "") => break,
            ("run", id) if !id.is_empty() => match experiment.find(id) {
                Some(variant) => run(variant).map(|sample| sample_line(&sample)),
                None => Err(format!("no variant is called {id}")),
            },
            _ => Err(format!("no request is called {request}")),
        };
        let answer = answer.unwrap_or_else(|text| Object::new().text("error", &text).end());
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
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
        let core = span.core.map_or("null".into(), |core| core.to_string());
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

/// Reads [`lane_json`]; `None` when it is something else.
pub(crate) fn lane_of(lane: &Value) -> Option<Lane> {
    let spans = lane.get("spans")?.list()?.iter().map(|span| {
        let [from, to, core, state] = span.list()? else { return None };
        Some(Span {
            from_ns: from.number()? as u64,
            to_ns: to.number()? as u64,
            core: core.number().map(|core| core as u32),
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
    use crate::{Kind, Run};

    /// The conversation that Python's side and the press are tested against, too.
    const DEMO: &str = include_str!("../protocol/demo.jsonl");

    fn demo() -> Experiment {
        let lane =
            |name: &str, involuntary, false_gaps, spans: &[(u64, u64, Option<u32>, State)]| {
                let spans = spans
                    .iter()
                    .map(|&(from_ns, to_ns, core, state)| Span { state, from_ns, to_ns, core })
                    .collect();
                Lane { name: name.into(), spans, involuntary, false_gaps }
            };
        use State::{Holding, Running, WaitingIo, WaitingLock};
        let lanes = [
            lane(
                "A",
                Some(1),
                2,
                &[
                    (0, 1000, Some(0), Running),
                    (1000, 2000, None, WaitingIo),
                    (2500, 3000, Some(1), Running),
                ],
            ),
            lane("B", None, 0, &[(0, 500, None, WaitingLock), (500, 1500, None, Holding)]),
        ];
        Experiment::new("demo", "Why?")
            .variant(Kind::Alone, "sequential", "one after another", |_| 42)
            .case("small", "a small one")
            .variant(Kind::Thread, "threads", "two threads", |run| {
                run.metric("start_up_us", 1.5);
                run.metric("stack_bytes", 65_536.0);
                42
            })
            .variant(Kind::Process, "elsewhere", "another process", |run| {
                run.elsewhere();
                run.metric("first_us", 0.25);
                42
            })
            .observed()
            .variant(Kind::Task, "lanes", "two tasks", move |run| {
                run.timeline(lanes.to_vec());
                format!("{} \"lanes\"\n… each 1 µs", lanes.len())
            })
            .variant(Kind::Alone, "endless", "it divides by zero", |run| {
                run.metric("share", f64::INFINITY);
                42
            })
    }

    /// A run in which the clock and the kernel count as told.
    fn counted(variant: &Variant) -> Result<Sample, String> {
        let sample = Run::once(2, false, &*variant.work)?;
        let (counters, peak_bytes) = match variant.name.as_str() {
            "elsewhere" => (sample.counters, sample.peak_bytes),
            _ => (
                Counters { cpu_ns: Some(2_000_000), voluntary: Some(3), involuntary: Some(4) },
                Some(1 << 20),
            ),
        };
        Ok(Sample { wall_ns: 500_000_000, counters, peak_bytes, ..sample })
    }

    #[test]
    fn a_runner_answers_as_the_demo_says() {
        let (mut requests, mut answers) = (Vec::new(), Vec::new());
        for line in DEMO.lines() {
            let line = Value::read(line).unwrap();
            requests.push(line.get("request").and_then(Value::text).unwrap().to_owned());
            answers.extend(line.get("answer").cloned());
        }
        // The runner's own: what runs it.
        let Value::Object(list) = &mut answers[0] else { panic!("no list") };
        list.remove("gil");
        list.remove("packages");
        for (name, value) in
            [("implementation", "rustc"), ("version", RUSTC), ("profile", PROFILE)]
        {
            list.insert(name.into(), Value::Text(value.into()));
        }
        requests.push("list".into()); // after `quit`: not answered
        let mut said = Vec::new();
        speak(&demo(), 2, counted, requests.join("\n").as_bytes(), &mut said).unwrap();
        let said = String::from_utf8(said).unwrap();
        for (line, (request, answer)) in said.lines().zip(requests.iter().zip(&answers)) {
            assert_eq!(Value::read(line).as_ref(), Some(answer), "{request}: {line}");
        }
        assert_eq!(said.lines().count(), answers.len(), "{said}");
    }

    #[test]
    fn a_sample_can_be_read_as_it_was_printed() {
        for variant in &demo().variants {
            let Ok(sample) = counted(variant) else { continue };
            assert_eq!(read_sample(&sample_line(&sample)), Some(sample));
        }
        assert_eq!(read_sample(r#"{"error": "no room"}"#), None);
    }
}
