//! A program as process 1, as the first one of a container is. What becomes of
//! orphans, and of a polite signal?
//!
//! Run:  cargo run --example exits_first
//! See:  process 1 is given every orphan; if it does not wait for them they
//!       stay as zombies. It survives SIGTERM and SIGINT for which it has no
//!       handler. Not as process 1 the same program has no zombies, and ends.
//!       To wait for every child mends the first, and takes the status from
//!       whoever had started one. An init before it mends both. Where only 50
//!       processes are allowed, zombies are 47 of them, and no more can start.
//!
//! The process numbers are those of a namespace of its own, which takes Linux,
//! and a user who may make one. That zombies fill a container takes root.

use std::env::current_exe;
use std::io;
use std::process::{Command, ExitCode, Stdio, exit};
use std::thread::sleep;
use std::time::{Duration, Instant};

use exits::system::{
    Limited, Tell, adopt_orphans, alone, be_first, children, every_child,
    heed_interrupt, our_pid, parent, tell, until,
};
use lab::{Experiment, Helper, Kind, Run, rerun_self, take_over};

const ORPHANS: usize = 10;
/// Long after the last orphan has ended.
const PATIENCE: Duration = Duration::from_secs(5);
/// Who has not ended by then lives on.
const MOMENT: Duration = Duration::from_millis(200);

/// The processes that a small container may have.
const MOST: usize = 50;

/// Name, label, how it is placed, and what the program does about children.
const ZOMBIES: [[&str; 4]; 7] = [
    ["first", "process 1, waits for its own", "first", "waits"],
    ["plain", "the same, not process 1", "plain", "waits"],
    ["adopts", "the same, as a subreaper", "plain", "adopts"],
    ["first_all", "process 1, waits for all", "first", "all"],
    ["first_ignored", "process 1, SIGCHLD ignored", "first", "ignores"],
    ["first_init", "behind an init", "init", "waits"],
    ["first_full", "process 1 of 50 at most", "full", "fills"],
];

