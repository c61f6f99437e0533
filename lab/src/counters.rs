//! What the kernel counts beside the clock.

/// What the kernel counted for a stretch of time. Absent where the platform does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// CPU time of all threads, user and system, in nanoseconds.
    pub cpu_ns: Option<u64>,
    /// Voluntary context switches: the thread gave the core up, usually to wait.
    pub voluntary: Option<u64>,
    /// Involuntary context switches: the scheduler took the core away.
    pub involuntary: Option<u64>,
}

impl Counters {
    /// What was counted since an earlier reading.
    pub fn since(self, earlier: Counters) -> Counters {
        self.combine(earlier, |now, then| now.saturating_sub(then))
    }

    /// Three words, for a child process to hand its counters to its parent.
    pub fn to_text(self) -> String {
        [self.cpu_ns, self.voluntary, self.involuntary]
            .map(|count| count.map_or("absent".into(), |count| count.to_string()))
            .join(" ")
    }

    /// Reads [`Counters::to_text`]; what is not a number is absent.
    pub fn from_text(text: &str) -> Counters {
        let mut counts = text.split(' ').map(|count| count.parse().ok());
        let mut count = || counts.next().flatten();
        Counters { cpu_ns: count(), voluntary: count(), involuntary: count() }
    }

    pub(crate) fn plus(self, other: Counters) -> Counters {
        self.combine(other, |a, b| a + b)
    }

    fn combine(self, other: Counters, f: impl Fn(u64, u64) -> u64) -> Counters {
        let both = |a: Option<u64>, b: Option<u64>| Some(f(a?, b?));
        Counters {
            cpu_ns: both(self.cpu_ns, other.cpu_ns),
            voluntary: both(self.voluntary, other.voluntary),
            involuntary: both(self.involuntary, other.involuntary),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_missing_on_one_side_is_missing_in_the_sum_and_in_text() {
        let known = Counters { cpu_ns: Some(1), voluntary: Some(2), involuntary: Some(3) };
        let sum = known.plus(Counters { voluntary: None, ..known });
        assert_eq!(sum, Counters { cpu_ns: Some(2), voluntary: None, involuntary: Some(6) });
        assert_eq!(Counters::from_text(&sum.to_text()), sum);
    }
}
