//! What the experiments show on any machine, however busy.

use lab::testing::{Observed, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_stopped_thread_leaves_a_coin_on_its_way_unless_both_sides_lock() {
    let ids = ["4/threads", "4/locked", "4/tasks"];
    // Three times, since a busy machine may let an auditor look when all is
    // over.
    let runs: Vec<_> =
        (0..3).map(|_| in_both(FOLDER, "preempt_where", &ids)).collect();
    for seen in runs.iter().flatten() {
        for id in ids {
            assert_eq!(seen.answer(id), "2000000000 coins", "{seen:?}");
        }
        for whole in ["4/locked", "4/tasks"] {
            assert!(seen.metric(whole, "looks") > 0.0, "{seen:?}");
            assert_eq!(seen.metric(whole, "wrong_share"), 0.0, "{seen:?}");
        }
    }
    for i in 0..runs[0].len() {
        let wrong =
            |run: &Vec<Observed>| run[i].metric("4/threads", "wrong_share");
        assert!(runs.iter().any(|run| wrong(run) > 0.05), "{runs:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_thread_is_stopped_in_most_parts_of_its_step_locked_or_not() {
    let seen = &in_both(FOLDER, "preempt_where", &["4/threads", "4/locked"])[0];
    for id in ["4/threads", "4/locked"] {
        assert!(seen.metric(id, "positions") >= 6.0, "{seen:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_nicer_flow_gets_less_of_the_core_and_is_not_starved() {
    for seen in
        in_both(FOLDER, "preempt_fair", &["nice/plus_5", "nice/plus_19"])
    {
        let by_5 = seen.metric("nice/plus_5", "first_over_last");
        let by_19 = seen.metric("nice/plus_19", "first_over_last");
        // Python's levels count from the one that the test has, up to 19.
        let less = by_5 > 1.5 && by_19 > 1.5 * by_5;
        assert!(less && by_19.is_finite(), "{by_5} {by_19}");
    }
}

#[test]
fn jobs_give_the_same_answer_however_many_threads_share_the_cores() {
    let ids = ["1/threads", "16/threads"];
    let runners = in_both(FOLDER, "preempt_over", &ids);
    for seen in &runners {
        for id in ids {
            let expected = runners[0].answer("1/threads");
            assert_eq!(seen.answer(id), expected, "{seen:?}");
        }
    }
}

/// A task cannot tick before the hog's burst of 50 ms is over; a thread can, on
/// any machine.
#[test]
fn a_hog_keeps_a_task_waiting_and_a_thread_much_less() {
    for seen in in_both(FOLDER, "preempt_ticker", &["threads", "tasks"]) {
        let late = |id| seen.metric(id, "late_p50_ms");
        assert!(late("tasks") >= 30.0, "{seen:?}");
        assert!(late("threads") < late("tasks"), "{seen:?}");
        for id in ["threads", "tasks"] {
            assert_eq!(seen.answer(id), "12 ticks", "{seen:?}");
        }
    }
}

/// Python has no such variants.
#[cfg(target_os = "linux")]
#[test]
fn a_thread_may_ask_for_exact_timers_and_short_slices() {
    let ids = ["threads", "exact", "crowd_short"];
    let seen = &lab::testing::Observed::of("preempt_ticker", 1, "");
    for id in ids {
        assert_eq!(seen.answer(id), "12 ticks", "{seen:?}");
        // It is no longer late than it waits for a core and for its timer.
        let waits = seen.metric(id, "core_p50_ms");
        assert!((0.0..1000.0).contains(&waits), "{seen:?}");
    }
}
