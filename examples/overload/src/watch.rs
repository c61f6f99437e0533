//! Somebody who looks now and then how many are in flight, and knows nothing
//! of how long any of them takes.

use lab::timeline::now_ns;

/// What was seen since it began.
pub struct Watch {
    began_ns: u64,
    last_ns: u64,
    sum: f64,
}

// ANCHOR: little
impl Watch {
    /// Begins now.
    pub fn begin() -> Watch {
        let now = now_ns();
        Watch { began_ns: now, last_ns: now, sum: 0.0 }
    }

    /// So many are in flight now.
    pub fn look(&mut self, in_flight: usize) {
        let now = now_ns();
        self.sum += in_flight as f64 * (now - self.last_ns) as f64;
        self.last_ns = now;
    }

    /// How many were in flight, on average, by what Little's law says of it:
    /// as many as came in a second, times the seconds that each took.
    pub fn little(&self, times_ns: &[u64]) -> f64 {
        let length = (self.last_ns - self.began_ns) as f64;
        let count = times_ns.len() as f64;
        let time = times_ns.iter().sum::<u64>() as f64 / count;
        let (in_flight, rate) = (self.sum / length, count / length);
        in_flight / (rate * time)
    }
}
// ANCHOR_END: little
