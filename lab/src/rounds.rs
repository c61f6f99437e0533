//! Interleaved rounds: every variant once, again and again (A B C, A B C, …).
//!
//! Whatever slows the machine down for a while then slows all variants alike, and ratios
//! taken round by round cancel it. Answers are compared before anything is timed; that
//! first, untimed round is the warm-up as well. Rounds in which somebody else used the
//! machine are thrown away and counted.

use std::fmt;
use std::time::{Duration, Instant};

use crate::Sample;
use crate::noise::{FOREIGN_LIMIT, Listen, Noise};

/// Something that can run variants: this process, or a child that speaks the runner lines.
pub trait Runner {
    /// Its name in messages: `rust`, `cpython-3.11`.
    fn name(&self) -> &str;

    /// Runs one variant once, under the clock.
    ///
    /// # Errors
    /// [`Failure`] says whether only this variant failed or the whole runner is lost.
    fn run(&mut self, variant: &str) -> Result<Sample, Failure>;

    /// Like [`Runner::run`], but watched for how many threads it uses, which would disturb
    /// a timed run.
    ///
    /// # Errors
    /// As for [`Runner::run`].
    fn check(&mut self, variant: &str) -> Result<(Sample, Option<u32>), Failure>;
}

/// Why a run gave no sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// This variant cannot be run; the runner's others can.
    Variant(String),
    /// The runner hung, died or spoke rubbish; nothing more can be asked of it.
    Runner(String),
}

/// One variant of one runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Index of the runner.
    pub runner: usize,
    /// The variant's id: `case/name`, or `name` in an experiment without cases.
    pub variant: String,
    /// Lanes of one group must give the same answer. `None`: the answer is an observation.
    pub group: Option<String>,
}

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Rounds to keep.
    pub rounds: usize,
    /// Stop after this time, once `least` rounds are kept.
    pub budget: Duration,
    /// Rounds to keep whatever they cost.
    pub least: usize,
    /// Rounds are judged for noise in blocks at least this long, since the kernel accounts
    /// for CPU time in steps of milliseconds.
    pub block: Duration,
}

/// What came of one lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// One sample for each kept round; empty when the lane was dropped.
    pub samples: Vec<Sample>,
    /// The most threads seen in the untimed run.
    pub threads: Option<u32>,
    /// Why the lane was dropped, if it was.
    pub dropped: Option<String>,
}

/// What came of all lanes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// In the order of the lanes.
    pub outcomes: Vec<Outcome>,
    /// How many rounds were kept.
    pub rounds: usize,
    /// How many were thrown away as too noisy.
    pub rejected: usize,
    /// How many were kept although too noisy, because the allowance was used up.
    pub noisy: usize,
    /// The noise of each kept block.
    pub noise: Vec<Noise>,
}

/// Something to tell whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// This lane's answer is being checked.
    Checking(&'a Lane),
    /// So many rounds are kept, of so many; so many were thrown away.
    Rounds {
        /// Kept so far.
        kept: usize,
        /// Wanted.
        wanted: usize,
        /// Thrown away so far.
        rejected: usize,
    },
}

/// Why there is no measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// A variant of the first runner gave a wrong answer or failed: the experiment is wrong.
    Wrong(String),
    /// [`Observer::stop`] said so.
    Interrupted,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::Wrong(text) => f.write_str(text),
            Stopped::Interrupted => f.write_str("interrupted"),
        }
    }
}

