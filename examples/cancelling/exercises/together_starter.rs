//! Exercise 2: when one job fails the others are to be gone before anybody is
//! told, since the caller will take away what they use. They are not.

use std::future::Future;

use tokio::task::JoinSet;

/// Does all jobs at once.
pub async fn together(
    jobs: Vec<impl Future<Output = Result<(), String>> + Send + 'static>,
) -> Result<(), String> {
    let mut all: JoinSet<_> = jobs.into_iter().collect();
    while let Some(ended) = all.join_next().await {
        ended.unwrap_or_else(|panic| Err(panic.to_string()))?;
    }
    Ok(())
}
