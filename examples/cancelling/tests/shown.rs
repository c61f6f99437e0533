//! What the experiments must show on any machine, however busy: answers,
//! orderings and broad bands.

use lab::testing::{Observed, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_dropped_read_takes_bytes_only_where_it_keeps_them_itself() {
    let socket = "socket/undisturbed,socket/read_exact,socket/read,socket/kept";
    for seen in in_both(FOLDER, "cancel_safe", &split(socket)) {
        assert!(seen.metric("socket/read_exact", "mixed") > 0.0, "{seen:?}");
        for whole in ["undisturbed", "read", "kept"] {
            let id = format!("socket/{whole}");
            assert_eq!(seen.metric(&id, "lost_bytes"), 0.0, "{seen:?}");
            assert_eq!(seen.metric(&id, "mixed"), 0.0, "{seen:?}");
        }
        assert!(seen.metric("socket/read", "interrupted") > 0.0, "{seen:?}");
        assert!(seen.metric("socket/kept", "interrupted") > 0.0, "{seen:?}");
    }
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
    let late = ["late/computes", "late/blocks"];
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

#[test]
fn a_failure_stops_the_siblings_where_somebody_drops_them() {
    let all = "join,try_join,join_set,handles,dropped,scope,rayon,flag";
    let seen = Observed::of("cancel_siblings", 1, all);
    for (id, finished) in [
        ("join", 9.0),
        ("try_join", 0.0),
        ("join_set", 0.0),
        ("handles", 9.0),
        ("dropped", 9.0),
        ("scope", 9.0),
        ("rayon", 9.0),
        ("flag", 0.0),
    ] {
        assert_eq!(seen.metric(id, "finished"), finished, "{id}: {seen:?}");
        let told = f64::from(id != "dropped");
        assert_eq!(seen.metric(id, "told"), told, "{id}: {seen:?}");
    }
    let told = |id| seen.metric(id, "told_ms");
    assert!(told("try_join") < told("join"), "{seen:?}");
}

fn split(ids: &str) -> Vec<&str> {
    ids.split(',').collect()
}
