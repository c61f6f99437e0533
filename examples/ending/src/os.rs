//! What only Unix has: signals, groups of processes, a listener that is
//! inherited.

use std::fs::File;
use std::future::Future;
use std::io::{self, ErrorKind, Read};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use rustix::stdio::dup2_stdin;
use signal_hook::{flag, low_level::pipe};
use tokio::signal::unix::{SignalKind, signal};

/// What a process may be told.
#[derive(Clone, Copy)]
pub enum Word {
    /// `SIGTERM`.
    Terminate,
    /// `SIGINT`, by which a terminal tells of a Ctrl-C.
    Interrupt,
}

impl Word {
    fn number(self) -> i32 {
        match self {
            Word::Terminate => libc::SIGTERM,
            Word::Interrupt => libc::SIGINT,
        }
    }

    fn signal(self) -> Signal {
        match self {
            Word::Terminate => Signal::TERM,
            Word::Interrupt => Signal::INT,
        }
    }
}

fn pid(process: u32) -> Pid {
    Pid::from_raw(process as i32).expect("a process id")
}

/// Tells one process. It may be gone already.
pub fn tell(process: u32, word: Word) {
    let _ = kill_process(pid(process), word.signal());
}

/// Tells all of the group that this process has begun.
pub fn tell_group(leader: u32, word: Word) {
    let _ = kill_process_group(pid(leader), word.signal());
}

/// Has the command begin a group of its own.
pub fn own_group(command: &mut Command) {
    command.process_group(0);
}

/// These signals do what they do by default. Whoever starts us may have
/// ignored them, as a shell does for what runs in the background.
pub fn default_action() {
    for word in [Word::Terminate, Word::Interrupt] {
        // SAFETY: the number is a signal's, and no handler is ours yet.
        unsafe { libc::signal(word.number(), libc::SIG_DFL) };
    }
}

/// The second Ctrl-C ends the process at once, if the first has set `told`.
pub fn second_interrupt_ends(told: &Arc<AtomicBool>) {
    let number = Word::Interrupt.number();
    // In this order, or the first would end it.
    flag::register_conditional_shutdown(number, 130, Arc::clone(told))
        .and_then(|_| flag::register(number, Arc::clone(told)))
        .expect("a handler");
}

/// Ends when `SIGTERM` comes. The signal is taken from this call on.
pub fn terminated() -> impl Future<Output = ()> {
    let mut signal = signal(SignalKind::terminate()).expect("a handler");
    async move {
        signal.recv().await;
    }
}

/// Gives a child the listener, in place of its input.
pub fn as_input(listener: &TcpListener) -> Stdio {
    Stdio::from(OwnedFd::from(listener.try_clone().expect("one more")))
}

/// The listener that the parent has given.
pub fn of_input() -> TcpListener {
    let listener = io::stdin().as_fd().try_clone_to_owned();
    // Nobody is to hold it open but what we return.
    let nothing = File::open("/dev/null").expect("nothing");
    dup2_stdin(&nothing).expect("an input");
    TcpListener::from(listener.expect("one more"))
}

// ANCHOR: bell
/// A pipe into which the signal's handler writes: the one thing that a handler
/// may do, and that a thread can wait for beside other things.
pub struct Bell(UnixStream);

impl Bell {
    /// The signal is taken from now on.
    pub fn of(word: Word) -> Bell {
        let (bell, handler) = UnixStream::pair().expect("a pipe");
        pipe::register(word.number(), handler).expect("a handler");
        Bell(bell)
    }
    // ANCHOR_END: bell

    /// Waits until it rings.
    pub fn wait(mut self) {
        self.0.read_exact(&mut [0]).expect("a ring");
    }
}

/// Lets connections in until the bell rings.
pub struct Door {
    listener: TcpListener,
    bell: Bell,
}

impl Door {
    /// Waits at this listener, and for this bell.
    pub fn open(listener: TcpListener, bell: Bell) -> Door {
        // Other processes may wait at it, too, and take what we were told of.
        listener.set_nonblocking(true).expect("a listener");
        Door { listener, bell }
    }

    // ANCHOR: next
    /// The next one to come; `None` when the bell has rung.
    pub fn next(&self) -> Option<TcpStream> {
        loop {
            let mut both = [
                PollFd::new(&self.bell.0, PollFlags::IN),
                PollFd::new(&self.listener, PollFlags::IN),
            ];
            match poll(&mut both, None) {
                Err(Errno::INTR) => continue, // it was the bell, most likely
                asked => asked.expect("two descriptors"),
            };
            if !both[0].revents().is_empty() {
                return None;
            }
            if let Some(connection) = self.in_line() {
                return Some(connection);
            }
        }
    }
    // ANCHOR_END: next

    /// Who is in line already, if anyone.
    pub fn in_line(&self) -> Option<TcpStream> {
        match self.listener.accept() {
            Ok((connection, _)) => {
                // On some systems it takes after the listener.
                connection.set_nonblocking(false).expect("a connection");
                Some(connection)
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => None,
            Err(e) => panic!("nobody comes in: {e}"),
        }
    }
}
