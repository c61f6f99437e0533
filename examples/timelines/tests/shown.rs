//! Ten dishes: what holds for their recorded lanes on any machine, however
//! busy.

use std::sync::LazyLock;

use lab::Sample;
use lab::testing::{Observed, in_both};
use lab::timeline::{Span, State};

const ARRANGEMENTS: [&str; 4] = ["one_by_one", "kitchens", "chefs", "dishes"];
const SIMMER_NS: u64 = 20_000_000;

/// Each arrangement of a case, once.
fn cooked(case: &str) -> Vec<Vec<Sample>> {
    let ids = ARRANGEMENTS.map(|name| format!("{case}/{name}"));
    let ids = ids.each_ref().map(String::as_str);
    in_both(env!("CARGO_MANIFEST_DIR"), "kitchens", &ids)
        .iter()
        .map(|seen| ids.map(|id| seen.sample(id).clone()).to_vec())
        .collect()
}

static SIMMER: LazyLock<Vec<Vec<Sample>>> = LazyLock::new(|| cooked("simmer"));
static CHOP: LazyLock<Vec<Vec<Sample>>> = LazyLock::new(|| cooked("chop"));

/// Whether two lanes ran at the same moment.
fn ran_together(sample: &Sample) -> bool {
    let spans = sample.timeline.iter().flat_map(|lane| &lane.spans);
    let mut spans: Vec<&Span> =
        spans.filter(|span| span.state == State::Running).collect();
    spans.sort_by_key(|span| span.from_ns);
    spans.windows(2).any(|pair| pair[1].from_ns < pair[0].to_ns)
}

#[test]
fn each_dish_simmers_twice_in_every_arrangement() {
    let all =
        SIMMER.iter().flat_map(|samples| samples.iter().zip(ARRANGEMENTS));
    for (sample, name) in all {
        assert_eq!(sample.timeline.len(), 10, "{name}");
        for (i, lane) in sample.timeline.iter().enumerate() {
            assert_eq!(lane.name, format!("dish {}", i + 1), "{name}");
            let in_order =
                lane.spans.windows(2).all(|two| two[0].to_ns <= two[1].from_ns);
            assert!(in_order, "{name}: {lane:?}");
            let is_wait = |span: &&Span| span.state == State::WaitingIo;
            let waits: Vec<_> = lane.spans.iter().filter(is_wait).collect();
            let simmered =
                |span: &&Span| span.to_ns - span.from_ns >= SIMMER_NS * 9 / 10;
            assert!(waits.len() == 2, "{name}: {lane:?}");
            assert!(waits.iter().all(simmered), "{name}: {lane:?}");
        }
    }
}

#[test]
fn there_are_as_many_kitchens_and_chefs_as_the_arrangement_says() {
    let expected = [(1.0, 1.0), (10.0, 10.0), (1.0, 10.0), (1.0, 1.0)];
    for samples in SIMMER.iter() {
        let counted: Vec<_> = samples
            .iter()
            .map(|s| (s.metrics["kitchens"], s.metrics["chefs"]))
            .collect();
        assert_eq!(counted, expected);
    }
}

#[test]
fn one_chef_never_chops_two_dishes_at_the_same_moment() {
    for samples in SIMMER.iter().chain(CHOP.iter()) {
        assert!(!ran_together(&samples[0]), "one by one: {:?}", samples[0]);
        assert!(!ran_together(&samples[3]), "dishes: {:?}", samples[3]);
    }
}

#[test]
fn every_arrangement_serves_the_same_dishes_in_rust_and_in_python() {
    for samples in [&SIMMER, &CHOP] {
        let answers: Vec<_> =
            samples.iter().flatten().map(|sample| &sample.answer).collect();
        let first = answers[0];
        assert!(answers.iter().all(|answer| *answer == first), "{answers:?}");
    }
}

/// Twenty pots of 20 ms cannot be watched in less than 0.4 s; not watching them
/// takes less on any machine. The least of three, since others may be using
/// this one.
#[test]
fn pots_that_nobody_watches_simmer_at_the_same_time() {
    let seen = Observed::of("kitchens", 3, "simmer/");
    let watched = seen.wall_ms("simmer/one_by_one");
    assert!(watched >= 400.0, "{watched} ms");
    for name in &ARRANGEMENTS[1..] {
        let unwatched = seen.wall_ms(&format!("simmer/{name}"));
        assert!(unwatched * 2.0 < watched, "{name}: {unwatched} ms");
    }
}

/// What else runs may cut slices short, so their length is not asked here.
#[cfg(target_os = "linux")]
#[test]
fn four_threads_on_one_core_wait_most_of_the_time_and_are_granted_what_they_ask()
 {
    let seen = Observed::of("who_ran_when", 3, "one_core,long_slices");
    for lane in ["one_core", "long_slices"] {
        assert!(seen.metric(lane, "waited_core_ms") > 100.0, "{seen:?}");
        let share = seen.metric(lane, "on_tick_share");
        assert!(share > 0.0 && share <= 1.0, "{seen:?}");
    }
    // Kernels before 6.6 do not say what they grant, and those before 6.12
    // grant no more than they like.
    let granted = |lane| seen.sample(lane).metrics.get("granted_ms");
    if let (Some(usual), Some(asked)) =
        (granted("one_core"), granted("long_slices"))
    {
        assert!(*asked == 10.0 || asked == usual, "{seen:?}");
    }
}
