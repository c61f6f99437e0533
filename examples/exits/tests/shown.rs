//! What the experiments must show on any machine, however busy.

use lab::testing::{Observed, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// Those of the variants that this machine lets us try.
fn tried<'a>(seen: &Observed, ids: &[&'a str]) -> Vec<&'a str> {
    let here = |id: &&&str| {
        let answer = seen.answer(id);
        !answer.contains("be had here")
    };
    ids.iter().filter(here).copied().collect()
}

#[test]
fn what_returns_or_unwinds_drops_all_but_other_threads() {
    let seen = Observed::of("exits_ways", 1, "own/returns,own/uncaught");
    for id in ["own/returns", "own/uncaught"] {
        for mark in ["drop", "task", "buffer", "printed"] {
            assert_eq!(seen.metric(id, mark), 1.0, "{id}: {mark}");
        }
        assert_eq!(seen.metric(id, "thread"), 0.0, "{id}");
    }
}

#[test]
fn process_exit_drops_nothing_and_writes_out_what_was_printed() {
    let seen = Observed::of("exits_ways", 1, "own/exit,own/thread_exit");
    for id in ["own/exit", "own/thread_exit"] {
        assert_eq!(seen.answer(id), "exit 3");
        for (mark, ran) in [("drop", 0.0), ("buffer", 0.0), ("printed", 1.0)] {
            assert_eq!(seen.metric(id, mark), ran, "{id}: {mark}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_runs_when_nobody_is_asked() {
    let ways = ["own/exit_now", "own/aborts", "signal/term", "signal/kill"];
    for seen in in_both(FOLDER, "exits_ways", &ways) {
        for id in ways {
            for mark in ["drop", "thread", "task", "buffer", "atexit"] {
                assert_eq!(seen.metric(id, mark), 0.0, "{id}: {mark}");
            }
            assert_eq!(seen.metric(id, "printed"), 0.0, "{id}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_is_handled_is_a_way_to_return() {
    let ways = ["signal/term_handled"];
    for seen in in_both(FOLDER, "exits_ways", &ways) {
        for mark in ["drop", "task", "atexit", "printed"] {
            assert_eq!(seen.metric(ways[0], mark), 1.0, "{mark}: {seen:?}");
        }
    }
}

#[test]
fn who_adopts_and_does_not_wait_collects_zombies() {
    let ways = ["zombies/first", "zombies/adopts"];
    for seen in in_both(FOLDER, "exits_first", &ways) {
        for id in tried(&seen, &ways) {
            assert_eq!(seen.metric(id, "zombies"), 10.0, "{seen:?}");
        }
    }
}

#[test]
fn zombies_count_until_nothing_can_be_started() {
    let ways = ["zombies/first_full"];
    for seen in in_both(FOLDER, "exits_first", &ways) {
        for id in tried(&seen, &ways) {
            let zombies = seen.metric(id, "zombies");
            assert!(zombies > 40.0 && zombies < 50.0, "{seen:?}");
            assert!(!seen.answer(id).ends_with("none"), "{seen:?}");
        }
    }
}

#[test]
fn to_wait_for_all_takes_the_status_from_who_had_started_it() {
    let ways = ["zombies/first_all", "zombies/first_ignored"];
    for seen in in_both(FOLDER, "exits_first", &ways) {
        for id in tried(&seen, &ways) {
            assert_eq!(seen.metric(id, "zombies"), 0.0, "{seen:?}");
            // Python says that it was 0.
            assert!(!seen.answer(id).contains('7'), "{seen:?}");
        }
    }
}

#[test]
fn an_init_mends_both() {
    let ways = "zombies/first_init,signals/init_term";
    let seen = Observed::of("exits_first", 1, ways);
    for id in tried(&seen, &["zombies/first_init"]) {
        assert_eq!(seen.metric(id, "zombies"), 0.0, "{seen:?}");
        assert!(seen.answer(id).ends_with("exit status: 7"), "{seen:?}");
    }
    for id in tried(&seen, &["signals/init_term"]) {
        assert_eq!(seen.answer(id), "ends", "{seen:?}");
    }
}

#[test]
fn process_1_survives_what_it_does_not_handle() {
    let ways = ["signals/first_term"];
    for seen in in_both(FOLDER, "exits_first", &ways) {
        for id in tried(&seen, &ways) {
            assert_eq!(seen.answer(id), "lives on", "{seen:?}");
        }
    }
}

#[test]
fn whoever_kills_the_parent_kills_the_parent_only() {
    let ways = ["killed/parent", "killed/group_left"];
    for seen in in_both(FOLDER, "exits_orphans", &ways) {
        for id in tried(&seen, &ways) {
            assert_eq!(seen.metric(id, "parent"), 0.0, "{seen:?}");
            assert_eq!(seen.metric(id, "grandchild"), 1.0, "{seen:?}");
        }
    }
}

#[test]
fn the_signal_for_a_parents_death_reaches_one_generation() {
    let seen = Observed::of("exits_orphans", 1, "killed/");
    for id in tried(&seen, &["killed/signal"]) {
        assert_eq!(seen.metric(id, "grandchild"), 1.0, "{seen:?}");
    }
    for id in tried(&seen, &["killed/thread"]) {
        assert_eq!(seen.metric(id, "parent"), 1.0, "{seen:?}");
    }
    for id in tried(&seen, &["killed/namespace", "killed/adopter"]) {
        assert_eq!(seen.answer(id), "nobody", "{seen:?}");
    }
}

#[test]
fn a_shells_command_keeps_the_pipe_that_is_read_to_its_end() {
    let ways = ["timeout/shell"];
    for seen in in_both(FOLDER, "exits_orphans", &ways) {
        for id in tried(&seen, &ways) {
            assert!(seen.metric(id, "back_ms") > 150.0, "{seen:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_renamed_file_is_never_torn_and_what_was_written_is_there() {
    let ways =
        ["files/renamed", "files/synced", "records/written", "records/synced"];
    for seen in in_both(FOLDER, "exits_torn", &ways) {
        for id in ["files/renamed", "files/synced"] {
            assert_eq!(seen.metric(id, "torn_share"), 0.0, "{seen:?}");
        }
        for id in ["records/written", "records/synced"] {
            assert_eq!(seen.metric(id, "lost"), 0.0, "{seen:?}");
        }
    }
}

#[test]
fn what_is_in_a_buffer_is_lost() {
    let seen = Observed::of("exits_torn", 1, "records/buffered");
    assert!(seen.metric("records/buffered", "lost") > 0.0, "{seen:?}");
}
