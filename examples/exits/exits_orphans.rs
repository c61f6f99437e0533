//! A parent is ended: who of its child and grandchild lives on? And a command
//! that takes too long is: when is it over?
//!
//! Run:  cargo run --example exits_orphans
//! See:  whoever kills the parent kills the parent only. A process group goes
//!       as one, without those who have left it. The signal for a parent's
//!       death reaches the child and not the grandchild, and comes too early
//!       when the thread that started the child ends. The end of a pipe, a
//!       namespace and an adopter miss nobody. A shell that is killed leaves
//!       its command behind, which keeps the pipe open.
//!
//! Who is left is killed when it has been counted; what is not found by then
//! ends by itself.

// That is what the experiment is about; Clippy warns of it, unasked.
#![allow(clippy::zombie_processes)]

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use exits::system::{
    Tell, adopt_orphans, be_first, children, die_with_parent, end_all_children,
    in_own_group, lead_session, lives, our_pid, tell, tell_group, until,
};
use lab::{Experiment, Kind, Run, rerun_self};

/// Who has not ended by then lives on.
const MOMENT: Duration = Duration::from_millis(100);
/// By then all would end by themselves.
const LONG: Duration = Duration::from_secs(10);

/// A command of this limit takes far longer.
const LIMIT: Duration = Duration::from_millis(30);
/// Who was killed is gone by then.
const DYING: Duration = Duration::from_millis(50);
const NOT_HERE: &str = "cannot be had here";

type Killed = (&'static str, &'static str, fn(&Family));
/// Name, label, the command, and whether it is a group of its own.
type Timed = (&'static str, &'static str, &'static [&'static str], bool);

const KILLED: [Killed; 8] = [
    ("parent", "kill the parent", kill_parent),
    ("group", "kill its group", kill_group),
    ("group_left", "the same, the grandchild has left it", kill_group),
    ("signal", "kill the parent, the child asked for a signal", kill_parent),
    ("thread", "the same, only a thread ends", |_| ()),
    ("pipe", "kill the parent, both watch a pipe", kill_parent),
    ("namespace", "kill the parent, it is process 1", kill_parent),
    ("adopter", "kill whoever comes to us", |_| end_all_children()),
];

const SHELL: &[&str] = &["sh", "-c", "sleep 0.2; echo done"];
const TIMED: [Timed; 3] = [
    ("alone", "one process: kill it, read on", &["sleep", "0.2"], false),
    ("shell", "a shell: kill it, read on", SHELL, false),
    ("group", "a shell: kill its group, read on", SHELL, true),
];

fn main() -> ExitCode {
    let question = "Somebody is killed: who is left?";
    let mut experiment = Experiment::new("exits_orphans", question)
        .baseline("none")
        .observed()
        .case("killed", "a parent, its child, its grandchild");
    for way in KILLED {
        experiment =
            experiment.variant(Kind::Process, way.0, way.1, move |run| {
                killed(run, way)
            });
    }
    experiment = experiment.case("timeout", "200 ms of work, a limit of 30");
    for way in TIMED {
        experiment =
            experiment.variant(Kind::Process, way.0, way.1, move |run| {
                timed(run, way)
            });
    }
    experiment.child("member", |args| member(&args[0], &args[1])).run()
}

// ANCHOR: family
/// Each member starts the next one, says that it is there, and sleeps.
fn member(who: &str, way: &str) {
    match (who, way) {
        ("place", _) if !be_first() => return, // the next one is process 1
        ("child", "signal" | "thread") => assert!(die_with_parent()),
        ("grandchild", "group_left") => assert!(lead_session()),
        _ => {}
    }
    let next = match who {
        "place" => "parent",
        "parent" => "child",
        _ => "grandchild",
    };
    let _kept = match (who, way) {
        ("grandchild", _) => None,
        // The signal comes when this thread ends; the parent lives on.
        ("parent", "thread") => {
            thread::scope(|scope| {
                scope.spawn(|| seen_to_start(next, way));
            });
            None
        }
        _ => Some(start(next, way)),
    };
    if who != "place" {
        println!("{who} {}", our_pid());
    }
    match (who, way) {
        ("child" | "grandchild", "pipe") => until_input_ends(),
        _ => sleep(LONG),
    }
}

