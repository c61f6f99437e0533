//! What this chapter's experiments show, on any machine however busy.

use lab::testing::Observed;

#[test]
fn a_sleep_is_never_shorter_than_asked_and_nothing_is_shorter_still() {
    let seen = Observed::of("calibration", 3, "empty,sleep");
    assert!(seen.wall_ms("sleep") >= 5.0);
    assert!(seen.wall_ms("empty") < 1.0);
}

#[test]
fn twice_the_steps_are_another_answer_and_the_same_steps_are_the_same() {
    let seen = Observed::of("calibration", 1, "");
    assert_eq!(seen.answer("spin"), seen.answer("again"));
    assert_ne!(seen.answer("spin"), seen.answer("one_percent"));
    assert_eq!(seen.answer("drift"), seen.answer("drift_too"));
    assert_eq!(seen.answer("two"), "2");
}
