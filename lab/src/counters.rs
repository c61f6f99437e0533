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
    pub(crate) fn since(self, earlier: Counters) -> Counters {
        self.combine(earlier, |now, then| now.saturating_sub(then))
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

/// A count on its way from a child to its parent; what is not a number is absent.
pub(crate) fn or_absent(count: Option<impl ToString>) -> String {
    count.map_or("absent".into(), |count| count.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_missing_on_one_side_is_missing_in_the_sum() {
        let known = Counters { cpu_ns: Some(1), voluntary: Some(2), involuntary: Some(3) };
        let sum = known.plus(Counters { voluntary: None, ..known });
        assert_eq!(sum, Counters { cpu_ns: Some(2), voluntary: None, involuntary: Some(6) });
    }
}
