//! The server that is asked: a process of its own, on loopback.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::rung::cpus;

/// A running server; it ends when this is dropped, or when we do.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts this program again as the child `serve`, which must be
    /// [`serve`], and waits until it listens.
    ///
    /// # Errors
    /// When it does not start or does not tell its address.
    pub fn start() -> io::Result<Server> {
        let mut child = lab::rerun_self("serve", &[])?
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("stdout is piped");
        BufReader::new(out).read_line(&mut line)?;
        let address = line.trim().parse().map_err(io::Error::other)?;
        Ok(Server { child, address })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take()); // the server ends when this does
        let _ = self.child.wait();
    }
}

/// Serves until standard input ends, on the last core there is. Prints its
/// address first.
pub fn serve(_: &[String]) {
    if let Some(&cpu) = cpus().last() {
        lab::os::pin_to(&[cpu]);
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            std::thread::spawn(move || answer_all(connection));
        }
    });
    let _ = io::stdin().read_to_end(&mut Vec::new());
}

/// Answers each number with its square, after a time that depends on the
/// number: up to two milliseconds, one on average, and in no order.
fn answer_all(mut connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    loop {
        let mut request = [0; 8];
        connection.read_exact(&mut request)?;
        let n = u64::from_le_bytes(request);
        let us = n.wrapping_mul(48_271) % 2_000;
        std::thread::sleep(Duration::from_micros(us));
        connection.write_all(&n.wrapping_mul(n).to_le_bytes())?;
    }
}
