//! What the experiments about processes observe, as orderings and wide bands;
//! never times.
#![cfg(target_os = "linux")]

use lab::testing::{Observed, assert_peers_agree, peer};

#[test]
fn a_process_that_breaks_takes_nobody_along() {
    let seen = Observed::of("process_crash", 1, "");
    for (way, how) in [
        ("panic", "exit 101"),
        ("exit", "exit 3"),
        ("abort", "SIGABRT"),
        ("stack_overflow", "SIGABRT"),
        ("segfault", "SIGSEGV"),
        ("out_of_memory", "SIGABRT"),
        ("killed", "SIGKILL"),
    ] {
        let expected = format!(
            "3 of 3 siblings finish; the parent goes on, and saw {how}"
        );
        assert_eq!(seen.answer(way), expected, "{way}");
    }
    let orphans = "3 of 3 siblings finish; the parent is gone: SIGABRT";
    assert_eq!(seen.answer("parent_aborts"), orphans);
}

#[test]
fn a_process_starts_later_than_a_thread_and_fork_alone_minds_the_parents_size()
{
    let seen = Observed::of("process_start", 1, "");
    let first = |variant: &str| seen.metric(variant, "first_us");
    assert!(first("small/fork") > first("small/thread"));
    assert!(first("small/command") > first("small/fork"));
    assert!(first("large/fork") > 3.0 * first("small/fork"));
    let huge_pages = "/sys/kernel/mm/transparent_hugepage/enabled";
    let huge_pages = std::fs::read_to_string(huge_pages).unwrap_or_default();
    if huge_pages.contains("[madvise]") || huge_pages.contains("[always]") {
        assert!(first("large/fork") > 2.0 * first("huge/fork"));
    }
}

#[test]
fn a_thread_takes_more_memory_than_a_task_and_a_process_more_than_a_thread() {
    let seen = Observed::of("process_memory", 1, "");
    let pss = |variant: &str| seen.metric(variant, "pss_bytes");
    assert!(pss("parked/thread") > 4.0 * pss("parked/task"));
    assert!(pss("parked/executed") > 4.0 * pss("parked/thread"));
    assert!(pss("inherited/writes") > 10.0 * pss("inherited/reads"));
    assert_eq!(seen.answer("inherited/writes"), "0 changes seen");
}

#[test]
fn a_spinning_process_can_be_killed_and_a_spinning_thread_or_task_cannot() {
    let seen = Observed::of("process_kill", 1, "");
    assert_eq!(seen.answer("process"), "gone: SIGKILL");
    for deaf in ["thread_deaf", "task_deaf"] {
        assert_eq!(seen.answer(deaf), "still running after 100 ms", "{deaf}");
    }
    assert_eq!(seen.answer("task_await"), "gone: at an await");
}

#[test]
#[cfg(target_env = "gnu")]
fn a_spinning_thread_can_be_canceled_only_if_it_allowed_that_anywhere() {
    let seen = Observed::of("process_kill", 1, "thread_cancel");
    let deferred = seen.answer("thread_cancel");
    assert_eq!(deferred, "still running after 100 ms");
    assert_eq!(seen.answer("thread_cancel_async"), "gone");
}

#[test]
fn who_dies_with_a_lock_keeps_others_out_unless_the_kernel_knows_of_it() {
    let seen = Observed::of("process_share", 1, "");
    for lock in ["atomic", "futex", "mutex", "semaphore", "file_lock"] {
        assert_eq!(seen.answer(&format!("count/{lock}")), "0 lost");
    }
    for lock in ["futex", "semaphore"] {
        let answer = seen.answer(&format!("killed/{lock}")).to_owned();
        assert_eq!(answer, "the next one waits in vain", "{lock}");
    }
    assert_eq!(
        seen.answer("killed/mutex"),
        "the next one gets it, and is told"
    );
    assert_eq!(
        seen.answer("killed/file_lock"),
        "the next one gets it, and is not told"
    );
    assert_eq!(
        seen.answer("killed/file_lock_fork"),
        "the next one waits in vain"
    );
}

