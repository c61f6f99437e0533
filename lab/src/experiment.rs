//! An experiment, as an example's `main` writes it down, and its command line.

use std::collections::HashSet;
use std::fmt::Display;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::noise::{self, Listen};
use crate::rounds::{self, Failure, Lane, Measured, Observer, Plan, Progress, Runner};
use crate::{Counters, Crew, Run, Sample, os, protocol, server, table};

/// What does the work, and so the color of its bar in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One flow of control, nothing concurrent.
    Alone,
    /// Threads of one process.
    Thread,
    /// Several processes.
    Process,
    /// Tasks on an event loop.
    Task,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Alone => "alone",
            Kind::Thread => "thread",
            Kind::Process => "process",
            Kind::Task => "task",
        }
    }
}

/// A kind of work that several variants do: variants are compared within their case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Short name, the first part of a variant's id. A number makes a point on a curve.
    pub name: String,
    /// One line for the table.
    pub label: String,
}

/// One way to do the work.
pub struct Variant {
    /// The kind of work it does, if the experiment has several.
    pub case: Option<Case>,
    /// Short name, the second part of its id.
    pub name: String,
    /// One line for the table.
    pub label: String,
    /// What does the work.
    pub kind: Kind,
    /// Its answer is what was observed, and need not be the same as another's.
    pub observed: bool,
    /// It takes so long that `--quick` leaves it out.
    pub slow: bool,
    work: Box<dyn Fn(&mut Run) -> String>,
}

impl Variant {
    /// `case/name`, or `name` without a case.
    pub fn id(&self) -> String {
        match &self.case {
            Some(case) => format!("{}/{}", case.name, self.name),
            None => self.name.clone(),
        }
    }
}

type Child = Box<dyn Fn(&[String])>;

/// An experiment: a question and the variants that answer it.
pub struct Experiment {
    pub(crate) name: String,
    pub(crate) question: String,
    pub(crate) baseline: String,
    pub(crate) variants: Vec<Variant>,
    children: Vec<(String, Child)>,
    // What the next variant gets.
    case: Option<Case>,
    observed: bool,
    slow: bool,
}

impl Experiment {
    /// An experiment called like its example, and the question it answers.
    pub fn new(name: &str, question: &str) -> Experiment {
        Experiment {
            name: name.into(),
            question: question.into(),
            baseline: "sequential".into(),
            variants: Vec::new(),
            children: Vec::new(),
            case: None,
            observed: false,
            slow: false,
        }
    }

    /// The variants that speed-ups are taken against; `sequential` unless told.
    pub fn baseline(mut self, name: &str) -> Experiment {
        self.baseline = name.into();
        self
    }

    /// The answers of the variants that follow are what is observed: they may differ.
    pub fn observed(mut self) -> Experiment {
        self.observed = true;
        self
    }

    /// The next variant takes so long that `--quick` leaves it out.
    pub fn slow(mut self) -> Experiment {
        self.slow = true;
        self
    }

    /// The variants that follow do this kind of work.
    pub fn case(mut self, name: &str, label: &str) -> Experiment {
        self.case = Some(Case { name: name.into(), label: label.into() });
        self
    }

    /// Adds a variant. Its answer is compared as text with those of the same case.
    pub fn variant<A: Display>(
        mut self,
        kind: Kind,
        name: &str,
        label: &str,
        work: impl Fn(&mut Run) -> A + 'static,
    ) -> Experiment {
        self.variants.push(Variant {
            case: self.case.clone(),
            name: name.into(),
            label: label.into(),
            kind,
            observed: self.observed,
            slow: std::mem::take(&mut self.slow),
            work: Box::new(move |run| work(run).to_string()),
        });
        self
    }

    /// What this program does when it is started again with [`crate::rerun_self`].
    pub fn child(mut self, name: &str, work: impl Fn(&[String]) + 'static) -> Experiment {
        self.children.push((name.into(), Box::new(work)));
        self
    }

