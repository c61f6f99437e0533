//! Every example runs, and says in its header what it is.

use std::process::Command;
use std::sync::Mutex;

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
    // Two at a time: most of them wait most of the time.
    let left = Mutex::new(experiments().into_iter());
    let one_by_one = || {
        while let Some(name) = { left.lock().unwrap().next() } {
            runs_and_prints_its_table(&name);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(one_by_one);
        one_by_one();
    });
}

fn runs_and_prints_its_table(name: &str) {
    let (ok, text) = run(Command::new(example(name)).args(["--quick", "--rounds", "1"]));
    assert!(ok, "{name}: {text}");
    let is_table = text.contains(&format!("{name} · ")) && text.contains("95 % interval");
    assert!(is_table, "{text}");
    assert!(text.contains("! quick: 1 rounds"), "{name} does not say it was quick: {text}");
}

#[test]
fn every_experiment_says_in_its_header_what_it_shows_and_what_to_see() {
    for (name, path) in Project::find(root()).unwrap().experiments().unwrap() {
        let python = path.with_extension("py");
        let headers = if is_bench(&path) {
            vec![(path, format!("Run:  cargo bench -p benches --bench {name}\n"))]
        } else {
            let run = format!("Run:  python {}\n", python.display());
            let peer = root().join(&python).exists().then_some((python, run));
            let own = (path, format!("Run:  cargo run --example {name}\n"));
            [own].into_iter().chain(peer).collect()
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
fn a_table_that_nobody_reads_is_no_panic() {
    for arguments in [&["--help"][..], &["--quick", "--rounds", "1", "--only", "chain/threads"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let out = Command::new(example("threads_cpu")).args(arguments).stdout(writer).output();
        let out = out.unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success() && !said.contains("panicked"), "{arguments:?}: {said}");
    }
}
