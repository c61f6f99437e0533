//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::io::{self, Read};

use lab::testing::fails;

// `read` says how much it has read. The starter does not listen.
#[allow(clippy::unused_io_amount)]
#[path = "../exercises/receive_starter.rs"]
mod receive_starter;

#[cfg(unix)]
#[path = "../exercises/limit_solution.rs"]
mod limit_solution;
// A process that nobody waits for is the mistake to find.
#[cfg(unix)]
#[allow(clippy::zombie_processes)]
#[path = "../exercises/limit_starter.rs"]
mod limit_starter;
#[path = "../exercises/receive_solution.rs"]
mod receive_solution;
#[cfg(unix)]
#[path = "../exercises/through_solution.rs"]
mod through_solution;
#[cfg(unix)]
#[path = "../exercises/through_starter.rs"]
mod through_starter;

/// Hands out one byte at a time, as a pipe may.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = into.len().min(1);
        self.0.read(&mut into[..length])
    }
}

fn receive(receive: impl Fn(&mut Drip<'_>) -> io::Result<Vec<u8>>) {
    let mut from = Drip(b"\x04\0\0\0soup\x05\0\0\0bread\x09\0\0\0half");
    assert_eq!(receive(&mut from).unwrap(), b"soup");
    assert_eq!(receive(&mut from).unwrap(), b"bread");
    assert!(receive(&mut from).is_err(), "half a message");
}

#[test]
fn messages_are_read_whole() {
    fails(|| receive(|from| receive_starter::receive(from)));
    receive(|from| receive_solution::receive(from));
}

#[cfg(unix)]
mod with_programs {
    use super::*;
    use std::process::{Command, ExitStatus};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    type RunFor = fn(&mut Command, Duration) -> io::Result<Option<ExitStatus>>;

    fn limit(name: &str, run_for: RunFor) {
        let name = format!("taking-turns-{}-{name}", std::process::id());
        let note = std::env::temp_dir().join(name);
        let mut shell = Command::new("sh");
        let script = format!("echo $$ >{}; exec sleep 60", note.display());
        let status =
            run_for(shell.args(["-c", &script]), Duration::from_millis(500));
        let pid = std::fs::read_to_string(&note).unwrap();
        std::fs::remove_file(&note).unwrap();
        assert_eq!(status.unwrap(), None, "it was killed");
        // Signal 0 asks whether there is such a process, ended ones included.
        let mut ask = Command::new("kill");
        let there = ask.args(["-0", pid.trim()]).output().unwrap();
        assert!(!there.status.success(), "process {pid} is still there");

        let quick = run_for(&mut Command::new("true"), Duration::from_secs(60));
        assert!(quick.unwrap().unwrap().success());
    }

    #[test]
    fn nothing_is_left_of_a_program_whose_time_is_up() {
        fails(|| limit("starter", limit_starter::run_for));
        limit("solution", limit_solution::run_for);
    }

    type Through = fn(&mut Command, &[u8]) -> io::Result<Vec<u8>>;

    fn through(through: Through) {
        for length in [10, 4 << 20] {
            let (done, result) = mpsc::channel();
            thread::spawn(move || {
                let input = vec![7; length];
                let output = through(&mut Command::new("cat"), &input);
                let _ = done.send(output.unwrap() == input);
            });
            let patience = Duration::from_millis(2500);
            let same = result.recv_timeout(patience);
            assert_eq!(same, Ok(true), "{length} bytes");
        }
    }

    #[test]
    fn a_long_input_comes_through_as_a_short_one_does() {
        fails(|| through(through_starter::through));
        through(through_solution::through);
    }
}
