//! Each order that is kept is found by loom, fails as it says, and is what the code gives
//! today.

use std::fs;
use std::process::Command;

use orders::PROGRAMS;
use orders::graph::{count, explore};
use orders::turns::{Failure, Next, play};
use orders_model::{Found, kept, record};
use serde_json::Value;

/// Loom's answer, from a process that ends with it.
fn asked(verb: &str, name: &str) -> Option<Found> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orders_model"));
    let output = command.args([verb, name]).output().expect("it is built");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.is_empty(), "{name}: {said} {errors}");
    Found::read(&said)
}

fn kept_order(name: &str) -> Vec<usize> {
    let text = fs::read_to_string(kept(name)).expect("it is kept");
    let read: Value = serde_json::from_str(&text).expect("it is JSON");
    let order = read["order"].as_array().expect("an order");
    order.iter().map(|lane| lane.as_u64().expect("a lane") as usize).collect()
}

#[test]
fn what_is_kept_is_what_loom_finds_and_what_the_code_does_today() {
    for program in PROGRAMS {
        let found = asked("find", program.name).expect("it fails in some order");
        let text = fs::read_to_string(kept(program.name)).unwrap_or_default();
        assert!(
            text == record(program, &found),
            "{}: run `cargo run -p orders_model {0}`, and commit what it keeps",
            program.name
        );
    }
}

#[test]
fn each_kept_order_replays_to_the_same_failure() {
    for program in PROGRAMS {
        let text = fs::read_to_string(kept(program.name)).expect("it is kept");
        let says: Value = serde_json::from_str(&text).expect("it is JSON");
        let reached = play(program, program.wrong, &kept_order(program.name));
        let failure = reached.failure.expect("it fails").to_string();
        assert_eq!(failure, says["failure"], "{}", program.name);
        // And not before its last step.
        let all_but_one = &reached.order[..reached.order.len() - 1];
        assert_eq!(play(program, program.wrong, all_but_one).failure, None, "{}", program.name);
    }
}

#[test]
fn what_is_right_fails_in_no_order() {
    for program in PROGRAMS {
        let places = explore(program, program.right);
        let (orders, failing) = count(&places);
        assert!(orders > 0 && failing == 0, "{}: {failing} of {orders}", program.name);
        let reached = play(program, program.right, &kept_order(program.name));
        assert_eq!(reached.failure, None, "{}", program.name);
    }
}

#[test]
fn loom_says_of_what_is_right_that_it_passes() {
    for program in PROGRAMS {
        let found = asked("find-right", program.name);
        assert!(found.is_none(), "{}: {found:?}", program.name);
    }
}

#[test]
fn not_every_order_of_what_is_wrong_fails() {
    for program in PROGRAMS {
        let (orders, failing) = count(&explore(program, program.wrong));
        assert!(failing > 0, "{}", program.name);
        let always = ["no_order", "ticket_no_order", "both_full"];
        assert_eq!(failing == orders, always.contains(&program.name), "{}", program.name);
    }
}

#[test]
fn an_order_that_cannot_be_taken_is_refused_where_it_cannot() {
    let program = PROGRAMS.iter().find(|program| program.name == "opposite_locks").unwrap();
    let reached = play(program, program.wrong, &[0, 0, 1]);
    assert_eq!((reached.refused, reached.failure), (None, None));
    assert!(matches!(reached.next[..], [Next::Done, Next::Can(_)]));
    // Each has its first lock, and nobody can take a second.
    let reached = play(program, program.wrong, &[0, 1, 1]);
    assert_eq!((reached.refused, reached.failure), (Some(2), Some(Failure::Stuck)));
    let reached = play(program, program.right, &[0, 1]);
    assert_eq!((reached.refused, reached.failure), (Some(1), None));
}
