//! Someone accepts connections and deals them out to a loop for each core: to
//! the one that has the fewest, and in turn among equals.

pub struct Dealer {
    open: Vec<usize>,
    last: usize,
}

impl Dealer {
    pub fn new(loops: usize) -> Dealer {
        Dealer { open: vec![0; loops], last: 0 }
    }

    /// Which loop gets the next connection.
    pub fn deal(&mut self) -> usize {
        let loops = self.open.len();
        // Those after the last one first, or the first would get all that come
        // alone.
        let in_turn = (1..=loops).map(|i| (self.last + i) % loops);
        let least = in_turn.min_by_key(|i| self.open[*i]);
        self.last = least.expect("there are loops");
        self.open[self.last] += 1;
        self.last
    }

    /// That loop is done with one of its connections.
    pub fn done(&mut self, which: usize) {
        self.open[which] -= 1;
    }
}
