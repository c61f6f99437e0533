//! The arrangements: who accepts, who computes, who waits.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use lab::Gate;
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::job::{Job, Place};

/// Asks for nothing that has to be computed.
pub const LIGHT: u64 = u64::MAX;
/// More than ever wait to be accepted.
const BACKLOG: i32 = 4_096;

/// How requests are served.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// So many threads; each takes a connection, and serves it.
    Threads(usize),
    /// A loop with a worker for each core, which compute as well.
    Tokio,
    /// The same, with a pool of rayon's beside it that computes.
    Rayon,
    /// The same, with its own threads for blocking calls to compute.
    Blocking,
    /// A loop for each core; all accept from one socket.
    Loops,
    /// A loop for each core, with a socket of its own for the same port.
    Apart,
}

/// A service that runs; it ends when it is dropped.
pub struct Service {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<Box<dyn FnOnce()>>,
}

impl Service {
    /// Starts it on so many cores; all of its threads are there afterwards.
    ///
    /// # Errors
    /// When there is no port to listen on.
    pub fn start(cores: usize, way: Way, job: Job) -> io::Result<Service> {
        match way {
            Way::Threads(size) => threads(size, job),
            Way::Tokio => tasks(cores, job, Place::Here),
            Way::Blocking => tasks(cores, job, Place::Blocking),
            Way::Rayon => {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(cores);
                let pool = pool.build().map_err(io::Error::other)?;
                tasks(cores, job, Place::Rayon(Arc::new(pool)))
            }
            Way::Loops => {
                let one = listener(None, false)?;
                let all = (0..cores).map(|_| one.try_clone());
                loops(all.collect::<io::Result<_>>()?, job)
            }
            Way::Apart => {
                let first = listener(None, true)?;
                let port = Some(first.local_addr()?);
                let others = (1..cores).map(|_| listener(port, true));
                let all = [Ok(first)].into_iter().chain(others);
                loops(all.collect::<io::Result<_>>()?, job)
            }
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop();
        }
    }
}

// ANCHOR: threads
fn threads(size: usize, job: Job) -> io::Result<Service> {
    let listener = listener(None, false)?;
    let address = listener.local_addr()?;
    let over = Arc::new(AtomicBool::new(false));
    let gate = Gate::of(size + 1);
    let mut all = Vec::new();
    for _ in 0..size {
        let (listener, over) = (listener.try_clone()?, Arc::clone(&over));
        all.push(thread::spawn(gate.then(move || {
            while !over.load(Ordering::Relaxed) {
                let Ok((connection, _)) = listener.accept() else { continue };
                // Whoever is gone gets no answer.
                let _ = serve(connection, job, &over);
            }
        })));
    }
    // ANCHOR_END: threads
    gate.wait();
    let stop = move || {
        over.store(true, Ordering::Relaxed);
        // Each that waits in accept is given somebody to accept.
        let calls: Vec<_> =
            (0..size).map(|_| TcpStream::connect(address)).collect();
        for thread in all {
            thread.join().expect("it does not panic");
        }
        drop(calls);
    };
    Ok(Service { address, stop: Some(Box::new(stop)) })
}

fn serve(
    mut connection: TcpStream,
    job: Job,
    over: &AtomicBool,
) -> io::Result<()> {
    if over.load(Ordering::Relaxed) {
        return Ok(());
    }
    let mut n = [0; 8];
    connection.read_exact(&mut n)?;
    let n = u64::from_le_bytes(n);
    let answer = if n == LIGHT { 0 } else { job.answer(n) };
    connection.write_all(&answer.to_le_bytes())
}

fn tasks(workers: usize, job: Job, place: Place) -> io::Result<Service> {
    let listener = listener(None, false)?;
    let address = listener.local_addr()?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()?;
    let entered = runtime.enter();
    let listener = net_listener(listener)?;
    drop(entered);
    runtime.spawn(accept(listener, job, place));
    let stop = move || runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(Service { address, stop: Some(Box::new(stop)) })
}

// ANCHOR: loops
fn loops(listeners: Vec<TcpListener>, job: Job) -> io::Result<Service> {
    let address = listeners[0].local_addr()?;
    let gate = Gate::of(listeners.len() + 1);
    let over = watch::Sender::new(());
    let mut all = Vec::new();
    for listener in listeners {
        let (mut over, gate) = (over.subscribe(), gate.clone());
        all.push(thread::spawn(move || {
            one_loop().block_on(async {
                let listener = net_listener(listener).expect("a loop");
                gate.wait();
                tokio::select! {
                    () = accept(listener, job, Place::Here) => {}
                    _ = over.changed() => {}
                }
            });
        }));
    }
    // ANCHOR_END: loops
    gate.wait();
    let stop = move || {
        over.send_replace(());
        for thread in all {
            thread.join().expect("it does not panic");
        }
    };
    Ok(Service { address, stop: Some(Box::new(stop)) })
}

// ANCHOR: accept
/// A task for each connection, on the loop that accepts it.
async fn accept(listener: net::TcpListener, job: Job, place: Place) {
    loop {
        let Ok((mut connection, _)) = listener.accept().await else { continue };
        let place = place.clone();
        tokio::spawn(async move {
            let n = connection.read_u64_le().await?;
            let answer =
                if n == LIGHT { 0 } else { job.in_task(n, &place).await };
            connection.write_u64_le(answer).await
        });
    }
}
// ANCHOR_END: accept

fn one_loop() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a loop")
}

fn net_listener(listener: TcpListener) -> io::Result<net::TcpListener> {
    listener.set_nonblocking(true)?;
    net::TcpListener::from_std(listener)
}

/// On that port, or a free one; `shared` with other listeners for it.
fn listener(port: Option<SocketAddr>, shared: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if shared {
        share(&socket)?;
    }
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(&port.unwrap_or(any).into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Whether a port can be dealt out among several sockets by the kernel.
pub const SHARES_PORTS: bool = cfg!(target_os = "linux");

#[cfg(unix)]
fn share(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

#[cfg(not(unix))]
fn share(_: &Socket) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
