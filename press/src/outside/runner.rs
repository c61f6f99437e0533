//! A runner in a child process, spoken to with the runner lines of [`lab::protocol`].
//!
//! Nothing that it does or fails to do may hold us up: every wait ends with the time limit,
//! every line has a greatest length, and whoever breaks the lines is ended with all that it
//! started.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use lab::os::Tell;
use lab::rounds::{Failure, Runner};
use lab::{Census, Counters, Sample, environment};

use crate::outside::ending::Group;
use crate::outside::interpreters::Interpreter;
pub use crate::outside::lines::Offer;
use crate::outside::lines::{self, Bad, brief};
use crate::outside::strays::{self, Family};

/// How long a runner that is told to quit, or has closed its output, may take to end.
const PARTING: Duration = Duration::from_secs(1);

/// A started runner.
pub struct ChildRunner {
    name: String,
    child: Child,
    family: Family,
    /// Absent once it was told to quit.
    requests: Option<SyncSender<String>>,
    said: Receiver<Said>,
    limit: Duration,
    started: Instant,
    has_ended: bool,
    _group: Group,
}

/// What came from a runner.
enum Said {
    /// An answer, one would hope.
    Line(String),
    /// What no runner may do.
    Fault(String),
    /// Its output is closed.
    End,
}

/// How a runner parted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parting {
    /// Names of processes that it left behind, which were ended.
    pub strays: Vec<String>,
    /// It had said more than it was asked for: its answers may have been to other requests.
    pub surplus: bool,
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
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // With a group of its own, so that it can be paused with all it started: a runner that
        // is not asked must not use the machine. Java compiles and collects on its own time.
        let (mut child, family) = Family::start(&mut command)
            .map_err(|e| Failure::Runner(format!("{name} does not start: {e}")))?;
        let group = Group::of_runner(child.id());
        let input = child.stdin.take().expect("stdin is piped");
        let output = child.stdout.take().expect("stdout is piped");
        // Threads of their own, since a pipe can be neither read nor written with a time limit.
        // With room for one line each, since whoever writes without end must not fill our
        // memory.
        let (requests, to_write) = mpsc::sync_channel(1);
        let (sender, said) = mpsc::sync_channel(1);
        let of_writer = sender.clone();
        let runner = ChildRunner {
            name: name.into(),
            child,
            family,
            requests: Some(requests),
            said,
            limit,
            started: Instant::now(),
            has_ended: false,
            _group: group,
        };
        let no_thread =
            |e| Failure::Runner(format!("{name}: cannot start a thread for it: {e}"));
        let start = thread::Builder::new().spawn(move || write(input, &to_write, &of_writer));
        start.map_err(no_thread)?;
        let start = thread::Builder::new().spawn(move || read(output, &sender));
        start.map_err(no_thread)?;
        Ok(runner)
    }

    /// Asks what it can run.
    ///
    /// # Errors
    /// When it does not answer, or with something else, or offers what cannot be.
    pub fn list(&mut self) -> Result<Offer, Failure> {
        let (line, _) = self.ask("list")?;
        lines::offer(&self.name, &line).map_err(|bad| self.bad("list", bad))
    }

    /// Tells it to quit, and ends it if it does not, with whatever it leaves behind.
    pub fn part(&mut self) -> Parting {
        if self.has_ended {
            return Parting::default();
        }
        self.family.tell(Tell::Resume);
        if let Some(requests) = self.requests.take() {
            // Where it has not even read the request before, the end of its input must do.
            let _ = requests.try_send("quit".into());
        }
        let mut surplus = false;
        let began = Instant::now();
        while began.elapsed() < PARTING {
            match self.said.recv_timeout(PARTING.saturating_sub(began.elapsed())) {
                Ok(Said::Line(_)) => surplus = true,
                // A runner that was ended in the middle of a variant cannot be told to quit.
                Ok(Said::Fault(_)) => {}
                Ok(Said::End) | Err(_) => break,
            }
        }
        self.has_ended = self.wait(PARTING.saturating_sub(began.elapsed())).is_some();
        if !self.has_ended {
            self.end();
            return Parting { surplus, strays: Vec::new() };
        }
        Parting { surplus, strays: self.family.end() }
    }

    /// Asks, and returns the answer and how long it was waited for.
    fn ask(&mut self, request: &str) -> Result<(String, Duration), Failure> {
        let name = self.name.clone();
        let Some(requests) = self.requests.clone().filter(|_| !self.has_ended) else {
            return Err(Failure::Runner(format!("{name} was ended before")));
        };
        match self.said.try_recv() {
            Err(TryRecvError::Empty) => {}
            Ok(Said::Line(line)) => {
                // Taken for the answer, it would be one to another request.
                let line = brief(&line, 60);
                return Err(self.fault(&format!("said `{line}` without being asked")));
            }
            Ok(Said::Fault(why)) => return Err(self.fault(&why)),
            Ok(Said::End) | Err(TryRecvError::Disconnected) => return Err(self.died(request)),
        }
        self.family.tell(Tell::Resume);
        let asked = Instant::now();
        if requests.try_send(request.to_owned()).is_err() {
            return Err(self.fault("answers without reading what it is asked"));
        }
        match self.said.recv_timeout(self.limit) {
            Ok(Said::Line(line)) => {
                let waited = asked.elapsed();
                self.family.tell(Tell::Pause);
                strays::collect();
                Ok((line, waited))
            }
            Ok(Said::Fault(why)) => Err(self.fault(&why)),
            Ok(Said::End) | Err(RecvTimeoutError::Disconnected) => Err(self.died(request)),
            Err(RecvTimeoutError::Timeout) => {
                let limit = self.limit.as_secs();
                let text = match self.wait(Duration::ZERO) {
                    Some(how) => format!(
                        "{name} died at `{request}` ({}), and what it had started kept its \
                         output open for {limit} s",
                        lab::os::ending(how)
                    ),
                    None => format!("{name} hung: no answer to `{request}` within {limit} s"),
                };
                self.end();
                Err(Failure::Runner(text))
            }
        }
    }

    /// Its output has ended, which should mean that it has.
    fn died(&mut self, request: &str) -> Failure {
        let name = self.name.clone();
        let text = match self.wait(PARTING) {
            Some(how) => format!("{name} died at `{request}` ({})", lab::os::ending(how)),
            None => {
                format!("{name} closed its output at `{request}` and went on; it was ended")
            }
        };
        self.end();
        Failure::Runner(text)
    }

    fn fault(&mut self, why: &str) -> Failure {
        self.end();
        Failure::Runner(format!("{} {why}", self.name))
    }

    /// What to do about a line that is not what was asked for.
    fn bad(&mut self, variant: &str, bad: Bad) -> Failure {
        match bad {
            Bad::Line(why) => self.fault(&why),
            Bad::Sample(why) => Failure::Variant(format!("{} {variant}: {why}", self.name)),
        }
    }

    /// How it ended, if it does within this time.
    fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(how)) => return Some(how),
                Ok(None) if began.elapsed() < patience => {
                    thread::sleep(Duration::from_millis(5));
                }
                _ => return None,
            }
        }
    }

    /// Ends it at once, with what it started.
    fn end(&mut self) {
        self.requests = None;
        self.has_ended = true;
        self.family.tell(Tell::Kill);
        let _ = self.child.kill();
        // Whom not even that ends, the kernel holds; to wait for it would be to hang as well.
        self.wait(PARTING);
        self.family.kill();
    }
}

