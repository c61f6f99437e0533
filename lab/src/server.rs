//! A small HTTP server that answers after a delay, for the experiments that wait.
//!
//! It runs in a process of its own, so that its work is not counted as the client's. One
//! thread a connection is enough for some hundred of them, and a real server would do more
//! than read the first line of a request.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use crate::Helper;

/// A running server process; it ends when this is dropped, or when we do.
pub struct Server {
    _process: Helper,
    /// Where it listens, on a loopback address.
    pub address: SocketAddr,
}

impl Server {
    /// Starts this program again as a server (`--serve`) and waits until it listens.
    ///
    /// # Errors
    /// When the process does not start or does not tell its address.
    pub fn start() -> io::Result<Server> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--serve");
        Server::of(command)
    }

    /// A server of one's own: `command` prints its address first, and ends when its input
    /// does.
    ///
    /// # Errors
    /// When the process does not start or does not tell its address.
    pub fn of(command: Command) -> io::Result<Server> {
        let process = Helper::start(command)?;
        let address = process.first_line().parse().map_err(io::Error::other)?;
        Ok(Server { _process: process, address })
    }
}

/// Serves on a free loopback port until standard input ends, so that no server outlives the
/// process that wanted it. Prints its address first.
///
/// # Errors
/// When no port can be had.
pub fn serve() -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            std::thread::spawn(move || answer(connection));
        }
    });
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Answers `GET /N?delay_ms=D` with the number N squared, D milliseconds later. Several
/// numbers, `GET /N,N,N?delay_ms=D`, are one request: one delay, and their squares in a row.
fn answer(mut connection: TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header == "\r\n" {
            break;
        }
    }
    let response = match parse(&request) {
        Some((numbers, delay_ms)) => {
            std::thread::sleep(Duration::from_millis(delay_ms));
            let squares: Vec<String> = numbers.iter().map(|n| (n * n).to_string()).collect();
            let body = squares.join(",");
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            )
        }
        None => {
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()
        }
    };
    connection.write_all(response.as_bytes())
}

/// Bounds every number, so that no request can keep the server busy for long.
fn parse(request: &str) -> Option<(Vec<u64>, u64)> {
    let path = request.strip_prefix("GET /")?.split(' ').next()?;
    let (numbers, delay_ms) = path.split_once("?delay_ms=")?;
    let numbers: Vec<u64> =
        numbers.split(',').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let delay_ms = delay_ms.parse().ok()?;
    let bounded = numbers.len() <= 1_000 && numbers.iter().all(|n| *n <= 1_000_000);
    (bounded && delay_ms <= 10_000).then_some((numbers, delay_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_a_number_and_a_delay_within_bounds() {
        assert_eq!(parse("GET /7?delay_ms=20 HTTP/1.1\r\n"), Some((vec![7], 20)));
        assert_eq!(parse("GET /7,0,12?delay_ms=0 HTTP/1.1\r\n"), Some((vec![7, 0, 12], 0)));
        let many = format!("GET /{}?delay_ms=0 ", vec!["1"; 1_001].join(","));
        for bad in [
            "",
            "GET /",
            "GET /7",
            "POST /7?delay_ms=20",
            "GET /x?delay_ms=1 ",
            "GET /7?delay_ms=10001 ",
            "GET /1000001?delay_ms=1 ",
            "GET /-7?delay_ms=1 ",
            "GET /7,?delay_ms=1 ",
            &many,
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
