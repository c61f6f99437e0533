//! Links: what a host says to another comes later, and no faster than a rate.
//!
//! A process of its own accepts connections in a host's stead and passes on
//! what it reads, each piece when it is due. It knows nothing of what passes.
//! There is no limit on what may be under way, so a link behaves as one on
//! which TCP has found its speed already; and nothing is lost on it. What a
//! link has read is acknowledged, even while it is down: behind a cut cable
//! nothing is. An error is passed on as an end.

use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use lab::{Helper, rerun_self};

/// What the process is called as a child of an experiment.
pub const LINKS: &str = "links";

/// How long a piece is under way, and how many bytes a second pass; 0 is as
/// many as there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// In each direction.
    pub delay: Duration,
    /// In each direction, of each pair of hosts.
    pub bytes_per_s: u64,
}

/// The process that has all links.
pub struct Links(Helper, Kind);

impl Links {
    /// Starts it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(kind: Kind) -> io::Result<Links> {
        let links = Helper::start(rerun_self(LINKS, &[])?)?;
        Ok(Links(links, kind))
    }

    /// A link to `address`: where to connect to in its stead.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn to(&mut self, address: SocketAddr) -> io::Result<SocketAddr> {
        let Kind { delay, bytes_per_s } = self.1;
        let line = format!("{} {bytes_per_s} {address}", delay.as_micros());
        self.0.ask(&line)?.parse().map_err(io::Error::other)
    }

    /// All links are down, or up again: nothing passes and no connection ends.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn hold(&mut self, down: bool) -> io::Result<()> {
        self.0.ask(if down { "down" } else { "up" }).map(drop)
    }
}

/// The process's side, an [`lab::Experiment::child`]: a line on its input is
/// `DELAY_US BYTES_PER_S ADDRESS`, and the answer an address; or it is `up` or
/// `down`.
pub fn serve(_args: &[String]) {
    println!("ready");
    let down = Arc::new(AtomicBool::new(false));
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match line.as_str() {
            "down" | "up" => {
                down.store(line == "down", Relaxed);
                println!("{line}");
            }
            _ => println!("{}", open(&line, &down).expect("a port")),
        }
    }
    // The end of our input ends us, and with us all links.
    std::process::exit(0);
}

fn open(line: &str, down: &Arc<AtomicBool>) -> io::Result<SocketAddr> {
    let words: Vec<&str> = line.split(' ').collect();
    let delay = words[0].parse().map(Duration::from_micros);
    let delay = delay.map_err(io::Error::other)?;
    let bytes_per_s = words[1].parse().map_err(io::Error::other)?;
    let kind = Kind { delay, bytes_per_s };
    let target: SocketAddr = words[2].parse().map_err(io::Error::other)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let down = Arc::clone(down);
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let Ok(far) = TcpStream::connect(target) else { continue };
            for (from, to) in [(&near, &far), (&far, &near)] {
                let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone())
                else {
                    continue;
                };
                let _ = to.set_nodelay(true);
                let (reads, writes) = channel();
                let down = Arc::clone(&down);
                thread::spawn(move || read(from, &reads, kind));
                thread::spawn(move || write(to, &writes, &down));
            }
        }
    });
    Ok(address)
}

// ANCHOR: link
/// A piece, and when it is due at the other end.
type Piece = (Instant, Vec<u8>);

fn read(mut from: TcpStream, to: &Sender<Piece>, kind: Kind) {
    let (mut buffer, mut sent) = (vec![0; 1 << 16], Instant::now());
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        sent = sent.max(Instant::now());
        if kind.bytes_per_s > 0 {
            // The link is busy with it for so long, and then it is under way.
            sent += Duration::from_secs(1)
                .mul_f64(n as f64 / kind.bytes_per_s as f64);
        }
        if to.send((sent + kind.delay, buffer[..n].to_vec())).is_err() {
            return;
        }
    }
}

fn write(mut to: TcpStream, from: &Receiver<Piece>, down: &AtomicBool) {
    let wait_until_up = || {
        while down.load(Relaxed) {
            thread::sleep(Duration::from_millis(1));
        }
    };
    for (due, piece) in from {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        wait_until_up();
        if to.write_all(&piece).is_err() {
            return;
        }
    }
    wait_until_up();
    let _ = to.shutdown(Shutdown::Write);
}
// ANCHOR_END: link
