//! What the experiments on choosing show, as answers, orderings and wide bands.

use lab::testing::{Observed, assert_peers_agree};

#[test]
fn a_job_has_one_answer_in_every_model_and_in_both_languages() {
    let peer = |case: &str, rust: &str, python: &str| {
        (format!("{case}/{rust}"), format!("{case}/{python}"))
    };
    for (rust, python) in [
        // Bytes into the items and out of them, in processes on both sides.
        peer("j02", "processes", "py_processes"),
        peer("j02", "tokio_rayon", "py_to_thread"),
        peer("j02", "threads", "py_processes_asyncio"),
        peer("j03", "rayon", "py_processes_threads"),
    ] {
        assert_peers_agree(
            env!("CARGO_MANIFEST_DIR"),
            &[("choose_jobs", &rust, &python)],
        );
    }
}

#[test]
fn where_items_wait_models_that_keep_four_under_way_are_ahead() {
    let seen = Observed::of("choose_jobs", 2, "j01/");
    let in_turn = seen.wall_ms("j01/in_turn");
    for model in ["threads", "tokio", "tokio_rayon"] {
        let wall_ms = seen.wall_ms(&format!("j01/{model}"));
        assert!(in_turn > 1.3 * wall_ms, "{model}: {in_turn} {wall_ms}");
    }
}

#[test]
fn a_process_costs_more_to_start_than_a_runtime_and_a_thread_than_a_task() {
    let seen = Observed::of("choose_costs", 2, "jobs/");
    let of =
        |model: &str, name: &str| seen.metric(&format!("jobs/{model}"), name);
    assert!(of("processes", "start_ns") > 2.0 * of("tokio", "start_ns"));
    assert!(of("threads", "flow_ns") > 3.0 * of("tokio", "flow_ns"));
    // A task's wait ends by the millisecond, a thread's by itself.
    assert!(of("tokio", "late_ns") > of("threads", "late_ns"));
}
