//! What the experiments must show on any machine where the tools are: what is
//! missing is said, and what stands still is seen.

use lab::testing::{Observed, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// Whether the tool was not there, which it says.
fn is_absent(seen: &Observed, id: &str) -> bool {
    let answer = seen.answer(id);
    let is_absent = answer.starts_with("absent: ");
    if is_absent {
        eprintln!("skipped: {id}: {answer}");
    }
    is_absent
}

#[test]
fn a_task_that_blocks_and_one_that_nobody_wakes_are_named_by_their_polls() {
    let seen = Observed::of("tools_see", 1, "blocked/polls,lost/polls");
    for (id, name) in [
        ("blocked/polls", "sees: reads_a_file"),
        ("lost/polls", "sees: waits_for_an_answer"),
    ] {
        assert!(seen.answer(id).starts_with(name), "{seen:?}");
    }
}

#[test]
fn stacks_of_all_threads_show_a_deadlock_and_no_task_that_nobody_wakes() {
    let seen = Observed::of("tools_see", 1, "deadlock/gdb,lost/gdb");
    if !is_absent(&seen, "deadlock/gdb") {
        let line = seen.answer("deadlock/gdb");
        assert!(line.starts_with("sees: "), "{line}");
        assert!(line.contains("lock_contended < takes_both"), "{line}");
        assert_eq!(seen.answer("lost/gdb"), "misses", "{seen:?}");
    }
}

#[test]
fn a_quota_is_seen_where_it_is_kept() {
    let seen = Observed::of("tools_see", 1, "throttled/cgroup");
    if !is_absent(&seen, "throttled/cgroup") {
        let answer = seen.answer("throttled/cgroup");
        assert_eq!(answer, "sees: nr_throttled grows");
    }
}

#[test]
fn pythons_own_tools_see_what_they_are_for() {
    let ways = ["blocked/debug", "lost/tasks", "deadlock/faulthandler"];
    let peer = lab::testing::peer(format!("{FOLDER}/tools_see.py"));
    let Some(seen) = Observed::ask(peer, &ways) else { return };
    for id in ways {
        assert!(seen.answer(id).starts_with("sees: "), "{id}: {seen:?}");
    }
}

#[test]
fn each_program_takes_longer_when_it_is_traced() {
    let ways = ["calls/alone", "calls/strace_c"];
    for seen in in_both(FOLDER, "tools_cost", &ways) {
        if !is_absent(&seen, "calls/strace_c") {
            let [alone, traced] = ways.map(|id| seen.metric(id, "each_ns"));
            assert!(traced > 2.0 * alone, "{seen:?}");
        }
    }
}
