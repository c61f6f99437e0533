//! What the experiments must show on any machine, however busy: answers,
//! orderings and broad bands.

use lab::testing::Observed;

#[test]
fn cooperative_flows_hand_over_only_where_they_say_so() {
    let seen = Observed::of("coop_switches", 1, "stack,tokio");
    for name in ["stackful", "stackless", "tokio"] {
        if !seen.variants().any(|id| id == name) {
            // Where nobody has written the switch, there are no coroutines.
            assert_eq!(name, "stackful", "{seen:?}");
            continue;
        }
        assert!(seen.metric(name, "handovers") > 10.0, "{seen:?}");
        assert_eq!(seen.metric(name, "unannounced"), 0.0, "{seen:?}");
    }
}

/// On one core three threads cannot be done in one slice each: that would be
/// 100 ms for the first of them.
#[cfg(target_os = "linux")]
#[test]
fn threads_are_stopped_where_they_did_not_say_so() {
    let stopped = (0..5).any(|_| {
        let seen = Observed::of("coop_switches", 1, "threads");
        seen.metric("threads", "unannounced") > 0.0
    });
    assert!(stopped, "in five recordings no thread was stopped in a burst");
}

#[test]
fn a_state_machine_is_as_large_as_what_lives_across_its_awaits() {
    let size = Observed::of("coop_size", 1, "/");
    assert!(size.metric("dough/across", "kept_bytes") > 1024.0, "{size:?}");
    assert!(size.metric("dough/before", "kept_bytes") < 128.0, "{size:?}");
    assert!(size.metric("lunch/function", "kept_bytes") < 128.0, "{size:?}");
    assert!(size.metric("lunch/by_hand", "kept_bytes") < 128.0, "{size:?}");
    assert!(size.metric("lunch/block", "kept_bytes") < 128.0, "{size:?}");
}

/// The ticker's tenth tick is due just before the first burst is over, and its
/// first tick nine of them earlier: no machine is quick enough to spare it.
#[test]
fn a_ticker_is_as_late_as_its_neighbor_computes() {
    let late = Observed::of("coop_hog", 1, "100/hog");
    assert!(late.metric("100/hog", "late_max_ms") > 80.0, "{late:?}");
}

#[test]
fn tokio_gives_the_neighbor_a_turn_after_128_messages() {
    let seen =
        Observed::of("coop_budget", 1, "ready,channel,unconstrained,consumed");
    assert_eq!(seen.metric("ready", "turns"), 0.0);
    assert_eq!(seen.metric("unconstrained", "turns"), 0.0);
    for name in ["channel", "consumed"] {
        let each = seen.metric(name, "ready_each_turn");
        assert!((120.0..136.0).contains(&each), "{name}: {each}");
    }
}

#[test]
fn updates_are_lost_across_an_await_and_nowhere_else_on_one_thread() {
    let lost = Observed::of("coop_no_lock", 1, "one_thread");
    assert_eq!(lost.metric("one_thread/no_await", "lost"), 0.0);
    assert_eq!(lost.metric("one_thread/locked", "lost"), 0.0);
    let share = lost.metric("one_thread/await_between", "lost_share");
    assert!((0.85..0.95).contains(&share), "{share}");
}

#[test]
fn an_atomic_addition_loses_nothing_on_two_workers() {
    let lost = Observed::of("coop_no_lock", 1, "two_workers/atomic");
    assert_eq!(lost.metric("two_workers/atomic", "lost"), 0.0);
}

#[test]
fn await_answers_as_callbacks_do_and_a_forgotten_one_answers_nobody() {
    let seen = Observed::of("coop_callbacks", 1, "callbacks,await,forgotten");
    assert_eq!(seen.metric("await_here", "answered"), 20.0);
    assert_eq!(seen.metric("callbacks", "answered"), 20.0);
    assert_eq!(seen.metric("await", "answered"), 20.0);
    assert_eq!(seen.metric("forgotten", "answered"), 16.0);
}
