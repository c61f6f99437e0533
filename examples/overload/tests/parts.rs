//! The server, the limit and the watch by themselves.
//!
//! That the limit is right in every order is tested in `model/`.

use std::sync::mpsc::channel;
use std::thread::{self, sleep};
use std::time::Duration;

use overload::limit::Limit;
use overload::quantile_ms;
use overload::server::{Desk, Request, serve};
use overload::watch::Watch;

#[test]
fn one_is_served_after_the_other_and_an_idle_server_loses_its_time() {
    let mut desk = Desk::new(10);
    assert_eq!(desk.done_ns(100), 110);
    assert_eq!(desk.done_ns(101), 120);
    assert_eq!(desk.done_ns(500), 510);
}

#[test]
fn nobody_is_served_while_the_server_stops() {
    let mut desk = Desk::that_stops(10, 105..200);
    assert_eq!(desk.done_ns(100), 110, "it was begun before");
    assert_eq!(desk.done_ns(100), 210);
    assert_eq!(desk.done_ns(100), 220);
}

#[test]
fn who_is_not_wanted_any_more_costs_nothing() {
    let (ask, asked) = channel();
    for i in 0..10 {
        ask.send(Request { came_ns: 0, answer: i }).unwrap();
    }
    drop(ask);
    let mut served = Vec::new();
    serve(Desk::new(1), asked, |i| i % 2 == 0, |i| served.push(i));
    assert_eq!(served, [0, 2, 4, 6, 8]);
}

#[test]
fn a_place_is_free_again_when_its_pass_is_dropped() {
    let limit = Limit::of(2);
    let passes = [Limit::enter(&limit), Limit::enter(&limit)];
    assert!(passes.iter().all(Option::is_some));
    assert!(Limit::enter(&limit).is_none());
    drop(passes);
    assert_eq!(limit.in_flight(), 0);
    assert!(Limit::enter(&limit).is_some());
}

#[test]
fn threads_never_have_more_passes_than_there_are() {
    let limit = &Limit::of(3);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    let pass = Limit::enter(limit);
                    assert!(limit.in_flight() <= 3);
                    drop(pass);
                }
            });
        }
    });
    assert_eq!(limit.in_flight(), 0);
}

#[test]
fn what_is_seen_in_flight_is_the_rate_times_the_time() {
    let mut watch = Watch::begin();
    sleep(Duration::from_millis(20));
    watch.look(3);
    let all = watch.little(&[20_000_000; 3]);
    // The sleep may have been longer.
    assert!(all >= 1.0, "{all}");
}

#[test]
fn half_of_all_lie_below_the_median() {
    let times = [5_000_000, 1_000_000, 9_000_000];
    assert_eq!(quantile_ms(&times, 0.5), 5.0);
    assert_eq!(quantile_ms(&times, 1.0), 9.0);
}
