//! Files that pages show or link to, and what runs them.

use std::path::{Component, Path};

use anyhow::{Result, anyhow};

use super::directive::Pages;
use crate::ask::near::Unknown;

/// A file that is shown, and what runs it.
pub(super) struct Source {
    /// Below the root, with slashes.
    pub(super) path: String,
    pub(super) command: Option<String>,
}

impl Source {
    /// Its language, as the highlighter calls it and as readers do.
    pub(super) fn language(&self) -> (&'static str, &'static str) {
        match self.path.rsplit_once('.') {
            Some((_, "rs")) => ("rust", "Rust"),
            Some((_, "py")) => ("python", "Python"),
            Some((_, "toml")) => ("toml", "File"),
            _ => ("text", "File"),
        }
    }
}

impl Pages {
    /// `threads_cpu`, `python/threads_cpu`, or a path below the root.
    pub(super) fn source(&self, what: &str) -> Result<Source> {
        let found = match what.strip_prefix("python/") {
            Some(name) => self.peer(name),
            None => self.program(what),
        };
        let is_below = Path::new(what).components().all(|c| matches!(c, Component::Normal(_)));
        if found.is_err() && what.contains('/') && what.contains('.') && is_below {
            return Ok(Source { path: what.to_owned(), command: None });
        }
        found.map_err(|e| anyhow!("{e}; a file is named from the root on"))
    }

    /// An experiment's Rust file.
    pub(super) fn program(&self, name: &str) -> Result<Source> {
        let path = self.files.get(name).ok_or_else(|| {
            let text = format!("no experiment is called `{name}`");
            Unknown::new(text, name, self.files.keys().map(String::as_str))
        })?;
        let command = match path.starts_with("benches") {
            true => format!("cargo bench -p benches --bench {name}"),
            false => format!("cargo run --example {name}"),
        };
        Ok(Source { path: path.clone(), command: Some(command) })
    }

    /// An experiment's file in Python.
    pub(super) fn peer(&self, name: &str) -> Result<Source> {
        let path = self.program(name)?.path.replace(".rs", ".py");
        Ok(Source { command: Some(format!("python {path}")), path })
    }

    /// Where a file can be read online, if anywhere.
    pub(super) fn online(&self, path: &str) -> Option<String> {
        Some(format!("{}/blob/main/{path}", self.repository.as_ref()?))
    }
}