/// Watches a measurement from outside.
pub trait Observer {
    /// Called often; cheap.
    fn progress(&mut self, _: Progress<'_>) {}
    /// Whether to give up; asked between samples.
    fn stop(&self) -> bool {
        false
    }
}

impl Observer for () {}

/// Checks all answers, then times all lanes in interleaved rounds.
///
/// A fault of runner 0 ends the measurement, since it is the experiment itself; any other
/// runner is dropped with its reason, and the run goes on without it.
///
/// # Errors
/// [`Stopped`]: a wrong answer from runner 0, or an interruption.
pub fn measure(
    runners: &mut [&mut dyn Runner],
    lanes: &[Lane],
    plan: Plan,
    listener: &mut dyn Listen,
    observer: &mut dyn Observer,
) -> Result<Measured, Stopped> {
    let mut contest =
        Contest { runners, lanes, outcomes: vec![Outcome::default(); lanes.len()] };
    let answers = contest.check(observer)?;

    let mut measured = Measured::default();
    let began = Instant::now();
    let mut block: Vec<Vec<Option<Sample>>> = Vec::new();
    let mut block_began = Instant::now();
    listener.listen();
    while measured.rounds < plan.rounds
        && (measured.rounds < plan.least || began.elapsed() < plan.budget)
    {
        block.push(contest.round(&answers, observer)?);
        if block_began.elapsed() < plan.block && measured.rounds + block.len() < plan.rounds {
            continue;
        }
        let noise = listener.listen();
        let noisy = noise.is_some_and(|noise| noise.foreign > FOREIGN_LIMIT);
        // As many rounds may be rejected as are wanted; on a machine that never gets quiet
        // the rest is kept, and says so.
        if noisy && measured.rejected < plan.rounds {
            measured.rejected += block.len();
            block.clear();
        } else {
            measured.rounds += block.len();
            measured.noisy += if noisy { block.len() } else { 0 };
            measured.noise.extend(noise);
            contest.keep(&mut block);
        }
        block_began = Instant::now();
        observer.progress(Progress::Rounds {
            kept: measured.rounds,
            wanted: plan.rounds,
            rejected: measured.rejected,
        });
    }
    measured.outcomes = contest.outcomes;
    Ok(measured)
}

struct Contest<'a, 'r> {
    runners: &'a mut [&'r mut dyn Runner],
    lanes: &'a [Lane],
    outcomes: Vec<Outcome>,
}

impl Contest<'_, '_> {
    /// The untimed first round. The first lane of a group sets the group's answer.
    fn check(&mut self, observer: &mut dyn Observer) -> Result<Vec<String>, Stopped> {
        let lanes = self.lanes;
        let mut answers = vec![String::new(); lanes.len()];
        for (i, lane) in lanes.iter().enumerate() {
            if observer.stop() {
                return Err(Stopped::Interrupted);
            }
            if self.outcomes[i].dropped.is_some() {
                continue;
            }
            observer.progress(Progress::Checking(lane));
            match self.runners[lane.runner].check(&lane.variant) {
                Ok((sample, threads)) => {
                    answers[i] = sample.answer;
                    self.outcomes[i].threads = threads;
                }
                Err(failure) => {
                    self.fail(i, failure)?;
                    continue;
                }
            }
            let model = lanes[..i]
                .iter()
                .position(|other| lane.group.is_some() && other.group == lane.group);
            if let Some(model) = model
                && self.outcomes[model].dropped.is_none()
                && answers[i] != answers[model]
            {
                let text = format!(
                    "wrong answer: {} says {}, but {} says {}",
                    self.title(i),
                    answers[i],
                    self.title(model),
                    answers[model],
                );
                self.fail(i, Failure::Variant(text))?;
            }
        }
        Ok(answers)
    }

    fn round(
        &mut self,
        answers: &[String],
        observer: &mut dyn Observer,
    ) -> Result<Vec<Option<Sample>>, Stopped> {
        let lanes = self.lanes;
        let mut samples = vec![None; lanes.len()];
        for (i, lane) in lanes.iter().enumerate() {
            if observer.stop() {
                return Err(Stopped::Interrupted);
            }
            if self.outcomes[i].dropped.is_some() {
                continue;
            }
            match self.runners[lane.runner].run(&lane.variant) {
                Ok(sample) if lane.group.is_some() && sample.answer != answers[i] => {
                    let text = format!(
                        "wrong answer: {} said {} when checked and {} when timed",
                        self.title(i),
                        answers[i],
                        sample.answer,
                    );
                    self.fail(i, Failure::Variant(text))?;
                }
                Ok(sample) => samples[i] = Some(sample),
                Err(failure) => self.fail(i, failure)?,
            }
        }
        Ok(samples)
    }

