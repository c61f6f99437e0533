//! A host is killed, stopped, or cut off in the middle of the job: who notices,
//! what is lost, and what is counted twice?
//!
//! Run:  cargo run --example machines_fail
//! See:  a host that is killed takes the others along: the engine does not
//!       recover, and whoever started it has to start it again. If what came
//!       before is added once more, the answer is wrong; by window and host it
//!       is right. A host that is stopped, one that is cut off, and one that
//!       dies while it is cut off look the same, as if it were slow; who calls
//!       a stopped one dead is contradicted when it comes back.
//!
//! Three hosts, and a window every 10 ms. This process has started them and
//! collects what they say; it stands for a fourth host. To kill and to stop
//! needs a Unix: elsewhere these variants are left out.

#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::process::{ExitCode, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use lab::os::{self, Tell};
use lab::{Experiment, Helper, Kind, Run, rerun_self};
use machines::events::{self, Counts};
use machines::hosts::{HOST, Hosts, Way, host, read};
use machines::links::{self, LINKS, Links};
use machines::sink::{Rule, Sink};

const HOSTS: usize = 3;
/// Whom it befalls, and after which window of its own.
const VICTIM: usize = 1;
const AFTER: usize = 4;
/// For so long it is stopped or cut off.
const AWAY: Duration = Duration::from_millis(300);
/// After such a silence a host is called dead, if anybody calls it so.
const TIMEOUT: Duration = Duration::from_millis(100);
/// Longer than all of it takes. What goes on then is stuck.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let mut experiment = Experiment::new(
        "machines_fail",
        "A host is killed, stopped or cut off: what becomes of the answer?",
    )
    .baseline("undisturbed")
    .observed();
    for (name, label, mishap, rule, then) in PLAYS {
        if cfg!(unix) || !mishap.is_by_signal() {
            experiment =
                experiment.variant(Kind::Process, name, label, move |run| {
                    play(run, mishap, rule, then)
                });
        }
    }
    experiment.child(HOST, host).child(LINKS, links::serve).run()
}

type Play = (&'static str, &'static str, Mishap, Rule, Then);

const PLAYS: [Play; 10] = {
    use self::{Mishap::*, Then::*};
    [
        ("undisturbed", "nothing happens", Nothing, Rule::Added, Wait),
        ("killed", "kill -9", Killed, Rule::Added, Wait),
        ("again_added", "again, added", Killed, Rule::Added, StartAgain),
        ("again_keyed", "again, by window", Killed, Rule::Keyed, StartAgain),
        ("stopped", "stopped for 300 ms", Stopped, Rule::Added, Wait),
        ("cut_off", "cut off for 300 ms", CutOff, Rule::Added, Wait),
        ("cut_off_killed", "cut off, and kill -9", Unheard, Rule::Added, Wait),
        ("suspected_added", "dead, added", Stopped, Rule::Added, Suspect),
        ("suspected_keyed", "dead, by window", Stopped, Rule::Keyed, Suspect),
        ("suspected_fenced", "dead, by start", Stopped, Rule::Fenced, Suspect),
    ]
};

#[derive(Clone, Copy, PartialEq)]
enum Mishap {
    Nothing,
    Killed,
    Stopped,
    CutOff,
    /// Killed while the links are down, which come up again later.
    Unheard,
}

impl Mishap {
    fn is_by_signal(self) -> bool {
        matches!(self, Mishap::Killed | Mishap::Stopped | Mishap::Unheard)
    }
}

/// What whoever started them does.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Wait,
    /// When a host has ended before its time: all of them, from the beginning.
    StartAgain,
    /// The same when all of them were silent for too long. Those that were
    /// there are not ended: that cannot be done where one cannot reach them.
    Suspect,
}

/// What was heard of a host, of the first start or of the second, and when.
type Heard = (usize, usize, What, Instant);

enum What {
    Window(usize, Counts),
    /// It has done its part.
    Done,
    /// It is gone: how.
    Ended(String),
}

fn play(run: &mut Run, mishap: Mishap, rule: Rule, then: Then) -> String {
    run.elsewhere();
    let (to, heard) = mpsc::channel();
    let mut scene = Scene::new(mishap, then, Sink::new(rule, HOSTS));
    scene.start(&to);
    run.start_clock();
    while scene.left > 0 && scene.began.elapsed() < PATIENCE {
        if let Ok(said) = heard.recv_timeout(Duration::from_millis(2)) {
            scene.take(said);
        }
        scene.look(&to);
    }
    run.stop_clock();
    scene.end();
    scene.tell(run)
}

struct Scene {
    mishap: Mishap,
    then: Then,
    sink: Sink,
    /// The first start and, if there was one, the second.
    starts: Vec<Started>,
    /// Hosts that are not gone.
    left: usize,
    began: Instant,
    hit: Option<Instant>,
    is_back: bool,
    last: Instant,
    silence: Duration,
    /// Hosts that ended before they had done their part, and how.
    early: Vec<(usize, String, Instant)>,
    done: usize,
}

struct Started {
    /// Of those that are not gone.
    pids: Vec<Option<u32>>,
    links: Links,
}

impl Scene {
    fn new(mishap: Mishap, then: Then, sink: Sink) -> Scene {
        let now = Instant::now();
        Scene {
            mishap,
            then,
            sink,
            starts: Vec::new(),
            left: 0,
            began: now,
            hit: None,
            is_back: false,
            last: now,
            silence: Duration::ZERO,
            early: Vec::new(),
            done: 0,
        }
    }

