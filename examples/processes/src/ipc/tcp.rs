//! A connection over the loopback interface.

use std::io;
use std::net::{TcpListener, TcpStream};

use lab::Run;
use processes::ended_well;

use super::other;
use super::stream::{listen, talk};
use super::work::{Job, Work};

pub(crate) fn loopback(run: &mut Run, job: Job) -> io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?.to_string();
    let mut child = other("tcp", job, &address)?.spawn()?;
    let (ours, _) = listener.accept()?;
    ours.set_nodelay(true)?; // or small messages wait for company
    let answer = talk(run, job, &ours, &ours);
    drop(ours);
    ended_well(child.wait()?)?;
    answer
}

pub(crate) fn peer(work: Work, address: &str) -> io::Result<()> {
    let theirs = TcpStream::connect(address)?;
    theirs.set_nodelay(true)?;
    listen(work, &theirs, &theirs)
}
