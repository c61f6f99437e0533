//! Exercise 1, solved. An argument is computed before the call, whether the
//! call needs it or not. A closure is computed when it is called.

use std::collections::HashMap;

/// The rating of each restaurant, in their order. To ask takes time, so nobody
/// should be asked about twice.
pub fn ratings(names: &[&str], mut ask: impl FnMut(&str) -> u32) -> Vec<u32> {
    let mut known = HashMap::new();
    names
        .iter()
        .map(|name| *known.entry(*name).or_insert_with(|| ask(name)))
        .collect()
}
