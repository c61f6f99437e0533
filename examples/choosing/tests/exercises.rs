//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use choosing::jobs;
use cost::{Costs, Dimension, Job, Language, Model, break_even, estimate};
use lab::testing::fails;

#[path = "../exercises/bound_solution.rs"]
mod bound_solution;
#[path = "../exercises/bound_starter.rs"]
mod bound_starter;
#[path = "../exercises/crossing_solution.rs"]
mod crossing_solution;
#[path = "../exercises/crossing_starter.rs"]
mod crossing_starter;
#[path = "../exercises/size_solution.rs"]
mod size_solution;
#[path = "../exercises/size_starter.rs"]
mod size_starter;

fn time_ns(job: &Job, model: Model) -> f64 {
    estimate(job, &Costs::round(), model).expect("its language").time_ns
}

/// In eight of ten of the drawn jobs within a tenth of what is played.
fn is_near(time: fn(&Job, f64) -> f64) {
    let costs = Costs::round();
    let start_ns = costs.of(Model::Threads).unwrap().flow_ns;
    let rows = jobs();
    let near = rows.iter().filter(|row| {
        let job = row.job(Language::Rust, &costs, 2.0);
        let played = time_ns(&job, Model::Threads);
        (time(&job, start_ns) / played - 1.0).abs() < 0.1
    });
    let near = near.count();
    assert!(near * 10 >= rows.len() * 8, "{near} of {}", rows.len());
}

#[test]
fn a_formula_comes_near_to_what_is_played() {
    fails(|| is_near(bound_starter::time_ns));
    is_near(bound_solution::time_ns);
}

/// A job of many items that compute and wait.
fn job(cpu_ns: f64, wait_ns: f64, at_once: u32) -> Job {
    Job {
        items: 4_000.0,
        cpu_ns,
        wait_ns,
        at_once: f64::from(at_once),
        bytes_in: 0.0,
        bytes_out: 0.0,
        cores: 4.0,
        memory_bytes: 0.0,
        language: Language::Rust,
    }
}

/// Ten times as many are no faster, and two thirds are slower.
fn is_the_size(threads: fn(f64, f64, u32) -> u32) {
    for (cpu_ns, wait_ns) in [(1e6, 0.0), (1e6, 3e6), (1e6, 2e7), (4e6, 3e6)] {
        let size = threads(cpu_ns, wait_ns, 4);
        let time =
            |threads| time_ns(&job(cpu_ns, wait_ns, threads), Model::Threads);
        assert!(time(size) < 1.1 * time(10 * size), "{size} are too few");
        assert!(time(size * 2 / 3) > 1.3 * time(size), "{size} are too many");
    }
}

#[test]
fn a_pool_has_as_many_threads_as_keep_the_cores_busy() {
    fails(|| is_the_size(size_starter::threads));
    is_the_size(size_solution::threads);
}

macro_rules! finds_the_crossing {
    ($exercise:ident) => {
        || {
            let (slow, fast) = (Model::PyInTurn, Model::PyProcesses);
            for items in [20.0, 200.0, 2_000.0] {
                let language = Language::Python;
                let job = Job { items, language, ..job(1e5, 0.0, 100) };
                let is_ahead = |cpu_ns| {
                    let job = Job { cpu_ns, ..job };
                    time_ns(&job, fast) < time_ns(&job, slow)
                };
                let found = $exercise::crossing(1e3, 1e9, is_ahead);
                let known = break_even(
                    &job,
                    &Costs::round(),
                    slow,
                    fast,
                    Dimension::Cpu,
                );
                let times = found.unwrap() / known.unwrap();
                assert!((0.98..1.02).contains(&times), "{found:?} {known:?}");
                let never = $exercise::crossing(1e3, 1e9, |_| false);
                assert_eq!(never, None);
            }
        }
    };
}

#[test]
fn a_crossing_is_found_wherever_it_is() {
    fails(finds_the_crossing!(crossing_starter));
    finds_the_crossing!(crossing_solution)();
}
