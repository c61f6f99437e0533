//! An experiment that is measured in interleaved rounds, Rust beside its Python peers.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, anyhow};
use indicatif::ProgressBar;
use lab::environment;
use lab::noise::{self, Listen};
use lab::rounds::{self, Entry, Failure, Measured, Observer, Plan, Progress, Runner, Stopped};

use super::plan::Job;
use super::record;
use crate::outside::ending::wait_for_quiet;
use crate::outside::runner::{ChildRunner, Offer, peer};
use crate::store::record::{Record, Warning};

/// Rounds of a sitting. What differs between sittings is more than what rounds tell, so time
/// is better spent on one more sitting than on more rounds.
const ROUNDS: u32 = 15;
/// How long the rounds of one sitting may take, once there are as many as are needed.
const BUDGET: Duration = Duration::from_secs(8);
const LEAST: usize = 2;

/// Runs the example and its peers, and makes a record of what they said.
pub(super) fn measure(
    job: &Job<'_>,
    example: &Path,
    bar: &ProgressBar,
    stop: &AtomicBool,
) -> Result<Record> {
    let mut warnings = Vec::new();
    let (mut runners, offers) = start(job, example, &mut warnings)?;
    let entries = entries(&offers);
    let quick = job.options.quick;
    if !quick {
        bar.set_message("waiting for a quiet machine");
        if !wait_for_quiet(Duration::from_secs(60)) {
            let text = "the machine was busy with other work for a minute before the start; \
                        close it and measure again";
            warnings.push(Warning::new("noisy", text));
        }
    }
    let rounds = job.options.rounds;
    let plan = Plan {
        rounds: rounds.unwrap_or(if quick { 3 } else { ROUNDS }) as usize,
        budget: if rounds.is_some() { Duration::MAX } else { BUDGET },
        least: if quick { 1 } else { LEAST },
        block: Duration::from_secs(1),
        seed: Some(job.seed),
        control: !quick,
    };
    let mut listener: Box<dyn Listen> =
        if quick { Box::new(noise::Ignore) } else { Box::new(noise::Listener::new()) };
    let mut observer = Watching { bar, stop };
    let mut speakers: Vec<&mut dyn Runner> =
        runners.iter_mut().map(|runner| runner as &mut dyn Runner).collect();
    let measured =
        rounds::measure(&mut speakers, &entries, plan, &mut *listener, &mut observer).map_err(
            |stopped| match stopped {
                Stopped::Interrupted => anyhow!("interrupted"),
                Stopped::Wrong(text) => anyhow!("{text}"),
            },
        )?;
    let threads = job.options.threads;
    warnings.extend(doubts(&measured, &entries, &offers, quick, threads));
    Ok(record::of_rounds(job, offers, measured, warnings))
}

/// Starts Rust's runner, and a peer for each Python. A peer that does not start is a warning.
fn start(
    job: &Job<'_>,
    example: &Path,
    warnings: &mut Vec<Warning>,
) -> Result<(Vec<ChildRunner>, Vec<Offer>)> {
    let options = job.options;
    let kept = environment::kept();
    if !kept.is_empty() {
        let text = format!("measured with {} set; unset it and measure again", kept.join(", "));
        warnings.push(Warning::new("environment", text));
    }
    let run = |name: &str, mut command: Command| -> Result<(ChildRunner, Offer), Failure> {
        command.arg("--runner");
        if let Some(threads) = options.threads {
            command.args(["--threads", &threads.to_string()]);
        }
        if options.quick {
            command.arg("--quick");
        }
        let limit = Duration::from_secs(options.limit_s);
        let mut runner = ChildRunner::start(name, command, limit)?;
        let offer = runner.list()?;
        Ok((runner, offer))
    };
    let root = &job.project.root;
    let mut rust = Command::new(example);
    rust.current_dir(root);
    let mut started = vec![run("rust", rust).map_err(|e| anyhow!(reason(e)))?];
    let script = job.source.with_extension("py");
    if root.join(&script).is_file() {
        if job.pythons.is_empty() && !options.no_python {
            let text = "no Python on the path, so only Rust was measured; install Python 3 or \
                        name one with --python";
            warnings.push(Warning::new("python", text));
        }
        for python in job.pythons {
            match run(&python.name, peer(python, root, &script, example)) {
                Ok(peer) => started.push(peer),
                Err(failure) => warnings.push(Warning::new("runner", reason(failure))),
            }
        }
    }
    Ok(started.into_iter().unzip())
}

/// Rust's variants first: its answers are the ones to agree with. They keep the order of the
/// offers, so that a record's variants do.
fn entries(offers: &[Offer]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (runner, offer) in offers.iter().enumerate() {
        for variant in &offer.variants {
            entries.push(Entry {
                baseline: variant.name == offer.baseline,
                runner,
                variant: variant.id_in_runner(),
                group: (!variant.observed).then(|| variant.case.clone().unwrap_or_default()),
            });
        }
    }
    entries
}

/// What to know before believing what was measured.
fn doubts(
    measured: &Measured,
    entries: &[Entry],
    offers: &[Offer],
    quick: bool,
    threads: Option<u32>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |kind: &str, text: String| {
        let warning = Warning::new(kind, text);
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    };
    if quick {
        warn("quick", format!("{} rounds only: good for trying", measured.rounds));
    }
    // The example's own word, which was built in another profile than this program.
    if offers[0].runner.profile.ends_with("opt-level 0") {
        warn("unoptimized", "built without the optimizer: its times mean nothing".into());
    }
    let there_are = lab::os::machine().hardware_threads;
    let workers = threads.unwrap_or(there_are);
    if workers > there_are {
        warn("workers", format!("{workers} workers share {there_are} hardware threads"));
    }
    if measured.noisy > 0 {
        let text = format!(
            "other work used the machine in {} of {} rounds; close it and measure again",
            measured.noisy, measured.rounds
        );
        warn("noisy", text);
    }
    let of = |entry: &Entry| &offers[entry.runner].runner.name;
    for (entry, outcome) in entries.iter().zip(&measured.outcomes) {
        if let Some(dropped) = &outcome.dropped {
            warn("runner", format!("{} left out: {dropped}", of(entry)));
        }
    }
    warnings
}

fn reason(failure: Failure) -> String {
    match failure {
        Failure::Variant(text) | Failure::Runner(text) => text,
    }
}

struct Watching<'a> {
    bar: &'a ProgressBar,
    stop: &'a AtomicBool,
}

impl Observer for Watching<'_> {
    fn progress(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Checking(entry) => {
                self.bar.set_message(format!("checking {}", entry.variant))
            }
            Progress::Rounds { kept, wanted, rejected } => {
                self.bar.set_length(wanted as u64);
                self.bar.set_position(kept as u64);
                self.bar.set_message(match rejected {
                    0 => "rounds".to_owned(),
                    n => format!("rounds, {n} too noisy"),
                });
            }
        }
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    #[test]
    fn the_example_says_whether_it_was_built_with_the_optimizer() {
        let is_warned_of = |profile: &str| {
            let mut record = demo();
            let mut runner = record.runners.remove(0);
            runner.profile = profile.into();
            let offer = Offer {
                experiment: record.experiment,
                question: record.question,
                baseline: record.baseline,
                threads: 1,
                runner,
                variants: Vec::new(),
            };
            let warnings = doubts(&Measured::default(), &[], &[offer], false, None);
            warnings.iter().any(|warning| warning.kind == "unoptimized")
        };
        assert!(is_warned_of("dev, opt-level 0"));
        assert!(!is_warned_of("dev, opt-level 3"));
    }
}
