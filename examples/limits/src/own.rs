//! Limits that a process sets for itself. They are for children of an
//! experiment: what one of them may not have any more, nobody else misses.
//!
//! Linux only. Elsewhere nothing can be set, and the answer says so.

use std::io;
use std::net::TcpListener;
use std::ops::RangeInclusive;

use socket2::Socket;

use crate::here;

/// Whether limits can be set here at all.
pub const HERE: bool = cfg!(target_os = "linux");

/// No more open files than this; `false` where that cannot be had.
pub fn files(most: u64) -> bool {
    here::files(most)
}

/// No more threads and processes of this user than this, ours among them. The
/// limit does not bind root, so root becomes somebody else first. For a process
/// with a single thread; `false` where it cannot be had.
pub fn tasks(most: u64) -> bool {
    here::tasks(most)
}

/// One more mapping of a page, which stays, and which the kernel cannot merge
/// with the one before.
///
/// # Errors
/// When the system refuses it.
pub fn map_one_more(i: usize) -> io::Result<()> {
    here::map_one_more(i)
}

/// The ports that `connect` or `bind` choose from, for this socket alone.
///
/// # Errors
/// Before Linux 6.3, and elsewhere.
pub fn choose_from(
    socket: &Socket,
    ports: RangeInclusive<u16>,
) -> io::Result<()> {
    here::choose_from(socket, ports)
}

/// This process ends when its parent does.
pub fn end_with_parent() {
    here::end_with_parent();
}

/// Waits until somebody wants to connect, by an epoll of one's own.
pub struct Epoll(here::Epoll);

impl Epoll {
    /// Registers a listener that may be shared with other processes; if it is
    /// `exclusive`, not all of them are to be woken for one connection.
    ///
    /// # Errors
    /// When there is no epoll.
    pub fn of(listener: &TcpListener, exclusive: bool) -> io::Result<Epoll> {
        here::Epoll::of(listener, exclusive).map(Epoll)
    }

    /// Registers the listener anew, behind all others.
    ///
    /// # Errors
    /// When it is not registered.
    pub fn again(&self, listener: &TcpListener) -> io::Result<()> {
        self.0.again(listener)
    }

    /// Waits; another process may still be quicker to accept.
    ///
    /// # Errors
    /// When the system interrupts.
    pub fn wait(&self) -> io::Result<()> {
        self.0.wait()
    }
}
