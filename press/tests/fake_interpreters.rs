//! A runner that hangs, sends an invalid reply, dies or answers wrongly is named, within a time
//! limit, and the measurement goes on without it.
//!
//! The fakes are shell scripts that speak the runner lines more or less well.
#![cfg(unix)]

use std::process::Command;
use std::time::{Duration, Instant};

use lab::noise::Ignore;
use lab::rounds::{Entry, Failure, Plan, Runner, measure};
use press::outside::runner::ChildRunner;

const LISTING: &str = r#"{"protocol":2,"experiment":"demo","question":"Why?","baseline":"sequential","implementation":"fake","version":"1","profile":"none","threads":2,"variants":[{"name":"sequential","label":"one","kind":"alone","observed":false}]}"#;

/// A script that answers `list` with a listing and each `run` with what `run` does.
fn fake(name: &str, run: &str) -> ChildRunner {
    let script = format!(
        "while read -r verb rest; do case $verb in \
         list) echo '{LISTING}';; run) {run};; *) exit 0;; esac; done"
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]);
    ChildRunner::start(name, command, Duration::from_secs(3)).unwrap()
}

const GOOD: &str = r#"echo '{"answer":"42","wall_ns":1000}'"#;

/// Measures a good runner beside a bad one; returns why the bad one was dropped, and how many
/// samples the good one has.
fn beside(bad: &mut ChildRunner) -> (String, usize) {
    let mut good = fake("good", GOOD);
    let lane = |runner| Entry {
        runner,
        variant: "sequential".into(),
        group: Some("all".into()),
        baseline: true,
    };
    let plan = Plan {
        rounds: 3,
        budget: Duration::MAX,
        least: 3,
        block: Duration::ZERO,
        seed: Some(1),
        control: true,
    };
    let runners: &mut [&mut dyn Runner] = &mut [&mut good, bad];
    let measured = measure(runners, &[lane(0), lane(1)], plan, &mut Ignore, &mut ()).unwrap();
    let dropped = measured.outcomes[1].dropped.clone();
    (dropped.expect("the bad one is dropped"), measured.outcomes[0].samples.len())
}

#[test]
fn a_good_runner_lists_and_runs() {
    let mut runner = fake("good", GOOD);
    assert_eq!(runner.list().unwrap().variants[0].id(), "good/sequential");
    assert_eq!(runner.run("sequential").unwrap().answer, "42");
}

#[test]
fn a_runner_that_hangs_is_given_up_within_the_limit() {
    let began = Instant::now();
    let (reason, kept) = beside(&mut fake("sleepy", "exec sleep 30"));
    assert!(reason.contains("sleepy hung: no answer to `run sequential` within"), "{reason}");
    assert_eq!(kept, 3);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn a_runner_that_sends_an_invalid_reply_is_quoted() {
    let (reason, kept) = beside(&mut fake("drunk", "echo 'Traceback (most recent call last)'"));
    assert!(reason.contains("drunk sent an invalid reply: `Traceback"), "{reason}");
    assert_eq!(kept, 3);
}

#[test]
fn a_runner_that_answers_wrongly_is_named_with_both_answers() {
    let (reason, kept) = beside(&mut fake("liar", r#"echo '{"answer":"41","wall_ns":1000}'"#));
    assert!(
        reason.contains("liar sequential says 41, but good sequential says 42"),
        "{reason}"
    );
    assert_eq!(kept, 3);
}

#[test]
fn a_runner_that_dies_half_way_is_named_with_how_it_ended() {
    let dies =
        r#"n=$((n+1)); [ $n -lt 3 ] || kill -9 $$; echo '{"answer":"42","wall_ns":1000}'"#;
    let (reason, kept) = beside(&mut fake("mortal", dies));
    assert!(reason.contains("mortal died at `run sequential` (SIGKILL)"), "{reason}");
    assert_eq!(kept, 3);
}

#[test]
fn a_variant_that_fails_costs_only_itself() {
    let mut runner = fake("weak", r#"echo '{"error":"OSError: no such thing"}'"#);
    let Err(Failure::Variant(text)) = runner.run("sequential") else { panic!("it passed") };
    assert_eq!(text, "weak sequential: OSError: no such thing");
}

#[test]
fn a_negative_time_is_an_invalid_reply() {
    let mut runner = fake("odd", r#"echo '{"answer":"42","wall_ns":-1000}'"#);
    assert!(matches!(runner.run("sequential"), Err(Failure::Runner(_))));
}

#[test]
fn a_runner_of_another_version_is_refused() {
    let listing = LISTING.replace("\"protocol\":2", "\"protocol\":9");
    let mut command = Command::new("sh");
    command.args(["-c", &format!("read -r line; echo '{listing}'; read -r line")]);
    let mut runner = ChildRunner::start("future", command, Duration::from_secs(5)).unwrap();
    let Err(Failure::Runner(text)) = runner.list() else { panic!("it passed") };
    assert_eq!(text, "future speaks version 9 of the runner lines, not 2");
}
