//! One kind of work turned into the other: what does a redesign change?
//!
//! Run:  cargo run --example work_change
//! See:  `ask` waits: fifty questions, one after another. A cache asks five of
//!       them, one request carries all fifty, and either way most of the time
//!       that is left is computing: the CPU column says so. `compute` is the
//!       other way round: who asks for the result instead, waits. A file that
//!       the kernel still has in memory is nothing to wait for.
//!
//! All variants of a case give the same answer.

use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lab::{Experiment, Kind, Run};
use work::{REPEATS, ask, chain, receive, send, server};

const DELAY_MS: u64 = 4;
/// Fifty questions, about five numbers.
const QUESTIONS: u64 = 50;
const NUMBERS: u64 = 5;
/// Ten squares to find, of large numbers.
const LARGE: Range<u64> = 500_000..500_010;
/// The file knows them all.
const WRITTEN: Range<u64> = 490_000..510_000;

fn main() -> ExitCode {
    let with_server = |work: fn(SocketAddr) -> u64| {
        move |run: &mut Run| {
            let server = server();
            run.start_clock();
            work(server)
        }
    };
    Experiment::new(
        "work_change",
        "Can a redesign turn waiting into computing, and back?",
    )
    .baseline("before")
    .case("ask", "fifty questions about five numbers")
    .variant(Kind::Alone, "before", "a request each", with_server(one_by_one))
    .variant(Kind::Alone, "cached", "with a cache", with_server(cached))
    .variant(Kind::Alone, "batched", "one request", with_server(batched))
    .case("compute", "ten squares")
    .variant(Kind::Alone, "before", "added up", |_| added_up())
    .variant(Kind::Alone, "asked", "asked for", with_server(asked))
    .variant(Kind::Alone, "file", "read from a file", |run| {
        let table = Table::write();
        run.start_clock();
        let total = looked_up(&table.0);
        run.stop_clock();
        total
    })
    .run()
}

// ANCHOR: ask
fn one_by_one(server: SocketAddr) -> u64 {
    questions().map(|n| judge(ask(server, n, DELAY_MS))).sum()
}

fn cached(server: SocketAddr) -> u64 {
    let mut known = HashMap::new();
    let mut total = 0;
    for n in questions() {
        let answer =
            *known.entry(n).or_insert_with(|| ask(server, n, DELAY_MS));
        total += judge(answer); // the computing stays
    }
    total
}

fn batched(server: SocketAddr) -> u64 {
    let all: Vec<String> = questions().map(|n| n.to_string()).collect();
    let mut connection = send(server, &all.join(","), DELAY_MS);
    let answers = receive(&mut connection).expect("fifty answers");
    answers.into_iter().map(judge).sum()
}
// ANCHOR_END: ask

fn questions() -> impl Iterator<Item = u64> {
    (0..QUESTIONS).map(|i| i * 7 % NUMBERS)
}

/// Some computing with each answer, about a millisecond.
fn judge(answer: u64) -> u64 {
    let mut result = 0;
    for _ in 0..REPEATS {
        result = chain(black_box(answer), 12_500);
    }
    result
}

fn added_up() -> u64 {
    LARGE.map(square).sum()
}

/// The sum of the first n odd numbers.
fn square(n: u64) -> u64 {
    let mut sum = 0;
    for _ in 0..REPEATS {
        // A compiler that saw the numbers would know their sum.
        sum = (0..n).map(|i| black_box(2 * i + 1)).sum();
    }
    sum
}

/// Somebody has computed them already, and is a request away.
fn asked(server: SocketAddr) -> u64 {
    LARGE.map(|n| ask(server, n, DELAY_MS)).sum()
}

/// We have computed them already, and wrote them down.
fn looked_up(table: &Path) -> u64 {
    let text = fs::read_to_string(table).expect("the table");
    let known: HashMap<u64, u64> = text
        .lines()
        .map(|line| line.split_once(' ').expect("two numbers"))
        .map(|(n, square)| (number(n), number(square)))
        .collect();
    LARGE.map(|n| known[&n]).sum()
}

/// A file with a number and its square in each line. It goes with its name.
struct Table(PathBuf);

impl Table {
    fn write() -> Table {
        let name = format!("work_change-{}.txt", std::process::id());
        let path = std::env::temp_dir().join(name);
        let lines: String =
            WRITTEN.map(|n| format!("{n} {}\n", n * n)).collect();
        fs::write(&path, lines).expect("a temporary file");
        Table(path)
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number")
}
