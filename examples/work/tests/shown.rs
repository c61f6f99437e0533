//! What this chapter's experiments show: what waits, waits, whatever else is
//! busy.

use lab::testing::{Observed, assert_peers_agree};

/// Five waits of 50 ms take a quarter of a second on any machine, and twice as
/// long when each is twice as long. Nothing else may make so much of a
/// difference.
#[test]
fn a_job_that_waits_follows_the_delay_and_not_the_work() {
    let seen = Observed::of("work_kinds", 3, "ask/");
    let least = |variant| seen.wall_ms(variant);
    assert!(least("ask/once") >= 250.0 && least("ask/delay2") >= 500.0);
    assert!(least("ask/work2") < least("ask/delay2"), "{seen:?}");
    if seen.variants().any(|variant| variant == "ask/half_core") {
        assert!(least("ask/half_core") < least("ask/delay2"), "{seen:?}");
    }
}

/// Beside a rival on its core, a job that computes has to wait for about as
/// long as it runs, and longer where others want that core too.
#[test]
fn what_a_job_waits_for_its_core_is_counted() {
    let seen = Observed::of("work_kinds", 3, "chain/half_core,ask/once");
    if !seen.variants().any(|variant| variant == "chain/half_core") {
        return; // nothing can be kept on a core here
    }
    let shares = |variant| seen.metric(variant, "core_wait_share");
    assert!(shares("chain/half_core") > 0.3, "{seen:?}");
    assert!(shares("ask/once") < shares("chain/half_core"), "{seen:?}");
}

/// Fifty waits of 4 ms, five of them, one.
#[test]
fn a_cache_and_a_batch_leave_fewer_waits() {
    let seen = Observed::of("work_change", 3, "ask/");
    let before = seen.wall_ms("ask/before");
    assert!(before >= 200.0, "{before} ms");
    for redesigned in ["ask/cached", "ask/batched"] {
        // Forty-five waits fewer, at least; the computing may take longer by
        // chance.
        assert!(seen.wall_ms(redesigned) + 60.0 < before, "{seen:?}");
    }
}

/// Sixteen waits of 20 ms: all at once in threads and tasks, by the handful in
/// a pool.
#[test]
fn every_model_overlaps_as_many_waits_as_it_has_places_to_wait() {
    let seen = Observed::of("work_matrix", 3, "io/");
    let sequential = seen.wall_ms("io/sequential");
    assert!(sequential >= 320.0, "{sequential} ms");
    for model in ["io/threads", "io/tasks", "io/tasks_cores"] {
        assert!(seen.wall_ms(model) * 3.0 < sequential, "{seen:?}");
    }
}

/// On one core, too: two threads that wait three times 20 ms each.
#[test]
fn two_waits_on_one_core_overlap() {
    let seen = Observed::of("work_overlap", 3, "wait/");
    assert!(seen.wall_ms("wait/sequential") >= 120.0, "{seen:?}");
    assert!(seen.wall_ms("wait/threads") < 120.0, "{seen:?}");
}

#[test]
fn python_gives_the_same_answers() {
    let same = |name, variants: &[&'static str]| {
        let triples: Vec<_> = variants.iter().map(|v| (name, *v, *v)).collect();
        assert_peers_agree(env!("CARGO_MANIFEST_DIR"), &triples);
    };
    let kinds = ["chain/once", "sum/once", "ask/once", "list/near", "list/far"];
    same("work_kinds", &kinds);
    same("work_change", &["ask/batched", "compute/file"]);
    same("work_overlap", &["mixed/threads"]);
    same("work_matrix", &["cpu/tasks", "io/tasks"]);
}
