//! Ping-pong through two pipes, against a thread or against a process. The
//! ball is a number, and whoever has it adds one.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Stdio};
use std::thread::{self, JoinHandle};

use lab::{Counters, os, rerun_self};

use crate::rung::NONE;
use crate::touch::WorkingSet;

// ANCHOR: game
/// Throws first, and plays all rounds. Returns the ball.
fn throw_first(
    mut to: &File,
    mut from: &File,
    rounds: u64,
    set: &mut WorkingSet,
) -> io::Result<u64> {
    let mut ball = 0;
    for _ in 0..rounds {
        set.touch();
        to.write_all(&u64::to_ne_bytes(ball + 1))?;
        // Nothing there yet: here we sleep, and the other one runs.
        ball = catch(&mut from)?;
    }
    Ok(ball)
}

/// Returns the ball until nobody throws it any more.
fn return_all(mut from: &File, mut to: &File, set: &mut WorkingSet) {
    while let Ok(ball) = catch(&mut from) {
        set.touch();
        if to.write_all(&u64::to_ne_bytes(ball + 1)).is_err() {
            return;
        }
    }
}
// ANCHOR_END: game

fn catch(from: &mut impl Read) -> io::Result<u64> {
    let mut ball = [0; 8];
    from.read_exact(&mut ball)?;
    Ok(u64::from_ne_bytes(ball))
}

/// The one we play against, ready on a hardware thread of its own or on ours.
pub struct Partner {
    to: File,
    from: File,
    who: Who,
}

enum Who {
    Thread(JoinHandle<()>),
    Process(Child),
}

/// What a partner has to say at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many cache lines it has touched.
    pub touched: u64,
    /// What the kernel counted for it, if that is not in our own counters.
    pub counters: Counters,
}

impl Partner {
    /// A thread of this process, which touches `bytes` each time.
    ///
    /// # Errors
    /// When there are no more pipes.
    pub fn thread(cpu: usize, bytes: usize) -> io::Result<Partner> {
        let (from_us, to) = io::pipe()?;
        let (from, to_us) = io::pipe()?;
        let (from_us, to_us) =
            (File::from(OwnedFd::from(from_us)), OwnedFd::from(to_us).into());
        let thread = thread::spawn(move || {
            // What it uses is counted as this process's.
            stand(cpu, bytes, &from_us, &to_us, || NONE)
        });
        let (to, from) = (OwnedFd::from(to).into(), OwnedFd::from(from).into());
        Partner { to, from, who: Who::Thread(thread) }.ready()
    }

    /// This program again, as a process of its own. Its `main` has a child
    /// called `partner`, and that is [`partner`].
    ///
    /// # Errors
    /// When the process does not start.
    pub fn process(cpu: usize, bytes: usize) -> io::Result<Partner> {
        let mut child =
            rerun_self("partner", &[cpu.to_string(), bytes.to_string()])?
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
        let to = child.stdin.take().expect("stdin is piped");
        let from = child.stdout.take().expect("stdout is piped");
        let (to, from) = (OwnedFd::from(to).into(), OwnedFd::from(from).into());
        Partner { to, from, who: Who::Process(child) }.ready()
    }

    fn ready(mut self) -> io::Result<Partner> {
        catch(&mut self.from)?;
        Ok(self)
    }

    /// Plays all rounds, there and back, and touches `set` before each
    /// throw. Returns the ball, which was thrown twice in each.
    ///
    /// # Errors
    /// When the partner is gone.
    pub fn play(&self, rounds: u64, set: &mut WorkingSet) -> io::Result<u64> {
        throw_first(&self.to, &self.from, rounds, set)
    }

    /// Ends the game.
    ///
    /// # Errors
    /// When the partner ends without a report, or fails.
    pub fn end(self) -> io::Result<Report> {
        let Partner { to, mut from, who } = self;
        drop(to);
        let touched = catch(&mut from)?;
        let mut count = || catch(&mut from).map(|n| (n != ABSENT).then_some(n));
        let counters = Counters {
            cpu_ns: count()?,
            voluntary: count()?,
            involuntary: count()?,
        };
        match who {
            Who::Thread(thread) => thread.join().expect("no panic"),
            Who::Process(mut child) => {
                let status = child.wait()?;
                if !status.success() {
                    return Err(io::Error::other(format!(
                        "the partner ended with {status}"
                    )));
                }
            }
        }
        Ok(Report { touched, counters })
    }
}

const ABSENT: u64 = u64::MAX;

/// The child's side of [`Partner::process`].
pub fn partner(args: &[String]) {
    let number = |i: usize| args[i].parse().expect("a number");
    let ours = |fd: io::Result<OwnedFd>| File::from(fd.expect("a pipe"));
    let from = ours(io::stdin().as_fd().try_clone_to_owned());
    let to = ours(io::stdout().as_fd().try_clone_to_owned());
    stand(number(0), number(1), &from, &to, os::counters);
}

/// Takes its place, says that it is ready, plays, and reports.
fn stand(
    cpu: usize,
    bytes: usize,
    from: &File,
    to: &File,
    counters: impl Fn() -> Counters,
) {
    os::pin_to(&[cpu]);
    let mut set = WorkingSet::new(bytes);
    let before = counters();
    let say = |mut to: &File, n: u64| drop(to.write_all(&n.to_ne_bytes()));
    say(to, 0);
    return_all(from, to, &mut set);
    let used = counters().since(before);
    say(to, set.touched());
    for count in [used.cpu_ns, used.voluntary, used.involuntary] {
        say(to, count.unwrap_or(ABSENT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_adds_one_to_the_ball_and_touches_its_own_memory() {
        let partner = Partner::thread(0, 4096).unwrap();
        let mut set = WorkingSet::new(8192);
        assert_eq!(partner.play(100, &mut set).unwrap(), 200);
        assert_eq!(set.touched(), 100 * 8192 / 64);
        assert_eq!(partner.end().unwrap().touched, 100 * 4096 / 64);
    }

    #[test]
    fn a_partner_that_fails_after_its_report_is_an_error() {
        let ends_with = |status: i32| {
            // Ready, and four numbers to report.
            let reports = format!("head -c 40 /dev/zero; exit {status}");
            let mut child = std::process::Command::new("sh")
                .args(["-c", &reports])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let to = OwnedFd::from(child.stdin.take().unwrap()).into();
            let from = OwnedFd::from(child.stdout.take().unwrap()).into();
            let partner = Partner { to, from, who: Who::Process(child) };
            partner.ready().unwrap().end()
        };
        assert!(ends_with(0).is_ok());
        assert!(ends_with(3).is_err());
    }
}