    fn fail(&mut self, lane: usize, failure: Failure) -> Result<(), Stopped> {
        let runner = self.lanes[lane].runner;
        let (lost, text) = match failure {
            Failure::Variant(text) => (vec![lane], text),
            Failure::Runner(text) => {
                let all = 0..self.lanes.len();
                (all.filter(|&i| self.lanes[i].runner == runner).collect(), text)
            }
        };
        if runner == 0 {
            return Err(Stopped::Wrong(format!("{}: {text}", self.title(lane))));
        }
        for i in lost {
            self.outcomes[i].samples.clear();
            self.outcomes[i].dropped.get_or_insert_with(|| text.clone());
        }
        Ok(())
    }

    fn keep(&mut self, block: &mut Vec<Vec<Option<Sample>>>) {
        for round in block.drain(..) {
            for (outcome, sample) in self.outcomes.iter_mut().zip(round) {
                if outcome.dropped.is_none() {
                    outcome.samples.extend(sample);
                }
            }
        }
    }

    fn title(&self, lane: usize) -> String {
        let lane = &self.lanes[lane];
        format!("{} {}", self.runners[lane.runner].name(), lane.variant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = dyn FnMut(&str, usize) -> Result<String, Failure>;

    /// Answers with what the test tells it to, and writes down the order it was asked in.
    struct Fake {
        name: &'static str,
        answer: Box<Answer>,
        asked: Vec<String>,
    }

    impl Fake {
        fn new(
            name: &'static str,
            answer: impl FnMut(&str, usize) -> Result<String, Failure> + 'static,
        ) -> Fake {
            Fake { name, answer: Box::new(answer), asked: Vec::new() }
        }
    }

    impl Runner for Fake {
        fn name(&self) -> &str {
            self.name
        }

        fn run(&mut self, variant: &str) -> Result<Sample, Failure> {
            let before = self.asked.len();
            self.asked.push(variant.to_owned());
            let answer = (self.answer)(variant, before)?;
            Ok(Sample { answer, wall_ns: 1, ..Sample::default() })
        }

        fn check(&mut self, variant: &str) -> Result<(Sample, Option<u32>), Failure> {
            Ok((self.run(variant)?, Some(1)))
        }
    }

    struct Script(Vec<f64>);

    impl Listen for Script {
        fn listen(&mut self) -> Option<Noise> {
            let foreign = if self.0.is_empty() { 0.0 } else { self.0.remove(0) };
            Some(Noise { foreign, ..Noise::default() })
        }
    }

    fn lanes(of: &[(usize, &str)]) -> Vec<Lane> {
        of.iter()
            .map(|&(runner, variant)| Lane {
                runner,
                variant: variant.into(),
                group: Some("all".into()),
            })
            .collect()
    }

    fn plan(rounds: usize) -> Plan {
        Plan { rounds, budget: Duration::MAX, least: 1, block: Duration::ZERO }
    }

    fn quiet() -> Script {
        Script(Vec::new())
    }

    #[test]
    fn variants_take_turns_within_each_round() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let lanes = lanes(&[(0, "a"), (0, "b")]);
        let measured =
            measure(&mut [&mut rust], &lanes, plan(2), &mut quiet(), &mut ()).unwrap();
        assert_eq!(rust.asked, ["a", "b", "a", "b", "a", "b"], "one check, two rounds");
        assert_eq!(measured.outcomes[0].samples.len(), 2);
    }

    #[test]
    fn a_wrong_answer_stops_the_experiment_before_anything_is_timed() {
        let mut rust = Fake::new("rust", |v, _| Ok(if v == "a" { "42" } else { "41" }.into()));
        let lanes = lanes(&[(0, "a"), (0, "b")]);
        let stopped = measure(&mut [&mut rust], &lanes, plan(2), &mut quiet(), &mut ());
        let Err(Stopped::Wrong(text)) = stopped else { panic!("{stopped:?}") };
        assert!(text.contains("rust b says 41, but rust a says 42"), "{text}");
        assert_eq!(rust.asked, ["a", "b"]);
    }

    #[test]
    fn another_runner_with_a_wrong_answer_is_dropped_and_the_rest_goes_on() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let mut python = Fake::new("python", |_, _| Ok("41".into()));
        let lanes = lanes(&[(0, "a"), (1, "a")]);
        let measured =
            measure(&mut [&mut rust, &mut python], &lanes, plan(3), &mut quiet(), &mut ());
        let measured = measured.unwrap();
        assert_eq!(measured.outcomes[0].samples.len(), 3);
        assert!(measured.outcomes[1].samples.is_empty());
        let reason = measured.outcomes[1].dropped.as_deref().unwrap();
        assert!(reason.contains("python a says 41"), "{reason}");
    }

