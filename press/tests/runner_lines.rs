//! The press reads the runner lines as the lab's document has them: `lab/protocol`.
#![cfg(unix)]

use std::process::Command;
use std::time::Duration;

use lab::rounds::{Failure, Runner};
use lab::timeline::{Span, State};
use lab::{Counters, Kind, Sample};
use press::outside::runner::ChildRunner;
use serde_json::Value;

/// The conversation that Rust's and Python's sides are tested against, too.
const DEMO: &str = include_str!("../../lab/protocol/demo.jsonl");

/// A shell script that answers as the conversation has it.
fn demo() -> ChildRunner {
    let mut cases = String::new();
    for line in DEMO.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let action = match line.get("answer") {
            // No run takes longer than it is waited for.
            Some(answer) if answer.get("wall_ns").is_some() => {
                format!("sleep 0.5; printf '%s\\n' '{answer}'")
            }
            Some(answer) => format!("printf '%s\\n' '{answer}'"),
            None => "exit 0".into(),
        };
        cases += &format!("{}) {action};; ", line["request"]);
    }
    let script = format!("while read -r request; do case $request in {cases} esac; done");
    let mut command = Command::new("sh");
    command.args(["-c", &script]);
    ChildRunner::start("demo", command, Duration::from_secs(10)).unwrap()
}

#[test]
fn a_list_says_who_runs_what() {
    let list = demo().list().unwrap();
    assert_eq!((list.experiment.as_str(), list.question.as_str()), ("demo", "Why?"));
    assert_eq!((list.baseline.as_str(), list.threads), ("sequential", 2));
    let runner = &list.runner;
    assert_eq!((runner.name.as_str(), runner.gil), ("demo", Some(true)));
    assert_eq!(
        (runner.implementation.as_str(), runner.version.as_str()),
        ("cpython", "3.13.1")
    );
    let packages = [("aiohttp".to_owned(), "3.12.15".to_owned())];
    assert_eq!(runner.packages, packages.into());
    let variants = list.variants.iter().map(|v| (v.id_in_runner(), v.kind, v.observed));
    let expected = [
        ("sequential", Kind::Alone, false),
        ("small/threads", Kind::Thread, false),
        ("small/elsewhere", Kind::Process, false),
        ("small/lanes", Kind::Task, true),
        ("small/endless", Kind::Alone, true),
    ];
    assert!(variants.eq(expected.map(|(id, kind, seen)| (id.to_owned(), kind, seen))));
    let sequential = &list.variants[0];
    assert_eq!((&sequential.case, &sequential.case_label), (&None, &None));
    assert_eq!(sequential.label, "one after another");
    assert_eq!(list.variants[1].case_label.as_deref(), Some("a small one"));
}

#[test]
fn a_sample_has_what_was_counted_and_nothing_in_place_of_the_rest() {
    let mut demo = demo();
    let metrics = |of: &[(&str, f64)]| of.iter().map(|&(n, v)| (n.to_owned(), v)).collect();
    let threads = Sample {
        answer: "42".into(),
        wall_ns: 500_000_000,
        counters: Counters {
            cpu_ns: Some(2_000_000),
            voluntary: Some(3),
            involuntary: Some(4),
        },
        peak_bytes: Some(1 << 20),
        metrics: metrics(&[("stack_bytes", 65_536.0), ("start_up_us", 1.5)]),
        timeline: Vec::new(),
    };
    assert_eq!(demo.run("small/threads"), Ok(threads.clone()));
    let sequential = Sample { metrics: metrics(&[]), ..threads };
    assert_eq!(demo.run("sequential"), Ok(sequential.clone()));
    let elsewhere = Sample {
        counters: Counters::default(),
        peak_bytes: None,
        metrics: metrics(&[("first_us", 0.25)]),
        ..sequential
    };
    assert_eq!(demo.run("small/elsewhere"), Ok(elsewhere));
}

#[test]
fn a_sample_keeps_its_timeline_and_an_absent_core_is_absent() {
    let sample = demo().run("small/lanes").unwrap();
    assert_eq!(sample.answer, "2 \"lanes\"\n… each 1 µs");
    let [a, b] = &sample.timeline[..] else { panic!("{sample:?}") };
    assert_eq!((a.name.as_str(), a.involuntary, a.false_gaps), ("A", Some(1), 2));
    assert_eq!((b.name.as_str(), b.involuntary, b.false_gaps), ("B", None, 0));
    let span = |from_ns, to_ns, core, state| Span { state, from_ns, to_ns, core };
    let of_a = [
        span(0, 1000, Some(0), State::Running),
        span(1000, 2000, None, State::WaitingIo),
        span(2500, 3000, Some(1), State::Running),
    ];
    assert_eq!(a.spans, of_a);
    let of_b = [span(0, 500, None, State::WaitingLock), span(500, 1500, None, State::Holding)];
    assert_eq!(b.spans, of_b);
}

#[test]
fn an_error_costs_one_variant_and_says_why() {
    let mut demo = demo();
    let endless = "demo small/endless: the metric share is not a finite number";
    assert_eq!(demo.run("small/endless"), Err(Failure::Variant(endless.into())));
    let nobody = "demo small/nobody: no variant is called small/nobody";
    assert_eq!(demo.run("small/nobody"), Err(Failure::Variant(nobody.into())));
    assert!(demo.run("sequential").is_ok());
}
