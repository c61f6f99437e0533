//! What the experiments must show on any machine, however busy: answers,
//! orderings and broad bands.

#![cfg(target_os = "linux")]

use lab::testing::{Observed, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_more_of_the_time_a_lock_is_held_the_more_children_are_stuck() {
    for seen in in_both(FOLDER, "fork_locked", &["1/fork", "7/fork"]) {
        let stuck = |id| seen.metric(id, "stuck_share");
        assert!(stuck("7/fork") > 0.5, "{seen:?}");
        assert!(stuck("7/fork") > stuck("1/fork"), "{seen:?}");
    }
}

#[test]
fn none_is_stuck_that_has_a_lock_of_its_own_or_has_it_at_the_fork() {
    for seen in in_both(FOLDER, "fork_locked", &["7/at_fork"]) {
        assert_eq!(seen.metric("7/at_fork", "stuck_share"), 0.0, "{seen:?}");
    }
    let seen = Observed::of("fork_locked", 1, "7/command,7/fork_exec");
    for way in ["7/command", "7/fork_exec"] {
        assert_eq!(seen.metric(way, "stuck_share"), 0.0, "{seen:?}");
        assert!(seen.metric(way, "held_share") > 0.5, "{seen:?}");
    }
}

#[test]
fn each_circle_is_stuck_and_each_cure_gets_done() {
    let seen = Observed::of("circles", 1, "");
    for (id, stuck) in [
        ("readers/std", 1.0),
        ("readers/parking_lot", 1.0),
        ("readers/fair", 1.0),
        ("readers/recursive", 0.0),
        ("readers/once", 0.0),
        ("channels/both_full", 1.0),
        ("channels/in_flight", 0.0),
        ("channels/pipes", 1.0),
        ("channels/pipes_thread", 0.0),
        ("barrier/panicked", 1.0),
        ("barrier/party", 0.0),
        ("signal/locks", 1.0),
        ("signal/flag", 0.0),
    ] {
        assert_eq!(seen.metric(id, "stuck"), stuck, "{id}: {seen:?}");
        let answer = if stuck > 0.0 { "stuck" } else { "ended" };
        assert_eq!(seen.answer(id), answer, "{id}: {seen:?}");
    }
}

#[test]
fn so_it_is_in_python() {
    let ways = [
        ("channels/both_full", 1.0),
        ("channels/in_flight", 0.0),
        ("channels/pipes", 1.0),
        ("channels/communicate", 0.0),
        ("barrier/failed", 1.0),
        ("barrier/timeout", 0.0),
        ("barrier/abort", 0.0),
        ("signal/locks", 1.0),
        ("signal/reenters", 0.0),
        ("signal/flag", 0.0),
        ("gil/detached", 0.0),
        ("gil/detached_gc", 0.0),
        // Without a global lock too: a collection stops all threads.
        ("gil/attached_gc", 1.0),
    ];
    let peer = lab::testing::peer(format!("{FOLDER}/circles.py"));
    let ids = ways.map(|(id, _)| id);
    let Some(seen) = Observed::ask(peer, &ids) else { return };
    for (id, stuck) in ways {
        assert_eq!(seen.metric(id, "stuck"), stuck, "{id}: {seen:?}");
    }
}
