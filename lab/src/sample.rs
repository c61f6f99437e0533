//! One run of one variant: the clock, the counters beside it, and what it leaves behind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::testing::caught;
use crate::timeline::Lane;
use crate::{Counters, os};

/// What one run of a variant left behind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// The variant's answer, as text.
    pub answer: String,
    /// Wall-clock time in nanoseconds.
    pub wall_ns: u64,
    /// The kernel's counters over the same stretch.
    pub counters: Counters,
    /// Peak resident memory of the process during the run, in bytes.
    pub peak_bytes: Option<u64>,
    /// What the variant measured by itself. The end of each name is its unit
    /// (`start_up_us`, `stack_bytes`); a name without a unit is a count.
    pub metrics: BTreeMap<String, f64>,
    /// Who ran when, if the variant recorded it.
    pub timeline: Vec<Lane>,
}

/// A moment before each run, in which the last one's leavings end: a pool tells its threads to
/// stop and does not wait for them, and a server that was paused with us looks around.
const SETTLE: Duration = Duration::from_millis(2);

/// The clock and the counters beside it. Shared with the flows that start together, since the
/// last of them to come is the one that starts it.
pub(crate) struct Clock {
    started: Instant,
    counters_then: Counters,
    measured: Option<(Duration, Counters)>,
}

impl Default for Clock {
    fn default() -> Clock {
        let counters_then = os::counters();
        Clock { started: Instant::now(), counters_then, measured: None }
    }
}

impl Clock {
    pub(crate) fn start(&mut self) {
        *self = Clock::default();
    }

    pub(crate) fn stop(&mut self) {
        let wall = self.started.elapsed();
        let counters = os::counters().since(self.counters_then);
        self.measured = Some((wall, counters));
    }
}

/// Handed to a variant while it runs.
///
/// The clock covers the whole variant, unless it calls [`Run::start_clock`] to leave its
/// preparations out, or [`Run::stop_clock`] to leave its clearing up out. Flows that start
/// together ([`Run::gate`], [`Run::together`]) start it themselves.
pub struct Run {
    threads: usize,
    quick: bool,
    pub(crate) clock: Arc<Mutex<Clock>>,
    outside: Counters,
    elsewhere: bool,
    metrics: BTreeMap<String, f64>,
    timeline: Vec<Lane>,
}

impl Run {
    /// Runs `work` once under the clock; an error is what it panicked with.
    pub(crate) fn once(
        threads: usize,
        quick: bool,
        work: &dyn Fn(&mut Run) -> String,
    ) -> Result<Sample, String> {
        std::thread::sleep(SETTLE);
        os::reset_peak();
        let mut run = Run {
            threads,
            quick,
            clock: Arc::default(),
            outside: Counters { cpu_ns: Some(0), voluntary: Some(0), involuntary: Some(0) },
            elsewhere: false,
            metrics: BTreeMap::new(),
            timeline: Vec::new(),
        };
        run.start_clock();
        let answer = caught(|| work(&mut run))?;
        if run.clock().measured.is_none() {
            run.stop_clock();
        }
        let (wall, counters) = run.clock().measured.unwrap_or_default();
        let (counters, peak_bytes) = match run.elsewhere {
            true => (Counters::default(), None),
            false => (counters.plus(run.outside), os::peak_bytes()),
        };
        Ok(Sample {
            answer,
            wall_ns: wall.as_nanos() as u64,
            counters,
            peak_bytes,
            metrics: run.metrics,
            timeline: run.timeline,
        })
    }

    /// How many workers to use: `--threads`, or the hardware threads this process may use.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// `true` under `--quick`: a search may stop early. The work of a timed variant must
    /// stay the same, or its numbers would answer another question.
    pub fn quick(&self) -> bool {
        self.quick
    }

    /// Starts the clock anew; what came before is preparation.
    pub fn start_clock(&mut self) {
        self.clock().start();
    }

    /// Stops the clock; what comes after is clearing up.
    pub fn stop_clock(&mut self) {
        self.clock().stop();
    }

    /// What the clock shows: where it was stopped, or the time until now.
    pub fn elapsed(&self) -> Duration {
        let clock = self.clock();
        clock.measured.map_or_else(|| clock.started.elapsed(), |(wall, _)| wall)
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().expect("whoever starts or stops the clock does not panic")
    }

    /// Adds what other processes used on this variant's behalf while the clock ran.
    pub fn add_counters(&mut self, counters: Counters) {
        self.outside = self.outside.plus(counters);
    }

    /// Says that the work is done by another process, whose counters nobody reads: this
    /// process's own would describe the waiting only, so they are left out.
    pub fn elsewhere(&mut self) {
        self.elsewhere = true;
    }

    /// Notes a value of the variant's own; see [`Sample::metrics`] for how to name it.
    ///
    /// # Panics
    /// When the value is not finite: what could not be measured is absent.
    pub fn metric(&mut self, name: &str, value: f64) {
        assert!(value.is_finite(), "the metric {name} is not a finite number");
        self.metrics.insert(name.to_owned(), value);
    }

    /// Keeps who ran when.
    pub fn timeline(&mut self, lanes: Vec<Lane>) {
        self.timeline = lanes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::sleep;

    #[test]
    fn preparations_and_clearing_up_are_left_out_of_the_clock() {
        let pause = Duration::from_millis(60);
        let sample = Run::once(1, false, &|run| {
            sleep(pause);
            run.start_clock();
            run.stop_clock();
            sleep(pause);
            "done".into()
        });
        let sample = sample.unwrap();
        assert!(sample.wall_ns < pause.as_nanos() as u64, "{sample:?}");
    }

    #[test]
    fn a_metric_that_is_not_finite_is_refused() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let said = Run::once(1, false, &|run| {
                run.metric("share", value);
                "done".into()
            });
            assert_eq!(said, Err("the metric share is not a finite number".into()));
        }
    }
}
