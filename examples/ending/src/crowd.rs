//! A server in a process of its own, and the clients that ask it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio, exit};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use lab::os::{Tell, tell_group};
use lab::rerun_self;

use crate::os;

/// No server lives longer, whatever becomes of who started it.
const LIFE: Duration = Duration::from_secs(20);
/// By then it must have ended.
const LIMIT: Duration = Duration::from_secs(10);

/// For a child: it ends some day, and its signals do what they do by default.
pub fn begin() {
    os::default_action();
    spawn(|| {
        sleep(LIFE);
        exit(3)
    });
}

/// A listener on a free port.
pub fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).expect("a free port")
}

/// For a child: it is there, and its signals are taken care of.
pub fn announce(address: SocketAddr) {
    println!("{address}");
}

/// A server, as its clients see it. Dropped, it is gone, and all of its group.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts the program's child `serve` with `args`.
    pub fn start(args: &[&str]) -> Server {
        let args = args.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut command = rerun_self("serve", &args).expect("our path");
        os::own_group(&mut command);
        let (child, address) = started(&mut command);
        Server { child, address: address.parse().expect("an address") }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it ends, but no longer than until then.
    pub fn ends_by(&mut self, then: Instant) -> Option<ExitStatus> {
        ends_by(&mut self.child, then)
    }

    /// Waits until it ends.
    ///
    /// # Panics
    /// When it does not.
    pub fn ends(&mut self) -> ExitStatus {
        let status = self.ends_by(Instant::now() + LIMIT);
        status.expect("a server that ends")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        tell_group(self.child.id(), Tell::Kill);
        let _ = self.child.wait();
    }
}

/// Starts a child. Returns when it has said something, and so is there.
pub fn started(command: &mut Command) -> (Child, String) {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a child process");
    let said = child.stdout.take().expect("stdout is piped");
    let mut line = String::new();
    BufReader::new(said).read_line(&mut line).expect("a line");
    (child, line.trim().to_owned())
}

/// How a child ended, if it did by then.
pub fn ends_by(child: &mut Child, then: Instant) -> Option<ExitStatus> {
    loop {
        let status = child.try_wait().expect("a child to wait for");
        if status.is_some() || Instant::now() > then {
            return status;
        }
        sleep(Duration::from_micros(200));
    }
}

/// A connection that has asked for work of so many milliseconds.
///
/// # Panics
/// When nobody listens.
pub fn ask(address: SocketAddr, ms: u128) -> TcpStream {
    try_ask(address, ms).expect("a server")
}

/// The same, where perhaps nobody listens.
///
/// # Errors
/// When nobody does.
pub fn try_ask(address: SocketAddr, ms: u128) -> io::Result<TcpStream> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(LIMIT))?;
    connection.write_all(format!("work {ms}\n").as_bytes())?;
    Ok(connection)
}

/// Waits until the work has begun.
pub fn begun(connection: &mut TcpStream) {
    let mut line = [0; 6];
    connection.read_exact(&mut line).expect("a server that begins");
    assert_eq!(&line, b"begun\n");
}

/// Whether the connection brings all of the answer before it ends.
pub fn is_answered(mut connection: TcpStream) -> bool {
    let mut said = Vec::new();
    // An error is an end like others.
    let _ = connection.read_to_end(&mut said);
    said.ends_with(b"done\n")
}
