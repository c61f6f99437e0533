//! TCP sockets for tasks. Each operation is tried at once, and if it would
//! block, again when the reactor says so.

use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Poll;

use socket2::{Domain, Socket, Type};

use crate::Handle;
use crate::reactor::{For, Reactor};

/// A connection. It closes when it is dropped.
pub struct TcpStream(Source);

impl TcpStream {
    /// Connects to a server.
    ///
    /// # Errors
    /// As for a blocking connection: nobody listens there, no files are left.
    pub async fn connect(
        handle: &Handle,
        address: SocketAddr,
    ) -> io::Result<TcpStream> {
        let socket =
            Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        match socket.connect(&address.into()) {
            Err(e) if !is_under_way(&e) => return Err(e),
            _ => {}
        }
        let source = Source::new(handle, socket)?;
        source
            .when_ready(For::Writing, |socket| {
                if let Some(error) = socket.take_error()? {
                    return Err(error);
                }
                match socket.peer_addr() {
                    Err(e) if e.kind() == ErrorKind::NotConnected => {
                        Err(ErrorKind::WouldBlock.into())
                    }
                    other => other,
                }
            })
            .await?;
        Ok(TcpStream(source))
    }

    /// Reads what is there, at least one byte; 0 at the end.
    ///
    /// # Errors
    /// As for a blocking read.
    pub async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.when_ready(For::Reading, |mut socket| socket.read(buffer)).await
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// As for a blocking read.
    pub async fn read_to_end(&self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let end = all.len();
            all.resize(end + 256, 0);
            let read = self.read(&mut all[end..]).await?;
            all.truncate(end + read);
            if read == 0 {
                return Ok(all);
            }
        }
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// As for a blocking write.
    pub async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = self
                .0
                .when_ready(For::Writing, |mut socket| socket.write(bytes))
                .await?;
            if written == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            bytes = &bytes[written..];
        }
        Ok(())
    }
}

fn is_under_way(error: &io::Error) -> bool {
    #[cfg(unix)]
    let under_way = error.raw_os_error()
        == Some(rustix::io::Errno::INPROGRESS.raw_os_error());
    #[cfg(not(unix))]
    let under_way = false;
    under_way || error.kind() == ErrorKind::WouldBlock
}

/// Where connections come in.
pub struct TcpListener(Source, Handle);

impl TcpListener {
    /// Listens, with room for `backlog` connections that nobody has taken yet.
    ///
    /// # Errors
    /// When the address is taken, or not ours.
    pub fn bind(
        handle: &Handle,
        address: SocketAddr,
        backlog: i32,
    ) -> io::Result<TcpListener> {
        let socket =
            Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(backlog)?;
        Ok(TcpListener(Source::new(handle, socket)?, handle.clone()))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let address = self.0.socket.local_addr()?.as_socket();
        address.ok_or_else(|| ErrorKind::Unsupported.into())
    }

    /// The next connection.
    ///
    /// # Errors
    /// When no files are left.
    pub async fn accept(&self) -> io::Result<TcpStream> {
        let (socket, _) =
            self.0.when_ready(For::Reading, Socket::accept).await?;
        socket.set_nonblocking(true)?;
        Ok(TcpStream(Source::new(&self.1, socket)?))
    }
}

/// A socket that the reactor knows.
struct Source {
    socket: Socket,
    key: usize,
    reactor: Rc<Reactor>,
}

impl Source {
    fn new(handle: &Handle, socket: Socket) -> io::Result<Source> {
        let reactor = Rc::clone(handle.reactor());
        // SAFETY: the source owns the socket, gives it to nobody, and removes
        // it when it is dropped, before the socket is closed.
        let key = unsafe { reactor.add(&socket)? };
        Ok(Source { socket, key, reactor })
    }

    /// Tries `operation`, now and whenever the reactor says so, until it does
    /// not block.
    // ANCHOR: when_ready
    async fn when_ready<T>(
        &self,
        what: For,
        mut operation: impl FnMut(&Socket) -> io::Result<T>,
    ) -> io::Result<T> {
        poll_fn(|cx| match operation(&self.socket) {
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                // Where a thread would now sleep, this task leaves its waker.
                let (socket, waker) = (&self.socket, cx.waker());
                self.reactor.wake_when(socket, self.key, what, waker)?;
                Poll::Pending
            }
            done => Poll::Ready(done),
        })
        .await
    }
    // ANCHOR_END: when_ready
}

impl Drop for Source {
    fn drop(&mut self) {
        self.reactor.remove(&self.socket, self.key);
    }
}
