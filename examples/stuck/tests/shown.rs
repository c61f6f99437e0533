//! What the experiments must show on any machine, however busy: who gets done
//! for certain, and who does not.

use lab::testing::{Observed, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_pool_is_never_stuck_with_a_thread_more_than_can_wait() {
    let seen = Observed::of("stuck_pool", 1, "5/two_deep,9/three_deep,9/apart");
    for id in ["5/two_deep", "9/three_deep", "9/apart"] {
        assert_eq!(seen.metric(id, "stuck_share"), 0.0, "{seen:?}");
    }
}

#[test]
fn a_pool_is_always_stuck_where_one_request_is_deeper_than_it() {
    let seen = Observed::of("stuck_pool", 1, "1/two_deep,2/three_deep,2/apart");
    for id in ["1/two_deep", "2/three_deep", "2/apart"] {
        assert_eq!(seen.metric(id, "stuck_share"), 1.0, "{seen:?}");
    }
}

#[test]
fn each_cure_gets_done_with_one_thread() {
    let cures = ["1/levels", "1/helps", "rayon/join", "tokio/awaits"];
    let seen = Observed::of("stuck_pool", 1, &cures.join(","));
    for id in cures {
        assert_eq!(seen.metric(id, "stuck_share"), 0.0, "{seen:?}");
    }
}

#[test]
fn rayon_gets_done_when_no_lock_is_held_over_it() {
    let seen = Observed::of("stuck_pool", 1, "rayon/after,rayon/install");
    assert_eq!(seen.metric("rayon/after", "stuck_share"), 0.0, "{seen:?}");
    assert!(seen.metric("rayon/install", "stuck_share") > 0.0, "{seen:?}");
}

#[test]
fn pools_of_pythons_get_stuck_by_the_same_arithmetic() {
    let ways = ["5/two_deep", "1/levels"];
    for seen in in_both(FOLDER, "stuck_pool", &ways) {
        for id in ways {
            assert_eq!(seen.metric(id, "stuck_share"), 0.0, "{seen:?}");
        }
    }
}

#[test]
fn a_guard_that_blocks_its_thread_is_not_for_an_await() {
    let all = "guard/one,guard/full,guard/join,guard/let_go,guard/async_lock";
    let seen = Observed::of("stuck_await", 1, all);
    for stuck in ["guard/one", "guard/full", "guard/join"] {
        assert_eq!(seen.answer(stuck), "stuck", "{seen:?}");
    }
    for done in ["guard/let_go", "guard/async_lock"] {
        assert_eq!(seen.answer(done), "done", "{seen:?}");
    }
}

#[test]
fn the_same_in_both_languages() {
    let ways = [
        ("guard/one", "stuck"),
        ("guard/let_go", "done"),
        ("guard/async_lock", "done"),
        ("queued/task", "done"),
        ("block_on/neighbor", "stuck"),
    ];
    for seen in in_both(FOLDER, "stuck_await", &ways.map(|way| way.0)) {
        for (id, answer) in ways {
            assert_eq!(seen.answer(id), answer, "{id}: {seen:?}");
        }
    }
}

#[test]
fn a_cell_says_what_a_lock_would_keep_to_itself() {
    let seen = Observed::of("stuck_await", 1, "cell/");
    let said = seen.answer("cell/join");
    assert!(said.starts_with("panics: RefCell already"), "{said}");
}

#[test]
fn a_lock_is_kept_by_a_future_in_line_that_nobody_polls() {
    let seen = Observed::of("stuck_await", 1, "queued/");
    assert_eq!(seen.answer("queued/neglected"), "stuck", "{seen:?}");
    assert_eq!(seen.answer("queued/dropped"), "done", "{seen:?}");
}

#[test]
fn a_foreign_block_on_gets_what_the_budget_grants_and_no_more() {
    let seen = Observed::of("stuck_await", 1, "block_on/");
    let messages =
        |id: &str| seen.metric(&format!("block_on/{id}"), "messages");
    assert_eq!(seen.answer("block_on/foreign"), "stuck", "{seen:?}");
    assert_eq!(messages("foreign"), 128.0, "{seen:?}");
    for all in ["unconstrained", "in_place", "spawn_blocking", "awaits"] {
        assert_eq!(messages(all), 200.0, "{all}: {seen:?}");
    }
    let said = seen.answer("block_on/own");
    assert!(said.contains("from within a runtime"), "{said}");
}
