//! What the experiments must show on any machine, however busy: answers,
//! orderings and broad bands.

use lab::testing::{Observed, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_dropped_read_takes_bytes_only_where_it_keeps_them_itself() {
    let socket = "socket/undisturbed,socket/read_exact,socket/kept";
    for seen in in_both(FOLDER, "cancel_safe", &split(socket)) {
        assert!(seen.metric("socket/read_exact", "mixed") > 0.0, "{seen:?}");
        for whole in ["undisturbed", "kept"] {
            let id = format!("socket/{whole}");
            assert_eq!(seen.metric(&id, "lost_bytes"), 0.0, "{seen:?}");
            assert_eq!(seen.metric(&id, "mixed"), 0.0, "{seen:?}");
        }
        assert!(seen.metric("socket/kept", "interrupted") > 0.0, "{seen:?}");
    }
}

/// In Python that depends on its version.
#[test]
fn a_dropped_read_takes_nothing_in_rust() {
    let seen = Observed::of("cancel_safe", 1, "socket/read");
    assert_eq!(seen.metric("socket/read", "lost_bytes"), 0.0, "{seen:?}");
    assert!(seen.metric("socket/read", "interrupted") > 0.0, "{seen:?}");
}

#[test]
fn a_task_of_its_own_reads_all_and_so_does_a_stream_of_asyncio() {
    let seen = Observed::of("cancel_safe", 1, "socket/task");
    assert_eq!(seen.answer("socket/task"), "100 whole, 0 mixed");
}

#[test]
fn a_message_is_lost_by_who_had_it_and_was_not_done() {
    let channel = "channel/recv,channel/recv_then,channel/send";
    for seen in in_both(FOLDER, "cancel_safe", &split(channel)) {
        assert_eq!(seen.metric("channel/recv", "lost"), 0.0, "{seen:?}");
        assert!(seen.metric("channel/recv_then", "lost") > 0.0, "{seen:?}");
        let sent = |metric| seen.metric("channel/send", metric);
        assert_eq!(sent("lost"), sent("interrupted"), "{seen:?}");
    }
    let seen = Observed::of("cancel_safe", 1, "channel/reserve");
    assert_eq!(seen.metric("channel/reserve", "lost"), 0.0, "{seen:?}");
}

#[test]
fn who_gives_its_place_up_has_fewer_turns_than_who_keeps_it() {
    for seen in in_both(FOLDER, "cancel_safe", &["lock/dropped", "lock/kept"]) {
        let turns = |id| seen.metric(id, "turns_share");
        assert!(turns("lock/dropped") < turns("lock/kept") / 2.0, "{seen:?}");
    }
}

#[test]
fn a_timeout_is_as_late_as_its_neighbor_is_long() {
    let late =
        ["late/computes", "late/blocks", "late/itself", "late/full_within"];
    for seen in in_both(FOLDER, "cancel_timeout", &late) {
        for id in late {
            assert!(seen.metric(id, "late_max_ms") > 40.0, "{seen:?}");
        }
    }
}

#[test]
fn a_timeout_stops_what_it_drops_and_nothing_that_runs_elsewhere() {
    let all = "after/future,after/call,after/request,after/child,\
               after/kill_on_drop";
    for seen in in_both(FOLDER, "cancel_timeout", &split(all)) {
        let went_on = |name| seen.metric(&format!("after/{name}"), "went_on");
        assert_eq!(went_on("future"), 0.0, "{seen:?}");
        assert_eq!(went_on("kill_on_drop"), 0.0, "{seen:?}");
        for elsewhere in ["call", "request", "child"] {
            assert_eq!(went_on(elsewhere), 10.0, "{elsewhere}: {seen:?}");
        }
    }
}

/// To drop tokio's handle detaches its task; to cancel asyncio's await cancels
/// it.
#[test]
fn a_task_goes_on_without_its_handle_in_tokio_and_not_in_asyncio() {
    let seen = in_both(FOLDER, "cancel_timeout", &["after/handle"]);
    let went_on = seen.iter().map(|s| s.metric("after/handle", "went_on"));
    assert_eq!(went_on.collect::<Vec<_>>()[..], [10.0, 0.0][..seen.len()]);
    let seen = Observed::of("cancel_timeout", 1, "after/set");
    assert_eq!(seen.metric("after/set", "went_on"), 0.0, "{seen:?}");
}

/// A call that still queues is taken out of the queue by asyncio, and by tokio
/// if it is aborted.
#[test]
fn a_call_that_queues_goes_on_in_tokio_and_not_in_asyncio() {
    let queued = ["after/queued"];
    let mut seen = in_both(FOLDER, "cancel_timeout", &queued).into_iter();
    let went_on = |seen: Observed, id| seen.metric(id, "went_on");
    assert_eq!(seen.next().map(|seen| went_on(seen, queued[0])), Some(10.0));
    // One, unless a busy machine comes late to give the others up.
    assert!(seen.all(|seen| went_on(seen, queued[0]) < 5.0));
    let aborted = Observed::of("cancel_timeout", 1, "after/queued_abort");
    assert!(went_on(aborted, "after/queued_abort") < 5.0);
}

#[test]
fn of_two_timeouts_the_shorter_is_told_and_of_equal_ones_the_inner() {
    let seen = Observed::of("cancel_timeout", 1, "nested");
    for (id, told) in [
        ("nested/outer", "the outer"),
        ("nested/inner", "the inner"),
        ("nested/at_once", "the inner"),
    ] {
        assert_eq!(seen.answer(id), told, "{id}");
    }
}

#[test]
fn a_task_that_nobody_can_wake_stays_in_rust_and_is_collected_in_python() {
    let all = ["timer", "outside", "own_future"];
    let seen = in_both(FOLDER, "cancel_kept", &all);
    for seen in &seen {
        assert_eq!(seen.metric("timer", "done"), 1.0, "{seen:?}");
        assert_eq!(seen.metric("outside", "done"), 1.0, "{seen:?}");
    }
    let collected = seen.iter().map(|s| s.metric("own_future", "collected"));
    assert_eq!(collected.collect::<Vec<_>>()[..], [0.0, 1.0][..seen.len()]);
}

#[test]
fn what_is_left_depends_on_who_stops_it() {
    let seen = Observed::of("cancel_leaves", 1, "");
    for (id, left) in [
        ("flag", "nothing"),
        ("dropped", "child, half line"),
        ("aborted", "child, half line"),
        ("killed", "file, child, half line"),
    ] {
        assert_eq!(seen.answer(id), left, "{id}");
    }
    let peer = lab::testing::peer(format!("{FOLDER}/cancel_leaves.py"));
    let Some(seen) = Observed::ask(peer, &["flag", "canceled"]) else { return };
    assert_eq!(seen.answer("flag"), "nothing");
    assert_eq!(seen.answer("canceled"), "child, half line");
}

#[test]
fn a_failure_stops_the_siblings_where_somebody_drops_them() {
    let seen = Observed::of("cancel_siblings", 1, "");
    for (id, finished) in [
        ("join", 9.0),
        ("try_join", 0.0),
        ("join_set", 0.0),
        ("set_shut_down", 0.0),
        ("own", 0.0),
        ("handles", 9.0),
        ("dropped", 9.0),
        ("panic", 0.0),
        ("panic_dropped", 9.0),
        ("scope", 9.0),
        ("rayon", 9.0),
        ("flag", 0.0),
    ] {
        assert_eq!(seen.metric(id, "finished"), finished, "{id}: {seen:?}");
        let told = f64::from(!id.ends_with("dropped"));
        assert_eq!(seen.metric(id, "told"), told, "{id}: {seen:?}");
    }
    let told = |id| seen.metric(id, "told_ms");
    assert!(told("try_join") < told("join"), "{seen:?}");
    assert_eq!(seen.metric("panic_dropped", "printed"), 1.0, "{seen:?}");
    for structured in ["try_join", "set_shut_down", "own", "scope"] {
        let left_behind = seen.metric(structured, "left_behind");
        assert_eq!(left_behind, 0.0, "{structured}: {seen:?}");
    }
    assert!(seen.metric("join_set", "left_behind") > 0.0, "{seen:?}");
}

#[test]
fn a_gather_that_fails_leaves_the_others_at_work() {
    let peer = lab::testing::peer(format!("{FOLDER}/cancel_siblings.py"));
    let all = ["gather", "dropped"];
    let Some(seen) = Observed::ask(peer, &all) else { return };
    assert_eq!(seen.metric("gather", "left_behind"), 9.0, "{seen:?}");
    assert_eq!(seen.metric("gather", "finished"), 9.0, "{seen:?}");
    assert_eq!(seen.metric("dropped", "told"), 0.0, "{seen:?}");
    assert_eq!(seen.metric("dropped", "printed"), 1.0, "{seen:?}");
}

fn split(ids: &str) -> Vec<&str> {
    ids.split(',').collect()
}