    /// What a member of a [`Crew`] called `name` does with the crew's arguments.
    pub fn crew(
        self,
        name: &str,
        work: impl Fn(u64, &[String]) -> String + 'static,
    ) -> Experiment {
        self.child(name, move |args| {
            let i: usize = args.first().and_then(|i| i.parse().ok()).unwrap_or(0);
            Crew::report(i, || work(i as u64, &args[1..]));
        })
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id() == id)
    }

    /// Reads the command line and does what it says. The status is not 0 when a variant
    /// gave a wrong answer or the command line was not understood.
    pub fn run(self) -> ExitCode {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let name = self.name.clone();
        match self.dispatch(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(text) => {
                eprintln!("{name}: {text}");
                ExitCode::FAILURE
            }
        }
    }

    fn dispatch(mut self, arguments: &[String]) -> Result<(), String> {
        match arguments {
            [first] if first == "--serve" => return server::serve().map_err(|e| e.to_string()),
            [first, name, args @ ..] if first == "--child" => {
                let child = self.children.iter().find(|(child, _)| child == name);
                let (_, work) = child.ok_or_else(|| format!("no child is called {name}"))?;
                work(args);
                return Ok(());
            }
            _ => {}
        }
        let options = match Options::parse(arguments)? {
            Some(options) => options,
            None => {
                print!("{}", self.help());
                return Ok(());
            }
        };
        if options.quick {
            self.variants.retain(|variant| !variant.slow);
        }
        let mut here = Here { experiment: &self, options: &options };
        if options.runner {
            let (input, output) = (io::stdin().lock(), io::stdout().lock());
            return protocol::speak(
                &self,
                options.threads,
                |variant| Ok(here.once(variant)),
                input,
                output,
            )
            .map_err(|e| format!("cannot speak to the measuring process: {e}"));
        }
        self.measure(&mut here, &options)
    }

    fn measure(&self, here: &mut Here<'_>, options: &Options) -> Result<(), String> {
        let lanes: Vec<Lane> = self
            .variants
            .iter()
            .filter(|variant| options.wants(variant))
            .map(|variant| Lane {
                runner: 0,
                variant: variant.id(),
                group: (!variant.observed)
                    .then(|| variant.case.as_ref().map_or(String::new(), |c| c.name.clone())),
            })
            .collect();
        if lanes.is_empty() {
            let names: Vec<String> = self.variants.iter().map(Variant::id).collect();
            return Err(format!(
                "--only {} matches no variant; there are {}",
                options.only.join(","),
                names.join(", ")
            ));
        }
        if let Some(id) = duplicate_id(&self.variants) {
            return Err(format!("two variants are called {id}"));
        }
        let quiet = options.quick || noise::wait_for_quiet(Duration::from_secs(20));
        let plan = options.plan();
        let mut waiting = Waiting { shown: io::stderr().is_terminal() };
        let mut listener: Box<dyn Listen> = if options.quick {
            Box::new(noise::Ignore)
        } else {
            Box::new(noise::Machine::new())
        };
        let measured = rounds::measure(&mut [here], &lanes, plan, &mut *listener, &mut waiting)
            .map_err(|stopped| stopped.to_string())?;
        waiting.clear();
        let rows: Vec<table::Row<'_>> = lanes
            .iter()
            .zip(&measured.outcomes)
            .filter_map(|(lane, outcome)| {
                Some(table::Row::new(self.find(&lane.variant)?, outcome))
            })
            .collect();
        if options.json {
            for row in &rows {
                for sample in row.samples {
                    let line = protocol::sample_line(sample);
                    println!("{{\"variant\":\"{}\",\"sample\":{line}}}", row.variant.id());
                }
            }
        } else {
            let warnings = warnings(&measured, options, quiet);
            let style = table::Style::of_stdout();
            print!(
                "{}",
                table::render(self, &rows, &measured, options.threads, &warnings, style)
            );
        }
        Ok(())
    }

    fn help(&self) -> String {
        format!(
            "\
{name}: {question}

cargo run --example {name} -- [OPTIONS]

  --quick        three rounds, no slow variants, no waiting for a quiet machine
  --rounds N     so many rounds (21 unless told, fewer when they take too long)
  --threads N    so many workers (the hardware threads this process may use)
  --only A,B     only variants whose id contains one of these
  --json         samples as JSON, one a line, instead of the table
  --runner       speak the runner lines with `cargo book measure`

Variants: {variants}
",
            name = self.name,
            question = self.question,
            variants = self.variants.iter().map(Variant::id).collect::<Vec<_>>().join(", "),
        )
    }
}