    /// All hosts, from the beginning of the log, and somebody who listens to
    /// each of them.
    fn start(&mut self, to: &Sender<Heard>) {
        let number = self.starts.len();
        let mut links = Links::start(links::Kind::default()).expect("links");
        let quiet = |args: &[String]| {
            let mut host = rerun_self(HOST, args)?;
            host.stderr(Stdio::null());
            // It is told what befalls it as a group, of which it is all.
            #[cfg(unix)]
            host.process_group(0);
            Ok(host)
        };
        let between = |_, _, address| links.to(address);
        let hosts =
            Hosts::start_by(HOSTS, Way::Live, quiet, "127.0.0.1", between);
        let mut hosts = hosts.expect("hosts");
        hosts.go().expect("hosts");
        let hosts = hosts.helpers();
        let pids = hosts.iter().map(|host| Some(host.pid())).collect();
        self.starts.push(Started { pids, links });
        self.left += HOSTS;
        self.last = Instant::now();
        for (i, host) in hosts.into_iter().enumerate() {
            let to = to.clone();
            thread::spawn(move || {
                listen(host, |what| {
                    let _ = to.send((number, i, what, Instant::now()));
                })
            });
        }
    }

    fn take(&mut self, (start, host, what, at): Heard) {
        match what {
            What::Window(window, counts) => {
                self.hear(at);
                self.sink.take(start, host, window, counts);
                let is_victim = (start, host, window) == (0, VICTIM, AFTER);
                if is_victim && self.mishap != Mishap::Nothing {
                    self.befall(true);
                    self.hit = Some(Instant::now());
                }
            }
            What::Done => self.done += 1,
            What::Ended(how) => {
                self.left -= 1;
                self.starts[start].pids[host] = None;
                if how != "exit 0" {
                    self.early.push((host, how, at));
                    // That the victim ends, its parent knows, and no host does.
                    if host != VICTIM {
                        self.hear(at);
                    }
                }
            }
        }
    }

    /// Here a silence ends.
    fn hear(&mut self, at: Instant) {
        let silence = at.saturating_duration_since(self.last);
        self.silence = self.silence.max(silence);
        self.last = self.last.max(at);
    }

    // ANCHOR: befall
    fn befall(&mut self, begins: bool) {
        let Started { pids, links } = &mut self.starts[0];
        match (self.mishap, begins) {
            (Mishap::Killed, true) => signal(pids[VICTIM], Tell::Kill),
            (Mishap::Stopped, true) => signal(pids[VICTIM], Tell::Pause),
            (Mishap::Stopped, false) => signal(pids[VICTIM], Tell::Resume),
            (Mishap::CutOff, down) => links.hold(down).expect("links"),
            (Mishap::Unheard, down) => {
                // Its end is told when the links are up again, as all else.
                links.hold(down).expect("links");
                signal(pids[VICTIM], Tell::Kill);
            }
            _ => {}
        }
    }

    /// What whoever has started them sees, and what it does.
    fn look(&mut self, to: &Sender<Heard>) {
        if !self.is_back && self.hit.is_some_and(|hit| hit.elapsed() >= AWAY) {
            self.is_back = true;
            self.befall(false);
        }
        let calls_dead = match self.then {
            Then::Wait => false,
            Then::StartAgain => !self.early.is_empty(),
            // It may have ended, or be slow, or only not be heard.
            Then::Suspect => self.last.elapsed() >= TIMEOUT,
        };
        if calls_dead && self.starts.len() == 1 {
            self.hear(Instant::now());
            self.sink.begins_again();
            self.start(to);
        }
    }
    // ANCHOR_END: befall

    /// Nobody is left behind.
    fn end(&mut self) {
        if self.left > 0 {
            for pid in self.starts.iter().flat_map(|start| &start.pids) {
                signal(*pid, Tell::Kill);
            }
        }
    }

    fn tell(&self, run: &mut Run) -> String {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        run.metric("silence_ms", ms(self.silence));
        run.metric("windows", self.sink.whole_windows() as f64);
        run.metric("twice", self.sink.twice() as f64);
        run.metric("refused", self.sink.refused() as f64);
        run.metric("left", self.left as f64);
        let victim = self.early.iter().find(|end| end.0 == VICTIM);
        let others = self.early.iter().find(|end| end.0 != VICTIM);
        for (name, end) in [("seen_ms", victim), ("noticed_ms", others)] {
            if let (Some(end), Some(hit)) = (end, self.hit) {
                run.metric(name, ms(end.2.saturating_duration_since(hit)));
            }
        }
        let others = self.early.iter().filter(|end| end.0 != VICTIM).count();
        run.metric("others", others as f64);
        let right = events::answer(&events::plain(events::log(0, 1), 0));
        let said = match (self.sink.answer() == right, self.sink.twice()) {
            (true, _) => "right",
            (false, 0) => "wrong: not all of it",
            (false, _) => "wrong: some of it twice",
        };
        match (self.left, others) {
            (0, 0) => said.to_owned(),
            (0, _) => format!("{said}; the other hosts end"),
            _ => format!("{said}; the other hosts wait"),
        }
    }
}

fn listen(mut host: Helper, to: impl Fn(What)) {
    while let Ok(line) = host.read_line() {
        let (first, counts) = line.split_once(' ').unwrap_or_default();
        // Its last line has all of its windows.
        match read(counts)[..] {
            [counts] => to(What::Window(first.parse().unwrap_or(0), counts)),
            _ => to(What::Done),
        }
    }
    to(What::Ended(host.end().map_or_else(|e| e.to_string(), os::ending)));
}

/// One that is gone needs no telling.
fn signal(pid: Option<u32>, what: Tell) {
    if let Some(pid) = pid {
        os::tell_group(pid, what);
    }
}
