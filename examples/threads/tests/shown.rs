//! What this chapter's experiments show, on any machine however busy.

use lab::testing::{Observed, assert_peers_agree};
#[cfg(target_os = "linux")]
use lab::testing::{example, lines};

#[test]
fn every_claim_an_example_makes_about_crashes_is_observed() {
    let seen = Observed::of("threads_crash", 1, "");
    let joined = "3 of 3 siblings finish; exit 0; join says so";
    assert_eq!(seen.answer("panic"), joined);
    assert!(seen.answer("panic_locked").contains("lock poisoned"));
    assert_eq!(seen.answer("exit"), "0 of 3 siblings finish; exit 3");
    #[cfg(unix)]
    for (way, signal) in [
        ("abort", "SIGABRT"),
        ("stack_overflow", "SIGABRT"),
        ("segfault", "SIGSEGV"),
    ] {
        let expected = format!("0 of 3 siblings finish; {signal}");
        assert_eq!(seen.answer(way), expected, "{way}");
    }
}

/// Waiting is physics: 24 waits of 20 ms cannot take less than 0.48 s one after
/// another, and a thread for each takes a small part of that on any machine.
#[test]
fn waits_overlap_in_threads_and_not_one_after_another() {
    let seen = Observed::of("threads_io", 3, "");
    let (sequential, threads) =
        (seen.wall_ms("sequential"), seen.wall_ms("threads"));
    assert!(sequential >= 480.0, "{sequential} ms");
    assert!(threads * 4.0 < sequential, "{threads} ms, {sequential} ms");
}

/// The quickest tenth is what the others are compared with, so never slow.
#[test]
fn pieces_of_the_same_work_are_told_apart_by_their_time_alone() {
    let seen = Observed::of("threads_neighbor", 1, "");
    for case in ["chain", "wide"] {
        let (alone, beside) =
            (format!("{case}/alone"), format!("{case}/beside"));
        assert_eq!(seen.answer(&alone), seen.answer(&beside), "{case}");
        for variant in [alone, beside] {
            let slow_share = seen.metric(&variant, "slow_share");
            assert!((0.0..=0.9).contains(&slow_share), "{slow_share}");
            assert!(seen.metric(&variant, "quick_us") > 0.0, "{variant}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_lists_one_process_and_four_threads_in_it() {
    let seen = Observed::of("thread_list", 1, "");
    for (variant, rows, answer) in [
        ("proc", 1.0, "PID only"),
        ("task", 4.0, "thread_list = PID, chef 1, chef 2, chef 3"),
        ("by_number", 3.0, "3 of 3 that are not listed"),
    ] {
        assert_eq!(seen.metric(variant, "rows"), rows, "{variant}");
        assert_eq!(seen.answer(variant), answer, "{variant}");
    }
}

/// Whether it fails, or shows everything but the process that it is asked for.
#[cfg(target_os = "linux")]
#[test]
fn a_tool_that_does_not_show_the_process_is_an_error_and_not_no_rows() {
    use std::os::unix::fs::PermissionsExt;

    for (name, body, complaint) in [
        ("fails", "exit 3", "exit status: 3"),
        ("empty", "echo PID USER", "does not show the process"),
    ] {
        let folder = std::env::temp_dir()
            .join(format!("thread_list-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let top = folder.join("top");
        let script = format!("#!/bin/sh\n[ \"$1\" = -V ] && exit\n{body}\n");
        std::fs::write(&top, script).unwrap();
        std::fs::set_permissions(&top, PermissionsExt::from_mode(0o755))
            .unwrap();
        let mut list = std::process::Command::new(example("thread_list"));
        list.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
        let said = lines(list, &["run top"]).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(said[0].starts_with("{\"error\""), "{name}: {}", said[0]);
        assert!(said[0].contains(complaint), "{name}: {}", said[0]);
    }
}

/// The stacks are the same; the rest is what glibc sets aside.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn threads_that_share_an_arena_reserve_little_beside_their_stacks() {
    let seen = Observed::of("threads_many", 1, "10/");
    let reserved = |variant| seen.metric(variant, "reserved_bytes");
    let (each, shared) = (reserved("10/threads"), reserved("10/one_arena"));
    assert!(shared < 4e6 && each > 4.0 * shared, "{each} {shared}");
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn a_block_in_a_hundred_keeps_the_memory_and_malloc_trim_gives_it_back() {
    let seen = Observed::of("threads_arenas", 1, "freed,kept,trimmed");
    let resident = |variant| seen.metric(variant, "resident_bytes");
    assert!(resident("kept") > 20.0 * seen.metric("kept", "kept_bytes"));
    assert!(resident("kept") > 2.0 * resident("freed"));
    assert!(resident("kept") > 2.0 * resident("trimmed"));
}

#[test]
fn python_peers_give_the_same_answers() {
    assert_peers_agree(
        env!("CARGO_MANIFEST_DIR"),
        &[
            ("threads_cpu", "lanes/threads", "lanes/threads"),
            ("threads_io", "workers", "workers"),
            ("threads_many", "10/threads", "10/threads"),
            ("threads_arenas", "kept", "kept"),
        ],
    );
}

/// A child that finds no room for its threads has died, and gives no time. It
/// panics, or aborts where not even a panic finds room.
#[cfg(target_os = "linux")]
#[test]
fn a_child_that_died_is_an_error_and_the_next_one_is_none() {
    let mut tight = std::process::Command::new("sh");
    tight.args(["-c", "ulimit -v 1000000 && exec \"$0\" \"$@\""]);
    tight.arg(example("threads_many"));
    let said = lines(tight, &["run 4000/threads", "run 10/threads"]).unwrap();
    let died = "{\"error\":\"the child park ended with ";
    assert!(said[0].starts_with(died), "{}", said[0]);
    assert!(said[1].contains("\"answer\":\"45\""), "{}", said[1]);
}
