//! What verbs print. Nothing else in press writes to standard output or error: `println!`
//! panics once nobody reads it (`cargo book claims | head -1`), and strangers' text in it may
//! act on a terminal.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

use crate::ask::plain::lines;

/// The exit status that a shell tells of a program which nobody reads any more.
pub(super) const UNREAD: u8 = 141;

/// Whoever read what is printed has gone, and it is not worth a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unread;

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads what is printed")
    }
}

impl std::error::Error for Unread {}

/// Prints the answer of a verb that is there to print it.
///
/// # Errors
/// [`Unread`], or when it cannot be written.
pub(super) fn answer(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(lines(text).as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Err(Unread.into()),
        written => written.context("cannot write to standard output"),
    }
}

/// Prints what may be read or not: the work goes on, and is worth more than the words.
pub(super) fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", lines(text)).and_then(|()| out.flush());
}

/// Like [`say`], to standard error.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", lines(text));
}
