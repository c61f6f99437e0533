//! The job: of those who log in, and from where, who clicks in the same window?
//!
//! A window's clicks are joined with its logins by user, and counted by the
//! country that the user logged in from. The events are made from their number,
//! so all have the same: each language, and each host its part.

use std::hint::black_box;

/// Windows, and events in each.
pub const WINDOWS: usize = 10;
/// Events in a window, of all hosts together.
pub const PER_WINDOW: usize = 200_000;
/// Users, some of whom click far more than others.
pub const USERS: usize = 2_000;
/// Countries that one logs in from.
pub const COUNTRIES: usize = 8;
/// In the place of the country: it is a click.
pub const CLICK: u8 = u8::MAX;

/// The user, how many clicks, and the country if it is a login.
pub type Event = (u32, u16, u8);
/// What is asked for: pairs of a click and a login, by country.
pub type Counts = [u64; COUNTRIES];

/// Event number `i`. One in sixteen is a login.
pub fn event(i: usize) -> Event {
    let mut x = (i as u32).wrapping_mul(0x9e37_79b1);
    x = (x ^ (x >> 15)).wrapping_mul(0x85eb_ca77);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae3d);
    x ^= x >> 16;
    // The product of two draws: most of them are small.
    let small = ((x & 0xffff) * (x >> 16)) >> 16;
    let user = (small * USERS as u32) >> 16;
    let kind = x.wrapping_mul(0x9e37_79b1) >> 24;
    if kind < 16 { (user, 0, (kind & 7) as u8) } else { (user, 1, CLICK) }
}

/// The part of a window's log that was written on one of so many hosts: each
/// user's events are on all of them.
pub fn part(window: usize, host: usize, hosts: usize) -> Vec<Event> {
    let all = window * PER_WINDOW..(window + 1) * PER_WINDOW;
    all.skip(host).step_by(hosts).map(event).collect()
}

/// A host's part of all windows.
pub fn log(host: usize, hosts: usize) -> Vec<Vec<Event>> {
    (0..WINDOWS).map(|window| part(window, host, hosts)).collect()
}

// ANCHOR: window
/// What is known of a window that is not over.
pub struct Window {
    clicks: Vec<u64>,
    logins: Vec<(u32, u8)>,
}

impl Window {
    /// Takes in an event.
    pub fn add(&mut self, (user, clicks, country): Event) {
        if country == CLICK {
            self.clicks[user as usize] += u64::from(clicks);
        } else {
            self.logins.push((user, country));
        }
    }

    /// The window is over: each login meets the clicks of its user.
    pub fn join(&self) -> Counts {
        let mut counts = Counts::default();
        for &(user, country) in &self.logins {
            counts[country as usize] += self.clicks[user as usize];
        }
        counts
    }
}

/// The plain loop: one thread, nothing to send. As in the engine, the events of
/// a window are gone when it is done.
pub fn plain(log: Vec<Vec<Event>>, steps: u32) -> Vec<Counts> {
    log.into_iter().map(|events| window(&events, steps)).collect()
}
// ANCHOR_END: window

impl Default for Window {
    fn default() -> Window {
        Window { clicks: vec![0; USERS], logins: Vec::new() }
    }
}

/// So many steps for each event, as if a line had to be understood first.
pub fn parse(events: &[Event], steps: u32) {
    if steps > 0 {
        for event in events {
            black_box(
                (0..steps)
                    .fold(u64::from(event.0), |x, _| x * 48_271 % 0x7fff_ffff),
            );
        }
    }
}

/// A window of which all events are here.
pub fn window(events: &[Event], steps: u32) -> Counts {
    parse(events, steps);
    let mut window = Window::default();
    events.iter().for_each(|&event| window.add(event));
    window.join()
}

// ANCHOR: combine
/// One message for all clicks of a user: the join needs no more than how many.
pub fn combine(events: &[Event]) -> Vec<Event> {
    let mut clicks = vec![0; USERS];
    let mut out = Vec::new();
    for &(user, n, country) in events {
        match country {
            CLICK => clicks[user as usize] += n,
            _ => out.push((user, n, country)),
        }
    }
    let clicks = (0..).zip(clicks).filter(|(_, n)| *n > 0);
    out.extend(clicks.map(|(user, n)| (user, n, CLICK)));
    out
}
// ANCHOR_END: combine

/// Adds what another host has counted of the same window.
pub fn add(counts: &mut Counts, others: &Counts) {
    counts.iter_mut().zip(others).for_each(|(one, other)| *one += other);
}

/// The answer of the whole job in a line: all pairs, and a sum in which each
/// window and country has a weight of its own.
pub fn answer(windows: &[Counts]) -> String {
    let all: u64 = windows.iter().flatten().sum();
    let weighted = windows.iter().flatten().zip(1..).map(|(n, i)| n * i);
    let check = weighted.sum::<u64>() % 1_000_003;
    format!("{all} pairs, check {check}")
}
