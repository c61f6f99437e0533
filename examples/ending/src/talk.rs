//! What a server and its clients say to each other: `work MS`, then `begun` at
//! once, and `done` after so many milliseconds.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::TcpStream as Connection;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// So often a thread in a read looks around.
const LOOK: Duration = Duration::from_millis(20);

fn work(request: &str) -> io::Result<Duration> {
    let ms =
        request.trim().strip_prefix("work ").and_then(|ms| ms.parse().ok());
    ms.map(Duration::from_millis).ok_or(ErrorKind::InvalidData.into())
}

// ANCHOR: thread
/// A thread in a read hears of nothing, so it comes back and looks.
pub fn of_thread(
    connection: Connection,
    closing: &AtomicBool,
) -> io::Result<()> {
    connection.set_read_timeout(Some(LOOK))?;
    let (mut reader, mut request) =
        (BufReader::new(&connection), String::new());
    while let Err(e) = reader.read_line(&mut request) {
        let nothing = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
        if !nothing.contains(&e.kind()) || closing.load(Ordering::Relaxed) {
            return Err(e);
        }
    }
    (&connection).write_all(b"begun\n")?;
    thread::sleep(work(&request)?);
    (&connection).write_all(b"done\n")
}
// ANCHOR_END: thread

// ANCHOR: task
/// A task waits for its client and for the token. Once it has a request it
/// does not ask the token any more.
pub async fn of_task(
    connection: TcpStream,
    closing: CancellationToken,
) -> io::Result<()> {
    let (mut stream, mut request) = (BufStream::new(connection), String::new());
    select! {
        read = stream.read_line(&mut request) => read?,
        () = closing.cancelled() => return Ok(()),
    };
    stream.write_all(b"begun\n").await?;
    stream.flush().await?;
    sleep(work(&request)?).await;
    stream.write_all(b"done\n").await?;
    stream.flush().await
}
// ANCHOR_END: task