/// The other end is the parent's alone. Nobody writes to it.
fn until_input_ends() {
    io::stdin().read_exact(&mut [0]).unwrap_err();
}
// ANCHOR_END: family

fn start(who: &str, way: &str) -> Child {
    let mut command = rerun_self("member", &[who.into(), way.into()]).unwrap();
    match (who, way) {
        ("child", "pipe") => command.stdin(Stdio::piped()),
        ("child", "thread") => command.stdout(Stdio::piped()),
        _ => &mut command,
    };
    command.spawn().expect("a member of the family")
}

/// Starts the child, and hears that it and its own child are there.
fn seen_to_start(who: &str, way: &str) {
    let mut child = start(who, way);
    let said = BufReader::new(child.stdout.take().expect("a pipe"));
    for line in said.lines().take(2) {
        println!("{}", line.expect("text"));
    }
}

/// The numbers of those who are there.
#[derive(Default)]
struct Family {
    parent: u32,
    child: u32,
    grandchild: u32,
}

fn killed(run: &mut Run, (way, _, end): Killed) -> String {
    run.elsewhere();
    if !adopt_orphans() {
        return NOT_HERE.into();
    }
    let who = if way == "namespace" { "place" } else { "parent" };
    let mut command =
        rerun_self("member", &[who.into(), way.into()]).expect("our path");
    in_own_group(&mut command).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut root = command.spawn().expect("a family");
    let said = BufReader::new(root.stdout.take().expect("a pipe"));
    let mut family = Family::default();
    for line in said.lines().map_while(Result::ok).take(3) {
        let (who, pid) = line.split_once(' ').expect("who and its number");
        let pid = pid.parse().expect("a number");
        match who {
            "parent" => family.parent = pid,
            "child" => family.child = pid,
            _ => family.grandchild = pid,
        }
    }
    if family.parent == 0 {
        end_all_children();
        return NOT_HERE.into();
    }
    end(&family);
    let pids = [family.parent, family.child, family.grandchild];
    until(MOMENT, || !pids.into_iter().any(lives));
    run.stop_clock();
    let names = ["parent", "child", "grandchild"];
    let left = names.iter().zip(pids).filter(|(_, pid)| lives(*pid));
    let left: Vec<&str> = left.map(|(name, _)| *name).collect();
    for name in names {
        run.metric(name, f64::from(left.contains(&name)));
    }
    end_all_children();
    if left.is_empty() { "nobody".into() } else { left.join(", ") }
}

fn kill_parent(family: &Family) {
    tell(family.parent, Tell::Kill);
}

fn kill_group(family: &Family) {
    tell_group(family.parent, Tell::Kill);
}

fn timed(run: &mut Run, (.., command, as_group): Timed) -> String {
    run.elsewhere();
    if !adopt_orphans() {
        return NOT_HERE.into();
    }
    let mut child = Command::new(command[0]);
    child.args(&command[1..]).stdin(Stdio::null()).stdout(Stdio::piped());
    let began = Instant::now();
    given_up(&mut child, as_group);
    let back = began.elapsed();
    run.stop_clock();
    // Who was killed closes the pipe first, and is gone a little later.
    let left = || {
        let all = children(our_pid());
        all.into_iter().filter(|one| !one.is_zombie).count()
    };
    until(DYING, || left() == 0);
    let left = left();
    end_all_children();
    run.metric("back_ms", back.as_secs_f64() * 1e3);
    run.metric("left", left as f64);
    let when = if back < 3 * LIMIT { "in time" } else { "late" };
    format!("{when}, {left} left")
}

// ANCHOR: limit
fn given_up(command: &mut Command, as_group: bool) -> Vec<u8> {
    if as_group {
        in_own_group(command); // process_group(0)
    }
    let mut child = command.spawn().expect("a command");
    sleep(LIMIT);
    if as_group {
        tell_group(child.id(), Tell::Kill); // killpg
    } else {
        child.kill().expect("ours to kill");
    }
    // Reads until nobody has the pipe any more.
    child.wait_with_output().expect("its output").stdout
}
// ANCHOR_END: limit
