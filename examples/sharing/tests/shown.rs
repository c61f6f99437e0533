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
fn python_peers_give_the_same_answers() {
    let same = [
        ("sharing_hand_over", "copied"),
        ("sharing_hand_over", "pipe"),
        ("sharing_channels", "queue"),
        ("sharing_channels", "batches"),
        ("lock_contended", "2/mutex"),
        ("lock_deadlock", "opposite"),
        ("false_sharing", "padded"),
    ];
    let same = same.map(|(name, variant)| (name, variant, variant));
    assert_peers_agree(env!("CARGO_MANIFEST_DIR"), &same);
}
