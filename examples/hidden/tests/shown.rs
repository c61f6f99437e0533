//! What the experiments must show on any machine, however busy: who waits for
//! the pool and who does not, and which way works.

use lab::testing::{Observed, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_name_waits_for_the_pool_that_is_full_and_an_address_does_not() {
    let ways = ["name/full", "name/own", "address/full", "file/full"];
    for seen in in_both(FOLDER, "hidden_pool", &ways) {
        let waited = |id| seen.wall_ms(id);
        assert!(waited("name/full") > waited("name/own"), "{seen:?}");
        assert!(waited("name/full") > waited("address/full"), "{seen:?}");
        assert!(waited("file/full") > waited("name/own"), "{seen:?}");
    }
}

#[test]
fn a_pool_of_512_threads_is_full_as_well_and_a_request_looks_up_a_name() {
    let all = "name/idle,name/default,request/";
    let seen = Observed::of("hidden_pool", 1, all);
    let waited = |id| seen.wall_ms(id);
    assert!(waited("name/default") > waited("name/idle"), "{seen:?}");
    assert!(waited("request/full") > waited("request/own"), "{seen:?}");
}

#[test]
fn where_all_begin_at_once_half_of_them_are_done_late() {
    let seen = Observed::of("hidden_compute", 2, "long/blocking,long/gated");
    let half_done = |id| seen.metric(id, "half_done_ms");
    assert!(half_done("long/blocking") > half_done("long/gated"), "{seen:?}");
}

#[test]
fn however_it_is_computed_the_sum_is_the_same() {
    let seen = Observed::of("hidden_compute", 1, "fine/blocking,fine/batches");
    assert_eq!(seen.answer("fine/blocking"), seen.answer("fine/batches"));
}

#[test]
fn each_way_between_threads_and_tasks_works_or_says_why_not_or_hangs() {
    let seen = Observed::of("hidden_ways", 1, "");
    for (id, said) in [
        ("task/await", "works"),
        ("task/block_on", "panics: Cannot start a runtime from within"),
        ("task/runtime", "panics: Cannot start a runtime from within"),
        ("task/dropped", "panics: Cannot drop a runtime in a context"),
        ("task/blocking_send", "panics: Cannot block the current thread"),
        ("task/in_place", "works"),
        ("task/in_place_1", "panics: can call blocking only when running"),
        ("task/spawn_blocking", "works"),
        ("task/thread", "works"),
        ("task/thread_1", "hangs"),
        ("task/foreign", "hangs"),
        ("task/channel", "hangs"),
        ("task/rayon", "works"),
        ("task/local", "panics: `spawn_local` called from outside"),
        ("thread/block_on", "works"),
        ("thread/spawn", "panics: there is no reactor running"),
        ("thread/sleep", "panics: there is no reactor running"),
        ("thread/bind", "panics: there is no reactor running"),
        ("thread/from_a_task", "panics: there is no reactor running"),
        ("thread/entered", "works"),
        ("thread/no_time", "panics: A Tokio 1.x context was found, but timers"),
        ("thread/no_io", "panics: A Tokio 1.x context was found, but IO"),
        ("thread/handle", "hangs"),
    ] {
        assert!(seen.answer(id).starts_with(said), "{id}: {}", seen.answer(id));
    }
}

#[test]
fn each_of_pythons_ways_does_too() {
    let ways = [
        ("task/not_awaited", "warns: coroutine 'pause' was never awaited"),
        ("task/run", "raises: asyncio.run() cannot be called from a running"),
        ("task/until", "raises: This event loop is already running"),
        ("task/new_loop", "raises: Cannot run the event loop while another"),
        ("task/result", "hangs"),
        ("task/joined", "hangs"),
        ("task/back", "works"),
        ("task/second_loop", "works"),
        ("task/attached", "raises: Task"),
        ("thread/run", "works"),
        ("thread/running", "raises: no running event loop"),
        ("thread/closed", "raises: Event loop is closed"),
        ("thread/threadsafe", "works"),
    ];
    let script = std::path::Path::new(FOLDER).join("hidden_ways.py");
    let python = lab::testing::peer(script);
    let Some(seen) = Observed::ask(python, &ways.map(|way| way.0)) else {
        return;
    };
    for (id, said) in ways {
        assert!(seen.answer(id).starts_with(said), "{id}: {}", seen.answer(id));
    }
}
