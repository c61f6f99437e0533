//! Two threads of one process, for comparison.

use std::cell::Cell;
use std::hint::black_box;
use std::io;
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex};
use std::thread;

use lab::{Gate, Run};

use super::stream::{listen, talk};
use super::work::{CHUNK, Job, Work, bulk, check, trips};

pub(crate) fn channel(run: &mut Run, job: Job) -> io::Result<String> {
    match job.work {
        Work::Trips => numbers_by_channel(run, job),
        Work::Bulk => chunks_by_channel(run, job),
    }
}

fn numbers_by_channel(run: &mut Run, job: Job) -> io::Result<String> {
    let (to, there) = sync_channel::<u64>(1);
    let (back, from) = sync_channel::<u64>(1);
    let other = thread::spawn(move || {
        job.take_their_core();
        for number in there {
            back.send(number + 1).unwrap();
        }
    });
    let answer = trips(run, |number| {
        to.send(number).map_err(io::Error::other)?;
        from.recv().map_err(io::Error::other)
    });
    drop(to);
    other.join().unwrap();
    answer
}

fn chunks_by_channel(run: &mut Run, job: Job) -> io::Result<String> {
    let (to, there) = sync_channel::<Vec<u8>>(1);
    let gate = Gate::of(2);
    let other = thread::spawn(gate.then(move || {
        job.take_their_core();
        check(|is_right| {
            let chunk = there.recv().map_err(io::Error::other)?;
            Ok(is_right(&chunk))
        })
    }));
    gate.wait();
    bulk(
        run,
        // The bytes stay where they are: what moves is their address.
        |n| to.send(vec![n; CHUNK]).map_err(io::Error::other),
        || other.join().unwrap(),
    )
}

/// As above, but the empty chunks come back to be filled again.
pub(crate) fn reuse(run: &mut Run, job: Job) -> io::Result<String> {
    let (to, there) = sync_channel::<Vec<u8>>(1);
    let (back, empty) = sync_channel::<Vec<u8>>(2);
    for _ in 0..2 {
        back.send(vec![0; CHUNK]).map_err(io::Error::other)?;
    }
    let gate = Gate::of(2);
    let other = thread::spawn(gate.then(move || {
        job.take_their_core();
        check(|is_right| {
            let chunk = there.recv().map_err(io::Error::other)?;
            let right = is_right(&chunk);
            let _ = back.send(chunk); // nobody wants the last ones
            Ok(right)
        })
    }));
    let give = |n| {
        let mut chunk = empty.recv().map_err(io::Error::other)?;
        chunk.fill(n);
        to.send(chunk).map_err(io::Error::other)
    };
    gate.wait();
    bulk(run, give, || other.join().unwrap())
}

pub(crate) fn condvar(run: &mut Run, job: Job) -> io::Result<String> {
    // Whose turn it is, and the number; none: there are no more.
    let slot = Mutex::new((Turn::Ours, Some(0)));
    let changed = Condvar::new();
    let put = |turn, number| {
        *slot.lock().unwrap() = (turn, number);
        // Not under the lock, or the woken one would have to wait for it.
        changed.notify_one();
    };
    let wait_until = |turn| {
        let held = slot.lock().unwrap();
        changed.wait_while(held, |slot| slot.0 != turn).unwrap().1
    };
    let add_one = || {
        while let Some(number) = wait_until(Turn::Theirs) {
            put(Turn::Ours, Some(number + 1));
        }
    };
    beside(job, add_one, || {
        let answer = trips(run, |number| {
            put(Turn::Theirs, Some(number));
            wait_until(Turn::Ours).ok_or(io::ErrorKind::UnexpectedEof.into())
        });
        put(Turn::Theirs, None);
        answer
    })
}

/// Does our side beside a thread that does theirs, on its core.
pub(crate) fn beside<T>(
    job: Job,
    theirs: impl FnOnce() + Send,
    ours: impl FnOnce() -> T,
) -> T {
    thread::scope(|scope| {
        scope.spawn(|| {
            job.take_their_core();
            theirs();
        });
        ours()
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Turn {
    Ours,
    Theirs,
}

/// The same pipe as between processes.
pub(crate) fn pipe(run: &mut Run, job: Job) -> io::Result<String> {
    let (there, to) = io::pipe()?;
    let (from, back) = io::pipe()?;
    let other = thread::spawn(move || {
        job.take_their_core();
        listen(job.work, there, back)
    });
    let answer = talk(run, job, to, from);
    other.join().unwrap()?;
    answer
}

/// Fills and checks, and gives nothing to anybody: what the others are to be
/// read against.
pub(crate) fn alone(run: &mut Run, _: Job) -> io::Result<String> {
    let (mut chunk, mut expected) = (vec![0; CHUNK], vec![0; CHUNK]);
    let right = Cell::new(0);
    let give = |n| {
        chunk.fill(n);
        expected.fill(n);
        right.set(right.get() + u64::from(black_box(&chunk) == &expected));
        Ok(())
    };
    bulk(run, give, || Ok(right.get()))
}
