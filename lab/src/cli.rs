//! The command line of an experiment.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Duration;

use lexopt::{Arg, Error, Parser};

use crate::experiment::{Experiment, Variant};
use crate::here::Here;
use crate::json::Object;
use crate::noise::{self, Listen};
use crate::random::fresh_seed;
use crate::rounds::{self, Entry, Measured, Observer, Plan, Progress};
use crate::{protocol, server, table};

/// Does what the command line says.
pub(crate) fn dispatch(mut experiment: Experiment, arguments: &[String]) -> Result<(), String> {
    match arguments {
        [first] if first == "--serve" => return server::serve().map_err(|e| e.to_string()),
        [first, name, args @ ..] if first == "--child" => {
            let child = experiment.children.iter().find(|(child, _)| child == name);
            let (_, work) = child.ok_or_else(|| format!("no child is called {name}"))?;
            work(args);
            return Ok(());
        }
        _ => {}
    }
    let Some(options) = Options::parse(arguments)? else {
        return print(&help(&experiment));
    };
    if options.quick {
        experiment.variants.retain(|variant| !variant.slow);
    }
    let mut here = Here { experiment: &experiment, options: &options };
    if options.runner {
        let (input, output) = (io::stdin().lock(), io::stdout().lock());
        let run = |variant: &Variant| here.once(variant);
        return protocol::speak(&experiment, options.threads, run, input, output)
            .map_err(|e| format!("cannot speak to the measuring process: {e}"));
    }
    measure(&experiment, &mut here, &options)
}

fn measure(
    experiment: &Experiment,
    here: &mut Here<'_>,
    options: &Options,
) -> Result<(), String> {
    let entries: Vec<Entry> = experiment
        .variants
        .iter()
        .filter(|variant| options.wants(variant))
        .map(|variant| Entry {
            runner: 0,
            variant: variant.id(),
            group: (!variant.observed)
                .then(|| variant.case.as_ref().map_or(String::new(), |c| c.name.clone())),
            baseline: variant.name == experiment.baseline,
        })
        .collect();
    if entries.is_empty() {
        let (only, ids) = (options.only.join(","), experiment.ids());
        return Err(format!("--only {only} matches no variant; there are {ids}"));
    }
    let quiet = options.quick || noise::wait_for_quiet(Duration::from_secs(20));
    let plan = options.plan();
    let mut waiting = Waiting { shown: io::stderr().is_terminal() && !table::is_dumb() };
    let mut listener: Box<dyn Listen> =
        if options.quick { Box::new(noise::Ignore) } else { Box::new(noise::Listener::new()) };
    let measured = rounds::measure(&mut [here], &entries, plan, &mut *listener, &mut waiting)
        .map_err(|stopped| stopped.to_string())?;
    waiting.clear();
    let rows: Vec<table::Row<'_>> = entries
        .iter()
        .zip(&measured.outcomes)
        .filter_map(|(entry, outcome)| {
            Some(table::Row::new(experiment.find(&entry.variant)?, outcome))
        })
        .collect();
    if options.json {
        let mut lines = String::new();
        for row in &rows {
            for sample in row.samples {
                let line = Object::new().text("variant", &row.variant.id());
                lines += &line.raw("sample", protocol::sample_line(sample)).end();
                lines += "\n";
            }
        }
        print(&lines)
    } else {
        let warnings = warnings(&measured, options, quiet);
        let style = table::Style::of_stdout();
        print(&table::render(experiment, &rows, &measured, options.threads, &warnings, style))
    }
}

/// Prints, or not if nobody reads it any more (`| head -1`): `print!` would panic.
fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {e}"))
        }
        _ => Ok(()),
    }
}

fn help(experiment: &Experiment) -> String {
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
        name = experiment.name,
        question = experiment.question,
        variants = experiment.ids(),
    )
}

/// The rounds a reader waits for at the terminal; the book's records take more.
const ROUNDS: usize = 21;
const BUDGET: Duration = Duration::from_secs(15);

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) quick: bool,
    rounds: Option<usize>,
    pub(crate) threads: usize,
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
        let mut parser = Parser::from_args(arguments);
        while let Some(argument) = parser.next().map_err(complaint)? {
            match argument {
                Arg::Long("quick") => options.quick = true,
                Arg::Long("rounds") => {
                    options.rounds = Some(number(&mut parser, "--rounds", 10_000)?)
                }
                Arg::Long("threads") => {
                    options.threads = number(&mut parser, "--threads", 1024)?
                }
                Arg::Long("only") => {
                    let names = parser.value().map_err(|_| "--only needs a name")?;
                    options.only =
                        names.to_string_lossy().split(',').map(str::to_owned).collect();
                }
                Arg::Long("json") => options.json = true,
                Arg::Long("runner") => options.runner = true,
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                other => return Err(complaint(other.unexpected())),
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
            seed: Some(fresh_seed()),
            control: false,
        }
    }
}

