//! What a message costs by the loop that echoes it: tokio's, our own, and in
//! Python asyncio's and uvloop's.
//!
//! Run:  cargo run --example loop_echo
//! See:  column `cpu_each`: the CPU time that the echoing process takes for a
//!       message. Its inverse is what one core can do at most; `each`, by the
//!       wall clock, has the asker's time in it as well. In Python compare the
//!       loops where nothing is done but to echo, and where a handler works.
//!
//! Who asks is a process of its own, this program's child, for Python too. It
//! sends a message on each connection, then reads the echo of each.

use std::cell::OnceCell;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{self as std_net, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use event_loop::library::one_thread;
use event_loop::{EventLoop, TcpStream};
use lab::server::Server;
use lab::{Experiment, Kind, Run, os, rerun_self};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net;
use tokio::task::JoinSet;

const SMALL: Asked = Asked(16, 200, 100);
const LARGE: Asked = Asked(4, 40, 100 << 10);

/// So many connections, rounds, and bytes a message.
#[derive(Clone, Copy)]
struct Asked(usize, usize, usize);

fn main() -> ExitCode {
    let asker = Rc::new(OnceCell::new());
    let (small, large) = (Rc::clone(&asker), Rc::clone(&asker));
    Experiment::new("loop_echo", "What does a message cost by the loop?")
        .baseline("tokio")
        .case("small", "100 bytes, echoed")
        .variant(Kind::Task, "tokio", "tokio", move |run| {
            tokio(run, address(&small), SMALL)
        })
        .variant(Kind::Task, "own", "our own loop", move |run| {
            own(run, address(&asker), SMALL)
        })
        .case("large", "100 KiB, echoed")
        .variant(Kind::Task, "tokio", "tokio", move |run| {
            tokio(run, address(&large), LARGE)
        })
        .child("ask", |_| ask_all().expect("a port is free"))
        .run()
}

fn address(asker: &OnceCell<Server>) -> SocketAddr {
    let start = || Server::of(rerun_self("ask", &[]).expect("our path"));
    asker.get_or_init(|| start().expect("the asker starts")).address
}

fn tokio(run: &mut Run, address: SocketAddr, asked: Asked) -> String {
    let runtime = one_thread();
    let mut all = runtime.block_on(async {
        let mut all = Vec::new();
        for _ in 0..asked.0 {
            let one = net::TcpStream::connect(address).await;
            let one = one.expect("it listens");
            one.set_nodelay(true).expect("an option that there is");
            all.push(one);
        }
        all
    });
    timed(run, asked, || {
        runtime.block_on(async {
            all[0].write_all(asked.line().as_bytes()).await.expect("a line");
            let mut echoes = JoinSet::new();
            for mut one in all {
                echoes.spawn(async move {
                    let (mut bytes, mut buffer) = (0, vec![0; 64 << 10]);
                    loop {
                        let n = one.read(&mut buffer).await.expect("it reads");
                        if n == 0 {
                            return bytes;
                        }
                        let echo = one.write_all(&buffer[..n]).await;
                        echo.expect("it writes");
                        bytes += n;
                    }
                });
            }
            echoes.join_all().await.iter().sum()
        })
    })
}

fn own(run: &mut Run, address: SocketAddr, asked: Asked) -> String {
    let event_loop = EventLoop::new().expect("the kernel has a poller");
    let handle = event_loop.handle();
    let mut all = event_loop.run(async {
        let mut all = Vec::new();
        for _ in 0..asked.0 {
            let one = TcpStream::connect(&handle, address).await;
            all.push(one.expect("it listens"));
        }
        all
    });
    timed(run, asked, || {
        event_loop.run(async {
            let line = asked.line();
            all[0].write_all(line.as_bytes()).await.expect("a line");
            let spawn = |one| handle.spawn(echo(one));
            let echoes: Vec<_> = all.drain(..).map(spawn).collect();
            let mut bytes = 0;
            for echo in echoes {
                bytes += echo.await;
            }
            bytes
        })
    })
}

async fn echo(one: TcpStream) -> usize {
    let (mut bytes, mut buffer) = (0, vec![0; 64 << 10]);
    loop {
        let n = one.read(&mut buffer).await.expect("it reads");
        if n == 0 {
            return bytes;
        }
        one.write_all(&buffer[..n]).await.expect("it writes");
        bytes += n;
    }
}

fn timed(run: &mut Run, asked: Asked, work: impl FnOnce() -> usize) -> String {
    let before = os::counters();
    run.start_clock();
    let bytes = work();
    run.stop_clock();
    let messages = (asked.0 * asked.1) as f64;
    run.metric("each_us", run.elapsed().as_secs_f64() * 1e6 / messages);
    if let Some(cpu_ns) = os::counters().since(before).cpu_ns {
        run.metric("cpu_each_us", cpu_ns as f64 / 1e3 / messages);
    }
    format!("{bytes} bytes echoed")
}

impl Asked {
    /// What the first connection says when the clock has started.
    fn line(self) -> String {
        format!("{} {} {}\n", self.0, self.1, self.2)
    }
}

/// The asker's side: a port to connect to, until standard input ends.
fn ask_all() -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for first in listener.incoming().flatten() {
            let _ = ask(&listener, first); // who hangs up asks anew
        }
    });
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn ask(listener: &TcpListener, first: std_net::TcpStream) -> io::Result<()> {
    const PATIENCE: Option<Duration> = Some(Duration::from_secs(10));
    first.set_read_timeout(PATIENCE)?;
    let mut line = String::new();
    BufReader::new(&first).read_line(&mut line)?;
    let numbers: Vec<usize> =
        line.split_whitespace().flat_map(str::parse).collect();
    let [connections, rounds, bytes] = numbers[..] else { return Ok(()) };
    let mut all = vec![first];
    while all.len() < connections {
        all.push(listener.accept()?.0); // it is there already
    }
    for one in &all {
        one.set_nodelay(true)?;
        one.set_read_timeout(PATIENCE)?;
        one.set_write_timeout(PATIENCE)?;
    }
    let (message, mut echo) = (vec![7; bytes], vec![0; bytes]);
    for _ in 0..rounds {
        for mut one in &all {
            one.write_all(&message)?;
        }
        for mut one in &all {
            one.read_exact(&mut echo)?;
        }
    }
    Ok(())
}
