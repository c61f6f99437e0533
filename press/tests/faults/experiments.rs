//! One experiment's fault is not the others', and two measurements are not made at once.

use std::fs;
use std::time::Duration;

use crate::project::{ANSWERS, Project};

#[test]
fn an_experiment_that_fails_is_named_at_the_end_and_the_others_are_measured() {
    let project = Project::new();
    project.write("broken-first", "");
    project.runner("second", r#"n=$((n+1)); echo "{\"answer\":\"$n\",\"wall_ns\":1000}""#);
    let ran = project.run(project.measure(&[]));
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    let end = ran.err.split("error: ").last().unwrap();
    assert!(end.starts_with("not measured, and kept as it was:\n  first: "), "{end}");
    assert!(end.contains("\n  second: rust other: wrong answer: rust other says 2"), "{end}");
    let records = project.records();
    assert_eq!(Vec::from_iter(records.keys()), ["third"]);
    assert_eq!(records["third"].sittings.len(), 2);
    // There is nothing left that would be met again.
    let again = project.run(project.press(&["measure", "--continue"]));
    assert!(again.err.contains("no measurement was interrupted"), "{}", again.err);
}

#[test]
fn a_failure_is_still_told_by_the_measurement_that_goes_on() {
    let project = Project::new();
    project.write("broken-first", "");
    project.runner("second", &format!("touch asked; sleep 0.3; {ANSWERS}"));
    let started = project.start(project.measure(&[]));
    project.until("asked", || project.path("asked").exists());
    started.signal("TERM");
    assert_eq!(started.end(Duration::from_secs(10)).code(), Some(130));
    project.runner("second", ANSWERS);
    let ran = project.run(project.press(&["measure", "--continue"]));
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    assert!(ran.err.contains("\n  first: first does not build"), "{}", ran.err);
    assert_eq!(Vec::from_iter(project.records().keys()), ["second", "third"]);
}

#[test]
fn a_sitting_that_fails_is_not_added_to_an_older_record() {
    let project = Project::new();
    assert!(project.run(project.measure(&["first"])).status.success());
    let had = fs::read(project.path("results/local/first.json")).unwrap();
    // The first sitting fails, and the second would not.
    project
        .runner("first", &format!("[ -e failed ] || {{ touch failed; exit 1; }}; {ANSWERS}"));
    let ran = project.run(project.measure(&["first", "second"]));
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    assert!(fs::read(project.path("results/local/first.json")).unwrap() == had);
    assert_eq!(project.records()["second"].sittings.len(), 2);
}

#[test]
fn a_peer_that_dies_in_its_second_sitting_keeps_its_first_and_costs_nobody_else() {
    let project = Project::new();
    // Each sitting has a process of its own.
    let again = r#"[ -e sat ] || echo $$ > sat; [ "$(cat sat)" = $$ ] || exit 1"#;
    project.peer("first", &format!("{again}; {ANSWERS}"));
    let ran = project.run(project.measure(&[]));
    assert!(ran.status.success(), "{ran:?}");
    let records = project.records();
    assert_eq!(records.len(), 3);
    let first = &records["first"];
    let has_samples: Vec<(&str, Vec<bool>)> = first
        .variants
        .iter()
        .map(|variant| {
            let sittings = variant.samples.iter().map(|of_one| !of_one.are_absent());
            (variant.runner.as_str(), sittings.collect())
        })
        .collect();
    let peer = first.runners.iter().find(|runner| runner.name != "rust").unwrap().name.as_str();
    assert_eq!(
        has_samples,
        [
            ("rust", vec![true, true]),
            ("rust", vec![true, true]),
            (peer, vec![true, false]),
            (peer, vec![true, false]),
        ]
    );
    let tells = |sitting: usize| {
        let warnings = &first.sittings[sitting].warnings;
        warnings.iter().any(|w| w.kind == "runner" && w.text.starts_with(peer))
    };
    assert_eq!([tells(0), tells(1)], [false, true], "{:?}", first.sittings);
    assert!(ran.out.contains(&format!("{peer} left out")), "{}", ran.out);
    // What was not there in one sitting is there in the other records of the run.
    assert!(
        records["second"].variants.iter().all(|v| v.samples.iter().all(|s| !s.are_absent()))
    );
}

#[test]
fn a_damaged_record_costs_its_own_experiment_only() {
    let project = Project::new();
    project.write("results/local/first.json", "{");
    let ran = project.run(project.measure(&["--add"]));
    assert_eq!(ran.code(), Some(1), "{ran:?}");
    assert!(ran.err.contains("first.json: damaged record"), "{}", ran.err);
    assert_eq!(fs::read_to_string(project.path("results/local/first.json")).unwrap(), "{");
    fs::remove_file(project.path("results/local/first.json")).unwrap();
    assert_eq!(Vec::from_iter(project.records().keys()), ["second", "third"]);
}

#[test]
fn a_second_measurement_is_refused_and_takes_nothing_from_the_first() {
    let project = Project::new();
    project.runner("first", &format!("touch asked; sleep 0.5; {ANSWERS}"));
    let first = project.start(project.measure(&[]));
    project.until("asked", || project.path("asked").exists());
    let note = fs::read(project.note()).unwrap();
    for arguments in [&["measure", "--quick"][..], &["measure", "--continue"], &["calibrate"]] {
        let out = project.press(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(!out.status.success() && said.contains("another measurement"), "{said}");
        assert!(fs::read(project.note()).unwrap() == note);
    }
    let ran = first.end(Duration::from_secs(30));
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(project.records().len(), 3);
}

#[test]
fn an_interrupted_measurement_is_given_up_aloud() {
    let project = Project::new();
    project.runner("first", &format!("touch asked; sleep 0.3; {ANSWERS}"));
    let started = project.start(project.measure(&[]));
    project.until("asked", || project.path("asked").exists());
    started.signal("TERM");
    started.end(Duration::from_secs(10));
    let ran = project.run(project.measure(&["third"]));
    assert!(ran.status.success(), "{ran:?}");
    assert!(ran.err.contains("was interrupted with 6 sittings to go"), "{}", ran.err);
}

#[test]
fn calibrate_ignores_nothing_that_it_is_told() {
    let project = Project::new();
    for arguments in [["calibrate", "first"], ["calibrate", "--continue"]] {
        let ran = project.run(project.press(&arguments));
        assert_eq!(ran.code(), Some(1), "{ran:?}");
        assert!(ran.err.contains("takes neither experiments nor --continue"), "{}", ran.err);
    }
}