/// The rounds a reader waits for at the terminal; the book's records take more.
const ROUNDS: usize = 21;
const BUDGET: Duration = Duration::from_secs(15);

#[derive(Debug, PartialEq, Eq)]
struct Options {
    quick: bool,
    rounds: Option<usize>,
    threads: usize,
    only: Vec<String>,
    json: bool,
    runner: bool,
}

impl Options {
    /// `None`: help was asked for.
    fn parse(arguments: &[String]) -> Result<Option<Options>, String> {
        let mut options = Options {
            quick: false,
            rounds: None,
            threads: std::thread::available_parallelism().map_or(1, |n| n.get()),
            only: Vec::new(),
            json: false,
            runner: false,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut number = |most: usize| {
                let value = rest.next().ok_or(format!("{argument} needs a number"))?;
                match value.parse() {
                    Ok(n) if (1..=most).contains(&n) => Ok(n),
                    _ => {
                        Err(format!("{argument} takes a number from 1 to {most}, not {value}"))
                    }
                }
            };
            match argument.as_str() {
                "--quick" => options.quick = true,
                "--rounds" => options.rounds = Some(number(10_000)?),
                "--threads" => options.threads = number(1024)?,
                "--only" => {
                    let names = rest.next().ok_or("--only needs a name")?;
                    options.only = names.split(',').map(str::to_owned).collect();
                }
                "--json" => options.json = true,
                "--runner" => options.runner = true,
                "--help" | "-h" => return Ok(None),
                other => return Err(format!("no option is called {other}; try --help")),
            }
        }
        Ok(Some(options))
    }

    fn wants(&self, variant: &Variant) -> bool {
        let id = variant.id();
        self.only.is_empty() || self.only.iter().any(|name| id.contains(name.as_str()))
    }

    fn plan(&self) -> Plan {
        Plan {
            rounds: self.rounds.unwrap_or(if self.quick { 3 } else { ROUNDS }),
            budget: if self.rounds.is_some() { Duration::MAX } else { BUDGET },
            least: if self.quick { 1 } else { 5 },
            block: Duration::from_secs(1),
        }
    }
}

/// What a reader should know before believing the table.
fn warnings(measured: &Measured, options: &Options, quiet: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    if crate::UNOPTIMIZED {
        warnings.push("debug build: this was not optimized, its times mean nothing".into());
    }
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    if options.threads > cores {
        warnings.push(format!("{} workers share {cores} hardware threads", options.threads));
    }
    if options.quick {
        warnings.push(format!("quick: {} rounds, and no check for noise", measured.rounds));
    }
    if !quiet {
        warnings.push("noisy: the machine was busy with other work for 20 s; close it".into());
    }
    if measured.rejected > 0 {
        warnings.push(format!(
            "noisy: {} rounds thrown away, other work used the machine",
            measured.rejected
        ));
    }
    if measured.noisy > 0 {
        warnings.push(format!("noisy: {} of the rounds shown are spoiled too", measured.noisy));
    }
    warnings
}

/// This process as a runner.
struct Here<'a> {
    experiment: &'a Experiment,
    options: &'a Options,
}

impl Here<'_> {
    fn once(&self, variant: &Variant) -> Sample {
        Run::once(self.options.threads, self.options.quick, &*variant.work)
    }
}

impl Runner for Here<'_> {
    fn name(&self) -> &str {
        "rust"
    }

    fn run(&mut self, id: &str) -> Result<Sample, Failure> {
        let variant = self.experiment.find(id);
        let variant = variant.ok_or(Failure::Variant(format!("no variant is called {id}")))?;
        Ok(self.once(variant))
    }

    fn check(&mut self, id: &str) -> Result<(Sample, Option<u32>), Failure> {
        let census = Census::of(std::process::id());
        let sample = self.run(id)?;
        // The counting thread counts itself. Work done elsewhere has other threads.
        let most = census.most().map(|most| most - 1);
        let counted = sample.counters != Counters::default();
        Ok((sample, most.filter(|_| counted)))
    }
}

/// Counts a process's threads again and again, from a thread of its own.
pub struct Census {
    over: Arc<AtomicBool>,
    counting: std::thread::JoinHandle<Option<u32>>,
}