type Told = (&'static str, &'static str, &'static str, bool, Tell);

/// Name, label, how it is placed, whether it handles, and which signal.
const SIGNALS: [Told; 6] = [
    ("first_term", "process 1, SIGTERM", "first", false, Tell::Terminate),
    ("first_int", "process 1, SIGINT", "first", false, Tell::Interrupt),
    ("first_handles", "process 1, handles SIGTERM", "first", true, {
        Tell::Terminate
    }),
    ("first_kill", "process 1, SIGKILL", "first", false, Tell::Kill),
    ("plain_term", "not process 1, SIGTERM", "plain", false, Tell::Terminate),
    ("init_term", "behind an init, SIGTERM", "init", false, Tell::Terminate),
];

fn main() -> ExitCode {
    let question = "As process 1: what becomes of orphans, and of a signal?";
    let mut experiment = Experiment::new("exits_first", question)
        .baseline("none")
        .observed()
        .case("zombies", "ten orphans");
    for [name, label, place, does] in ZOMBIES {
        let args = [place, "program", does].map(String::from);
        experiment =
            experiment.variant(Kind::Process, name, label, move |run| {
                take_over(run, "place", &args)
            });
    }
    experiment = experiment.case("signals", "somebody outside asks it to end");
    for told in SIGNALS {
        experiment =
            experiment.variant(Kind::Process, told.0, told.1, move |run| {
                asked_to_end(run, told)
            });
    }
    experiment
        .child("place", |args| place(&args[0], &args[1..]))
        .child("init", |program| exit(behind_init(program)))
        .child("program", |args| program(&args[0]))
        .child("answers", |args| answers(&args[0]))
        .run()
}

/// Starts a child of ours as process 1 of its own numbers, behind an init that
/// is, or plainly, and waits for it.
fn place(place: &str, program: &[String]) {
    let limited = (place == "full").then(|| Limited::to(MOST));
    let ready = match place {
        "plain" => adopt_orphans(), // and wait for what comes
        "full" => limited.as_ref().is_some_and(Option::is_some) && be_first(),
        _ => be_first(),
    };
    if !ready {
        println!("answer cannot be had here");
        return;
    }
    let code = match place {
        "init" => behind_init(&[&["init".into()], program].concat()),
        _ => behind_init(program),
    };
    drop(limited);
    exit(code);
}

/// Has this program, started again, do something, and is an init to it.
fn behind_init(program: &[String]) -> i32 {
    let mut command = Command::new(current_exe().expect("our path"));
    command.arg("--child").args(program);
    #[cfg(target_os = "linux")]
    return exits::init::run(&mut command).expect("a program that starts");
    #[cfg(not(target_os = "linux"))]
    unreachable!("nothing is ready for it");
}

// ANCHOR: program
/// A program that starts others, one of which it cares about.
fn program(does: &str) {
    match does {
        "fills" => return fill(),
        "adopts" => assert!(adopt_orphans()),
        "ignores" => assert!(alone()),
        _ => {}
    }
    let mut own = shell("exit 7").spawn().expect("a shell");
    for _ in 0..ORPHANS {
        // The shell is waited for. What it has started is not.
        let _ = shell("sleep 0.01 &").status();
    }
    until(PATIENCE, || nobody_runs_below(our_pid()));
    if does == "all" {
        every_child(); // waitpid(-1): the orphans, and `own`
    }
    let status = match own.wait() {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    println!("answer its own child: {status}");
    println!("zombies {}", zombies());
}
// ANCHOR_END: program

/// Leaves orphans until nothing can be started any more.
fn fill() {
    let mut orphans = 0;
    while orphans < 2 * MOST && leaves_an_orphan() {
        orphans += 1;
    }
    let mut last: Vec<_> =
        (0..3).map(|_| shell("sleep 0.01").spawn()).collect();
    let refused = last.iter().find_map(|child| child.as_ref().err());
    let refused = refused.map_or("none".into(), ToString::to_string);
    println!("answer the next start: {refused}");
    for child in last.iter_mut().flatten() {
        child.wait().expect("a child of ours");
    }
    until(PATIENCE, || nobody_runs_below(our_pid()));
    println!("orphans {orphans}");
    println!("zombies {}", zombies());
}

fn leaves_an_orphan() -> bool {
    shell("sleep 0.01 &").status().is_ok_and(|status| status.success())
}

fn shell(script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::null());
    shell.stderr(Stdio::null()); // one that cannot fork says so
    shell
}

/// Orphans come to us or to our parent, and end soon.
fn nobody_runs_below(us: u32) -> bool {
    let all = [children(us), children(parent())].concat();
    all.iter().all(|one| one.is_zombie || one.pid == us)
}

/// How many there are in the end, ours and our parent's. Somebody who waits for
/// them is given the time to do so.
fn zombies() -> usize {
    let count = || {
        let all = [children(our_pid()), children(parent())].concat();
        all.iter().filter(|one| one.is_zombie).count()
    };
    until(Duration::from_millis(40), || count() == 0);
    count()
}

/// Says that it is there, and then answers whoever writes to it.
fn answers(handles: &str) {
    heed_interrupt();
    if handles == "true" {
        handle_term();
    }
    println!("{} {}", our_pid(), parent());
    for line in io::stdin().lines() {
        println!("{}", line.expect("text"));
    }
}

#[cfg(unix)]
fn handle_term() {
    use tokio::signal::unix::{SignalKind, signal};
    let loops = tokio::runtime::Builder::new_current_thread();
    let loops = { loops }.enable_all().build().expect("a loop");
    let asked = loops.block_on(async { signal(SignalKind::terminate()) });
    let mut asked = asked.expect("a handler");
    std::thread::spawn(move || {
        loops.block_on(asked.recv());
        exit(0);
    });
}

#[cfg(not(unix))]
fn handle_term() {}

fn asked_to_end(run: &mut Run, (_, _, place, handles, signal): Told) -> String {
    run.elsewhere();
    let args = [place, "answers", if handles { "true" } else { "false" }];
    let command = rerun_self("place", &args.map(String::from));
    let mut program = Helper::start(command.expect("our path")).expect("it");
    let Some((pid, its_parent)) = numbers(program.first_line()) else {
        let why = program.first_line();
        return why.trim_start_matches("answer ").to_owned();
    };
    // Whoever runs a container knows its process 1.
    tell(if place == "init" { its_parent } else { pid }, signal);
    let told = Instant::now();
    let mut lives = true;
    while lives && told.elapsed() < MOMENT {
        lives = program.ask("Are you there?").is_ok();
        sleep(Duration::from_millis(1));
    }
    run.stop_clock();
    run.metric("lives", f64::from(lives));
    // `program` is dropped: its input ends, and so does it.
    if lives { "lives on" } else { "ends" }.into()
}

fn numbers(line: &str) -> Option<(u32, u32)> {
    let (one, other) = line.split_once(' ')?;
    Some((one.parse().ok()?, other.parse().ok()?))
}
