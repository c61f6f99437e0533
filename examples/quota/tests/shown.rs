//! What the experiments must show on any machine, however busy: who knows of a
//! quota, that one is noticed, and that nobody goes on alone.

use lab::testing::{Observed, in_both};
use quota::cgroup;

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn an_affinity_of_one_core_is_known_to_all_but_the_one_that_counts_the_machine()
{
    let ways = ["affinity"];
    for seen in in_both(FOLDER, "quota_counts", &ways) {
        assert_eq!(seen.metric("affinity", "core"), 1.0, "{seen:?}");
    }
    let seen = Observed::of("quota_counts", 1, "std,num_cpus,tokio,rayon");
    for way in ["std", "num_cpus", "tokio", "rayon"] {
        assert_eq!(seen.metric(way, "core"), 1.0, "{way}: {seen:?}");
    }
}

#[test]
fn a_quota_is_known_to_std_and_its_likes_and_not_to_an_affinity() {
    if !cgroup::allowed("shown") || lab::os::allowed_cpus().is_none() {
        return;
    }
    let seen = Observed::of("quota_counts", 1, "std,tokio,rayon,affinity");
    let half = (seen.metric("std", "free") / 2.0).floor().max(1.0);
    for way in ["std", "tokio", "rayon"] {
        assert_eq!(seen.metric(way, "quota"), half, "{way}: {seen:?}");
    }
    let free = seen.metric("affinity", "free");
    assert_eq!(seen.metric("affinity", "quota"), free, "{seen:?}");
}

#[test]
fn half_of_the_cores_are_no_quota() {
    let seen = Observed::of("quota_lanes", 1, "2/cores");
    assert_eq!(seen.answer("2/cores"), "no quota");
    assert!(seen.metric("2/cores", "job_p50_ms") > 0.0, "{seen:?}");
}

#[test]
fn a_quota_is_counted_in_periods() {
    if cgroup::allowed("shown") {
        let seen = Observed::of("quota_lanes", 1, "16/quota");
        assert!(seen.answer("16/quota").starts_with("throttled in "));
        assert!(seen.metric("16/quota", "throttled_share") <= 1.0, "{seen:?}");
        let seen = Observed::of("quota_lanes", 1, "burst/fewer");
        assert!(seen.metric("burst/fewer", "burst_ms") > 0.0, "{seen:?}");
    }
}

#[test]
fn every_team_ends_whichever_way_it_waits() {
    let seen = Observed::of("quota_barrier", 1, "8/,nested/,small/");
    for case in ["8", "nested", "small"] {
        let first = if case == "8" { "apart" } else { "one" };
        for way in [first, "spin", "yields", "briefly", "sleep"] {
            let id = format!("{case}/{way}");
            assert!(seen.metric(&id, "round_us") > 0.0, "{seen:?}");
        }
    }
}
