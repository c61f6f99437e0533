//! What the experiments must show on any machine, however busy: answers,
//! orderings and broad bands.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// An example, which cargo builds along with the tests.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    test.ancestors().nth(2).unwrap().join("examples").join(file)
}

/// The metrics of each variant, in one round.
fn once(name: &str, only: &str) -> BTreeMap<String, f64> {
    let mut command = Command::new(example(name));
    command.args(["--quick", "--rounds", "1", "--json", "--only", only]);
    let out = command.output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{name}: {out:?}");
    let mut found = BTreeMap::new();
    for line in said.lines() {
        let variant = line.split('"').nth(3).unwrap();
        let (_, metrics) = line.split_once("\"metrics\":{").unwrap();
        let (metrics, _) = metrics.split_once('}').unwrap();
        for metric in metrics.split(',') {
            let (metric, value) = metric.split_once(':').unwrap();
            let key = format!("{variant}.{}", metric.trim_matches('"'));
            found.insert(key, value.parse().unwrap());
        }
    }
    found
}

#[test]
fn cooperative_flows_hand_over_only_where_they_say_so() {
    let seen = once("coop_switches", "stack,tokio");
    for name in ["stackful", "stackless", "tokio"] {
        // Where nobody has written the switch, there are no coroutines.
        let Some(handovers) = seen.get(&format!("{name}.handovers")) else {
            assert_eq!(name, "stackful", "{seen:?}");
            continue;
        };
        assert!(*handovers > 10.0, "{seen:?}");
        assert_eq!(seen[&format!("{name}.unannounced")], 0.0, "{seen:?}");
    }
}

/// On one core three threads cannot be done in one slice each: that would be
/// 100 ms for the first of them.
#[cfg(target_os = "linux")]
#[test]
fn threads_are_stopped_where_they_did_not_say_so() {
    let stopped = (0..5).any(|_| {
        let seen = once("coop_switches", "threads");
        seen["threads.unannounced"] > 0.0
    });
    assert!(stopped, "in five recordings no thread was stopped in a burst");
}

#[test]
fn a_state_machine_is_as_large_as_what_lives_across_its_awaits() {
    let size = once("coop_size", "/");
    assert!(size["dough/across.kept_bytes"] > 1024.0, "{size:?}");
    assert!(size["dough/before.kept_bytes"] < 128.0, "{size:?}");
    assert!(size["lunch/function.kept_bytes"] < 128.0, "{size:?}");
    assert!(size["lunch/by_hand.kept_bytes"] < 128.0, "{size:?}");
}

/// The ticker's tenth tick is due just before the first burst is over, and its
/// first tick nine of them earlier: no machine is quick enough to spare it.
#[test]
fn a_ticker_is_as_late_as_its_neighbor_computes() {
    let late = once("coop_hog", "100/hog");
    assert!(late["100/hog.late_max_ms"] > 80.0, "{late:?}");
}

#[test]
fn tokio_gives_the_neighbor_a_turn_after_128_messages() {
    let seen = once("coop_budget", "ready,channel,unconstrained,consumed");
    assert_eq!(seen["ready.turns"], 0.0);
    assert_eq!(seen["unconstrained.turns"], 0.0);
    for name in ["channel", "consumed"] {
        let each = seen[&format!("{name}.ready_each_turn")];
        assert!((120.0..136.0).contains(&each), "{name}: {each}");
    }
}

#[test]
fn updates_are_lost_across_an_await_and_nowhere_else_on_one_thread() {
    let lost = once("coop_no_lock", "one_thread");
    assert_eq!(lost["one_thread/no_await.lost"], 0.0);
    assert_eq!(lost["one_thread/locked.lost"], 0.0);
    let share = lost["one_thread/await_between.lost_share"];
    assert!((0.85..0.95).contains(&share), "{share}");
}

#[test]
fn an_atomic_addition_loses_nothing_on_two_workers() {
    let lost = once("coop_no_lock", "two_workers/atomic");
    assert_eq!(lost["two_workers/atomic.lost"], 0.0);
}

#[test]
fn await_answers_as_callbacks_do_and_a_forgotten_one_answers_nobody() {
    let seen = once("coop_callbacks", "callbacks,await,forgotten");
    assert_eq!(seen["callbacks.answered"], 20.0);
    assert_eq!(seen["await.answered"], 20.0);
    assert_eq!(seen["forgotten.answered"], 16.0);
}
