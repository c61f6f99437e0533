//! Exercise 2, solved. To abort is to ask; `shutdown` waits, too.

use std::future::Future;

use tokio::task::JoinSet;

/// Does all jobs at once.
pub async fn together(
    jobs: Vec<impl Future<Output = Result<(), String>> + Send + 'static>,
) -> Result<(), String> {
    let mut all: JoinSet<_> = jobs.into_iter().collect();
    while let Some(ended) = all.join_next().await {
        let ended = ended.unwrap_or_else(|panic| Err(panic.to_string()));
        if ended.is_err() {
            all.shutdown().await;
            return ended;
        }
    }
    Ok(())
}
