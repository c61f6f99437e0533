//! A runner in a child process, spoken to with the runner lines of [`lab::protocol`].

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use lab::os::{Tell, tell_group};
use lab::rounds::{Failure, Runner};
use lab::timeline::Lane;
use lab::{Census, Counters, Kind, Sample, environment};
use serde::Deserialize;

use crate::outside::ending::Group;
use crate::outside::interpreters::Interpreter;
use crate::store::form;
use crate::store::record::{RunnerInfo, Variant};

/// A started runner.
pub struct ChildRunner {
    name: String,
    child: Child,
    requests: ChildStdin,
    answers: Receiver<String>,
    limit: Duration,
    _group: Group,
}

/// Who a runner is, and what it can run.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Name of the experiment.
    pub experiment: String,
    /// The question it answers.
    pub question: String,
    /// Name of the variants to compare with.
    pub baseline: String,
    /// How many workers it uses.
    pub threads: u32,
    /// Who it is.
    pub runner: RunnerInfo,
    /// What it can run, not measured yet.
    pub variants: Vec<Variant>,
}

/// The answer to `list`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListLine {
    protocol: u32,
    experiment: String,
    question: String,
    baseline: String,
    implementation: String,
    version: String,
    profile: String,
    threads: u32,
    #[serde(default)]
    gil: Option<bool>,
    #[serde(default)]
    packages: BTreeMap<String, String>,
    variants: Vec<ListedLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedLine {
    #[serde(default)]
    case: Option<String>,
    #[serde(default)]
    case_label: Option<String>,
    name: String,
    label: String,
    #[serde(with = "form::Kind")]
    kind: Kind,
    observed: bool,
}

impl ListLine {
    /// What the runner called `name` said.
    fn of(self, name: &str) -> Offer {
        let variant = |listed: ListedLine| Variant {
            runner: name.to_owned(),
            case: listed.case,
            case_label: listed.case_label,
            name: listed.name,
            label: listed.label,
            kind: listed.kind,
            observed: listed.observed,
            threads: None,
            answers: BTreeMap::new(),
            samples: Vec::new(),
            timeline: Vec::new(),
        };
        Offer {
            experiment: self.experiment,
            question: self.question,
            baseline: self.baseline,
            threads: self.threads,
            runner: RunnerInfo {
                name: name.to_owned(),
                implementation: self.implementation,
                version: self.version,
                profile: self.profile,
                gil: self.gil,
                packages: self.packages,
            },
            variants: self.variants.into_iter().map(variant).collect(),
        }
    }
}

/// The answer to `run`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleLine {
    answer: String,
    wall_ns: u64,
    #[serde(default)]
    cpu_ns: Option<u64>,
    #[serde(default)]
    voluntary: Option<u64>,
    #[serde(default)]
    involuntary: Option<u64>,
    #[serde(default)]
    peak_bytes: Option<u64>,
    #[serde(default)]
    metrics: BTreeMap<String, f64>,
    #[serde(default, deserialize_with = "form::read_lanes")]
    timeline: Vec<Lane>,
}

