//! Ten dishes: what holds for their recorded lanes on any machine, however busy.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use taking_turns::{example, root};

const ARRANGEMENTS: [&str; 4] = ["one_by_one", "kitchens", "chefs", "dishes"];
const SIMMER_NS: u64 = 20_000_000;

/// Runs each arrangement of a case once; `None` where the program does not start.
fn cooked(mut command: Command, case: &str) -> Option<Vec<Value>> {
    let mut child =
        command.arg("--runner").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut input = child.stdin.take().unwrap();
    for name in ARRANGEMENTS {
        writeln!(input, "run {case}/{name}").unwrap();
    }
    drop(input);
    let out = child.wait_with_output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let samples: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(samples.len() == 4 && samples.iter().all(|s| s["error"].is_null()), "{text}");
    Some(samples)
}

fn in_rust(case: &str) -> Vec<Value> {
    cooked(Command::new(example("kitchens")), case).unwrap()
}

/// Rust's samples, and Python's where there is one.
fn in_both(case: &str) -> Vec<Vec<Value>> {
    let mut python = Command::new("python3");
    python.arg(root().join("examples/timelines/kitchens.py"));
    let python = cooked(python, case);
    if python.is_none() {
        eprintln!("skipped: no python3 on the path");
    }
    [Some(in_rust(case)), python].into_iter().flatten().collect()
}

static SIMMER: LazyLock<Vec<Vec<Value>>> = LazyLock::new(|| in_both("simmer"));
static CHOP: LazyLock<Vec<Vec<Value>>> = LazyLock::new(|| in_both("chop"));

/// From, to and state of each span of each lane.
fn lanes(sample: &Value) -> Vec<Vec<(u64, u64, String)>> {
    let span = |span: &Value| {
        (span[0].as_u64().unwrap(), span[1].as_u64().unwrap(), span[3].as_str().unwrap().into())
    };
    let lanes = sample["timeline"].as_array().unwrap();
    lanes.iter().map(|l| l["spans"].as_array().unwrap().iter().map(span).collect()).collect()
}

/// Whether two lanes ran at the same moment.
fn ran_together(sample: &Value) -> bool {
    let mut spans: Vec<_> =
        lanes(sample).concat().into_iter().filter(|span| span.2 == "running").collect();
    spans.sort();
    spans.windows(2).any(|pair| pair[1].0 < pair[0].1)
}

#[test]
fn each_dish_simmers_twice_in_every_arrangement() {
    for (sample, name) in SIMMER.iter().flat_map(|samples| samples.iter().zip(ARRANGEMENTS)) {
        let lanes = lanes(sample);
        assert_eq!(lanes.len(), 10, "{name}");
        for (i, lane) in lanes.iter().enumerate() {
            assert_eq!(sample["timeline"][i]["lane"], format!("dish {}", i + 1), "{name}");
            assert!(lane.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{name}: {lane:?}");
            let waits: Vec<_> = lane.iter().filter(|span| span.2 == "waiting-io").collect();
            let simmered = |w: &&(u64, u64, String)| w.1 - w.0 >= SIMMER_NS * 9 / 10;
            assert!(waits.len() == 2 && waits.iter().all(simmered), "{name}: {lane:?}");
        }
    }
}

#[test]
fn there_are_as_many_kitchens_and_chefs_as_the_arrangement_says() {
    let expected = [(1.0, 1.0), (10.0, 10.0), (1.0, 10.0), (1.0, 1.0)];
    for samples in SIMMER.iter() {
        let count = |sample: &Value, name: &str| sample["metrics"][name].as_f64().unwrap();
        let counted: Vec<_> =
            samples.iter().map(|s| (count(s, "kitchens"), count(s, "chefs"))).collect();
        assert_eq!(counted, expected);
    }
}

#[test]
fn one_chef_never_chops_two_dishes_at_the_same_moment() {
    for samples in SIMMER.iter().chain(CHOP.iter()) {
        assert!(!ran_together(&samples[0]), "one by one: {}", samples[0]);
        assert!(!ran_together(&samples[3]), "dishes: {}", samples[3]);
    }
}

#[test]
fn every_arrangement_serves_the_same_dishes_in_rust_and_in_python() {
    for samples in [&SIMMER, &CHOP] {
        let answers: Vec<_> = samples.iter().flatten().map(|s| &s["answer"]).collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
}

/// Twenty pots of 20 ms cannot be watched in less than 0.4 s; not watching them takes less on
/// any machine. The least of three, since others may be using this one.
#[test]
fn pots_that_nobody_watches_simmer_at_the_same_time() {
    let runs: Vec<_> = (0..3).map(|_| in_rust("simmer")).collect();
    let least = |i: usize| runs.iter().map(|r| r[i]["wall_ns"].as_u64().unwrap()).min();
    let watched = least(0).unwrap();
    assert!(watched >= 20 * SIMMER_NS, "{watched}");
    for (i, name) in ARRANGEMENTS.iter().enumerate().skip(1) {
        assert!(least(i).unwrap() * 2 < watched, "{name}: {:?}", least(i));
    }
}
