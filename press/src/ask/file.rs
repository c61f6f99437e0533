//! Files of inputs, in TOML: what is wrong with one is said in a line that begins with its
//! number.

use std::ops::Range;

use anyhow::{Result, anyhow};
use serde::de::DeserializeOwned;

use crate::ask::plain::plain;

/// Reads the whole.
///
/// # Errors
/// When it is not understood: `12: ` and why.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    toml::from_str(text).map_err(|e| {
        let line = line(text, &e.span().unwrap_or_default());
        anyhow!("{line}: {}", plain(e.message().trim_end()))
    })
}

/// The line on which something begins.
pub fn line(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    1 + before.filter(|byte| **byte == b'\n').count()
}
