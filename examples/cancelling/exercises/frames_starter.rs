//! Exercise 1: `next` stands in a `select!`, beside a timer. When the timer
//! comes first, what has come of a frame is lost.

use tokio::io::{AsyncRead, AsyncReadExt};

/// Frames of eight bytes, out of a stream.
pub struct Frames<R> {
    from: R,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub fn new(from: R) -> Frames<R> {
        Frames { from }
    }

    /// The next frame, or `None` when no whole one is left.
    pub async fn next(&mut self) -> Option<[u8; 8]> {
        let mut frame = [0; 8];
        self.from.read_exact(&mut frame).await.ok()?;
        Some(frame)
    }
}
