//! Where there are no signals: the programs compile, and say so.

use std::future::{Future, pending};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const NONE: &str = "there are no signals on this platform";

/// What a process may be told elsewhere.
#[derive(Clone, Copy)]
pub enum Word {
    /// `SIGTERM`.
    Terminate,
    /// `SIGINT`.
    Interrupt,
}

/// It cannot be told.
pub fn tell(_process: u32, _word: Word) {
    panic!("{NONE}");
}

/// Nor can a group.
pub fn tell_group(_leader: u32, _word: Word) {
    panic!("{NONE}");
}

/// There are no groups.
pub fn own_group(_command: &mut Command) {}

/// There is none.
pub fn default_action() {}

/// There is none.
pub fn second_interrupt_ends(_told: &Arc<AtomicBool>) {}

/// Never ends.
pub fn terminated() -> impl Future<Output = ()> {
    pending()
}

/// A listener cannot be given away.
pub fn as_input(_listener: &TcpListener) -> Stdio {
    panic!("{NONE}");
}

/// None was given.
pub fn of_input() -> TcpListener {
    panic!("{NONE}");
}

/// Nobody rings it.
pub struct Bell;

impl Bell {
    /// Nobody rings it.
    pub fn of(_word: Word) -> Bell {
        Bell
    }

    /// Waits for good.
    pub fn wait(self) {
        panic!("{NONE}");
    }
}

/// Lets connections in.
pub struct Door(TcpListener);

impl Door {
    /// Waits at this listener.
    pub fn open(listener: TcpListener, _bell: Bell) -> Door {
        Door(listener)
    }

    /// The next one to come.
    pub fn next(&self) -> Option<TcpStream> {
        self.0.accept().ok().map(|(connection, _)| connection)
    }

    /// Nobody asks who is in line.
    pub fn in_line(&self) -> Option<TcpStream> {
        None
    }
}
