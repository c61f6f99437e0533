//! A pool of processes, one for each core: this program, started again. An item
//! goes to one of them by a pipe, and its answer comes back by another.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use lab::{Helper, rerun_self};

use crate::Work;
use crate::models::Items;

/// What the child is called.
pub const CHILD: &str = "worker";

/// A process for each core, and in the parent a thread that talks to it.
///
/// # Panics
/// When a process does not start, or does not answer.
pub fn processes(work: &Work) -> u64 {
    let items = &Items::of(work.items);
    let serve = || -> io::Result<u64> {
        let mut worker = start(work)?;
        let mut sum = 0;
        while let Some(i) = items.take() {
            sum += work.answer(ask(&mut worker, i, &work.input)?);
        }
        worker.end()?;
        Ok(sum)
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..work.cores).map(|_| scope.spawn(serve)).collect();
        let sums = all.into_iter().map(|one| one.join().unwrap());
        sums.map(|sum| sum.expect("a worker that answers")).sum()
    })
}

/// Starts a worker and waits until it is there.
///
/// # Errors
/// When it does not start.
pub fn start(work: &Work) -> io::Result<Helper> {
    let arguments = [
        work.half.to_string(),
        work.wait.as_micros().to_string(),
        work.bytes_out.to_string(),
    ];
    Helper::start(rerun_self(CHILD, &arguments)?)
}

/// Sends an item, and waits for what comes out of it.
///
/// # Errors
/// When the worker is gone.
pub fn ask(
    worker: &mut Helper,
    i: u64,
    input: &[u8],
) -> io::Result<(u64, Vec<u8>)> {
    let (to, from) = worker.pipes();
    send(to, i, input)?;
    receive(from)
}

/// The worker's side: answers until its input ends.
///
/// # Panics
/// When its arguments are not those of [`start`].
pub fn serve(arguments: &[String]) {
    let number = |i: usize| arguments[i].parse::<u64>().expect("a number");
    let work = Work {
        half: number(0) as u32,
        wait: Duration::from_micros(number(1)),
        bytes_out: number(2) as usize,
        ..Work::nothing(0, 1)
    };
    println!("ready");
    let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
    while let Ok((i, input)) = receive(&mut from) {
        let x = work.begin(i, input.len());
        if !work.wait.is_zero() {
            thread::sleep(work.wait);
        }
        let (x, out) = work.finish(x);
        // If nobody reads it, nobody needs us.
        if send(&mut to, x, &out).is_err() {
            return;
        }
    }
}

/// A message: a number, the length of what follows, and that.
fn send(to: &mut impl Write, number: u64, bytes: &[u8]) -> io::Result<()> {
    let length = bytes.len() as u64;
    let mut message = Vec::with_capacity(16 + bytes.len());
    message.extend(number.to_le_bytes());
    message.extend(length.to_le_bytes());
    message.extend(bytes);
    to.write_all(&message)?;
    to.flush()
}

fn receive(from: &mut impl Read) -> io::Result<(u64, Vec<u8>)> {
    let mut number = [0; 8];
    from.read_exact(&mut number)?;
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let mut bytes = vec![0; u64::from_le_bytes(length) as usize];
    from.read_exact(&mut bytes)?;
    Ok((u64::from_le_bytes(number), bytes))
}
