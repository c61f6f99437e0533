//! What the chapter's experiments show on any machine, however busy.

use lab::testing::{Observed, assert_peers_agree};

#[test]
fn the_example_sees_a_deadlock_and_each_cure_gets_done() {
    let ways = "opposite,same_order,try_lock,checker";
    let seen = Observed::of("lock_deadlock", 1, ways);
    assert_eq!(seen.answer("opposite"), "both wait");
    assert_eq!(seen.answer("same_order"), "done");
    assert_eq!(seen.answer("try_lock"), "done");
    let refused = "refused: b is held, a is wanted";
    assert!(seen.answer("checker").starts_with(refused), "{seen:?}");
}

#[test]
fn the_bytes_are_where_they_were_unless_they_are_copied() {
    let seen =
        Observed::of("sharing_hand_over", 1, "moved,awake,shared,copied");
    for (way, same) in
        [("moved", 1.0), ("awake", 1.0), ("shared", 1.0), ("copied", 0.0)]
    {
        assert_eq!(seen.metric(way, "same_address"), same, "{way}");
    }
}

#[test]
fn no_repair_loses_an_addition() {
    let repairs = ["fetch_add", "mutex", "channel", "own_sums", "own_locked"];
    let seen = Observed::of("sharing_lost", 1, &repairs.join(","));
    for repair in repairs {
        assert_eq!(seen.answer(repair), "nothing lost", "{repair}");
    }
}

/// A thread is stopped between instructions, not within one.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn on_one_core_an_increment_in_one_instruction_loses_nothing() {
    let seen = Observed::of("sharing_lost", 3, "increment_one_core");
    assert_eq!(seen.answer("increment_one_core"), "nothing lost");
}

#[test]
fn every_channel_delivers_the_same_numbers_in_order() {
    let seen = Observed::of("sharing_channels", 1, "queue,bounded,batches");
    for channel in ["mpsc_bounded", "crossbeam_bounded", "batches"] {
        assert_eq!(seen.answer(channel), seen.answer("queue"), "{channel}");
    }
}

#[test]
fn right_locks_lose_nothing_and_two_counters_in_a_line_nothing_either() {
    let seen = Observed::of("lock_broken", 1, "spin,park");
    assert_eq!(seen.answer("spin"), "nothing lost");
    assert_eq!(seen.answer("park"), "nothing lost");
    let seen = Observed::of("false_sharing", 1, "adjacent,padded,local");
    for way in ["adjacent", "padded", "local"] {
        assert_eq!(seen.answer(way), "every addition counted", "{way}");
    }
    let seen = Observed::of("lock_contended", 1, "2/");
    for lock in ["unshared", "fetch_add", "mutex", "spin", "park"] {
        let way = format!("2/{lock}");
        assert_eq!(seen.answer(&way), "every turn counted", "{way}");
    }
}

#[test]
fn python_peers_give_the_same_answers() {
    let same = [
        ("sharing_hand_over", "shared"),
        ("sharing_hand_over", "copied"),
        ("sharing_hand_over", "pipe"),
        ("sharing_lost", "channel"),
        ("sharing_lost", "own_locked"),
        ("sharing_channels", "queue"),
        ("sharing_channels", "batches"),
        ("lock_contended", "2/mutex"),
        ("lock_deadlock", "opposite"),
        ("false_sharing", "padded"),
    ];
    let same = same.map(|(name, variant)| (name, variant, variant));
    assert_peers_agree(env!("CARGO_MANIFEST_DIR"), &same);
}
