//! Exercise 1, solved. What has come lives in the one who calls, and outlives
//! each future of `next`.

use tokio::io::{AsyncRead, AsyncReadExt};

/// Frames of eight bytes, out of a stream.
pub struct Frames<R> {
    from: R,
    frame: [u8; 8],
    have: usize,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    pub fn new(from: R) -> Frames<R> {
        Frames { from, frame: [0; 8], have: 0 }
    }

    /// The next frame, or `None` when no whole one is left.
    pub async fn next(&mut self) -> Option<[u8; 8]> {
        while self.have < self.frame.len() {
            // Dropped here, it has read nothing.
            match self.from.read(&mut self.frame[self.have..]).await {
                Ok(0) | Err(_) => return None,
                Ok(more) => self.have += more,
            }
        }
        self.have = 0;
        Some(self.frame)
    }
}
