//! Where the book lies, and what `book.toml` says of measurements.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use mdbook_driver::config::Config;
use serde::Deserialize;

use crate::ask::choosing::Choosing;
use crate::ask::claims::Claims;
use crate::outside::manifest;
use crate::store::results::Results;

/// The book's folders and settings.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder of `book.toml`.
    pub root: PathBuf,
    /// What `book.toml` says.
    pub settings: Settings,
    /// Where the sources can be read online, if anywhere.
    pub repository: Option<String>,
}

/// `[preprocessor.measured]` in `book.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The machine whose numbers the book's sentences rest on: a folder of `results/`.
    pub reference: String,
    /// Where the book is published, for what needs whole addresses.
    #[serde(default)]
    pub site: Option<String>,
    /// mdBook's business, named here because every key must be known.
    #[serde(default)]
    pub command: Option<String>,
    /// mdBook's business.
    #[serde(default)]
    pub before: Vec<String>,
    /// mdBook's business.
    #[serde(default)]
    pub after: Vec<String>,
    /// mdBook's business.
    #[serde(default)]
    pub renderers: Vec<String>,
}

impl Project {
    /// The book that `folder` belongs to: the nearest `book.toml` from there upwards.
    ///
    /// # Errors
    /// When there is none, or it is not understood.
    pub fn find(folder: &Path) -> Result<Project> {
        let root = folder.ancestors().find(|folder| folder.join("book.toml").is_file());
        let Some(root) = root else {
            bail!("no book.toml here or above {}", folder.display());
        };
        Project::with_config(root, &Config::from_disk(root.join("book.toml"))?)
    }

    /// The book at `root` with a configuration that is read already.
    ///
    /// # Errors
    /// When `[preprocessor.measured]` is missing or has an unknown key.
    pub fn with_config(root: &Path, config: &Config) -> Result<Project> {
        let settings = config
            .get("preprocessor.measured")
            .context("book.toml: [preprocessor.measured] is not understood")?
            .context("book.toml: [preprocessor.measured] is missing")?;
        let repository = config.html_config().and_then(|html| html.git_repository_url);
        Ok(Project { root: root.to_owned(), settings, repository })
    }

    /// The folder of all records.
    pub fn results_folder(&self) -> PathBuf {
        self.root.join("results")
    }

    /// All records, and what is computed of them.
    ///
    /// # Errors
    /// When one is damaged, or what the computing needs is not understood.
    pub fn results(&self) -> Result<Results> {
        let mut results = Results::read(&self.results_folder(), &self.settings.reference)?;
        self.choosing()?.derive(&mut results);
        Ok(results)
    }

    /// The model of cost, and the jobs it is asked about; nothing where the book has none.
    ///
    /// # Errors
    /// When one of its files is not understood.
    pub fn choosing(&self) -> Result<Choosing> {
        Choosing::read(&self.root)
    }

    /// The ledger of claims; empty when the book has none.
    ///
    /// # Errors
    /// When it is not understood.
    pub fn claims(&self) -> Result<Claims> {
        let path = self.root.join("book/claims.toml");
        if path.is_file() { Claims::read(&path) } else { Ok(Claims::default()) }
    }

    /// Every experiment there is code for, and the path of its Rust file below the root.
    ///
    /// # Errors
    /// When a manifest is not understood.
    pub fn experiments(&self) -> Result<BTreeMap<String, PathBuf>> {
        manifest::experiments(&self.root)
    }
}
