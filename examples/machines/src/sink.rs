//! Where the hosts' results come together, and what becomes of one that comes
//! twice.

use crate::events::{self, Counts, WINDOWS};

/// What is done with a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It is added: what comes twice counts twice.
    Added,
    /// It takes the place that it has by window and host: what comes twice is
    /// there once.
    Keyed,
    /// It counts if it is of the latest start, whose number it bears, and what
    /// came of an earlier one is forgotten.
    Fenced,
}

/// A result that was taken in.
#[derive(Clone, Copy)]
struct Taken {
    host: usize,
    window: usize,
    counts: Counts,
}

/// Where results come together.
pub struct Sink {
    rule: Rule,
    hosts: usize,
    latest: usize,
    taken: Vec<Taken>,
    refused: usize,
}

// ANCHOR: sink
impl Sink {
    /// Takes in what a host has counted of a window.
    pub fn take(
        &mut self,
        start: usize,
        host: usize,
        window: usize,
        counts: Counts,
    ) {
        let is_same =
            |taken: &Taken| (taken.host, taken.window) == (host, window);
        match self.rule {
            Rule::Added => {}
            Rule::Keyed => self.taken.retain(|taken| !is_same(taken)),
            Rule::Fenced if start < self.latest => {
                self.refused += 1;
                return;
            }
            Rule::Fenced => {}
        }
        self.taken.push(Taken { host, window, counts });
    }

    /// All is started again, from the beginning.
    pub fn begins_again(&mut self) {
        self.latest += 1;
        if self.rule == Rule::Fenced {
            self.taken.clear();
        }
    }
}
// ANCHOR_END: sink

impl Sink {
    /// A sink for the results of so many hosts.
    pub fn new(rule: Rule, hosts: usize) -> Sink {
        Sink { rule, hosts, latest: 0, taken: Vec::new(), refused: 0 }
    }

    /// The answer by what has come.
    pub fn answer(&self) -> String {
        let mut windows = vec![Counts::default(); WINDOWS];
        for taken in &self.taken {
            events::add(&mut windows[taken.window], &taken.counts);
        }
        events::answer(&windows)
    }

    /// How many results are counted that were there already.
    pub fn twice(&self) -> usize {
        let times = |host: usize, window: usize| {
            let same =
                |taken: &&Taken| (taken.host, taken.window) == (host, window);
            self.taken.iter().filter(same).count()
        };
        let each =
            (0..self.hosts * WINDOWS).map(|i| times(i / WINDOWS, i % WINDOWS));
        each.map(|times| times.saturating_sub(1)).sum()
    }

    /// Windows of which the results of all hosts are there.
    pub fn whole_windows(&self) -> usize {
        let is_there = |host, window| {
            self.taken
                .iter()
                .any(|taken| (taken.host, taken.window) == (host, window))
        };
        let is_whole = |window: &usize| {
            (0..self.hosts).all(|host| is_there(host, *window))
        };
        (0..WINDOWS).filter(is_whole).count()
    }

    /// Results that came too late.
    pub fn refused(&self) -> usize {
        self.refused
    }
}
