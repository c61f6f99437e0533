//! Numbered frames through a real socket, each in two halves with a pause in
//! between, as a network may deliver what was sent in one piece.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Bytes of a frame: its number, over and over.
pub const FRAME: usize = 32;
/// How many are sent.
pub const FRAMES: u64 = 100;
/// From one frame to the next.
pub const PAUSE: Duration = Duration::from_millis(1);

/// What a receiver has made of the bytes that it took.
#[derive(Default, Debug)]
pub struct Seen {
    /// Frames that are as they were sent.
    pub whole: u64,
    /// Frames made of the halves of two.
    pub mixed: u64,
    /// How often something else came first.
    pub interrupted: u64,
}

impl Seen {
    /// Looks at a frame as it came.
    pub fn frame(&mut self, frame: &[u8; FRAME]) {
        let (first, last) = (&frame[..8], &frame[FRAME - 8..]);
        if first == last {
            self.whole += 1;
        } else {
            self.mixed += 1;
        }
    }

    /// Bytes that were sent and are in no frame.
    pub fn lost_bytes(&self) -> u64 {
        (FRAMES - self.whole - self.mixed) * FRAME as u64
    }
}

/// The other end of a new connection sends its frames and closes it.
///
/// # Panics
/// When there is no connection on loopback.
pub fn sent() -> (TcpStream, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let here = TcpStream::connect(address).expect("we are listening");
    let (there, _) = listener.accept().expect("one waits");
    there.set_nodelay(true).expect("a socket of TCP");
    let sender = thread::spawn(move || send(there));
    (here, sender)
}

fn send(mut to: TcpStream) {
    for n in 0..FRAMES {
        let frame = n.to_be_bytes().repeat(FRAME / 8);
        let (first, second) = frame.split_at(FRAME / 2);
        for half in [first, second] {
            to.write_all(half).expect("the receiver reads to the end");
            thread::sleep(PAUSE / 2);
        }
    }
}
