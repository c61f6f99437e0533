//! The chapter on the two kinds of work: what waits, waits, whatever else is busy.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use taking_turns::{example, root, run};

/// The least wall-clock time of each variant, in milliseconds.
fn least_ms(name: &str, only: &str) -> BTreeMap<String, u64> {
    let (ok, text) = run(Command::new(example(name))
        .args(["--quick", "--rounds", "3", "--json"])
        .args(["--only", only]));
    assert!(ok, "{text}");
    let mut least: BTreeMap<String, u64> = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let ms = line["sample"]["wall_ns"].as_u64().unwrap() / 1_000_000;
        let entry = least.entry(line["variant"].as_str().unwrap().into()).or_insert(u64::MAX);
        *entry = ms.min(*entry);
    }
    least
}

/// Five waits of 50 ms take a quarter of a second on any machine, and twice as long when each
/// is twice as long. Nothing else may make so much of a difference.
#[test]
fn a_job_that_waits_follows_the_delay_and_not_the_work() {
    let least = least_ms("work_kinds", "ask/");
    assert!(least["ask/once"] >= 250 && least["ask/delay2"] >= 500, "{least:?}");
    assert!(least["ask/work2"] < least["ask/delay2"], "{least:?}");
    if let Some(half_core) = least.get("ask/half_core") {
        assert!(*half_core < least["ask/delay2"], "{least:?}");
    }
}

/// Fifty waits of 4 ms, five of them, one.
#[test]
fn a_cache_and_a_batch_leave_fewer_waits() {
    let least = least_ms("work_change", "ask/");
    assert!(least["ask/before"] >= 200, "{least:?}");
    for redesigned in ["ask/cached", "ask/batched"] {
        // Forty-five waits fewer, at least; the computing may take longer by chance.
        assert!(least[redesigned] + 60 < least["ask/before"], "{least:?}");
    }
}

/// Sixteen waits of 20 ms: all at once in threads and tasks, by the handful in a pool.
#[test]
fn every_model_overlaps_as_many_waits_as_it_has_places_to_wait() {
    let least = least_ms("work_matrix", "io/");
    assert!(least["io/sequential"] >= 320, "{least:?}");
    for model in ["io/threads", "io/tasks", "io/tasks_cores"] {
        assert!(least[model] * 3 < least["io/sequential"], "{least:?}");
    }
}

/// On one core, too: two threads that wait three times 20 ms each.
#[test]
fn two_waits_on_one_core_overlap() {
    let least = least_ms("work_overlap", "wait/");
    assert!(least["wait/sequential"] >= 120, "{least:?}");
    assert!(least["wait/threads"] < 120, "{least:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_lists_one_process_and_four_threads_in_it() {
    let (ok, text) = run(Command::new(example("thread_list")).args(["--quick"]));
    assert!(ok, "{text}");
    for (label, says) in [
        ("listing /proc", "  1  PID only"),
        ("/proc/PID/task", "  4  thread_list = PID, chef 1, chef 2, chef 3"),
        ("/proc/TID, asked for", "  3  3 of 3 that are not listed"),
    ] {
        let line = text.lines().find(|line| line.contains(label)).unwrap_or_default();
        assert!(line.contains(says), "{text}");
    }
}

/// Asks a runner for answers; `None` without Python.
fn answers(mut command: Command, variants: &[&str]) -> Option<Vec<String>> {
    let mut child = command
        .arg("--runner")
        .args(["--threads", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    for variant in variants {
        writeln!(input, "run {variant}").unwrap();
    }
    writeln!(input, "quit").unwrap();
    let out = child.wait_with_output().unwrap();
    let lines = String::from_utf8_lossy(&out.stdout).into_owned();
    let answer = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["answer"].as_str().unwrap_or_else(|| panic!("{line}")).to_owned()
    };
    Some(lines.lines().map(answer).collect())
}

#[test]
fn python_gives_the_same_answers() {
    for (name, variants) in [
        ("work_kinds", &["chain/once", "sum/once", "ask/once", "list/near", "list/far"][..]),
        ("work_change", &["ask/batched", "compute/file"]),
        ("work_overlap", &["mixed/threads"]),
        ("work_matrix", &["cpu/tasks", "io/tasks"]),
    ] {
        let script = root().join(format!("examples/work/{name}.py"));
        let mut python = Command::new("python3");
        python.arg(script).env("LAB_EXAMPLE", example(name));
        let Some(of_python) = answers(python, variants) else {
            eprintln!("skipped: no python3 on the path");
            return;
        };
        let of_rust = answers(Command::new(example(name)), variants).unwrap();
        assert_eq!(of_python, of_rust, "{name}");
    }
}
