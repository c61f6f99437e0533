//! What the experiments must show on any machine, however busy: answers,
//! orderings and broad bands.

#![cfg(unix)]

use lab::testing::{Observed, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn who_ends_in_order_answers_what_is_begun() {
    let ways = ["threads/graceful", "tasks/graceful", "processes/graceful"];
    for seen in in_both(FOLDER, "ending_term", &ways) {
        for way in ways {
            assert_eq!(seen.metric(way, "answered"), 100.0, "{seen:?}");
        }
        assert_eq!(seen.metric(ways[2], "stays"), 0.0, "{seen:?}");
    }
}

#[test]
fn at_the_deadline_the_others_are_answered_and_these_dropped() {
    let ways = ["threads/slow", "tasks/slow", "processes/slow"];
    for seen in in_both(FOLDER, "ending_term", &ways) {
        for way in ways {
            assert_eq!(seen.metric(way, "answered"), 90.0, "{seen:?}");
        }
    }
}

#[test]
fn workers_stay_where_their_parent_alone_is_told() {
    let ways = ["processes/naive", "processes/group"];
    for seen in in_both(FOLDER, "ending_term", &ways) {
        assert_eq!(seen.metric(ways[0], "answered"), 100.0, "{seen:?}");
        assert_eq!(seen.metric(ways[0], "stays"), 1.0, "{seen:?}");
    }
}

#[test]
fn by_default_an_answer_is_not_waited_for() {
    let ways = ["threads/naive", "tasks/naive", "threads/handled"];
    // The least of some rounds: on a busy machine the first may be done.
    let seen = Observed::of("ending_term", 3, &ways.join(","));
    for way in ways {
        assert!(seen.metric(way, "answered") < 100.0, "{seen:?}");
    }
}

#[test]
fn who_is_in_line_is_answered_only_if_somebody_lets_them_in() {
    for seen in in_both(FOLDER, "ending_door", &["close", "let_in"]) {
        assert_eq!(seen.metric("close", "line_answered"), 0.0, "{seen:?}");
        assert_eq!(seen.metric("let_in", "line_answered"), 4.0, "{seen:?}");
    }
    let seen = Observed::of("ending_door", 1, "linger");
    assert_eq!(seen.metric("linger", "line_answered"), 4.0, "{seen:?}");
}

#[test]
fn what_is_waited_for_is_done() {
    // `tokio/task` names both tasks.
    let all = "std/thread,std/scope,tokio/task,tokio/blocking,tokio/background";
    let seen = Observed::of("ending_blocked", 1, all);
    for (way, done) in [
        ("std/thread", 0.0),
        ("std/scope", 1.0),
        ("tokio/task", 0.0),
        ("tokio/task_blocks", 1.0),
        ("tokio/blocking", 1.0),
        ("tokio/background", 0.0),
    ] {
        assert_eq!(seen.metric(way, "done"), done, "{way}: {seen:?}");
    }
    let held = seen.metric("tokio/blocking", "exit_ms");
    assert!(held > seen.metric("tokio/background", "exit_ms"), "{seen:?}");
}

#[test]
fn the_default_ends_at_once_and_a_handler_for_good_does_not() {
    let ways = ["once", "again"];
    for seen in in_both(FOLDER, "ending_interrupts", &ways) {
        assert_eq!(seen.metric("once", "ended"), 0.0, "{seen:?}");
        assert!(seen.metric("again", "times") >= 2.0, "{seen:?}");
    }
    let all = "default,blocking,timeout";
    let seen = Observed::of("ending_interrupts", 1, all);
    assert_eq!(seen.metric("default", "times"), 1.0, "{seen:?}");
    assert_eq!(seen.metric("blocking", "ended"), 0.0, "{seen:?}");
    assert_eq!(seen.metric("timeout", "ended"), 1.0, "{seen:?}");
}
