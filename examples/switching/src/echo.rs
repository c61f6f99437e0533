//! The server that is asked: a process of its own, on loopback.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::rung::cpus;

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