#[test]
fn no_message_is_wrong_whatever_carries_it() {
    let seen = Observed::of("process_ipc", 1, "");
    for variant in seen.variants() {
        assert_eq!(seen.metric(variant, "wrong"), 0.0, "{variant}");
    }
}

#[test]
fn a_pool_whose_worker_dies_gives_all_answers_but_the_deadly_ones() {
    let seen = Observed::of("process_pool", 1, "death");
    assert_eq!(seen.answer("death/pool"), "20 of 20 answers; 1 replaced");
    assert_eq!(seen.metric("death/pool_poison", "answers"), 19.0);
    let seen = Observed::of("process_pool", 1, "idle");
    assert_eq!(seen.answer("idle/pool"), "10 of 10 answers");
}

#[test]
fn a_pool_of_multiprocessing_stalls_when_an_idle_worker_dies_with_its_lock() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/process_pool.py");
    let asked = ["idle/mp_pool", "idle/process_pool"];
    let Some(seen) = Observed::ask(peer(script), &asked) else { return };
    assert_eq!(
        seen.answer("idle/mp_pool"),
        "0 of 10 answers within a second; 10 once the lock is free"
    );
    assert_eq!(
        seen.answer("idle/process_pool"),
        "0 of 10 answers; BrokenProcessPool"
    );
}

#[test]
fn a_change_made_in_another_process_is_not_seen() {
    let seen = Observed::of("process_same_call", 1, "");
    assert_eq!(
        seen.answer("function/threads"),
        seen.answer("function/processes")
    );
    assert_eq!(seen.metric("change/threads", "worked"), 1.0);
    assert_eq!(seen.metric("change/processes", "worked"), 0.0);
}

#[test]
fn small_jobs_cost_less_by_chunks_and_who_gives_up_has_not_stopped_the_job() {
    let seen = Observed::of("process_jobs", 3, "many/pool,timeout");
    let each = |variant: &str| seen.metric(variant, "each_us");
    assert!(each("many/pool") > 2.0 * each("many/pool_chunks"));
    assert_eq!(seen.metric("timeout/thread", "done"), 1.0);

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/process_jobs.py");
    let variants = ["timeout/result", "timeout/mp_terminate"];
    let Some(seen) = Observed::ask(peer(script), &variants) else { return };
    assert_eq!(seen.metric("timeout/result", "done"), 1.0);
    assert_eq!(seen.metric("timeout/mp_terminate", "done"), 0.0);
}

#[test]
fn one_state_d_waits_for_its_end_and_another_can_be_killed() {
    let seen = Observed::of("process_state", 1, "");
    let shown = |variant: &str| seen.answer(variant).to_owned();
    assert!(shown("sleeps").starts_with('S'), "{}", shown("sleeps"));
    assert!(shown("vfork_kill").starts_with('D'), "{}", shown("vfork_kill"));
    assert!(shown("vfork_kill").ends_with("SIGKILL"));
    assert!(shown("vfork_term").ends_with("exit 0"), "its handler's end");
    if seen.variants().any(|variant| variant == "frozen_v1") {
        assert!(seen.metric("frozen_v1", "gone_ms") > 190.0);
    }
}

#[test]
fn python_peers_give_the_same_answers() {
    assert_peers_agree(
        env!("CARGO_MANIFEST_DIR"),
        &[
            ("process_start", "small/fork", "small/mp_fork"),
            ("process_start", "small/task", "small/mp_spawn_bare"),
            ("process_memory", "parked/thread", "parked/thread"),
            ("process_memory", "inherited/writes", "inherited/reads"),
            ("process_break_even", "1000/pool", "1000/processes"),
            ("process_ipc", "latency/pipe", "latency/mp_queue"),
            ("process_ipc", "bulk/shared", "bulk/shared"),
            ("process_share", "count/semaphore", "count/lock"),
            ("process_pool", "work/pool", "work/mp_pool"),
            ("process_pool", "tiny/process_each", "tiny/process_each"),
            ("process_same_call", "function/processes", "function/processes"),
            ("process_jobs", "many/pool_chunks", "many/process_pool_chunks"),
            ("process_jobs", "data/rayon", "data/shared"),
        ],
    );
}