impl From<SampleLine> for Sample {
    fn from(line: SampleLine) -> Sample {
        Sample {
            answer: line.answer,
            wall_ns: line.wall_ns,
            counters: Counters {
                cpu_ns: line.cpu_ns,
                voluntary: line.voluntary,
                involuntary: line.involuntary,
            },
            peak_bytes: line.peak_bytes,
            metrics: line.metrics,
            timeline: line.timeline,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorLine {
    error: String,
}

impl ChildRunner {
    /// Starts `command`, which must speak the runner lines, in an [`environment`] that does
    /// not change what is measured. `limit` is how long it may think about one request before
    /// it counts as hung.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(
        name: &str,
        mut command: Command,
        limit: Duration,
    ) -> Result<ChildRunner, Failure> {
        environment::clear(&mut command);
        // A group of its own, so that it can be paused with all it started: a runner that is
        // not asked must not use the machine. Java compiles and collects on its own time.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| Failure::Runner(format!("{name} does not start: {e}")))?;
        let group = Group::of_runner(child.id());
        let requests = child.stdin.take().expect("stdin is piped");
        let out = child.stdout.take().expect("stdout is piped");
        let (sender, answers) = mpsc::channel();
        // A thread of its own, since a pipe cannot be read with a time limit.
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(ChildRunner { name: name.into(), child, requests, answers, limit, _group: group })
    }

    /// Asks what it can run.
    ///
    /// # Errors
    /// When it does not answer, or with something else.
    pub fn list(&mut self) -> Result<Offer, Failure> {
        let line = self.ask("list")?;
        let list: ListLine =
            serde_json::from_str(&line).map_err(|e| self.invalid(&line, &e))?;
        if list.protocol != lab::protocol::PROTOCOL {
            return Err(Failure::Runner(format!(
                "{} speaks version {} of the runner lines, not {}",
                self.name,
                list.protocol,
                lab::protocol::PROTOCOL
            )));
        }
        Ok(list.of(&self.name))
    }

    fn ask(&mut self, request: &str) -> Result<String, Failure> {
        let name = &self.name;
        let died = |child: &mut Child| {
            let how = child.wait().map_or("unknown".into(), lab::os::ending);
            Failure::Runner(format!("{name} died at `{request}` ({how})"))
        };
        tell_group(self.child.id(), Tell::Resume);
        if writeln!(self.requests, "{request}").and_then(|()| self.requests.flush()).is_err() {
            return Err(died(&mut self.child));
        }
        let answer = self.answers.recv_timeout(self.limit);
        match answer {
            Ok(line) => {
                tell_group(self.child.id(), Tell::Pause);
                Ok(line)
            }
            Err(RecvTimeoutError::Disconnected) => Err(died(&mut self.child)),
            Err(RecvTimeoutError::Timeout) => {
                end(&mut self.child);
                Err(Failure::Runner(format!(
                    "{name} hung: no answer to `{request}` within {} s",
                    self.limit.as_secs()
                )))
            }
        }
    }

    fn invalid(&mut self, line: &str, why: &serde_json::Error) -> Failure {
        end(&mut self.child);
        let start: String = line.chars().take(60).collect();
        Failure::Runner(format!("{} sent an invalid reply: `{start}` ({why})", self.name))
    }
}

impl Runner for ChildRunner {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&mut self, variant: &str) -> Result<Sample, Failure> {
        let line = self.ask(&format!("run {variant}"))?;
        if let Ok(error) = serde_json::from_str::<ErrorLine>(&line) {
            return Err(Failure::Variant(format!("{} {variant}: {}", self.name, error.error)));
        }
        let sample: SampleLine =
            serde_json::from_str(&line).map_err(|e| self.invalid(&line, &e))?;
        Ok(sample.into())
    }

    fn check(&mut self, variant: &str) -> Result<(Sample, Option<u32>), Failure> {
        let census = Census::of(self.child.id());
        let sample = self.run(variant);
        let most = census.most();
        let sample = sample?;
        let counted = sample.counters != Counters::default();
        Ok((sample, most.filter(|_| counted)))
    }
}

impl Drop for ChildRunner {
    fn drop(&mut self) {
        tell_group(self.child.id(), Tell::Resume);
        let _ = writeln!(self.requests, "quit");
        let _ = self.requests.flush();
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        end(&mut self.child);
    }
}

/// Ends a runner and what it started.
fn end(child: &mut Child) {
    tell_group(child.id(), Tell::Kill);
    let _ = child.kill();
    let _ = child.wait();
}

/// The command that starts a Python peer.
pub fn peer(python: &Interpreter, root: &Path, script: &Path, example: &Path) -> Command {
    let (script, lab) = (root.join(script), root.join("lab/python"));
    let cache = python.bytecode(root);
    let mut command = environment::peer(&python.path, &script, &lab, example, &cache);
    command.current_dir(root);
    command
}
