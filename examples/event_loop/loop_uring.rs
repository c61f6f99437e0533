//! To be told when a call would not block, or to hand the call over: epoll and
//! io_uring, for a file and for messages.
//!
//! Run:  cargo run --example loop_uring
//! See:  columns `each` and `calls_each`. epoll takes no file, since a file is
//!       always ready; io_uring reads it, and with 32 reads in a call hardly
//!       any calls are left. To echo a message takes three calls by epoll and
//!       one by io_uring; of 32 that come at once, each takes two by epoll, and
//!       by io_uring a small part of one.
//!
//! The calls are those that the program makes, counted where it makes them. One
//! thread is at both ends of all sockets, and what it does at the other end
//! takes as long in all variants. Both need Linux.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::process::ExitCode;

use event_loop::library::one_thread;
use lab::{Experiment, Kind, Run};
use tokio::task::spawn_blocking;

const READS: usize = 1_000;
const BLOCK: usize = 4 << 10;

fn main() -> ExitCode {
    let question = "What do epoll and io_uring take for a read and a message?";
    let experiment = Experiment::new("loop_uring", question)
        .baseline("read")
        .case("file", "1 000 blocks of 4 KiB from a cached file")
        .variant(Kind::Alone, "read", "read, one by one", by_read)
        .variant(Kind::Task, "spawn_blocking", "spawn_blocking", by_threads);
    #[cfg(target_os = "linux")]
    let experiment = linux::with_variants(experiment);
    experiment.run()
}

/// A file whose blocks differ, just written, and gone with its last handle
/// where the system allows it.
fn file() -> File {
    let name = format!("taking-turns-{}-uring", std::process::id());
    let path = std::env::temp_dir().join(name);
    let mut file = File::options();
    let file = file.read(true).write(true).create(true).truncate(true);
    let mut file = file.open(&path).expect("a file of our own");
    let _ = fs::remove_file(&path);
    for n in 0..READS {
        let block = [(n % 251) as u8; BLOCK];
        file.write_all(&block).expect("room for some megabytes");
    }
    file.rewind().expect("a file");
    file
}

fn by_read(run: &mut Run) -> String {
    let mut file = file();
    let mut block = [0; BLOCK];
    run.start_clock();
    let mut sum = 0;
    for _ in 0..READS {
        file.read_exact(&mut block).expect("a block");
        sum += usize::from(block[0]);
    }
    told(run, READS, READS);
    format!("blocks {sum}")
}

fn by_threads(run: &mut Run) -> String {
    let file = file();
    let sum = one_thread().block_on(async {
        run.start_clock();
        let (mut sum, mut file) = (0, file);
        for _ in 0..READS {
            let read = spawn_blocking(move || {
                let mut block = [0; BLOCK];
                file.read_exact(&mut block).expect("a block");
                (usize::from(block[0]), file)
            });
            let first;
            (first, file) = read.await.expect("no panic");
            sum += first;
        }
        run.stop_clock();
        sum
    });
    // What it calls beside is the threads' affair, and not counted.
    run.metric("each_us", run.elapsed().as_secs_f64() * 1e6 / READS as f64);
    format!("blocks {sum}")
}