impl Runner for ChildRunner {
    fn name(&self) -> &str {
        &self.name
    }

    fn run(&mut self, variant: &str) -> Result<Sample, Failure> {
        let (line, waited) = self.ask(&format!("run {variant}"))?;
        lines::sample(&line, waited, self.started.elapsed())
            .map_err(|bad| self.bad(variant, bad))
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
        self.part();
    }
}

/// Writes requests until there are no more, which closes the runner's input.
fn write(mut input: ChildStdin, requests: &Receiver<String>, said: &SyncSender<Said>) {
    for request in requests {
        if writeln!(input, "{request}").and_then(|()| input.flush()).is_err() {
            // It may have died, which its output tells in a moment, and better.
            thread::sleep(PARTING / 4);
            let _ = said.try_send(Said::Fault(format!("does not take `{request}`")));
            return;
        }
    }
}

/// Reads lines until there are no more, or one is none.
fn read(output: ChildStdout, said: &SyncSender<Said>) {
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        // With the end of the line.
        let read = output.by_ref().take(lines::LONGEST as u64 + 1).read_until(b'\n', &mut line);
        let whole = line.pop_if(|byte| *byte == b'\n').is_some();
        let said_now = match (read, whole, String::from_utf8(line)) {
            (Ok(_), true, Ok(line)) => Said::Line(line),
            (Ok(_), true, Err(_)) => Said::Fault("said what is not UTF-8".into()),
            (Ok(read), false, _) if read > lines::LONGEST => Said::Fault(format!(
                "said more than {} MiB without an end of line",
                lines::LONGEST >> 20
            )),
            // What it was about to say when it ended is not an answer.
            _ => Said::End,
        };
        let goes_on = matches!(said_now, Said::Line(_));
        if said.send(said_now).is_err() || !goes_on {
            return;
        }
    }
}

/// The command that starts a Python peer.
pub fn peer(python: &Interpreter, root: &Path, script: &Path, example: &Path) -> Command {
    let (script, lab) = (root.join(script), root.join("lab/python"));
    let cache = python.bytecode(root);
    let mut command = environment::peer(&python.path, &script, &lab, example, &cache);
    // What a reader has installed for every Python of theirs may print, trace and replace.
    command.env("PYTHONNOUSERSITE", "1");
    command.current_dir(root);
    command
}
