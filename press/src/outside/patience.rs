//! Commands that may take their time, and no more than that.

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lab::os::Tell;

use crate::outside::ending::Group;
use crate::outside::strays::Family;

/// How long a command may take.
#[derive(Clone, Copy, Debug)]
pub(super) enum Limit {
    /// From its start to its end.
    InAll(Duration),
    /// From one sign of life to the next.
    Silent(Duration),
}

/// What a command printed, and how it ended.
pub(super) struct Said {
    pub(super) how: ExitStatus,
    /// Its output, the last of it.
    pub(super) out: String,
    /// Its complaints, the last of them.
    pub(super) complaint: String,
}

/// How much of what a command prints is kept.
const KEPT: usize = 1 << 20;
/// How often it is looked whether a command has ended that still has an open pipe.
const LOOK: Duration = Duration::from_millis(100);

/// Runs a command, and ends it with all that it started when it takes too long.
///
/// # Errors
/// When it does not start, or takes too long.
pub(super) fn output(command: &mut Command, limit: Limit) -> Result<Said> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut child, family) =
        Family::start(command).with_context(|| format!("{program} does not start"))?;
    let _group = Group::at_once(child.id());
    let (sender, pieces) = mpsc::sync_channel(16);
    let out = child.stdout.take().expect("stdout is piped");
    let complaints = child.stderr.take().expect("stderr is piped");
    let of_complaints = sender.clone();
    let listening =
        thread::Builder::new().spawn(move || read(out, Pipe::Out, &sender)).and_then(|_| {
            thread::Builder::new()
                .spawn(move || read(complaints, Pipe::Complaints, &of_complaints))
        });
    if let Err(e) = listening {
        family.kill();
        child.wait().ok();
        return Err(e).context("cannot start a thread");
    }
    let mut heard = Heard::default();
    let began = Instant::now();
    let mut sign_of_life = began;
    let how = loop {
        let piece = pieces.recv_timeout(LOOK);
        if let Ok((pipe, bytes)) = &piece {
            sign_of_life = Instant::now();
            heard.take(*pipe, bytes);
        }
        if let Some(how) = child.try_wait()? {
            break how;
        }
        let (since, most) = match limit {
            Limit::InAll(most) => (began, most),
            Limit::Silent(most) => (sign_of_life, most),
        };
        if since.elapsed() > most {
            family.tell(Tell::Kill);
            child.kill().ok();
            child.wait().ok();
            family.kill();
            bail!("{program} hung: {} within {} s", limit.missed(), most.as_secs());
        }
        if matches!(piece, Err(RecvTimeoutError::Disconnected)) {
            thread::sleep(LOOK); // it has closed both, and goes on
        }
    };
    // What it has left behind would hold the pipes open.
    family.kill();
    heard.take_rest(&pieces);
    Ok(Said { how, out: text(heard.out), complaint: text(heard.complaints) })
}

impl Limit {
    fn missed(self) -> &'static str {
        match self {
            Limit::InAll(_) => "no answer",
            Limit::Silent(_) => "no sign of life",
        }
    }
}

impl Said {
    /// The last line of its complaints, or of its output.
    pub(super) fn last_word(&self) -> &str {
        last_line(&self.complaint).or(last_line(&self.out)).unwrap_or("it said nothing")
    }
}

fn last_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).rfind(|line| !line.is_empty())
}

#[derive(Clone, Copy)]
enum Pipe {
    Out,
    Complaints,
}

#[derive(Default)]
struct Heard {
    out: Vec<u8>,
    complaints: Vec<u8>,
}

impl Heard {
    fn take(&mut self, pipe: Pipe, bytes: &[u8]) {
        let all = match pipe {
            Pipe::Out => &mut self.out,
            Pipe::Complaints => &mut self.complaints,
        };
        all.extend_from_slice(bytes);
        if all.len() > 2 * KEPT {
            all.drain(..all.len() - KEPT);
        }
    }

    fn take_rest(&mut self, pieces: &Receiver<(Pipe, Vec<u8>)>) {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(1)
            && let Ok((pipe, bytes)) = pieces.recv_timeout(Duration::from_secs(1))
        {
            self.take(pipe, &bytes);
        }
    }
}

fn read(mut from: impl Read, pipe: Pipe, to: &SyncSender<(Pipe, Vec<u8>)>) {
    let mut piece = vec![0; 1 << 14];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        if to.send((pipe, piece[..length].to_vec())).is_err() {
            return;
        }
    }
}

/// Nobody promises that a program prints UTF-8.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Shell scripts, to be had on every Unix.
#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    const SOON: Limit = Limit::InAll(Duration::from_secs(1));
    const LATE: Limit = Limit::InAll(Duration::from_secs(30));

    #[test]
    fn a_command_says_more_than_a_pipe_holds_and_in_any_bytes() {
        let script = r"head -c 300000 /dev/zero | tr '\0' x; printf '\nlast \377\n'; exit 3";
        let said = output(&mut shell(script), LATE).unwrap();
        assert_eq!(said.out.len(), 300_000 + "\nlast \u{fffd}\n".len());
        assert_eq!((said.last_word(), said.how.code()), ("last \u{fffd}", Some(3)));
    }

    #[test]
    fn whoever_waits_without_end_is_ended_and_so_is_what_it_started() {
        for script in ["sleep 60", "sleep 60 & sleep 60", "exec >&- 2>&-; sleep 60", "yes"] {
            let began = Instant::now();
            let Err(e) = output(&mut shell(script), SOON) else { panic!("{script} ended") };
            assert_eq!(e.to_string(), "sh hung: no answer within 1 s", "{script}");
            assert!(began.elapsed() < Duration::from_secs(20), "{script}");
        }
    }

    #[test]
    fn what_is_left_behind_does_not_keep_us_waiting() {
        let began = Instant::now();
        let said = output(&mut shell("echo here; sleep 60 &"), LATE).unwrap();
        assert_eq!(said.out, "here\n");
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_sign_of_life_is_enough_where_only_silence_is_limited() {
        let silent = Limit::Silent(Duration::from_secs(1));
        let script = "for i in 1 2 3 4; do sleep 0.5; echo $i >&2; done";
        assert_eq!(output(&mut shell(script), silent).unwrap().complaint, "1\n2\n3\n4\n");
        let Err(e) = output(&mut shell("echo one; sleep 60"), silent) else {
            panic!("it ended")
        };
        assert_eq!(e.to_string(), "sh hung: no sign of life within 1 s");
    }
}
