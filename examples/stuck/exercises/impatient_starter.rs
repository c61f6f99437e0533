//! Writes into a log that others write into, too. Whoever has waited for long
//! says so, and goes on waiting. It never comes to an end.

use std::pin::pin;
use std::time::Duration;

use tokio::select;
use tokio::sync::Mutex;
use tokio::time::sleep;

/// Adds a line, and before it another if that took long.
pub async fn write(log: &Mutex<Vec<String>>, line: &str, patience: Duration) {
    let mut turn = pin!(log.lock());
    select! {
        mut log = &mut turn => log.push(line.into()),
        () = sleep(patience) => {
            let mut log = log.lock().await;
            log.push("it took long".into());
            log.push(line.into());
        }
    }
}