    #[test]
    fn a_runner_lost_half_way_loses_all_its_lanes_and_no_other() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let mut python = Fake::new("python", |_, before| match before {
            0..4 => Ok("42".into()),
            _ => Err(Failure::Runner("it hung".into())),
        });
        let lanes = lanes(&[(0, "a"), (1, "a"), (1, "b")]);
        let measured =
            measure(&mut [&mut rust, &mut python], &lanes, plan(3), &mut quiet(), &mut ());
        let measured = measured.unwrap();
        assert_eq!(measured.outcomes[0].samples.len(), 3);
        for lost in &measured.outcomes[1..] {
            assert_eq!(lost.dropped.as_deref(), Some("it hung"));
            assert!(lost.samples.is_empty());
        }
    }

    #[test]
    fn an_answer_that_changes_under_the_clock_is_caught() {
        let mut rust = Fake::new("rust", |_, before| Ok(before.to_string()));
        let lanes = lanes(&[(0, "a")]);
        let stopped = measure(&mut [&mut rust], &lanes, plan(2), &mut quiet(), &mut ());
        assert!(matches!(stopped, Err(Stopped::Wrong(_))), "{stopped:?}");
    }

    #[test]
    fn noisy_rounds_are_thrown_away_and_made_up_for() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let lanes = lanes(&[(0, "a")]);
        // The first reading only starts the clock.
        let mut listener = Script(vec![0.0, 0.5, 0.01, 0.3, 0.0]);
        let measured = measure(&mut [&mut rust], &lanes, plan(3), &mut listener, &mut ());
        let measured = measured.unwrap();
        assert_eq!((measured.rounds, measured.rejected, measured.noisy), (3, 2, 0));
        assert_eq!(measured.outcomes[0].samples.len(), 3);
    }

    #[test]
    fn a_machine_that_never_gets_quiet_is_measured_all_the_same_and_says_so() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let lanes = lanes(&[(0, "a")]);
        let mut listener = Script(vec![0.5; 100]);
        let measured = measure(&mut [&mut rust], &lanes, plan(3), &mut listener, &mut ());
        let measured = measured.unwrap();
        assert_eq!((measured.rounds, measured.rejected, measured.noisy), (3, 3, 3));
    }

    #[test]
    fn an_observation_may_differ_from_variant_to_variant() {
        let mut rust = Fake::new("rust", |v, _| Ok(v.to_owned()));
        let mut lanes = lanes(&[(0, "a"), (0, "b")]);
        lanes.iter_mut().for_each(|lane| lane.group = None);
        let measured = measure(&mut [&mut rust], &lanes, plan(1), &mut quiet(), &mut ());
        assert_eq!(measured.unwrap().outcomes[1].samples[0].answer, "b");
    }

    #[test]
    fn an_interruption_is_heeded_between_samples() {
        struct Now;
        impl Observer for Now {
            fn stop(&self) -> bool {
                true
            }
        }
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let lanes = lanes(&[(0, "a")]);
        let stopped = measure(&mut [&mut rust], &lanes, plan(1), &mut quiet(), &mut Now);
        assert_eq!(stopped, Err(Stopped::Interrupted));
    }
}
