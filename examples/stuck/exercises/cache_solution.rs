//! A cache in front of something slow. The lock is held to look and to note,
//! and not to fetch; so two may fetch the same. Where they must not, tokio's
//! mutex may be held across the await.

use std::collections::HashMap;
use std::sync::Mutex;

/// What was fetched before.
#[derive(Default)]
pub struct Cache(Mutex<HashMap<u32, String>>);

impl Cache {
    /// What is known under `key`, or what `fetch` says.
    pub async fn get(
        &self,
        key: u32,
        fetch: impl AsyncFn(u32) -> String,
    ) -> String {
        let known = self.0.lock().unwrap().get(&key).cloned();
        if let Some(value) = known {
            return value;
        }
        let value = fetch(key).await;
        self.0.lock().unwrap().insert(key, value.clone());
        value
    }
}