/// Stops the clock: so many reads or messages, by so many calls.
fn told(run: &mut Run, count: usize, calls: usize) {
    run.stop_clock();
    let count = count as f64;
    run.metric("each_us", run.elapsed().as_secs_f64() * 1e6 / count);
    run.metric("calls_each", calls as f64 / count);
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    use io_uring::squeue::{Entry, Flags};
    use io_uring::{IoUring, opcode, types::Fd};
    use rustix::buffer::spare_capacity;
    use rustix::event::epoll::{
        self, CreateFlags, Event, EventData, EventFlags,
    };

    use super::*;

    const SIZE: usize = 100;
    const MESSAGES: usize = 1_600;

    pub(super) fn with_variants(mut experiment: Experiment) -> Experiment {
        let allowed = IoUring::new(8);
        if let Err(error) = &allowed
            && !lab::is_child()
        {
            eprintln!("loop_uring: no io_uring here: {error}");
        }
        let allowed = allowed.is_ok();
        if allowed {
            for (name, label, depth) in [
                ("uring", "io_uring, one by one", 1),
                ("uring_32", "io_uring, 32 in a call", 32),
            ] {
                experiment =
                    experiment.variant(Kind::Alone, name, label, move |run| {
                        reads(run, depth).expect("it reads")
                    });
            }
        }
        for (case, label, pairs) in [
            ("one", "messages of 100 bytes, one at a time", 1),
            ("many", "messages of 100 bytes, 32 at a time", 32),
        ] {
            experiment = experiment.case(case, label).variant(
                Kind::Task,
                "epoll",
                "epoll",
                move |run| by_epoll(run, pairs).expect("it echoes"),
            );
            if allowed {
                let by_uring = move |run: &mut Run| {
                    by_uring(run, pairs).expect("it echoes")
                };
                experiment = experiment.variant(
                    Kind::Task,
                    "uring",
                    "io_uring",
                    by_uring,
                );
            }
        }
        experiment
            .case("refused", "a file, handed to epoll")
            .observed()
            .variant(Kind::Alone, "epoll", "epoll", |_| {
                let epoll = epoll::create(CreateFlags::CLOEXEC).expect("epoll");
                let added = watch(&epoll, &file(), 0);
                added
                    .map_or_else(|error| error.to_string(), |()| "taken".into())
            })
    }

    fn watch(
        epoll: &impl rustix::fd::AsFd,
        what: &impl rustix::fd::AsFd,
        n: u64,
    ) -> io::Result<()> {
        let data = EventData::new_u64(n);
        Ok(epoll::add(epoll, what, data, EventFlags::IN)?)
    }

    /// `depth` reads are handed over in one call, which waits for all of them.
    fn reads(run: &mut Run, depth: usize) -> io::Result<String> {
        let file = file();
        let mut blocks = vec![[0_u8; BLOCK]; depth];
        let mut ring = IoUring::new(64)?;
        run.start_clock();
        let (mut next, mut sum, mut calls) = (0, 0, 0);
        while next < READS {
            let batch = depth.min(READS - next);
            for block in &mut blocks[..batch] {
                let to = block.as_mut_ptr();
                let read =
                    opcode::Read::new(Fd(file.as_raw_fd()), to, BLOCK as u32);
                let read = read.offset((next * BLOCK) as u64).build();
                // SAFETY: the block is not looked at before the read is done.
                unsafe { ring.submission().push(&read) }.expect("room");
                next += 1;
            }
            ring.submit_and_wait(batch)?;
            calls += 1;
            for done in ring.completion() {
                assert_eq!(done.result(), BLOCK as i32);
            }
            sum += blocks[..batch]
                .iter()
                .map(|b| usize::from(b[0]))
                .sum::<usize>();
        }
        told(run, READS, calls);
        Ok(format!("blocks {sum}"))
    }

    // ANCHOR: epoll
    fn by_epoll(run: &mut Run, pairs: usize) -> io::Result<String> {
        let (mut ours, mut theirs) = sockets(pairs)?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        for (n, one) in theirs.iter().enumerate() {
            watch(&epoll, one, n as u64)?;
        }
        let mut ready: Vec<Event> = Vec::with_capacity(pairs);
        let mut message = [0; SIZE];
        rounds(run, &mut ours, |_| {
            let (mut echoed, mut calls) = (0, 0);
            while echoed < pairs {
                epoll::wait(&epoll, spare_capacity(&mut ready), None)?;
                for event in ready.drain(..) {
                    let one = &mut theirs[event.data.u64() as usize];
                    one.read_exact(&mut message)?;
                    one.write_all(&message)?;
                    echoed += 1;
                    calls += 2;
                }
                calls += 1;
            }
            Ok(calls)
        })
    }
    // ANCHOR_END: epoll

    // ANCHOR: uring
    fn by_uring(run: &mut Run, pairs: usize) -> io::Result<String> {
        let (mut ours, theirs) = sockets(pairs)?;
        let mut messages = vec![[0_u8; SIZE]; pairs];
        let mut ring = IoUring::new(128)?;
        for (n, message) in messages.iter_mut().enumerate() {
            hand_over(&mut ring, receive(&theirs[n], message, n));
        }
        ring.submit()?;
        rounds(run, &mut ours, |last| {
            let (mut echoed, mut calls) = (0, 0);
            while echoed < pairs {
                let done = ring.completion().map(|d| d.user_data() as usize);
                for n in done.collect::<Vec<_>>() {
                    if n >= pairs {
                        echoed += 1; // an echo was sent
                        continue;
                    }
                    let (one, message) = (&theirs[n], &mut messages[n]);
                    let send = send(one, message, n + pairs);
                    if last {
                        hand_over(&mut ring, send);
                    } else {
                        // The next one is received when this one is sent.
                        hand_over(&mut ring, send.flags(Flags::IO_LINK));
                        hand_over(&mut ring, receive(one, message, n));
                    }
                }
                if echoed < pairs {
                    ring.submit_and_wait(1)?; // the one call
                    calls += 1;
                }
            }
            Ok(calls)
        })
    }
    // ANCHOR_END: uring

    fn hand_over(ring: &mut IoUring, entry: Entry) {
        // SAFETY: who calls this keeps the message, and leaves it alone until
        // the entry is done; all of them are by the end of the last round.
        unsafe { ring.submission().push(&entry) }.expect("room for two each");
    }

    fn receive(from: &UnixStream, to: &mut [u8; SIZE], n: usize) -> Entry {
        let from = Fd(from.as_raw_fd());
        let receive = opcode::Recv::new(from, to.as_mut_ptr(), SIZE as u32);
        receive.build().user_data(n as u64)
    }

    fn send(to: &UnixStream, what: &[u8; SIZE], n: usize) -> Entry {
        let to = Fd(to.as_raw_fd());
        let send = opcode::Send::new(to, what.as_ptr(), SIZE as u32);
        send.build().user_data(n as u64)
    }

    fn sockets(pairs: usize) -> io::Result<(Vec<UnixStream>, Vec<UnixStream>)> {
        (0..pairs).map(|_| UnixStream::pair()).collect()
    }

    /// The other end: sends a message on each socket, has all of them echoed,
    /// and reads the echoes. `echo` is told whether it is the last round, and
    /// tells how many calls it made.
    fn rounds(
        run: &mut Run,
        ours: &mut [UnixStream],
        mut echo: impl FnMut(bool) -> io::Result<usize>,
    ) -> io::Result<String> {
        let (rounds, mut calls) = (MESSAGES / ours.len(), 0);
        let (message, mut back) = ([7; SIZE], [0; SIZE]);
        run.start_clock();
        for round in 1..=rounds {
            for one in &mut *ours {
                one.write_all(&message)?;
            }
            calls += echo(round == rounds)?;
            for one in &mut *ours {
                one.read_exact(&mut back)?;
                assert_eq!(message, back);
            }
        }
        told(run, MESSAGES, calls);
        Ok(format!("{MESSAGES} echoed"))
    }
}
