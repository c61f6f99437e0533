//! What can be asked of a variant, by name.

use crate::ask::unit;

/// One thing that was measured, or follows from what was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Wall-clock time.
    Wall,
    /// CPU time of all threads.
    Cpu,
    /// How many times faster than the baseline of the same runner and case.
    Speedup,
    /// CPU time over wall-clock time.
    Utilization,
    /// Switches in which the thread gave the core up.
    Voluntary,
    /// Switches in which the core was taken away.
    Involuntary,
    /// Both.
    Switches,
    /// Peak memory.
    Peak,
    /// The most threads seen at once.
    Threads,
    /// How long a lane of the timeline kept a core before it lost it.
    Slice,
    /// How many such slices there were.
    Slices,
    /// The share of the time with two or more lanes on a core.
    Overlap,
    /// The same among the lanes of one process.
    OverlapInside,
    /// The experiment's own; the end of its name is its unit.
    Own(String),
}

/// Those that every variant may have: name and heading.
static BUILT_IN: [(Metric, &str, &str); 13] = [
    (Metric::Wall, "wall", "time"),
    (Metric::Cpu, "cpu", "CPU time"),
    (Metric::Speedup, "speedup", "speed-up"),
    (Metric::Utilization, "utilization", "CPU"),
    (Metric::Voluntary, "voluntary", "voluntary switches"),
    (Metric::Involuntary, "involuntary", "involuntary switches"),
    (Metric::Switches, "switches", "switches"),
    (Metric::Peak, "peak", "peak memory"),
    (Metric::Threads, "threads", "threads"),
    (Metric::Slice, "slice", "slice"),
    (Metric::Slices, "slices", "slices"),
    (Metric::Overlap, "overlap", "overlap"),
    (Metric::OverlapInside, "overlap_inside", "overlap inside"),
];

impl Metric {
    /// The metric of that name.
    pub fn parse(name: &str) -> Metric {
        let built_in = BUILT_IN.iter().find(|(_, known, _)| *known == name);
        built_in.map_or_else(|| Metric::Own(name.to_owned()), |(metric, ..)| metric.clone())
    }

    /// Its name in selectors.
    pub fn name(&self) -> &str {
        if let Metric::Own(name) = self { name } else { self.listed().0 }
    }

    /// What stands above its numbers in a table: `start up` for `start_up_us`.
    pub fn heading(&self) -> String {
        match self {
            Metric::Own(name) => unit::of_metric(name).0.replace('_', " "),
            _ => self.listed().1.to_owned(),
        }
    }

    fn listed(&self) -> (&'static str, &'static str) {
        let found = BUILT_IN.iter().find(|(metric, ..)| metric == self);
        let (_, name, heading) = found.expect("the table has every metric that is built in");
        (name, heading)
    }

    /// The names of those that every variant may have.
    pub fn names<'a>() -> impl Iterator<Item = &'a str> {
        BUILT_IN.iter().map(|(_, name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_and_has_a_heading() {
        for name in Metric::names() {
            let metric = Metric::parse(name);
            assert!(!matches!(metric, Metric::Own(_)), "{name}");
            assert_eq!(metric.name(), name);
        }
        assert_eq!(Metric::Peak.heading(), "peak memory");
        let own = Metric::parse("start_up_us");
        assert_eq!((own.name(), own.heading().as_str()), ("start_up_us", "start up"));
    }
}
