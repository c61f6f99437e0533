//! Exercise 1, solved. The machine counts instructions, so it can stop any
//! program between any two of them. `at` and `sum` are all it has to keep.

/// What a program is made of.
#[derive(Clone, Copy)]
pub enum Op {
    Add(u64),
    Jump(usize),
    End,
}

// ANCHOR: machine
/// A program under way: its code, and all that must be kept of it.
struct Flow {
    code: Vec<Op>,
    at: usize,
    sum: u64,
    ended: bool,
}

impl Flow {
    /// Runs one instruction.
    fn advance(&mut self) {
        let op = self.code[self.at];
        self.at += 1;
        match op {
            Op::Add(n) => self.sum += n,
            Op::Jump(to) => self.at = to,
            Op::End => self.ended = true,
        }
    }
}

/// Runs `programs` until all have ended, or until `most` instructions were run
/// in all. A turn has at most `budget` instructions. Returns the sum of each
/// program that ended.
pub fn run(
    programs: Vec<Vec<Op>>,
    budget: usize,
    most: usize,
) -> Vec<Option<u64>> {
    let start = |code| Flow { code, at: 0, sum: 0, ended: false };
    let mut flows: Vec<Flow> = programs.into_iter().map(start).collect();
    let mut left = most;
    while left > 0 && flows.iter().any(|flow| !flow.ended) {
        for flow in &mut flows {
            let mut turn = budget.min(left); // the timer is set
            while turn > 0 && !flow.ended {
                flow.advance();
                turn -= 1;
                left -= 1;
            }
        }
    }
    flows.into_iter().map(|flow| flow.ended.then_some(flow.sum)).collect()
}
// ANCHOR_END: machine
