//! What the experiments show on any machine, by the examples themselves; and
//! that their Python peers give the same answers, by the standard library
//! alone.

use std::process::{Command, Output};

use lab::testing::{Observed, assert_peers_agree, example, in_both, peer};

fn text(out: &Output) -> String {
    let text = [&out.stdout[..], &out.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(unix)]
#[test]
fn with_a_low_limit_of_open_files_it_says_so_and_runs_what_fits() {
    let out = Command::new("sh")
        .args(["-c", "ulimit -n 150; exec \"$0\" --quick --rounds 1"])
        .arg(example("loop_many"))
        .output()
        .unwrap();
    let text = text(&out);
    assert!(out.status.success(), "{text}");
    assert!(text.contains("has room for 50 requests"), "{text}");
    assert_eq!(text.matches("`ulimit -n`").count(), 1, "{text}");
    assert!(!text.contains("1000: requests at once"), "{text}");
    assert_eq!(text.matches("50 requests, all answered").count(), 3, "{text}");
}

#[test]
fn a_thousand_requests_are_open_at_once_on_one_thread() {
    let out = Command::new(example("loop_many"))
        .args(["--quick", "--rounds", "1", "--json"])
        .args(["--only", "1000/tokio,1000/own"])
        .output()
        .unwrap();
    let text = text(&out);
    if text.contains("has room for") {
        return; // so many do not fit here
    }
    assert!(out.status.success(), "{text}");
    assert_eq!(text.matches("\"in_flight\":1000").count(), 2, "{text}");
    if cfg!(target_os = "linux") {
        assert_eq!(text.matches("\"client_threads\":1,").count(), 2, "{text}");
    }
}

#[test]
fn delays_that_vary_make_the_slowest_reply_the_end_in_threads_and_in_tasks() {
    let variants = "20/in_,100/in_";
    let seen = Observed::of("loop_limits", 1, variants);
    for model in ["in_threads", "in_tasks"] {
        let ms = |limit, what| seen.wall_ms(&format!("{limit}/{model}{what}"));
        // A hundred at once would be done after 200 ms, were all replies alike.
        assert!(ms(100, "_varying") > 510.0, "{model}");
        assert!(ms(100, "_varying") < ms(20, "_varying"), "{model}");
        assert!(ms(20, "") < ms(20, "_varying"), "{model}");
    }
}

#[test]
fn a_second_worker_ticks_if_the_call_begins_when_a_tick_is_due() {
    let seen = Observed::of("loop_blocking", 2, "workers_2,workers_2_due");
    let late_ms = |variant| seen.metric(variant, "median_late_ms");
    assert!(late_ms("workers_2_due") < late_ms("workers_2"));
}

#[test]
fn a_loop_that_nobody_rings_sleeps_on_and_debug_mode_says_why() {
    let script = "examples/event_loop/loop_bell.py";
    let script = [env!("CARGO_MANIFEST_DIR"), "/../../", script].concat();
    let variants = ["put_nowait", "threadsafe", "debug"];
    let Some(seen) = Observed::ask(peer(script), &variants) else { return };
    // Until the alarm, and well before it.
    assert!(seen.metric("put_nowait", "late_us") > 70e3);
    assert!(
        seen.metric("threadsafe", "late_us")
            < seen.metric("put_nowait", "late_us")
    );
    let said = "RuntimeError: Non-thread-safe operation invoked on an event \
                loop other than the current one";
    assert_eq!(seen.answer("debug"), said);
}

#[test]
fn after_an_await_a_task_has_its_own_variable_and_a_thread_the_last_ones() {
    let folder = env!("CARGO_MANIFEST_DIR");
    for seen in in_both(folder, "loop_locals", &["kept/thread_1"]) {
        assert_eq!(seen.answer("kept/thread_1"), "1 of 100 read their own");
    }
    let seen = Observed::of("loop_locals", 1, "task_local,spawn,thread_2");
    assert_eq!(seen.answer("kept/task_local"), "100 of 100 read their own");
    assert!(seen.metric("kept/thread_2", "own") < 100.0);
    assert_eq!(seen.answer("handed_on/task_local"), "the caller's");
    for started in ["spawn", "spawn_blocking"] {
        let seen = seen.answer(&format!("handed_on/{started}"));
        assert_eq!(seen, "nothing", "{started}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn epoll_takes_no_file_and_io_uring_needs_fewer_calls() {
    let seen = Observed::of("loop_uring", 1, "");
    let refusal = "Operation not permitted (os error 1)";
    assert_eq!(seen.answer("refused/epoll"), refusal);
    let calls = |variant: &str| seen.metric(variant, "calls_each");
    assert_eq!(calls("one/epoll"), 3.0);
    if seen.variants().any(|variant| variant == "many/uring") {
        assert!(calls("many/uring") < 0.5 * calls("many/epoll"));
        assert!(calls("file/uring_32") < 0.1 * calls("file/uring"));
    }
}

#[test]
fn python_peers_give_the_same_answers() {
    assert_peers_agree(
        env!("CARGO_MANIFEST_DIR"),
        &[
            ("loop_urls", "own", "bare_asyncio"),
            ("loop_sweep", "0/workers", "0/workers"),
            ("loop_sweep", "0/tokio_20", "0/asyncio_20"),
            ("loop_files", "threads", "threads"),
            ("loop_files", "tokio_20", "asyncio_20"),
            ("loop_blocking", "blocking", "blocking"),
            ("loop_libraries", "spawn_blocking", "streams"),
            ("loop_cores", "own", "one_loop"),
            ("loop_bell", "thread", "put_nowait"),
            ("loop_echo", "small/own", "small/asyncio"),
            ("loop_echo", "large/tokio", "large/asyncio"),
            ("loop_uring", "many/epoll", "many/epoll"),
            ("loop_uring", "file/read", "file/read"),
        ],
    );
}
