//! What the experiments on more than one machine observe, as answers, orderings
//! and wide bands; never times.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use lab::testing::{Observed, assert_peers_agree, in_both, lines, peer};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_engine_gives_the_answer_of_the_plain_loop_however_many_there_are() {
    // The example compares the answers of all, and fails where one differs.
    let seen = Observed::of("machines_cost", 1, "light");
    let right = seen.answer("light/plain");
    assert_eq!(seen.variants().count(), 16);
    assert!(seen.variants().all(|variant| seen.answer(variant) == right));
    let moved = |variant: &str| seen.metric(variant, "moved_bytes");
    assert_eq!(moved("light/hosts_1"), 0.0);
    assert!(moved("light/hosts_4") > moved("light/hosts_2"));
    assert!(moved("light/hosts_2") > 3.0 * moved("light/hosts_2_combined"));
    assert_peers_agree(
        HERE,
        &[("machines_cost", "light/hosts_2", "light/plain")],
    );
}

/// As in the tests of CI, which have only what comes with Python.
#[test]
fn without_dask_its_variants_are_left_out_and_with_it_they_answer_the_same() {
    let script = || peer(Path::new(HERE).join("machines_cost.py"));
    let Some(list) = lines(script(), &["list"]) else { return };
    if !list.concat().contains("dask") {
        return;
    }
    let asked = ["light/plain", "light/hosts_2", "light/hosts_2_combined"];
    let seen = Observed::ask(script(), &asked).unwrap();
    for variant in seen.variants() {
        assert_eq!(seen.answer(variant), seen.answer("light/plain"));
    }
}

#[test]
fn a_link_makes_what_passes_late_and_changes_nothing_of_it() {
    let seen = Observed::of("machines_links", 1, "5/hosts_2,5/plain,link_");
    let right = seen.answer("5/plain");
    for variant in ["5/hosts_2", "5/hosts_2_combined", "5/hosts_2_in_turn"] {
        assert_eq!(seen.answer(variant), right, "{variant}");
    }
    let each = |us: u64| {
        let variant = format!("message/link_{us}_us");
        seen.metric(&variant, "link_message_ns")
    };
    assert!(each(5_000) >= 5e6 && each(50_000) >= 50e6);
    // Ten windows in turn, and a word from each to the other for every one.
    assert!(seen.wall_ms("5/hosts_2_in_turn") >= 50.0);
}

#[test]
fn in_namespaces_the_answer_is_the_same_or_says_why_there_are_none() {
    let seen = Observed::of("machines_links", 1, "kernel,5/plain");
    for variant in ["kernel/cable", "kernel/slow", "kernel/delay"] {
        let answer = seen.answer(variant);
        let is_right = answer == seen.answer("5/plain");
        assert!(is_right || answer.starts_with("absent: "), "{answer}");
    }
    let left = Command::new("ip").args(["netns", "list"]).output();
    let left =
        left.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
    assert!(!left.unwrap_or_default().contains("turns-"), "some are left");
}

#[test]
fn a_killed_host_ends_the_job_and_started_again_it_is_right_by_key() {
    let seen = Observed::of("machines_fail", 1, "undis,killed,again");
    assert_eq!(seen.answer("undisturbed"), "right");
    let killed = seen.answer("killed");
    assert_eq!(killed, "wrong: not all of it; the other hosts end");
    assert!((1.0..10.0).contains(&seen.metric("killed", "windows")));
    let added = seen.answer("again_added");
    assert_eq!(added, "wrong: some of it twice; the other hosts end");
    assert!(seen.metric("again_added", "twice") >= 5.0);
    assert_eq!(seen.answer("again_keyed"), "right; the other hosts end");
}

#[test]
fn a_host_that_is_stopped_or_cut_off_is_waited_for_and_ends_nothing() {
    let seen = Observed::of("machines_fail", 1, "stopped,cut_off");
    for variant in ["stopped", "cut_off"] {
        assert_eq!(seen.answer(variant), "right", "{variant}");
        assert!(seen.metric(variant, "silence_ms") > 150.0, "{variant}");
    }
}

#[test]
fn who_dies_behind_a_link_that_is_down_is_not_heard_to_until_it_is_up() {
    let seen = Observed::of("machines_fail", 1, "cut_off_killed");
    let said = seen.answer("cut_off_killed");
    assert_eq!(said, "wrong: not all of it; the other hosts end");
    // Its parent knows long before.
    let at = |name: &str| seen.metric("cut_off_killed", name);
    assert!(at("noticed_ms") >= 300.0 && at("seen_ms") < at("noticed_ms"));
    assert!(at("silence_ms") > 150.0);
}

#[test]
fn who_was_called_dead_comes_back_and_is_counted_unless_it_is_fenced_off() {
    let seen = Observed::of("machines_fail", 1, "suspected");
    let added = seen.answer("suspected_added");
    assert_eq!(added, "wrong: some of it twice");
    assert_eq!(seen.answer("suspected_keyed"), "right");
    assert_eq!(seen.answer("suspected_fenced"), "right");
    assert!(seen.metric("suspected_fenced", "refused") >= 1.0);
}

#[test]
fn one_wrong_clock_spoils_windows_in_both_languages_alike() {
    let variants = ["in_step", "second", "minute", "newest", "behind"];
    let both = in_both(HERE, "machines_clock", &variants);
    for seen in &both {
        let missing = |variant: &str| seen.metric(variant, "missing_share");
        assert_eq!(missing("in_step"), 0.0);
        assert!(missing("second") > 0.0);
        assert!(missing("minute") > missing("second"));
        assert!(missing("newest") > missing("minute"));
        assert!(seen.metric("newest", "dropped_share") > 0.5);
        assert!(seen.metric("minute", "false_share") > 0.01);
        for variant in variants {
            assert_eq!(seen.answer(variant), both[0].answer(variant));
        }
    }
}
