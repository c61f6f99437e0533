//! A connection on which one request comes after the other. When the server is
//! to end, it finishes the one it is at, and reads no other.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream, DuplexStream};
use tokio::select;
use tokio_util::sync::CancellationToken;

/// Answers each line until the client hangs up, or the server is to end.
pub async fn talk(
    stream: DuplexStream,
    closing: CancellationToken,
    answer: impl AsyncFn(&str) -> String,
) -> std::io::Result<()> {
    let mut stream = BufStream::new(stream);
    let mut line = String::new();
    loop {
        let read = select! {
            biased; // or it might read one more
            () = closing.cancelled() => return Ok(()),
            read = stream.read_line(&mut line) => read?,
        };
        if read == 0 {
            return Ok(());
        }
        let said = answer(line.trim()).await + "\n";
        stream.write_all(said.as_bytes()).await?;
        stream.flush().await?;
        line.clear();
    }
}
