//! What the experiments must show on any machine, however busy. A limit may be
//! met in more ways than one: a test takes each in which a system may refuse.

#![cfg(target_os = "linux")]

use lab::testing::{Observed, example, in_both};
use std::process::Command;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn files_are_refused_by_their_name() {
    for seen in in_both(FOLDER, "limits_meet", &["files/open"]) {
        let said = seen.answer("files/open");
        assert!(said.starts_with("EMFILE: "), "{said}");
        assert!(said.contains("Too many open files"), "{said}");
        assert!(seen.metric("files/open", "reached") < 64.0, "{seen:?}");
    }
}

#[test]
fn a_thread_is_refused_by_an_error_a_panic_or_the_end() {
    let ways = ["threads/spawn", "threads/builder", "space/builder"];
    let rust = Command::new(example("limits_meet"));
    let seen = Observed::ask(rust, &ways).unwrap();
    for id in ways {
        let said = seen.answer(id);
        let refused = said.contains("Resource temporarily unavailable");
        // Without room for its signal stack a thread ends the process.
        assert!(refused || said.starts_with("the process ends"), "{said}");
    }
    let tokio = Observed::of("limits_meet", 1, "threads/blocking");
    let said = tokio.answer("threads/blocking");
    // Without a single thread, tokio panics.
    let ways = ["no error: ", "panics: ", "the process ends"];
    assert!(ways.iter().any(|way| said.starts_with(way)), "{said}");
    // Where root may become nobody else, there is no such limit.
    let said = seen.answer("threads/spawn");
    let ends = said.starts_with("the process ends");
    assert!(ends || said.starts_with("panics: "), "{said}");
}

#[test]
fn a_vec_ends_the_process_and_one_that_asks_first_does_not() {
    let ways = ["space/vec", "space/try_reserve"];
    let rust = Command::new(example("limits_meet"));
    let seen = Observed::ask(rust, &ways).unwrap();
    let said = seen.answer("space/vec");
    assert!(said.starts_with("the process ends"), "{said}");
    let said = seen.answer("space/try_reserve");
    assert!(said.starts_with("memory allocation failed"), "{said}");
}

#[test]
fn a_full_backlog_says_nothing_and_a_missing_listener_does() {
    let ways = ["backlog/full", "nobody/connect"];
    for seen in in_both(FOLDER, "limits_meet", &ways) {
        let said = seen.answer("backlog/full");
        assert!(said.contains("timed out"), "{said}");
        // Linux takes one more than it was told.
        let reached = seen.metric("backlog/full", "reached");
        assert!((8.0..=9.0).contains(&reached), "{reached}");
        let said = seen.answer("nobody/connect");
        assert!(said.contains("Connection refused"), "{said}");
    }
}

#[test]
fn with_a_semaphore_all_requests_are_answered() {
    let ways = ["at_once", "semaphore"];
    for seen in in_both(FOLDER, "limits_open", &ways) {
        assert!(seen.metric("at_once", "answered") < 64.0, "{seen:?}");
        assert_eq!(seen.metric("semaphore", "answered"), 200.0, "{seen:?}");
    }
}

#[test]
fn who_pauses_or_counts_its_places_serves_all_for_next_to_nothing() {
    let ways = ["pauses", "workers", "tokio_places", "ends"];
    let seen = Observed::of("limits_accept", 1, &ways.join(","));
    for id in ["pauses", "workers", "tokio_places"] {
        assert_eq!(seen.metric(id, "served"), 70.0, "{id}: {seen:?}");
        assert!(seen.metric(id, "cpu_share") < 0.5, "{id}: {seen:?}");
    }
    assert!(seen.metric("ends", "served") < 48.0, "{seen:?}");
}

#[test]
fn all_connections_are_accepted_and_nobody_waits_for_who_is_held_up() {
    let ways = ["one/blocking", "one/exclusive", "one/anew", "held/blocking"];
    for seen in in_both(FOLDER, "limits_accepting", &ways) {
        for id in ways {
            let most = seen.metric(id, "busiest_share");
            assert!((0.25..=1.0).contains(&most), "{id}: {seen:?}");
        }
        let most = |id: &str| seen.metric(id, "busiest_share");
        assert!(most("one/blocking") < most("one/exclusive"), "{seen:?}");
        assert!(most("one/anew") < most("one/exclusive"), "{seen:?}");
    }
}
