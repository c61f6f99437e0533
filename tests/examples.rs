//! Every example runs, and its Python peer gives the same answers.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use press::outside::manifest::is_bench;
use press::outside::project::Project;
use taking_turns::{example, root, run};

/// Experiments that are examples; benches are Criterion's to run.
fn experiments() -> Vec<String> {
    let all = Project::find(root()).unwrap().experiments().unwrap();
    all.into_iter().filter(|(_, path)| !is_bench(path)).map(|(name, _)| name).collect()
}

#[test]
fn every_example_runs_and_prints_its_table() {
    for name in experiments() {
        let (ok, text) = run(Command::new(example(&name)).args(["--quick", "--rounds", "1"]));
        assert!(ok, "{name}: {text}");
        assert!(
            text.contains(&format!("{name} · ")) && text.contains("95 % interval"),
            "{text}"
        );
        assert!(text.contains("! quick: 1 rounds"), "{name} does not say it was quick: {text}");
    }
}

#[test]
fn every_experiment_says_in_its_header_what_it_shows_and_what_to_see() {
    for (name, path) in Project::find(root()).unwrap().experiments().unwrap() {
        let python = path.with_extension("py");
        let headers = if is_bench(&path) {
            vec![(path, format!("Run:  cargo bench -p benches --bench {name}\n"))]
        } else {
            let run = format!("Run:  python {}\n", python.display());
            vec![(path, format!("Run:  cargo run --example {name}\n")), (python, run)]
        };
        for (path, run) in headers {
            let text = std::fs::read_to_string(root().join(&path)).unwrap();
            assert!(text.contains(&run) && text.contains("See:  "), "{}", path.display());
        }
    }
}

#[test]
fn an_unknown_option_gives_one_message_and_a_status() {
    let (ok, text) = run(Command::new(example("threads_cpu")).arg("--fast"));
    assert!(!ok);
    assert_eq!(text, "threads_cpu: no option is called --fast; try --help\n");
}

#[test]
fn every_claim_an_example_makes_about_crashes_is_observed() {
    let (ok, text) =
        run(Command::new(example("threads_crash")).args(["--rounds", "1", "--quick"]));
    assert!(ok, "{text}");
    let line =
        |label: &str| text.lines().find(|l| l.contains(label)).unwrap_or_default().to_owned();
    assert!(
        line("  panic  ").contains("3 of 3 siblings finish; exit 0; join says so"),
        "{text}"
    );
    assert!(line("holding a lock").contains("lock poisoned"), "{text}");
    assert!(line("process::exit").contains("0 of 3 siblings finish; exit 3"), "{text}");
    #[cfg(unix)]
    for (label, signal) in
        [("process::abort", "SIGABRT"), ("stack overflow", "SIGABRT"), ("address 0", "SIGSEGV")]
    {
        let line = line(label);
        assert!(line.contains("0 of 3 siblings finish") && line.contains(signal), "{text}");
    }
}

/// Waiting is physics: 24 waits of 20 ms cannot take less than 0.48 s one after another, and
/// a thread for each takes a small part of that on any machine.
#[test]
fn waits_overlap_in_threads_and_not_one_after_another() {
    let (ok, text) =
        run(Command::new(example("threads_io")).args(["--rounds", "3", "--quick", "--json"]));
    assert!(ok, "{text}");
    let mut least: BTreeMap<String, u64> = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let ns = line["sample"]["wall_ns"].as_u64().unwrap();
        let entry = least.entry(line["variant"].as_str().unwrap().into()).or_insert(u64::MAX);
        *entry = ns.min(*entry);
    }
    assert!(least["sequential"] >= 480_000_000, "{least:?}");
    assert!(least["threads"] * 4 < least["sequential"], "{least:?}");
}

/// Asks a runner for one answer; `None` without Python.
fn answer(mut command: Command, variant: &str) -> Option<String> {
    let mut child = command
        .arg("--runner")
        .args(["--threads", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "run {variant}\nquit").unwrap();
    let out = child.wait_with_output().unwrap();
    let line: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    Some(line["answer"].as_str().unwrap_or_else(|| panic!("{variant}: {line}")).to_owned())
}

#[test]
fn python_peers_give_the_same_answers() {
    for (name, variant) in [
        ("threads_cpu", "lanes/threads"),
        ("threads_io", "workers"),
        ("threads_many", "10/threads"),
    ] {
        let script = root().join(format!("examples/threads/{name}.py"));
        let mut python = Command::new("python3");
        python.arg(script).env("LAB_EXAMPLE", example(name));
        let Some(of_python) = answer(python, variant) else {
            eprintln!("skipped: no python3 on the path");
            return;
        };
        assert_eq!(Some(of_python), answer(Command::new(example(name)), variant), "{name}");
    }
}
