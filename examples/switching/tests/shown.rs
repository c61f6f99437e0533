//! What the experiments must show on any machine, however busy: orderings and
//! broad bands.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// An example, which cargo builds along with the tests.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples").join(name)
}

/// The least of each metric of each variant, over three rounds.
fn least(name: &str, only: &str) -> BTreeMap<String, f64> {
    let mut command = Command::new(example(name));
    command.args(["--quick", "--rounds", "3", "--json", "--only", only]);
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{name}: {out:?}");
    let mut least = BTreeMap::new();
    for line in said.lines() {
        let variant = line.split('"').nth(3).unwrap();
        let (_, metrics) = line.split_once("\"metrics\":{").unwrap();
        let (metrics, _) = metrics.split_once('}').unwrap();
        for metric in metrics.split(',') {
            let (metric, value) = metric.split_once(':').unwrap();
            let key = format!("{variant}.{}", metric.trim_matches('"'));
            let value: f64 = value.parse().unwrap();
            let known = least.entry(key).or_insert(value);
            *known = known.min(value);
        }
    }
    least
}

#[test]
fn each_rung_of_the_ladder_is_dearer_than_the_one_below() {
    let rungs = least("switch_ladder", "program,kernel,one_core/thread");
    let each = |lane: &str| rungs[&format!("{lane}.each_ns")];
    assert!(each("program/call") < each("kernel/syscall"), "{rungs:?}");
    assert!(each("kernel/syscall") < each("kernel/pipe"), "{rungs:?}");
    for inside in ["stackful", "stackful_jump", "corosensei", "poll"] {
        let inside = each(&format!("program/{inside}"));
        assert!(2.0 * inside < each("one_core/thread_yield"), "{rungs:?}");
        assert!(4.0 * inside < each("one_core/thread_pipe"), "{rungs:?}");
    }
}

#[test]
fn the_kernel_sees_the_switches_of_threads_and_not_those_of_tasks() {
    let rungs = least("switch_ladder", "program,one_core");
    for (metric, seen) in &rungs {
        let Some(lane) = metric.strip_suffix(".kernel_each") else { continue };
        let expected = match lane.starts_with("program/") {
            true => 0.0..0.1,
            false => 0.9..1.2,
        };
        assert!(expected.contains(seen), "{lane}: {seen}");
    }
}

#[test]
fn a_list_is_slower_after_a_neighbor_used_the_caches() {
    let took = least("switch_cold", "256/");
    let disturbed = took["256/busy_neighbor.list_us"];
    assert!(disturbed > 1.5 * took["256/undisturbed.list_us"], "{took:?}");
}

#[test]
fn a_loop_with_much_to_do_is_switched_less_than_threads() {
    let each = least("switch_served", "1");
    assert!(each["1/threads.switches_each"] > 0.9, "{each:?}");
    assert!(each["1/tasks.switches_each"] > 0.9, "{each:?}");
    let (threads, tasks) =
        (each["100/threads.switches_each"], each["100/tasks.switches_each"]);
    assert!(tasks < 0.8 * threads, "{each:?}");
}

#[test]
fn touching_costs_something_and_every_touch_is_counted() {
    let each = least("switch_process", "64/");
    assert!(each["64/threads.each_ns"] > each["64/touching.each_ns"]);
}

/// Asks a runner for one answer; `None` without Python.
fn answer(mut command: Command, variant: &str) -> Option<String> {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = command
        .arg("--runner")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "run {variant}\nquit").unwrap();
    let out = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    let (_, answer) = said.split_once("\"answer\":").expect(variant);
    Some(answer.split('"').nth(1).unwrap().to_owned())
}

#[test]
fn python_peers_give_the_same_answers() {
    for (name, variant) in [
        ("switch_ladder", "program/task_yield"),
        ("switch_ladder", "one_core/process_pipe"),
        ("switch_process", "16/threads"),
        ("switch_process", "16/processes"),
        ("switch_cold", "64/busy_neighbor"),
        ("switch_served", "10/tasks"),
        ("switch_served", "10/threads"),
    ] {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut python = Command::new("python3");
        python.arg(folder.join(format!("{name}.py")));
        python.env("LAB_EXAMPLE", example(name));
        let Some(of_python) = answer(python, variant) else {
            eprintln!("skipped: no python3 on the path");
            return;
        };
        let ours = answer(Command::new(example(name)), variant);
        assert_eq!(Some(of_python), ours, "{name} {variant}");
    }
}
