//! A cache in front of something slow. Two ask for the same at the same time,
//! in one task or on one thread, and the program stands still.

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
        let mut known = self.0.lock().unwrap();
        if let Some(value) = known.get(&key) {
            return value.clone();
        }
        let value = fetch(key).await;
        known.insert(key, value.clone());
        value
    }
}
