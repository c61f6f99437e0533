//! What the page's experiments show on any machine, however busy.

use lab::testing::{Observed, assert_peers_agree};

/// What the language forbids, no machine shows.
#[test]
fn no_outcome_is_seen_that_the_language_forbids() {
    let forbidden = [
        "sb/seqcst",
        "sb/fence",
        "mp/acq_rel",
        "mp/seqcst",
        "mp/fence",
        "lb/acq_rel",
        "lb/seqcst",
        "lb/fence",
        "corr/relaxed",
        "corr/acq_rel",
        "corr/seqcst",
        "corr/fence",
        "iriw/seqcst",
        "iriw/fence",
    ];
    let seen = Observed::of("order_litmus", 1, "");
    for variant in forbidden {
        assert_eq!(seen.metric(variant, "weak"), 0.0, "{variant}");
        assert!(seen.metric(variant, "trials") > 0.0, "{variant}");
    }
}

/// A store waits in a buffer while its core goes on. One core alone would not
/// show it.
#[cfg(target_arch = "x86_64")]
#[test]
fn store_buffering_is_seen_on_this_processor() {
    if std::thread::available_parallelism().map_or(1, |n| n.get()) < 2 {
        return eprintln!("skipped: one core");
    }
    // Where both threads have to share a core it takes more than one sitting.
    let is_seen = |_| {
        let seen = Observed::of("order_litmus", 1, "sb/relaxed,sb/acq_rel");
        ["sb/relaxed", "sb/acq_rel"].map(|of| seen.metric(of, "weak") > 0.0)
    };
    let seen = (0..20).map(is_seen);
    let mut both = seen.scan([false; 2], |both, now| {
        *both = [both[0] | now[0], both[1] | now[1]];
        Some(*both)
    });
    assert!(both.any(|both| both == [true; 2]), "a store never waits?");
}

#[test]
fn a_slot_is_given_to_two_on_purpose_and_never_with_a_tag() {
    let seen = Observed::of("order_aba", 2, "purpose,trial/tagged");
    assert_eq!(seen.answer("purpose/untagged"), "slot 1 given to two");
    assert_eq!(seen.answer("purpose/tagged"), "each to one");
    assert_eq!(seen.answer("trial/tagged"), "each to one");
}

#[test]
fn every_stack_keeps_its_values_and_no_ordering_loses_an_addition() {
    let seen = Observed::of("order_stack", 1, "");
    for variant in ["1/epoch", "2/mutex", "2/tagged", "2/epoch"] {
        assert_eq!(seen.answer(variant), seen.answer("1/mutex"), "{variant}");
    }
    let seen = Observed::of("order_cost", 1, "counter,ring");
    assert_eq!(seen.answer("counter/relaxed"), "nothing lost");
    assert_eq!(seen.answer("counter/seqcst"), "nothing lost");
    assert_eq!(seen.answer("ring/seqcst"), seen.answer("ring/acq_rel"));
}

#[test]
fn python_peers_give_the_same_answers() {
    let same = [
        ("order_stack", "1/mutex", "1/list"),
        ("order_stack", "2/mutex", "2/mutex"),
        ("order_aba", "purpose/untagged", "purpose/untagged"),
        ("order_aba", "purpose/tagged", "purpose/tagged"),
        ("order_cost", "store/relaxed", "store/list"),
    ];
    assert_peers_agree(env!("CARGO_MANIFEST_DIR"), &same);
}
