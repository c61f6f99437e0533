//! An experiment that is measured in interleaved rounds, Rust beside its Python peers.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use indicatif::ProgressBar;
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
    let mut measured =
        rounds::measure(&mut speakers, &entries, plan, &mut *listener, &mut observer).map_err(
            |stopped| match stopped {
                Stopped::Interrupted => anyhow!("interrupted"),
                Stopped::Wrong(text) => anyhow!("{text}"),
            },
        )?;
    part(&mut runners, &entries, &mut measured, &mut warnings)?;
    let threads = job.options.threads;
    warnings.extend(doubts(&measured, &entries, &offers, quick, threads));
    Ok(record::of_rounds(job, offers, measured, warnings))
}

/// Takes leave of the runners. Whoever said more than was asked is dropped, since nobody knows
/// which of the answers were to which request.
fn part(
    runners: &mut [ChildRunner],
    entries: &[Entry],
    measured: &mut Measured,
    warnings: &mut Vec<Warning>,
) -> Result<()> {
    for (i, runner) in runners.iter_mut().enumerate() {
        let parting = runner.part();
        let name = runner.name();
        if !parting.strays.is_empty() {
            let text = format!(
                "{name} left processes behind, which were ended: {}",
                parting.strays.join(", ")
            );
            warnings.push(Warning::new("strays", text));
        }
        if parting.surplus {
            let text = format!("{name} said more than it was asked");
            if i == 0 {
                bail!("{text}");
            }
            drop_runner(i, &text, entries, measured);
        }
    }
    Ok(())
}

fn drop_runner(runner: usize, why: &str, entries: &[Entry], measured: &mut Measured) {
    for (entry, outcome) in entries.iter().zip(&mut measured.outcomes) {
        if entry.runner == runner {
            outcome.samples.clear();
            outcome.dropped.get_or_insert_with(|| why.to_owned());
        }
    }
    measured.controls.retain(|(entry, _)| entries[*entry].runner != runner);
}

