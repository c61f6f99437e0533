//! What the experiments must show on any machine, however busy: answers,
//! orderings and broad bands.

use lab::Sample;
use lab::testing::{Observed, assert_peers_agree};

#[test]
fn no_turn_is_lost_whatever_the_lock() {
    let seen = Observed::of("fair_greedy", 1, "");
    let mut samples = seen.variants().map(|id| (id, seen.sample(id)));
    let counted = |(id, sample): (&str, &Sample)| {
        // Whose turn it was, the scheduler may have decided.
        let again = sample.metrics["again_share"];
        assert!((0.0..=1.0).contains(&again), "{id}: {sample:?}");
        sample.answer == "every turn counted"
    };
    assert!(samples.all(counted), "{seen:?}");
    let seen = Observed::of("fair_turns", 1, "4/");
    let locks = ["std", "parking_lot", "fair_mutex", "tokio", "tasks"];
    let ours = ["spin", "park", "ticket", "ticket_yields"];
    for lock in locks.into_iter().chain(ours) {
        let id = format!("4/{lock}");
        assert_eq!(seen.answer(&id), "every turn counted", "{id}");
        assert!(seen.metric(&id, "again_share") <= 1.0, "{seen:?}");
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn readers_that_overlap_keep_a_writer_out_where_the_lock_favors_them() {
    let seen = Observed::of("fair_readers", 3, "8/");
    let worst = |sample: &&Sample| sample.metrics["writer_worst_ms"];
    let favored = seen.samples("8/pthread");
    assert!(favored.iter().any(|round| worst(round) > 20.0), "{seen:?}");
    for other in ["8/std", "8/parking_lot", "8/tokio", "8/writers"] {
        assert!(seen.metric(other, "writer_worst_ms") < 40.0, "{seen:?}");
    }
}

#[test]
fn a_writer_that_does_not_rest_lets_readers_in_where_the_lock_is_fair() {
    let seen = Observed::of("fair_readers", 5, "greedy/");
    for fair in ["greedy/parking_lot", "greedy/tokio"] {
        assert!(seen.metric(fair, "reader_worst_ms") < 30.0, "{seen:?}");
    }
}

/// Where there is the right to real-time priorities.
#[test]
fn a_mutex_that_lends_is_not_held_up_by_who_does_not_want_it() {
    let seen = Observed::of("fair_priority", 3, "100/");
    if !seen.variants().any(|id| id == "100/lends") {
        eprintln!("skipped: no real-time priorities");
        return;
    }
    let waited = |id: &str| seen.metric(id, "waited_ms");
    for other in ["100/plain", "100/std"] {
        assert!(waited(other) > 50.0, "{seen:?}");
        assert!(waited("100/lends") < waited(other) / 2.0, "{seen:?}");
    }
}

#[test]
fn the_slot_is_used_three_times_in_a_row() {
    let seen = Observed::of("fair_slot", 3, "pair/slot,pair/no_slot");
    assert_eq!(seen.metric("pair/slot", "most_between"), 4.0);
    assert!(seen.metric("pair/no_slot", "most_between") < 4.0, "{seen:?}");
}

#[test]
fn who_was_started_last_waits_behind_who_started_it() {
    let seen = Observed::of("fair_slot", 3, "behind/");
    let late = |id| seen.metric(id, "late_ms");
    for stuck in ["behind/slot", "behind/two"] {
        assert!(late(stuck) > 15.0, "{seen:?}");
    }
    for cured in ["behind/yields", "behind/in_place"] {
        assert!(late(cured) < late("behind/slot"), "{seen:?}");
    }
    assert!(seen.metric("behind/two", "first_late_ms") < late("behind/two"));
}

#[test]
fn python_peers_give_the_same_answers() {
    let same = [
        ("fair_greedy", "std", "lock"),
        ("fair_greedy", "std_outside", "lock_outside"),
        ("fair_turns", "2/std", "2/lock"),
        ("fair_readers", "2/std", "2/writers"),
        ("fair_priority", "10/ordinary", "10/ordinary"),
        ("fair_slot", "pair/no_slot", "pair/queue"),
        ("fair_slot", "behind/yields", "behind/yields"),
    ];
    assert_peers_agree(env!("CARGO_MANIFEST_DIR"), &same);
}
