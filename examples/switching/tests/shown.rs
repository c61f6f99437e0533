//! What the chapter's experiments show on any machine, however busy: orderings
//! and broad bands.
#![cfg(target_os = "linux")]

use lab::testing::{Observed, assert_peers_agree};

#[test]
fn each_rung_of_the_ladder_costs_more_than_the_one_below() {
    let only = "program,kernel,one_core/thread";
    let rungs = Observed::of("switch_ladder", 3, only);
    let each = |lane: &str| rungs.metric(lane, "each_ns");
    assert!(each("program/call") < each("kernel/syscall"), "{rungs:?}");
    assert!(each("kernel/syscall") < each("kernel/pipe"), "{rungs:?}");
    for inside in
        ["two_stackful", "two_stackful_jump", "two_corosensei", "poll"]
    {
        let inside = each(&format!("program/{inside}"));
        assert!(2.0 * inside < each("one_core/thread_yield"), "{rungs:?}");
        assert!(4.0 * inside < each("one_core/thread_pipe"), "{rungs:?}");
    }
}

#[test]
fn the_kernel_sees_the_switches_of_threads_and_not_those_of_tasks() {
    let rungs = Observed::of("switch_ladder", 3, "program,one_core");
    let counts =
        |id: &&str| rungs.sample(id).metrics.contains_key("kernel_each");
    for lane in rungs.variants().filter(counts) {
        let seen = rungs.metric(lane, "kernel_each");
        let expected = match lane.starts_with("program/") {
            true => 0.0..0.1,
            false => 0.9..1.2,
        };
        assert!(expected.contains(&seen), "{lane}: {seen}");
    }
}

/// Two tasks look for events at every second switch, a hundred now and then.
#[test]
fn looking_for_events_costs_two_tasks_more_than_a_hundred() {
    let rungs = Observed::of("switch_ladder", 3, "program/task_yield");
    let each = |lane: &str| rungs.metric(lane, "each_ns");
    let two = each("program/task_yield_io");
    assert!(two > each("program/task_yield"), "{rungs:?}");
    assert!(two > each("program/task_yield_100"), "{rungs:?}");
}

#[test]
fn a_list_is_slower_after_a_neighbor_used_the_caches() {
    let lists = Observed::of("switch_cold", 3, "256/");
    let took = |lane| lists.metric(lane, "list_us");
    let disturbed = took("256/busy_neighbor");
    assert!(disturbed > 1.5 * took("256/undisturbed"), "{lists:?}");
}

#[test]
fn a_loop_with_much_to_do_is_switched_less_than_threads() {
    let served = Observed::of("switch_served", 3, "1");
    let each = |lane| served.metric(lane, "switches_each");
    assert!(each("1/threads") > 0.9, "{served:?}");
    assert!(each("1/tasks") > 0.9, "{served:?}");
    assert!(each("100/tasks") < 0.8 * each("100/threads"), "{served:?}");
}

#[test]
fn touching_costs_something_and_every_touch_is_counted() {
    let games = Observed::of("switch_process", 3, "64/");
    let each = |lane| games.metric(lane, "each_ns");
    assert!(each("64/threads") > each("64/touching"), "{games:?}");
}

#[test]
fn python_peers_give_the_same_answers() {
    let same = [
        ("switch_ladder", "program/task_yield"),
        ("switch_ladder", "program/task_yield_100"),
        ("switch_ladder", "one_core/process_pipe"),
        ("switch_process", "16/threads"),
        ("switch_process", "16/processes"),
        ("switch_cold", "64/busy_neighbor"),
        ("switch_served", "10/tasks"),
        ("switch_served", "10/threads"),
    ];
    let same = same.map(|(name, variant)| (name, variant, variant));
    assert_peers_agree(env!("CARGO_MANIFEST_DIR"), &same);
}
