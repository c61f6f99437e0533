//! Cargo, which builds what is measured.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::ending;

/// Where cargo puts what it builds.
///
/// # Errors
/// When cargo does not start, or knows no workspace.
pub fn target(root: &Path) -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let out = command(root)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .context("cannot start cargo")?;
    let metadata: Metadata =
        serde_json::from_slice(&out.stdout).context("cargo metadata is not understood")?;
    Ok(metadata.target_directory)
}

/// Builds an example; returns the program.
///
/// # Errors
/// When it does not build.
pub fn build(root: &Path, target: &Path, name: &str) -> Result<PathBuf> {
    let status = ending::status(command(root).args(["build", "--quiet", "--example", name]))
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("{name} does not build");
    }
    Ok(target.join(format!("debug/examples/{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// Cargo, in the folder `root`: the one that started this program, if one did.
pub(super) fn command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.current_dir(root);
    command
}
