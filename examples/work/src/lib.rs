//! What the experiments of this chapter share: a server to wait for, and work
//! to compute. The server is a process of its own on 127.0.0.1, so that its
//! work is not counted as ours.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::OnceLock;

use lab::server::Server;

/// Where the server listens. It starts when it is first asked for, and ends
/// with this process.
///
/// # Panics
/// When it does not start.
pub fn server() -> SocketAddr {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start().expect("a server")).address
}

/// Asks for the square of `n`, which takes the server `delay_ms`.
///
/// # Panics
/// When it does not answer.
pub fn ask(server: SocketAddr, n: u64, delay_ms: u64) -> u64 {
    receive(&mut send(server, &n.to_string(), delay_ms)).expect("an answer")[0]
}

/// Asks on a connection of its own, over HTTP/1.1.
///
/// # Panics
/// When nobody listens.
pub fn send(server: SocketAddr, numbers: &str, delay_ms: u64) -> TcpStream {
    let mut connection = TcpStream::connect(server).expect("a connection");
    connection
        .write_all(request(numbers, delay_ms).as_bytes())
        .expect("a server that listens");
    connection
}

/// What `send` sends.
pub fn request(numbers: &str, delay_ms: u64) -> String {
    format!(
        "GET /{numbers}?delay_ms={delay_ms} HTTP/1.1\r\nhost: localhost\r\n\r\n"
    )
}

/// Waits for the answer.
///
/// # Errors
/// When the connection breaks, or the answer is not one.
pub fn receive(connection: &mut TcpStream) -> io::Result<Vec<u64>> {
    let mut response = String::new();
    connection.read_to_string(&mut response)?;
    squares(&response)
}

/// What the server answered. A real client would look at the headers; this one
/// knows its server.
///
/// # Errors
/// When the answer holds something other than numbers.
pub fn squares(response: &str) -> io::Result<Vec<u64>> {
    let body = response.rsplit("\r\n\r\n").next().unwrap_or_default();
    body.split(',')
        .map(|square| square.parse().ok())
        .collect::<Option<_>>()
        .ok_or_else(|| io::Error::other(format!("no numbers: {response:?}")))
}

/// Rust takes some ten nanoseconds for a step that takes Python a hundred or
/// more, so Rust does everything twenty times over.
pub const REPEATS: u64 = 20;

/// The generator of Park and Miller: each step needs the result of the last, so
/// that no compiler can fold it.
#[inline] // compiled with the program that times it
pub fn chain(seed: u64, steps: u64) -> u64 {
    let mut x = seed + 1;
    for _ in 0..steps {
        x = x * 48_271 % 0x7fff_ffff;
    }
    x
}