/// The value of an option that was just read.
fn number(parser: &mut Parser, option: &str, most: usize) -> Result<usize, String> {
    let value = parser.value().map_err(|_| format!("{option} needs a number"))?;
    let value = value.to_string_lossy();
    match value.parse() {
        Ok(n) if (1..=most).contains(&n) => Ok(n),
        _ => Err(format!("{option} takes a number from 1 to {most}, not {value}")),
    }
}

fn complaint(error: Error) -> String {
    let unknown = |name: &str| format!("no option is called {name}; try --help");
    match error {
        Error::UnexpectedOption(option) => unknown(&option),
        Error::UnexpectedArgument(word) => unknown(&word.to_string_lossy()),
        Error::UnexpectedValue { option, .. } => format!("{option} takes no value"),
        other => other.to_string(),
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

/// One line on a terminal, rewritten while the rounds go on.
struct Waiting {
    shown: bool,
}

impl Waiting {
    fn clear(&self) {
        self.show("");
    }

    fn show(&self, text: &str) {
        if self.shown {
            // The terminal may have gone.
            let _ = write!(io::stderr(), "\r\x1b[K{text}");
        }
    }
}

impl Observer for Waiting {
    fn progress(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Checking(entry) => self.show(&format!("checking {}", entry.variant)),
            Progress::Rounds { kept, wanted, rejected: 0 } => {
                self.show(&format!("round {kept} of {wanted}"));
            }
            Progress::Rounds { kept, wanted, rejected } => {
                self.show(&format!("round {kept} of {wanted}, {rejected} too noisy"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn options(words: &str) -> Result<Option<Options>, String> {
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words)
    }

    #[test]
    fn options_are_read_and_bad_ones_named() {
        let read = options("--quick --rounds 4 --threads 3 --only a,b").unwrap().unwrap();
        assert_eq!((read.quick, read.rounds, read.threads), (true, Some(4), 3));
        assert_eq!(read.only, ["a", "b"]);
        let joined = options("--quick --rounds=4 --threads=3 --only=a,b").unwrap();
        assert_eq!(joined, Some(read));
        assert_eq!(options("--help"), Ok(None));
        for (words, says) in [
            ("--fast", "no option is called --fast; try --help"),
            ("-f", "no option is called -f; try --help"),
            ("fast", "no option is called fast; try --help"),
            ("--quick=yes", "--quick takes no value"),
            ("--only", "--only needs a name"),
            ("--rounds", "--rounds needs a number"),
            ("--rounds=", "--rounds takes a number from 1 to 10000, not "),
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
        let said = dispatch(experiment, &["--quick".into()]).unwrap_err();
        assert!(said.contains("rust wrong says 41, but rust right says 42"), "{said}");
    }

    #[test]
    fn asking_for_a_variant_that_is_not_there_lists_those_that_are() {
        let experiment =
            Experiment::new("demo", "Why?").variant(Kind::Alone, "right", "", |_| 42);
        let said = dispatch(experiment, &["--only".into(), "left".into()]).unwrap_err();
        assert!(said.contains("--only left matches no variant; there are right"), "{said}");
    }

    #[test]
    fn a_quick_run_leaves_out_the_one_slow_variant() {
        let only_slow = |arguments: &[&str]| {
            let arguments: Vec<String> = arguments.iter().map(|&a| a.into()).collect();
            let experiment = Experiment::new("demo", "Why?")
                .slow()
                .variant(Kind::Alone, "slow", "", |_| -> u32 { panic!("it ran") })
                .variant(Kind::Alone, "other", "", |_| 42);
            dispatch(experiment, &arguments)
        };
        assert_eq!(only_slow(&["--quick"]), Ok(()));
        let said = only_slow(&["--quick", "--only", "slow"]).unwrap_err();
        assert!(said.contains("matches no variant; there are other"), "{said}");
        assert_eq!(only_slow(&["--rounds", "1"]), Err("rust slow: it ran".into()));
    }
}