impl Census {
    /// Starts counting the threads of process `pid`.
    pub fn of(pid: u32) -> Census {
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let counting = std::thread::spawn(move || {
            let mut most = os::threads_of(pid);
            while !stop.load(Ordering::Relaxed) {
                most = most.max(os::threads_of(pid));
                std::thread::sleep(Duration::from_micros(500));
            }
            most
        });
        Census { over, counting }
    }

    /// Stops and returns the most threads seen at once.
    pub fn most(self) -> Option<u32> {
        self.over.store(true, Ordering::Relaxed);
        self.counting.join().ok().flatten()
    }
}

/// One line on a terminal, rewritten while the rounds go on.
struct Waiting {
    shown: bool,
}

impl Waiting {
    fn clear(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}

impl Observer for Waiting {
    fn progress(&mut self, progress: Progress<'_>) {
        if !self.shown {
            return;
        }
        match progress {
            Progress::Checking(lane) => eprint!("\r\x1b[Kchecking {}", lane.variant),
            Progress::Rounds { kept, wanted, rejected: 0 } => {
                eprint!("\r\x1b[Kround {kept} of {wanted}");
            }
            Progress::Rounds { kept, wanted, rejected } => {
                eprint!("\r\x1b[Kround {kept} of {wanted}, {rejected} too noisy");
            }
        }
    }
}

/// Names must be unique, or records could not be read.
pub(crate) fn duplicate_id(variants: &[Variant]) -> Option<String> {
    let mut seen = HashSet::new();
    variants.iter().map(Variant::id).find(|id| !seen.insert(id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &str) -> Result<Option<Options>, String> {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn options_are_read_and_bad_ones_named() {
        let read = options("--quick --rounds 4 --threads 3 --only a,b").unwrap().unwrap();
        assert_eq!((read.quick, read.rounds, read.threads), (true, Some(4), 3));
        assert_eq!(read.only, ["a", "b"]);
        assert_eq!(options("--help"), Ok(None));
        for (words, says) in [
            ("--fast", "no option is called --fast"),
            ("--rounds", "needs a number"),
            ("--rounds none", "takes a number from 1 to 10000, not none"),
            ("--threads 0", "takes a number from 1 to 1024, not 0"),
        ] {
            let text = options(words).unwrap_err();
            assert!(text.contains(says), "{words}: {text}");
        }
    }

    #[test]
    fn a_wrong_answer_fails_the_whole_experiment() {
        let experiment = Experiment::new("demo", "Why?")
            .variant(Kind::Alone, "right", "", |_| 42)
            .variant(Kind::Alone, "wrong", "", |_| 41);
        let said = experiment.dispatch(&["--quick".into()]).unwrap_err();
        assert!(said.contains("rust wrong says 41, but rust right says 42"), "{said}");
    }

    #[test]
    fn asking_for_a_variant_that_is_not_there_lists_those_that_are() {
        let experiment =
            Experiment::new("demo", "Why?").variant(Kind::Alone, "right", "", |_| 42);
        let said = experiment.dispatch(&["--only".into(), "left".into()]).unwrap_err();
        assert!(said.contains("--only left matches no variant; there are right"), "{said}");
    }

    #[test]
    fn a_quick_run_leaves_out_the_one_slow_variant() {
        let only_slow = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|&a| a.into()).collect();
            Experiment::new("demo", "Why?")
                .slow()
                .variant(Kind::Alone, "slow", "", |_| -> u32 { panic!("it ran") })
                .variant(Kind::Alone, "other", "", |_| 42)
                .dispatch(&arguments)
        };
        assert_eq!(only_slow(&["--quick"]), Ok(()));
        let said = only_slow(&["--quick", "--only", "slow"]).unwrap_err();
        assert!(said.contains("matches no variant; there are other"), "{said}");
        let ran = std::panic::catch_unwind(|| only_slow(&["--rounds", "1"]));
        assert!(ran.is_err());
    }

    #[test]
    fn a_census_sees_threads_that_are_gone_again() {
        let census = Census::of(std::process::id());
        std::thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| std::thread::sleep(Duration::from_millis(50)));
            }
        });
        if let Some(most) = census.most() {
            assert!(most >= 11, "{most}");
        }
    }
}