/// Starts Rust's runner, and a peer for each Python. A peer that does not start, or does not
/// offer the same, is a warning.
fn start(
    job: &Job<'_>,
    example: &Path,
    warnings: &mut Vec<Warning>,
) -> Result<(Vec<ChildRunner>, Vec<Offer>)> {
    let options = job.options;
    let run = |name: &str, mut command: Command, threads: Option<u32>| {
        command.arg("--runner");
        if let Some(threads) = threads {
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
    let (runner, ours) = run("rust", rust, options.threads).map_err(|e| anyhow!(reason(e)))?;
    if ours.experiment != job.name {
        bail!("{} calls itself `{}`", job.source.display(), ours.experiment);
    }
    warnings.extend(record::surroundings(job, ours.threads));
    let (mut runners, mut offers) = (vec![runner], vec![ours]);
    let script = job.source.with_extension("py");
    if root.join(&script).is_file() {
        if job.pythons.is_empty() && !options.no_python {
            let text = "no Python that works, so only Rust was measured; `cargo book python \
                        --list` lists what there is, and --python picks one";
            warnings.push(Warning::new("python", text));
        }
        for python in job.pythons {
            // Another may count the hardware threads otherwise, and do another work.
            let threads = Some(offers[0].threads);
            let peer = run(&python.name, peer(python, root, &script, example), threads)
                .and_then(|(runner, offer)| match unlike(&offers, &offer) {
                    None => Ok((runner, offer)),
                    Some(why) => {
                        Err(Failure::Runner(format!("{} left out: {why}", python.name)))
                    }
                });
            match peer {
                Ok((runner, offer)) => {
                    runners.push(runner);
                    offers.push(offer);
                }
                Err(failure) => warnings.push(Warning::new("runner", reason(failure))),
            }
        }
    }
    Ok((runners, offers))
}

/// In what a peer's offer does not fit to those that were accepted, Rust's first.
fn unlike(accepted: &[Offer], offer: &Offer) -> Option<String> {
    let rust = &accepted[0];
    if accepted.iter().any(|other| other.runner.name == offer.runner.name) {
        return Some(format!("a runner called {} is there already", offer.runner.name));
    }
    if offer.experiment != rust.experiment {
        return Some(format!("it runs `{}`, not `{}`", offer.experiment, rust.experiment));
    }
    if offer.threads != rust.threads {
        return Some(format!("it has {} workers, not {}", offer.threads, rust.threads));
    }
    // What is observed is not compared, so a peer could not be wrong.
    offer.variants.iter().find_map(|variant| {
        let id = variant.id_in_runner();
        let ours = rust.variants.iter().find(|ours| ours.id_in_runner() == id)?;
        let is = |observed| if observed { "observed" } else { "compared" };
        (ours.observed != variant.observed).then(|| {
            format!("{id} is {} there, and {} in Rust", is(variant.observed), is(ours.observed))
        })
    })
}

/// Rust's variants first: its answers are the ones to agree with. They keep the order of the
/// offers, so that a record's variants do.
fn entries(offers: &[Offer]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (runner, offer) in offers.iter().enumerate() {
        for variant in &offer.variants {
            entries.push(Entry {
                baseline: variant.name == offers[0].baseline,
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
    if !offers[0].runner.profile.ends_with("opt-level 3") {
        let Warning { kind, text } = record::unoptimized();
        warn(&kind, text);
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
        for level in ["0", "1", "2", "s", "z"] {
            assert!(is_warned_of(&format!("dev, opt-level {level}")), "{level}");
        }
        assert!(!is_warned_of("dev, opt-level 3"));
    }

    /// Runners are shell scripts, to be had on every Unix.
    #[cfg(unix)]
    mod beside_rust {
        use super::*;
        use crate::cmd::measure::plan::{Here, Options};
        use crate::outside::git::Commit;
        use crate::outside::interpreters::Interpreter;
        use crate::outside::project::Project;
        use std::collections::BTreeMap;
        use std::path::PathBuf;

        const LIST: &str = r#"{"protocol":2,"experiment":"demo","question":"Why?","baseline":"one","implementation":"rustc","version":"1","profile":"dev, opt-level 3","threads":2,"variants":[{"name":"one","label":"one","kind":"alone","observed":false},{"name":"two","label":"two","kind":"alone","observed":false}]}"#;
        const GOOD: &str = r#"{"answer":"42","wall_ns":1000}"#;

        /// What a runner answers to `list`, and to `run` for each variant.
        struct Fake {
            name: &'static str,
            list: String,
            one: String,
        }

        fn fake(name: &'static str) -> Fake {
            Fake { name, list: LIST.into(), one: GOOD.into() }
        }

        /// Measures beside these peers.
        fn measured(peers: &[Fake]) -> Record {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path();
            let program = |place: String, fake: &Fake| -> PathBuf {
                let path = root.join(place);
                let text = format!(
                    "#!/bin/sh\nwhile read -r verb id; do case \"$verb $id\" in\n\
                     'list ') printf '%s\\n' '{}';; 'run one') printf '%s\\n' '{}';;\n\
                     'run two') printf '%s\\n' '{GOOD}';; *) exit 0;; esac; done\n",
                    fake.list, fake.one
                );
                // Written by another process: one that is open for writing cannot be started.
                let write = "printf '%s' \"$1\" > \"$0\" && chmod 755 \"$0\"";
                let status =
                    Command::new("sh").args(["-c", write]).arg(&path).arg(text).status();
                assert!(status.unwrap().success());
                path
            };
            let rust = program("rust".into(), &fake("rust"));
            let pythons: Vec<Interpreter> = (0..)
                .zip(peers)
                .map(|(i, peer)| Interpreter {
                    name: peer.name.into(),
                    version: "1".into(),
                    gil: true,
                    path: program(format!("peer-{i}"), peer),
                })
                .collect();
            std::fs::write(root.join("demo.py"), "").unwrap();
            let settings = "[preprocessor.measured]\nreference = 'any'\n";
            std::fs::write(root.join("book.toml"), settings).unwrap();
            let project = Project::find(root).unwrap();
            let options = Options { quick: true, limit_s: 5, ..Options::default() };
            let mut here = Here::default();
            here.machine.hardware_threads = 2;
            let job = Job {
                project: &project,
                options: &options,
                name: "demo",
                source: Path::new("demo.rs"),
                pythons: &pythons,
                commit: &Commit { name: None, modified: true },
                here: &here,
                sources: BTreeMap::new(),
                packages: BTreeMap::new(),
                seed: 1,
                load_before: None,
            };
            let stop = AtomicBool::new(false);
            measure(&job, &rust, &ProgressBar::hidden(), &stop).unwrap()
        }

        #[test]
        fn a_peers_fault_costs_the_peer_by_name_and_the_rest_is_recorded() {
            let list = |was: &str, becomes: &str| {
                assert!(LIST.contains(was), "{was}");
                LIST.replacen(was, becomes, 1)
            };
            let twice = list("\"name\":\"two\"", "\"name\":\"one\"");
            let observed = list("\"observed\":false", "\"observed\":true");
            let lanes = r#"[{"lane":"T","false_gaps":0,"spans":[[0,9,null,"running"],[5,12,null,"running"]]}]"#;
            let cases = [
                (Fake { list: twice, ..fake("pypy-3.9") }, 0, "`one` is listed twice"),
                (
                    Fake { list: observed, ..fake("pypy-3.9") },
                    0,
                    "one is observed there, and compared in Rust",
                ),
                (
                    Fake { list: list("\"demo\"", "\"other\""), ..fake("pypy-3.9") },
                    0,
                    "it runs `other`, not `demo`",
                ),
                (
                    Fake { list: list("\"threads\":2", "\"threads\":0"), ..fake("pypy-3.9") },
                    0,
                    "it has 0 workers",
                ),
                (
                    Fake { list: list("\"threads\":2", "\"threads\":9"), ..fake("pypy-3.9") },
                    0,
                    "it has 9 workers, not 2",
                ),
                (fake("rust"), 0, "a runner called rust is there already"),
                (fake("cpython-3.1"), 0, "a runner called cpython-3.1 is there already"),
                (
                    Fake { one: GOOD.replace("1000", "0"), ..fake("pypy-3.9") },
                    1,
                    "one: wall_ns: no time at all",
                ),
                (
                    Fake {
                        one: GOOD.replace('}', &format!(",\"timeline\":{lanes}}}")),
                        ..fake("pypy-3.9")
                    },
                    1,
                    "one: timeline[0].spans[1]: it ends before it begins",
                ),
                (
                    Fake { one: GOOD.replace("42", ""), ..fake("pypy-3.9") },
                    1,
                    "one: it gave no answer",
                ),
                (
                    Fake { one: format!("{GOOD}\n{GOOD}"), ..fake("pypy-3.9") },
                    0,
                    "without being asked",
                ),
                (Fake { one: "Rubbish".into(), ..fake("pypy-3.9") }, 0, "an invalid reply"),
            ];
            for (bad, left, says) in cases {
                let name = bad.name;
                let record = measured(&[fake("cpython-3.1"), bad]);
                record.validate().unwrap();
                let of = |name: &str| {
                    record.variants.iter().filter(|variant| variant.runner == name).count()
                };
                assert_eq!((of("rust"), of("cpython-3.1")), (2, 2), "{says}");
                if name == "pypy-3.9" {
                    assert_eq!(of(name), left, "{says}");
                }
                assert!(record.variants.iter().all(|one| one.samples[0].wall_ns == [1000; 3]));
                let told = |warning: &Warning| {
                    warning.kind == "runner"
                        && warning.text.contains(name)
                        && warning.text.contains(says)
                };
                let warnings = record.warnings();
                assert!(warnings.iter().any(told), "{says}: {warnings:?}");
            }
        }

        #[test]
        fn a_runner_that_said_more_than_it_was_asked_is_dropped_at_the_very_end() {
            let entry =
                |runner| Entry { runner, variant: "one".into(), group: None, baseline: true };
            let sample = lab::Sample { wall_ns: 1, ..Default::default() };
            let outcome =
                || rounds::Outcome { samples: vec![sample.clone()], ..Default::default() };
            let mut measured = Measured {
                outcomes: vec![outcome(), outcome()],
                controls: vec![(0, vec![sample.clone()]), (1, vec![sample.clone()])],
                ..Measured::default()
            };
            drop_runner(1, "late said more", &[entry(0), entry(1)], &mut measured);
            assert_eq!(measured.outcomes[0], outcome());
            assert_eq!(measured.outcomes[1].dropped.as_deref(), Some("late said more"));
            assert!(measured.outcomes[1].samples.is_empty());
            assert_eq!(measured.controls.len(), 1);
        }
    }
}
