//! Windows by the clocks of four hosts, one of which is wrong.
//!
//! Run:  cargo run --example machines_clock
//! See:  nothing fails. With one clock a minute ahead, clicks and logins of the
//!       same moment land in different windows, and some pairs are found that
//!       never were. Where the newest stamp decides what comes too late, one
//!       clock that is ahead has nearly all of the others' events thrown away.
//!
//! No clock is read. One loop plays all hosts: the true time is made from an
//! event's number, and one host adds the error of its clock, which its variant
//! says. Events come in their true order, each to the next host in turn. A
//! window is ten seconds.

use std::process::ExitCode;

use lab::{Experiment, Kind, Run};
use machines::events::{CLICK, USERS, event};

const HOSTS: usize = 4;
const EVENTS: usize = 200_000;
/// Of time that passes, so that all of it is ten windows.
const SPAN_MS: i64 = 100_000;
const WINDOW_MS: i64 = 10_000;
const WINDOWS: usize = 10;
/// Windows before the first one and after the last: a minute.
const BEYOND: i64 = 6;
/// So much later than the newest stamp an event may be.
const LATE_MS: i64 = 5_000;

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "machines_clock",
        "One of four clocks is wrong: what becomes of the windows?",
    )
    .baseline("in_step")
    .observed();
    for (name, label, ms, by) in [
        ("in_step", "all clocks are right", 0, By::Clock),
        ("second", "one is a second ahead", 1_000, By::Clock),
        ("minute", "one is a minute ahead", 60_000, By::Clock),
        ("newest", "the newest stamp decides", 60_000, By::Newest),
        ("behind", "it is a minute behind", -60_000, By::Newest),
    ] {
        experiment = experiment
            .variant(Kind::Alone, name, label, move |run| play(run, ms, by));
    }
    experiment.run()
}

/// What decides the window of an event.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// The clock of the host that it came to.
    Clock,
    /// The same, and what is late by the newest stamp is thrown away.
    Newest,
}

/// By window, user and true window: clicks, and logins.
type Seen = Vec<(u64, u64)>;

// ANCHOR: stamp
fn play(run: &mut Run, wrong_ms: i64, by: By) -> String {
    let all = WINDOWS + 2 * BEYOND as usize;
    let mut seen: Seen = vec![(0, 0); all * USERS * WINDOWS];
    let (mut newest_ms, mut dropped) = (i64::MIN / 2, 0);
    for i in 0..EVENTS {
        let ms = i as i64 * SPAN_MS / EVENTS as i64;
        let stamp_ms = if i % HOSTS == 1 { ms + wrong_ms } else { ms };
        let window = stamp_ms.div_euclid(WINDOW_MS);
        newest_ms = newest_ms.max(stamp_ms);
        let over_ms = (window + 1) * WINDOW_MS;
        if by == By::Newest && over_ms <= newest_ms - LATE_MS {
            dropped += 1;
            continue;
        }
        let (window, is_true) = ((window + BEYOND) as usize, ms / WINDOW_MS);
        let (user, _, country) = event(i);
        let place = (window * USERS + user as usize) * WINDOWS;
        let (clicks, logins) = &mut seen[place + is_true as usize];
        *(if country == CLICK { clicks } else { logins }) += 1;
    }
    tell(run, &seen, dropped)
}
// ANCHOR_END: stamp

/// Compares with what should have met.
fn tell(run: &mut Run, seen: &Seen, dropped: usize) -> String {
    let mut should = vec![(0, 0); USERS * WINDOWS];
    for i in 0..EVENTS {
        let (user, _, country) = event(i);
        let window = i * WINDOWS / EVENTS;
        let (clicks, logins) = &mut should[window * USERS + user as usize];
        *(if country == CLICK { clicks } else { logins }) += 1;
    }
    let pairs =
        |all: &[(u64, u64)]| all.iter().map(|(c, l)| c * l).sum::<u64>();
    let should = pairs(&should);
    let truly = pairs(seen);
    let found: u64 = seen
        .chunks(WINDOWS)
        .map(|of_user| {
            let (clicks, logins) = of_user
                .iter()
                .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            clicks * logins
        })
        .sum();
    let share = |n: u64| n as f64 / should as f64;
    run.metric("missing_share", share(should - truly));
    run.metric("false_share", share(found - truly));
    run.metric("dropped_share", dropped as f64 / EVENTS as f64);
    format!("{found} pairs of {should}, {} of them false", found - truly)
}
