//! What the experiments must show on any machine, however busy: answers,
//! orderings and broad bands.

use lab::testing::{Observed, assert_peers_agree, in_both};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_arrangement_answers_all_that_is_asked_at_half_of_the_load() {
    let seen = Observed::of("mix_service", 1, "50/");
    for id in seen.variants().collect::<Vec<_>>() {
        assert_eq!(seen.answer(id), "each request was answered");
        // Two waits of ten milliseconds.
        assert!(seen.metric(id, "p50_ms") > 20.0, "{seen:?}");
        let (share, good) = ("in_time_share", "goodput");
        assert!(seen.metric(id, share) <= 1.0, "{seen:?}");
        assert!(seen.metric(id, good) <= seen.metric(id, "offered"));
    }
}

#[test]
fn a_thread_for_each_core_leaves_the_cores_idle_while_requests_wait() {
    let some = "1/ratio20,21/ratio20,rule/ratio20,1/ratio1";
    let seen = Observed::of("mix_size", 1, some);
    let rate = |id| seen.metric(id, "throughput");
    assert!(rate("21/ratio20") > 2.0 * rate("1/ratio20"), "{seen:?}");
    assert!(rate("21/ratio20") > 1.3 * rate("rule/ratio20"), "{seen:?}");
    assert!(rate("1/ratio1") > 2.0 * rate("1/ratio20"), "{seen:?}");
}

#[test]
fn threads_in_a_process_overlap_their_waits_in_python_too() {
    let ids = ["1/one", "21/one"];
    let python = lab::testing::peer(format!("{FOLDER}/mix_size.py"));
    let Some(seen) = Observed::ask(python, &ids) else { return };
    let rate = |id| seen.metric(id, "throughput");
    assert!(rate("21/one") > 1.3 * rate("1/one"), "{seen:?}");
}

#[test]
fn a_call_to_another_process_costs_more_than_one_to_another_thread() {
    let ids = ["many/plain", "many/threads", "many/processes"];
    for seen in in_both(FOLDER, "mix_call", &ids) {
        let each = |id| seen.metric(id, "each_us");
        assert!(each("many/plain") < each("many/threads"), "{seen:?}");
        assert!(each("many/threads") < each("many/processes"), "{seen:?}");
    }
}

#[test]
fn python_peers_give_the_same_answers() {
    let same = [
        ("mix_service", "50/threads", "50/threads"),
        ("mix_service", "50/loops", "50/loops"),
        ("mix_call", "one/actor_task", "one/actor_task"),
        ("mix_call", "many/processes", "many/processes"),
    ];
    assert_peers_agree(FOLDER, &same);
}
