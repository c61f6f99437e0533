//! Where nothing can be set.

use std::io;
use std::net::TcpListener;
use std::ops::RangeInclusive;

use socket2::Socket;

pub(crate) fn files(_: u64) -> bool {
    false
}

pub(crate) fn tasks(_: u64) -> bool {
    false
}

pub(crate) fn map_one_more(_: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn choose_from(
    _: &Socket,
    _: RangeInclusive<u16>,
) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn end_with_parent() {}

pub(crate) struct Epoll;

impl Epoll {
    pub(crate) fn of(_: &TcpListener, _: bool) -> io::Result<Epoll> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn again(&self, _: &TcpListener) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn wait(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
