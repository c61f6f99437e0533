//! Interleaved rounds: every variant once, again and again, in an order drawn anew each time
//! (A B C, C A B, …), so that none always follows the same neighbor.
//!
//! Whatever slows the machine down for a while then slows all variants alike, and ratios
//! taken round by round cancel it. Answers are compared before anything is timed; that
//! first, untimed round is the warm-up as well. Rounds in which somebody else used the
//! machine are thrown away and counted.

use std::fmt;
use std::time::{Duration, Instant};

use crate::Sample;
use crate::noise::{FOREIGN_LIMIT, Listen, Noise};
use crate::random::Random;

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
    /// The runner hung, died or sent an invalid reply; nothing more can be asked of it.
    Runner(String),
}

/// One variant of one runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Index of the runner.
    pub runner: usize,
    /// The variant's id: `case/name`, or `name` in an experiment without cases.
    pub variant: String,
    /// Entries of one group must give the same answer. `None`: the answer is an observation.
    pub group: Option<String>,
    /// Whether others are compared with it, which makes it the one to be asked twice.
    pub baseline: bool,
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
    /// What the order of each round is drawn with. `None`: that of the entries.
    pub seed: Option<u64>,
    /// Whether one entry of each runner is asked twice in every round, as a control.
    pub control: bool,
}

/// What came of one entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// One sample for each kept round; empty when the entry was dropped.
    pub samples: Vec<Sample>,
    /// The most threads seen in the untimed run.
    pub threads: Option<u32>,
    /// Why the entry was dropped, if it was.
    pub dropped: Option<String>,
}

