//! Signals, and deaths that nobody is asked about.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use lab::random::{Random, fresh_seed};

use crate::project::{ANSWERS, EXPERIMENTS, Project};

/// At how many moments each signal comes, unless `PRESS_FAULTS` says.
const MOMENTS: usize = 4;

/// Tries several projects at once, since they mostly sleep.
const SIDE_BY_SIDE: usize = 3;

#[test]
fn killed_at_any_moment_nothing_finished_is_lost_and_nobody_is_left() {
    let moments: usize = match std::env::var("PRESS_FAULTS") {
        Ok(count) => count.parse().expect("PRESS_FAULTS is how many moments are tried"),
        Err(_) => MOMENTS,
    };
    let project = Project::new();
    let began = Instant::now();
    let ran = project.run(project.measure(&[]));
    assert!(ran.status.success(), "{}", ran.err);
    let whole = began.elapsed();
    project.nobody_is_left();

    let seed = fresh_seed();
    let mut random = Random::new(seed);
    let signals = ["KILL", "TERM", "INT"];
    let share = |random: &mut Random| random.below(1000) as f64 / 1000.0;
    let mut cases = Vec::new();
    for _ in 0..moments {
        cases.extend(signals.map(|signal| (signal, whole.mul_f64(share(&mut random)))));
    }
    let cases = Mutex::new(cases.into_iter());
    let counts = Mutex::new(BTreeMap::<&str, u32>::new());
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((signal, moment)) = { cases.lock().unwrap().next() } {
                    let of = format!("SIG{signal} after {moment:?} of {whole:?}, seed {seed}");
                    println!("{of}");
                    let found = one(signal, moment);
                    *counts.lock().unwrap().entry(found).or_default() += 1;
                }
            });
        }
    });
    println!("{:?}", counts.lock().unwrap());
}

/// Sends `signal` after `moment`, then goes on. Returns how far it was.
fn one(signal: &str, moment: Duration) -> &'static str {
    let project = Project::new();
    let started = project.start(project.measure(&[]));
    thread::sleep(moment);
    match signal {
        // A terminal's comes to all of its group.
        "INT" => started.signal_group(signal),
        _ => started.signal(signal),
    }
    let ran = started.end(Duration::from_secs(10));
    project.nobody_is_left();
    let had = project.records();
    for (name, sittings) in finished(&ran.out) {
        assert!(
            had[name].sittings.len() >= sittings,
            "{name} was said to be finished: {ran:?}"
        );
    }
    let is_whole =
        had.len() == EXPERIMENTS.len() && had.values().all(|record| record.sittings.len() == 2);
    if ran.status.success() || (is_whole && !project.note().is_file()) {
        all_is_there(&project, &had);
        return "after the end";
    }
    if !project.note().is_file() {
        assert!(had.is_empty(), "begun without a note: {ran:?}");
        let ran = project.run(project.measure(&[]));
        assert!(ran.status.success(), "{ran:?}");
        all_is_there(&project, &had);
        return "before the beginning";
    }
    let ran = project.run(project.press(&["measure", "--continue"]));
    assert!(ran.status.success(), "{ran:?}");
    all_is_there(&project, &had);
    if had.is_empty() { "before the first record" } else { "with records there" }
}

/// What was said to be recorded, with the number of sittings.
fn finished(out: &str) -> impl Iterator<Item = (&str, usize)> {
    out.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("results/local/")?.split_once(".json: ")?;
        let sittings = match rest.split_once(" rounds in ")?.1.split_once(" of ")?.0 {
            "the first sitting" => 1,
            nth => nth.strip_prefix("sitting ")?.parse().ok()?,
        };
        Some((name, sittings))
    })
}

/// Every experiment has the sittings that were asked for, and those of `had` among them.
fn all_is_there(project: &Project, had: &BTreeMap<String, press::store::record::Record>) {
    let has = project.records();
    assert_eq!(Vec::from_iter(has.keys()), EXPERIMENTS);
    for (name, record) in &has {
        assert_eq!(record.sittings.len(), 2, "{name}");
        if let Some(had) = had.get(name) {
            let seeds = |record: &press::store::record::Record| -> Vec<Option<u64>> {
                record.sittings.iter().map(|sitting| sitting.seed).collect()
            };
            assert!(seeds(record).starts_with(&seeds(had)), "{name} was measured anew");
        }
    }
    assert_eq!(project.leftovers(), [""; 0]);
    project.nobody_is_left();
}

/// A project whose first experiment is at a variant that takes very long.
fn hanging() -> Project {
    let project = Project::new();
    project.runner("first", &format!("touch asked; sleep 1000; {ANSWERS}"));
    project
}

