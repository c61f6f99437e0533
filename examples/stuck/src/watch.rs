//! Watches a child process until it ends, or nothing in it moves any more.

use std::io::Read;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use lab::{Run, rerun_self};

use crate::still::Look;

/// So long nothing may move. The programs' own pauses are well below it.
const PATIENCE: Duration = Duration::from_millis(200);
/// By then it must have ended, or stand still.
const LIMIT: Duration = Duration::from_secs(20);

/// What was seen of a child.
pub struct Seen {
    /// What it said, line by line.
    pub said: Vec<String>,
    /// Whether it stood still, and was ended.
    pub is_stuck: bool,
}

impl Seen {
    /// How many of its lines begin like this.
    pub fn count(&self, word: &str) -> usize {
        self.said.iter().filter(|line| line.starts_with(word)).count()
    }
}

/// Has the program's child `try` do what `args` say.
///
/// # Panics
/// When it fails, or neither ends nor stands still.
pub fn watch(run: &mut Run, args: &[&str]) -> Seen {
    run.elsewhere();
    let args = args.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut child = rerun_self("try", &args)
        .expect("our path")
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child process");
    let still = until_it_is_still(&mut child);
    run.stop_clock();
    if still != Still::Ended {
        child.kill().expect("a child to kill");
    }
    let status = child.wait().expect("a child that ends");
    let mut said = String::new();
    let mut out = child.stdout.take().expect("stdout is piped");
    out.read_to_string(&mut said).expect("text");
    match still {
        Still::Ended => assert!(status.success(), "{args:?}: {status}"),
        Still::Moves => panic!("{args:?}: after {LIMIT:?} it still moves"),
        Still::Asleep(threads) if threads > 0 => {
            run.metric("asleep", threads as f64);
        }
        Still::Asleep(_) => {}
    }
    let said = said.lines().map(str::to_owned).collect();
    Seen { said, is_stuck: still != Still::Ended }
}

#[derive(PartialEq, Eq)]
enum Still {
    Ended,
    /// So many threads, all of them.
    Asleep(usize),
    Moves,
}

// ANCHOR: watch
fn until_it_is_still(child: &mut Child) -> Still {
    let began = Instant::now();
    let (mut before, mut since) = (Look::default(), began);
    while began.elapsed() < LIMIT {
        if child.try_wait().expect("a child to wait for").is_some() {
            return Still::Ended;
        }
        let now = Look::at(child.id()).unwrap_or_default();
        if now != before || !now.all_sleep() {
            (before, since) = (now, Instant::now());
        } else if since.elapsed() > PATIENCE {
            return Still::Asleep(now.threads());
        }
        sleep(PATIENCE / 40);
    }
    Still::Moves
}
// ANCHOR_END: watch