/// What came of all entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// In the order of the entries.
    pub outcomes: Vec<Outcome>,
    /// Entries that were asked twice in every round, with what the second asking came to.
    pub controls: Vec<(usize, Vec<Sample>)>,
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
    /// This entry's answer is being checked.
    Checking(&'a Entry),
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

/// Checks all answers, then times all entries in interleaved rounds.
///
/// A fault of runner 0 ends the measurement, since it is the experiment itself; any other
/// runner is dropped with its reason, and the run goes on without it.
///
/// # Errors
/// [`Stopped`]: a wrong answer from runner 0, or an interruption.
pub fn measure(
    runners: &mut [&mut dyn Runner],
    entries: &[Entry],
    plan: Plan,
    listener: &mut dyn Listen,
    observer: &mut dyn Observer,
) -> Result<Measured, Stopped> {
    let mut contest = Contest {
        runners,
        entries,
        outcomes: vec![Outcome::default(); entries.len()],
        controls: Vec::new(),
        order: plan.seed.map(Random::new),
    };
    let checked = contest.check(observer)?;
    if plan.control {
        let chosen = contest.choose_controls(&checked);
        contest.controls = chosen.into_iter().map(|entry| (entry, Vec::new())).collect();
    }

    let mut measured = Measured::default();
    let began = Instant::now();
    let mut block: Vec<Round> = Vec::new();
    let mut block_began = Instant::now();
    listener.listen();
    while measured.rounds < plan.rounds
        && (measured.rounds < plan.least || began.elapsed() < plan.budget)
    {
        block.push(contest.round(&checked, observer)?);
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
    let outcomes = &contest.outcomes;
    contest.controls.retain(|(entry, _)| outcomes[*entry].dropped.is_none());
    measured.controls = contest.controls;
    measured.outcomes = contest.outcomes;
    Ok(measured)
}

/// A control that takes longer costs more than it tells.
const CONTROL_MOST: Duration = Duration::from_secs(2);

/// A sample of each entry, then of each control.
type Round = Vec<Option<Sample>>;

struct Contest<'a, 'r> {
    runners: &'a mut [&'r mut dyn Runner],
    entries: &'a [Entry],
    outcomes: Vec<Outcome>,
    controls: Vec<(usize, Vec<Sample>)>,
    order: Option<Random>,
}

/// What the untimed round came to.
struct Checked {
    answer: String,
    wall_ns: u64,
}

impl Contest<'_, '_> {
    /// The untimed first round. The first entry of a group sets the group's answer.
    fn check(&mut self, observer: &mut dyn Observer) -> Result<Vec<Checked>, Stopped> {
        let entries = self.entries;
        let mut checked: Vec<Checked> = Vec::new();
        checked.resize_with(entries.len(), || Checked { answer: String::new(), wall_ns: 0 });
        for (i, entry) in entries.iter().enumerate() {
            if observer.stop() {
                return Err(Stopped::Interrupted);
            }
            if self.outcomes[i].dropped.is_some() {
                continue;
            }
            observer.progress(Progress::Checking(entry));
            match self.runners[entry.runner].check(&entry.variant) {
                Ok((sample, threads)) => {
                    checked[i] = Checked { answer: sample.answer, wall_ns: sample.wall_ns };
                    self.outcomes[i].threads = threads;
                }
                Err(failure) => {
                    self.fail(i, failure)?;
                    continue;
                }
            }
            let model = entries[..i]
                .iter()
                .position(|other| entry.group.is_some() && other.group == entry.group);
            if let Some(model) = model
                && self.outcomes[model].dropped.is_none()
                && checked[i].answer != checked[model].answer
            {
                let text = format!(
                    "wrong answer: {} says {}, but {} says {}",
                    self.title(i),
                    checked[i].answer,
                    self.title(model),
                    checked[model].answer,
                );
                self.fail(i, Failure::Variant(text))?;
            }
        }
        Ok(checked)
    }

    /// Of each runner its quickest baseline, or, where that takes too long, its quickest entry.
    fn choose_controls(&self, checked: &[Checked]) -> Vec<usize> {
        let quickest = |runner: usize, baselines: bool| {
            let all = (0..self.entries.len()).filter(|&i| {
                let entry = &self.entries[i];
                entry.runner == runner
                    && (entry.baseline || !baselines)
                    && self.outcomes[i].dropped.is_none()
            });
            all.min_by_key(|&i| checked[i].wall_ns)
        };
        let bearable = |i: &usize| Duration::from_nanos(checked[*i].wall_ns) <= CONTROL_MOST;
        (0..self.runners.len())
            .filter_map(|runner| {
                let baseline = quickest(runner, true).filter(bearable);
                baseline.or_else(|| quickest(runner, false))
            })
            .collect()
    }

    fn round(
        &mut self,
        checked: &[Checked],
        observer: &mut dyn Observer,
    ) -> Result<Round, Stopped> {
        let entries = self.entries;
        // Who is asked, at each place of the round's samples.
        let asked: Vec<usize> =
            (0..entries.len()).chain(self.controls.iter().map(|(entry, _)| *entry)).collect();
        let mut order: Vec<usize> = (0..asked.len()).collect();
        if let Some(random) = &mut self.order {
            random.shuffle(&mut order);
        }
        let mut samples = vec![None; asked.len()];
        for place in order {
            let i = asked[place];
            let (entry, answer) = (&entries[i], &checked[i].answer);
            if observer.stop() {
                return Err(Stopped::Interrupted);
            }
            if self.outcomes[i].dropped.is_some() {
                continue;
            }
            match self.runners[entry.runner].run(&entry.variant) {
                Ok(sample) if entry.group.is_some() && sample.answer != *answer => {
                    let text = format!(
                        "wrong answer: {} said {answer} when checked and {} when timed",
                        self.title(i),
                        sample.answer,
                    );
                    self.fail(i, Failure::Variant(text))?;
                }
                Ok(sample) => samples[place] = Some(sample),
                Err(failure) => self.fail(i, failure)?,
            }
        }
        Ok(samples)
    }

    fn fail(&mut self, entry: usize, failure: Failure) -> Result<(), Stopped> {
        let runner = self.entries[entry].runner;
        let (lost, text) = match failure {
            Failure::Variant(text) => (vec![entry], text),
            Failure::Runner(text) => {
                let all = 0..self.entries.len();
                (all.filter(|&i| self.entries[i].runner == runner).collect(), text)
            }
        };
        if runner == 0 {
            return Err(Stopped::Wrong(format!("{}: {text}", self.title(entry))));
        }
        for i in lost {
            self.outcomes[i].samples.clear();
            self.outcomes[i].dropped.get_or_insert_with(|| text.clone());
        }
        Ok(())
    }

    fn keep(&mut self, block: &mut Vec<Round>) {
        for round in block.drain(..) {
            let mut samples = round.into_iter();
            for (outcome, sample) in self.outcomes.iter_mut().zip(&mut samples) {
                if outcome.dropped.is_none() {
                    outcome.samples.extend(sample);
                }
            }
            for ((_, kept), sample) in self.controls.iter_mut().zip(samples) {
                kept.extend(sample);
            }
        }
    }

    fn title(&self, entry: usize) -> String {
        let entry = &self.entries[entry];
        format!("{} {}", self.runners[entry.runner].name(), entry.variant)
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

    fn entries(of: &[(usize, &str)]) -> Vec<Entry> {
        of.iter()
            .map(|&(runner, variant)| Entry {
                runner,
                variant: variant.into(),
                group: Some("all".into()),
                baseline: variant == "a",
            })
            .collect()
    }

    fn plan(rounds: usize) -> Plan {
        let (budget, block) = (Duration::MAX, Duration::ZERO);
        Plan { rounds, budget, least: 1, block, seed: None, control: false }
    }

    fn quiet() -> Script {
        Script(Vec::new())
    }

    #[test]
    fn variants_take_turns_within_each_round() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let entries = entries(&[(0, "a"), (0, "b")]);
        let measured =
            measure(&mut [&mut rust], &entries, plan(2), &mut quiet(), &mut ()).unwrap();
        assert_eq!(rust.asked, ["a", "b", "a", "b", "a", "b"], "one check, two rounds");
        assert_eq!(measured.outcomes[0].samples.len(), 2);
    }

    #[test]
    fn the_order_of_a_round_is_drawn_anew_and_a_seed_draws_it_again() {
        let asked = |seed| {
            let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
            let entries = entries(&[(0, "a"), (0, "b"), (0, "c"), (0, "d")]);
            let plan = Plan { seed: Some(seed), ..plan(5) };
            measure(&mut [&mut rust], &entries, plan, &mut quiet(), &mut ()).unwrap();
            rust.asked
        };
        let rounds = asked(1);
        assert_eq!(rounds[..4], ["a", "b", "c", "d"], "the untimed round is in order");
        let mut orders: Vec<&[String]> = rounds[4..].chunks(4).collect();
        for order in &orders {
            let mut all = order.to_vec();
            all.sort();
            assert_eq!(all, ["a", "b", "c", "d"]);
        }
        orders.dedup();
        assert!(orders.len() > 1, "{orders:?}");
        assert_eq!(asked(1), rounds);
        assert_ne!(asked(2), rounds);
    }

    #[test]
    fn the_baseline_is_asked_twice_as_a_control_or_the_quickest_where_it_is_slow() {
        struct Timed(u64);
        impl Runner for Timed {
            fn name(&self) -> &str {
                "rust"
            }
            fn run(&mut self, variant: &str) -> Result<Sample, Failure> {
                let wall_ns = if variant == "a" { self.0 } else { 10 };
                Ok(Sample { answer: "42".into(), wall_ns, ..Sample::default() })
            }
            fn check(&mut self, variant: &str) -> Result<(Sample, Option<u32>), Failure> {
                Ok((self.run(variant)?, None))
            }
        }
        for (baseline_ns, control) in [(1_000, 0), (3_000_000_000, 1)] {
            let mut rust = Timed(baseline_ns);
            let entries = entries(&[(0, "a"), (0, "b")]);
            let plan = Plan { control: true, seed: Some(1), ..plan(4) };
            let measured = measure(&mut [&mut rust], &entries, plan, &mut quiet(), &mut ());
            let measured = measured.unwrap();
            assert_eq!(measured.controls.len(), 1);
            assert_eq!(measured.controls[0].0, control);
            assert_eq!(measured.controls[0].1, measured.outcomes[control].samples);
        }
    }

    #[test]
    fn a_wrong_answer_stops_the_experiment_before_anything_is_timed() {
        let mut rust = Fake::new("rust", |v, _| Ok(if v == "a" { "42" } else { "41" }.into()));
        let entries = entries(&[(0, "a"), (0, "b")]);
        let stopped = measure(&mut [&mut rust], &entries, plan(2), &mut quiet(), &mut ());
        let Err(Stopped::Wrong(text)) = stopped else { panic!("{stopped:?}") };
        assert!(text.contains("rust b says 41, but rust a says 42"), "{text}");
        assert_eq!(rust.asked, ["a", "b"]);
    }

    #[test]
    fn another_runner_with_a_wrong_answer_is_dropped_and_the_rest_goes_on() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let mut python = Fake::new("python", |_, _| Ok("41".into()));
        let entries = entries(&[(0, "a"), (1, "a")]);
        let measured =
            measure(&mut [&mut rust, &mut python], &entries, plan(3), &mut quiet(), &mut ());
        let measured = measured.unwrap();
        assert_eq!(measured.outcomes[0].samples.len(), 3);
        assert!(measured.outcomes[1].samples.is_empty());
        let reason = measured.outcomes[1].dropped.as_deref().unwrap();
        assert!(reason.contains("python a says 41"), "{reason}");
    }

    #[test]
    fn a_runner_lost_half_way_loses_all_its_entries_and_no_other() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let mut python = Fake::new("python", |_, before| match before {
            0..4 => Ok("42".into()),
            _ => Err(Failure::Runner("it hung".into())),
        });
        let entries = entries(&[(0, "a"), (1, "a"), (1, "b")]);
        let measured =
            measure(&mut [&mut rust, &mut python], &entries, plan(3), &mut quiet(), &mut ());
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
        let entries = entries(&[(0, "a")]);
        let stopped = measure(&mut [&mut rust], &entries, plan(2), &mut quiet(), &mut ());
        assert!(matches!(stopped, Err(Stopped::Wrong(_))), "{stopped:?}");
    }

    #[test]
    fn noisy_rounds_are_thrown_away_and_made_up_for() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let entries = entries(&[(0, "a")]);
        // The first reading only starts the clock.
        let mut listener = Script(vec![0.0, 0.5, 0.01, 0.3, 0.0]);
        let measured = measure(&mut [&mut rust], &entries, plan(3), &mut listener, &mut ());
        let measured = measured.unwrap();
        assert_eq!((measured.rounds, measured.rejected, measured.noisy), (3, 2, 0));
        assert_eq!(measured.outcomes[0].samples.len(), 3);
    }

    #[test]
    fn a_machine_that_never_gets_quiet_is_measured_all_the_same_and_says_so() {
        let mut rust = Fake::new("rust", |_, _| Ok("42".into()));
        let entries = entries(&[(0, "a")]);
        let mut listener = Script(vec![0.5; 100]);
        let measured = measure(&mut [&mut rust], &entries, plan(3), &mut listener, &mut ());
        let measured = measured.unwrap();
        assert_eq!((measured.rounds, measured.rejected, measured.noisy), (3, 3, 3));
    }

    #[test]
    fn an_observation_may_differ_from_variant_to_variant() {
        let mut rust = Fake::new("rust", |v, _| Ok(v.to_owned()));
        let mut entries = entries(&[(0, "a"), (0, "b")]);
        entries.iter_mut().for_each(|entry| entry.group = None);
        let measured = measure(&mut [&mut rust], &entries, plan(1), &mut quiet(), &mut ());
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
        let entries = entries(&[(0, "a")]);
        let stopped = measure(&mut [&mut rust], &entries, plan(1), &mut quiet(), &mut Now);
        assert_eq!(stopped, Err(Stopped::Interrupted));
    }
}
