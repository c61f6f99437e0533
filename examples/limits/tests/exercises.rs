//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub, missing_docs)]

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use lab::testing::fails;

#[path = "../exercises/fewer_solution.rs"]
mod fewer_solution;
#[path = "../exercises/fewer_starter.rs"]
mod fewer_starter;
#[path = "../exercises/keep_solution.rs"]
mod keep_solution;
#[path = "../exercises/keep_starter.rs"]
mod keep_starter;
#[path = "../exercises/pause_solution.rs"]
mod pause_solution;
#[path = "../exercises/pause_starter.rs"]
mod pause_starter;

/// So long there is no file.
const FULL: Duration = Duration::from_millis(60);

macro_rules! pause {
    ($exercise:ident) => {
        || {
            let began = Instant::now();
            let mut asked = 0;
            let mut came = 0..3;
            let accept = || {
                asked += 1;
                match asked {
                    1 => Ok(came.next().unwrap()),
                    2..1_000 => Err(ErrorKind::ConnectionAborted.into()),
                    1_000 => Ok(came.next().unwrap()),
                    _ if began.elapsed() < FULL => Err(io::Error::other(
                        "Too many open files (os error 24)",
                    )),
                    _ => came.next().ok_or(ErrorKind::NotConnected.into()),
                }
            };
            let mut served = Vec::new();
            $exercise::serve_all(accept, |connection| served.push(connection));
            assert_eq!(served, [0, 1, 2]);
            let tries = asked - 1_000;
            assert!(tries < 100, "it asks {tries} times in {FULL:?}");
            // To pause for each who has left would take seconds.
            assert!(began.elapsed() < 20 * FULL, "it pauses for who has left");
        }
    };
}

#[test]
fn an_accept_loop_waits_where_asking_again_is_no_use() {
    fails(pause!(pause_starter));
    pause!(pause_solution)();
}

macro_rules! fewer {
    ($exercise:ident) => {
        || {
            for granted in [5, 3, 0] {
                let left = Arc::new(AtomicU32::new(100));
                let jobs = |left: &AtomicU32| while take(left) {};
                let (started, own) = (Cell::new(0), Arc::clone(&left));
                let start = || -> io::Result<JoinHandle<()>> {
                    if started.replace(started.get() + 1) >= granted {
                        return Err(ErrorKind::WouldBlock.into());
                    }
                    let left = Arc::clone(&left);
                    Ok(thread::spawn(move || jobs(&left)))
                };
                $exercise::work(5, start, || jobs(&own));
                assert_eq!(left.load(Ordering::Relaxed), 0);
                assert!(started.get() <= granted + 1, "who is refused is told");
            }
        }
    };
}

/// One job less, if there is one.
fn take(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
        n.checked_sub(1)
    })
    .is_ok()
}

#[test]
fn all_is_done_with_fewer_threads_than_were_asked_for() {
    fails(fewer!(fewer_starter));
    fewer!(fewer_solution)();
}

/// A connection to a server that doubles numbers, and closes when it has done
/// so thirty times.
struct Doubles(u32);

impl Doubles {
    fn double(&mut self, question: u32) -> io::Result<u32> {
        self.0 += 1;
        if self.0 > 30 {
            return Err(ErrorKind::ConnectionReset.into());
        }
        Ok(2 * question)
    }
}

impl keep_starter::Connection for Doubles {
    fn ask(&mut self, question: u32) -> io::Result<u32> {
        self.double(question)
    }
}

impl keep_solution::Connection for Doubles {
    fn ask(&mut self, question: u32) -> io::Result<u32> {
        self.double(question)
    }
}

macro_rules! keep {
    ($exercise:ident) => {
        || {
            let mut ports = 16;
            let connect = || {
                let left = || io::Error::from(ErrorKind::AddrNotAvailable);
                ports = u32::checked_sub(ports, 1).ok_or_else(left)?;
                Ok(Doubles(0))
            };
            let questions: Vec<u32> = (0..100).collect();
            let answers = $exercise::ask_all(connect, &questions).unwrap();
            assert!(answers.into_iter().eq((0..100).map(|n| 2 * n)));
        }
    };
}

#[test]
fn a_hundred_questions_need_fewer_than_sixteen_ports() {
    fails(keep!(keep_starter));
    keep!(keep_solution)();
}