#[test]
fn the_first_signal_waits_for_the_running_variant_and_the_second_does_not() {
    for signals in [["INT", "INT"], ["TERM", "TERM"], ["HUP", "TERM"]] {
        let project = hanging();
        let started = project.start(project.measure(&[]));
        project.until("asked", || project.path("asked").exists());
        started.signal_group(signals[0]);
        project.until("told", || {
            let said = fs::read_to_string(project.path("err.txt")).unwrap();
            said.contains("stopping after the running variant; what is finished is kept")
        });
        thread::sleep(Duration::from_millis(100));
        assert!(!project.started().is_empty(), "it did not wait");
        started.signal_group(signals[1]);
        let ran = started.end(Duration::from_secs(5));
        assert_eq!(ran.code(), Some(130), "{ran:?}");
        project.nobody_is_left();
        assert!(project.note().is_file(), "there is nothing to go on with");
    }
}

#[test]
fn a_runner_that_does_not_look_up_from_its_work_goes_with_the_press_that_was_killed() {
    let project = Project::new();
    // What it starts may even have left its group, where there is a way to know it.
    let leaves = if cfg!(target_os = "linux") { "setsid sleep 1000 &" } else { ":;" };
    project.runner("first", &format!("{leaves} touch asked; sleep 1000; {ANSWERS}"));
    let started = project.start(project.measure(&[]));
    project.until("asked", || project.path("asked").exists());
    started.signal("KILL");
    assert!(!started.end(Duration::from_secs(5)).status.success());
    project.nobody_is_left();
}

#[test]
fn the_first_signal_lets_the_variant_finish_and_says_how_to_go_on() {
    let project = Project::new();
    project.runner("first", &format!("touch asked; sleep 0.5; touch answered; {ANSWERS}"));
    let started = project.start(project.measure(&[]));
    project.until("asked", || project.path("asked").exists());
    started.signal_group("INT");
    let ran = started.end(Duration::from_secs(10));
    assert!(project.path("answered").exists(), "it was not let finish");
    assert_eq!(ran.code(), Some(130), "{ran:?}");
    let says = "error: interrupted: first was not finished; `cargo book measure --continue` goes \
                on with it\n";
    assert!(ran.err.ends_with(says), "{}", ran.err);
    project.nobody_is_left();
}

#[test]
fn a_signal_while_it_is_built_is_no_failure_to_build() {
    for signal in ["INT", "TERM"] {
        let project = Project::new();
        project.write("slow", "");
        let started = project.start(project.measure(&[]));
        project
            .until("built", || project.started().iter().any(|one| one.contains("cargo build")));
        started.signal_group(signal);
        let ran = started.end(Duration::from_secs(5));
        assert_eq!(ran.code(), Some(130), "{ran:?}");
        assert!(
            ran.err.contains("interrupted: not everything was built; `cargo book"),
            "{}",
            ran.err
        );
        assert!(!ran.err.contains("does not build"), "{}", ran.err);
        project.nobody_is_left();
        fs::remove_file(project.path("slow")).unwrap();
        let ran = project.run(project.press(&["measure", "--continue"]));
        assert!(ran.status.success(), "{ran:?}");
        all_is_there(&project, &BTreeMap::new());
    }
}

#[test]
fn a_measurement_that_was_told_to_outlive_its_terminal_does() {
    let project = hanging();
    let command = project.press_after("trap '' HUP", &["measure", "--quick", "--no-python"]);
    let started = project.start(command);
    project.until("asked", || project.path("asked").exists());
    started.signal_group("HUP");
    thread::sleep(Duration::from_millis(300));
    let said = fs::read_to_string(project.path("err.txt")).unwrap();
    assert!(!said.contains("stopping"), "{said}");
    assert!(project.started().len() > 1, "it ended");
    for _ in 0..2 {
        started.signal("TERM");
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(started.end(Duration::from_secs(5)).code(), Some(130));
    project.nobody_is_left();
}

#[test]
fn a_wait_for_a_quiet_machine_ends_with_the_signal() {
    let project = Project::new();
    // Somebody else's work, so that it is not quiet before its time.
    let mut busy = Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
    let started = project.start(project.press(&["measure", "--no-python"]));
    thread::sleep(Duration::from_secs(1));
    started.signal_group("INT");
    let began = Instant::now();
    let ran = started.end(Duration::from_secs(20));
    busy.kill().unwrap();
    busy.wait().unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(ran.code(), Some(130), "{ran:?}");
}
