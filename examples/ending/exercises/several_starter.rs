//! A connection on which one request comes after the other. When the server is
//! to end, it drops whatever it is at.

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
    let all = async {
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 0 {
            let said = answer(line.trim()).await + "\n";
            stream.write_all(said.as_bytes()).await?;
            stream.flush().await?;
            line.clear();
        }
        Ok(())
    };
    select! {
        ended = all => ended,
        () = closing.cancelled() => Ok(()),
    }
}
