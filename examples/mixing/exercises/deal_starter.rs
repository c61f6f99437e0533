//! Someone accepts connections and deals them out to a loop for each core. In
//! turn is even, and still gives the next to a loop that is held up.

pub struct Dealer {
    loops: usize,
    next: usize,
}

impl Dealer {
    pub fn new(loops: usize) -> Dealer {
        Dealer { loops, next: 0 }
    }

    /// Which loop gets the next connection.
    pub fn deal(&mut self) -> usize {
        self.next = (self.next + 1) % self.loops;
        self.next
    }

    /// That loop is done with one of its connections.
    pub fn done(&mut self, _loop: usize) {}
}
