//! Preemption: what holds for its experiments on any machine, however busy.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;
use taking_turns::{example, root};

/// Asks a runner for variants; `None` where the program does not start.
fn samples(mut command: Command, ids: &[&str]) -> Option<BTreeMap<String, Value>> {
    let mut child =
        command.arg("--runner").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    let mut input = child.stdin.take().unwrap();
    for id in ids {
        writeln!(input, "run {id}").unwrap();
    }
    drop(input);
    let out = child.wait_with_output().unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let all: Vec<Value> = lines.collect();
    assert!(all.len() == ids.len() && all.iter().all(|s| s["error"].is_null()), "{text}");
    Some(ids.iter().map(|id| (*id).to_owned()).zip(all).collect())
}

/// Rust's samples, and Python's where there is one.
fn in_both(name: &str, ids: &[&str]) -> Vec<BTreeMap<String, Value>> {
    let mut python = Command::new("python3");
    python.arg(root().join(format!("examples/preemptive/{name}.py")));
    let python = samples(python, ids);
    if python.is_none() {
        eprintln!("skipped: no python3 on the path");
    }
    [samples(Command::new(example(name)), ids), python].into_iter().flatten().collect()
}

fn metric(sample: &Value, name: &str) -> f64 {
    sample["metrics"][name].as_f64().unwrap_or_else(|| panic!("no {name}: {sample}"))
}

#[test]
fn a_stopped_thread_leaves_a_coin_on_its_way_unless_both_sides_lock() {
    // Three times, since a busy machine may let an auditor look when all is over.
    let runs = (0..3).map(|_| in_both("preempt_where", &["4/threads", "4/locked", "4/tasks"]));
    let runs: Vec<_> = runs.collect();
    for runner in runs.iter().flatten() {
        assert!(runner.values().all(|s| s["answer"] == "2000000000 coins"), "{runner:?}");
        for whole in ["4/locked", "4/tasks"] {
            assert!(metric(&runner[whole], "looks") > 0.0, "{whole}: {runner:?}");
            assert_eq!(metric(&runner[whole], "wrong_share"), 0.0, "{whole}");
        }
    }
    for i in 0..runs[0].len() {
        let wrong = |run: &Vec<BTreeMap<_, _>>| metric(&run[i]["4/threads"], "wrong_share");
        assert!(runs.iter().any(|run| wrong(run) > 0.05), "{runs:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_is_stopped_in_most_parts_of_its_step_locked_or_not() {
    let runner = &in_both("preempt_where", &["4/threads", "4/locked"])[0];
    for sample in runner.values() {
        assert!(metric(sample, "positions") >= 6.0, "{sample}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_nicer_flow_gets_less_of_the_core_and_is_not_starved() {
    for runner in in_both("preempt_fair", &["nice/plus_5", "nice/plus_19"]) {
        let ratio = |id: &str| metric(&runner[id], "first_over_last");
        let (by_5, by_19) = (ratio("nice/plus_5"), ratio("nice/plus_19"));
        // Python's levels count from the one that the test has, up to 19.
        assert!(by_5 > 1.5 && by_19 > 1.5 * by_5 && by_19.is_finite(), "{by_5} {by_19}");
    }
}

#[test]
fn jobs_give_the_same_answer_however_many_threads_share_the_cores() {
    let runners = in_both("preempt_over", &["1/threads", "16/threads"]);
    let answers: Vec<&Value> =
        runners.iter().flat_map(BTreeMap::values).map(|sample| &sample["answer"]).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

/// A task cannot tick before the hog's burst of 50 ms is over; a thread can, on any machine.
#[test]
fn a_hog_keeps_a_task_waiting_and_a_thread_much_less() {
    for runner in in_both("preempt_ticker", &["threads", "tasks"]) {
        let late = |id: &str| metric(&runner[id], "late_p50_ms");
        assert!(late("tasks") >= 30.0 && late("threads") < late("tasks"), "{runner:?}");
        assert!(runner.values().all(|s| s["answer"] == "12 ticks"), "{runner:?}");
    }
}
