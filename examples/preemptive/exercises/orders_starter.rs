//! Exercise 3: threads add to one number. What may be in it at the end? This
//! lets each thread come to its end before another has a turn, in every order,
//! and so misses what happens when the kernel stops one in the middle.

use std::collections::BTreeSet;

/// What a thread does, one after the other. The kernel may stop it between any
/// two steps, and never within one.
#[derive(Clone, Copy)]
pub enum Step {
    /// Reads the shared number into one of its own.
    Load,
    /// Adds to its own.
    Add(u64),
    /// Writes its own back.
    Store,
    /// Adds to the shared number, as an atomic instruction does.
    AddAtOnce(u64),
}

/// Where everybody is.
#[derive(Clone)]
struct State {
    shared: u64,
    own: Vec<u64>,
    at: Vec<usize>,
}

impl State {
    fn take(&mut self, who: usize, step: Step) {
        match step {
            Step::Load => self.own[who] = self.shared,
            Step::Add(n) => self.own[who] += n,
            Step::Store => self.shared = self.own[who],
            Step::AddAtOnce(n) => self.shared += n,
        }
        self.at[who] += 1;
    }
}

/// What the shared number may be when all threads are done. It begins with 0.
pub fn outcomes(threads: &[Vec<Step>]) -> BTreeSet<u64> {
    let n = threads.len();
    let begin = State { shared: 0, own: vec![0; n], at: vec![0; n] };
    let mut found = BTreeSet::new();
    go_on(threads, &begin, &mut found);
    found
}

fn go_on(threads: &[Vec<Step>], state: &State, found: &mut BTreeSet<u64>) {
    let mut is_over = true;
    for (who, steps) in threads.iter().enumerate() {
        if state.at[who] == steps.len() {
            continue;
        }
        is_over = false;
        let mut next = state.clone();
        for step in steps {
            next.take(who, *step);
        }
        go_on(threads, &next, found);
    }
    if is_over {
        found.insert(state.shared);
    }
}
