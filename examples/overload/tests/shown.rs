//! What the experiments must show on any machine, however busy: answers,
//! orderings and broad bands.

use lab::testing::{Observed, assert_peers_agree, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn who_has_no_room_waits_and_what_has_room_grows_old() {
    let seen = Observed::of("overload_queue", 1, "320/");
    let at = |id: &str, name| seen.metric(&format!("320/{id}"), name);
    for room_for_any in ["unbounded", "inside"] {
        assert!(at(room_for_any, "most_waiting") > 20.0, "{seen:?}");
        assert!(at(room_for_any, "age_ms") > 20.0, "{seen:?}");
    }
    for waits in ["bounded", "outside"] {
        assert!(at(waits, "most_waiting") < 10.0, "{seen:?}");
        assert!(at(waits, "behind_ms") > 10.0, "{seen:?}");
        assert_eq!(at(waits, "dropped_share"), 0.0, "{seen:?}");
    }
    for drops in ["newest", "oldest"] {
        assert!(at(drops, "dropped_share") > 0.01, "{seen:?}");
    }
}

/// Memory is counted where there is /proc, and limited there, too.
#[cfg(target_os = "linux")]
#[test]
fn a_queue_without_an_end_ends_the_program() {
    let both = ["memory/unbounded", "memory/bounded"];
    for seen in in_both(FOLDER, "overload_queue", &both) {
        assert_eq!(seen.metric(both[0], "survived"), 0.0, "{seen:?}");
        assert_eq!(seen.metric(both[1], "survived"), 1.0, "{seen:?}");
    }
}

#[test]
fn a_limit_answers_in_time_what_it_lets_in() {
    let seen = Observed::of("overload_load", 2, "130/");
    let best = |id| {
        let rounds = seen.samples(id).into_iter();
        rounds.map(|round| round.metrics["goodput"]).fold(0.0, f64::max)
    };
    assert!(best("130/limit") > best("130/none"), "{seen:?}");
    assert!(seen.metric("130/none", "refused_share") == 0.0, "{seen:?}");
    assert!(seen.metric("130/limit", "refused_share") > 0.05, "{seen:?}");
}

#[test]
fn who_asks_again_keeps_the_server_busy_for_nobody() {
    let some = "surge/once,surge/again,surge/budget,surge/limit";
    let seen = Observed::of("overload_storm", 1, some);
    let at = |id: &str, name| seen.metric(&format!("surge/{id}"), name);
    for cured in ["once", "budget", "limit"] {
        assert!(at("again", "after_share") <= at(cured, "after_share"));
        assert!(at("again", "wasted_share") > at(cured, "wasted_share"));
    }
    assert!(at("again", "calls") > 2.0, "{seen:?}");
    assert_eq!(at("once", "calls"), 1.0, "{seen:?}");
}

#[test]
fn pauses_that_chance_draws_are_not_had_together() {
    let seen = Observed::of("overload_storm", 3, "herd/");
    let done = |id| seen.metric(id, "done_ms");
    assert!(done("herd/jitter") < done("herd/backoff"), "{seen:?}");
}

#[test]
fn who_waits_for_each_answer_sees_few_slow_ones() {
    for seen in in_both(FOLDER, "overload_omission", &["closed", "open"]) {
        assert!(seen.metric("open", "slow") > 20.0, "{seen:?}");
        assert!(seen.metric("closed", "slow") < 20.0, "{seen:?}");
        assert!(seen.metric("open", "worst_ms") > 40.0, "{seen:?}");
    }
}

#[test]
fn python_peers_give_the_same_answers() {
    let same = [
        ("overload_queue", "320/bounded", "320/bounded"),
        ("overload_queue", "320/inside", "320/inside"),
        ("overload_load", "90/limit", "90/limit"),
        ("overload_storm", "surge/again", "surge/again"),
        ("overload_storm", "herd/jitter", "herd/jitter"),
        ("overload_omission", "counted", "counted"),
    ];
    assert_peers_agree(FOLDER, &same);
}
