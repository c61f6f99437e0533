//! Cargo, which builds what is measured.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

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
    let metadata: Metadata =
        serde_json::from_value(metadata(root)?).context("cargo metadata is not understood")?;
    Ok(metadata.target_directory)
}

/// What was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Built {
    /// The program.
    pub(super) program: PathBuf,
    /// How far it was optimized: `3`.
    pub(super) opt_level: String,
}

/// What the manifests of the workspace at `root` say.
///
/// # Errors
/// When cargo does not start, or knows no workspace.
pub fn metadata(root: &Path) -> Result<serde_json::Value> {
    let out = command(root)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .output()
        .context("cannot start cargo")?;
    if !out.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&out.stderr).trim());
    }
    serde_json::from_slice(&out.stdout).context("cargo metadata is not understood")
}

/// Runs the tests of a program of the package in `folder`, and says whether all pass.
///
/// # Errors
/// When cargo does not start.
pub fn test_bin(folder: &Path, name: &str) -> Result<bool> {
    let status = command(folder).args(["test", "--quiet", "--bin", name]).status();
    Ok(status.context("cannot start cargo")?.success())
}

/// Has rustfmt lay out files of `folder`, by the settings that lie there.
///
/// # Errors
/// When it does not start, or does not understand one.
pub fn format(folder: &Path, files: &[&Path]) -> Result<()> {
    let out = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .args(files)
        .current_dir(folder)
        .output()
        .context("cannot start rustfmt (rustup component add rustfmt)")?;
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr);
        let first: Vec<&str> = said.lines().take(10).collect();
        bail!("rustfmt: {}", first.join("\n"));
    }
    Ok(())
}

/// Builds an example; returns the program.
///
/// # Errors
/// When it does not build.
pub fn build(root: &Path, name: &str) -> Result<PathBuf> {
    Ok(built(command(root).args(["build", "--quiet", "--example", name]), name)?.program)
}

/// Has cargo build one program, and asks it where that is: a reader's configuration may put it
/// elsewhere, and what lies at the usual place is then of another day.
pub(super) fn built(command: &mut Command, name: &str) -> Result<Built> {
    command.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    let out = ending::output(command).context("cannot start cargo")?;
    if !out.status.success() {
        bail!("{name} does not build");
    }
    let told = String::from_utf8_lossy(&out.stdout);
    let program = told.lines().filter_map(|line| artifact(line, name)).next_back();
    program.with_context(|| format!("cargo does not say where it has built {name}"))
}

/// What a message of cargo's says of the program `name`, if it is about it.
fn artifact(message: &str, name: &str) -> Option<Built> {
    #[derive(Deserialize)]
    struct Message {
        target: Target,
        profile: Profile,
        executable: Option<PathBuf>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    #[derive(Deserialize)]
    struct Profile {
        opt_level: String,
    }
    let message: Message = serde_json::from_str(message).ok()?;
    let program = message.executable.filter(|_| message.target.name == name)?;
    Some(Built { program, opt_level: message.profile.opt_level })
}

/// What changes how programs are built and is set in a configuration of cargo's: of this
/// folder, of one above it, or of the reader's own. Sources and lockfile say nothing of it.
pub fn configured(root: &Path) -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let mut folders: Vec<PathBuf> =
        root.ancestors().map(|above| above.join(".cargo")).collect();
    folders.extend(home);
    let mut keys: Vec<String> = folders
        .iter()
        .flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(name)))
        .filter_map(|file| fs::read_to_string(file).ok()?.parse().ok())
        .flat_map(|table| keys_in(&table))
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

fn keys_in(table: &toml::Table) -> Vec<String> {
    let mut keys = Vec::new();
    leaves(String::new(), table, &mut keys);
    keys.retain(|key| {
        let parts: Vec<&str> = key.split('.').collect();
        match parts[..] {
            ["profile", ..] | ["paths"] => true,
            ["build", name] => ["rustc", "rustflags", "target"].contains(&name),
            ["target", .., name] => name == "rustflags",
            _ => false,
        }
    });
    keys
}

fn leaves(at: String, table: &toml::Table, found: &mut Vec<String>) {
    for (name, value) in table {
        let key = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        match value {
            toml::Value::Table(below) => leaves(key, below, found),
            _ => found.push(key),
        }
    }
}

/// Cargo, in the folder `root`: the one that started this program, if one did.
pub(super) fn command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_that_changes_the_build_is_known_by_its_keys() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("some/book");
        for (file, text) in [
            ("some/book/.cargo/config.toml", "[alias]\nbook = 'run'\n"),
            (
                "some/.cargo/config.toml",
                "[profile.dev]\nopt-level = 0\n[profile.dev.package.threads]\ndebug = true\n",
            ),
            (
                ".cargo/config",
                "[build]\nrustflags = ['-Copt-level=1']\njobs = 1\n\
                 [target.'cfg(unix)']\nrustflags = []\nlinker = 'cc'\n",
            ),
        ] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let all = configured(&root);
        for key in [
            "profile.dev.opt-level",
            "profile.dev.package.threads.debug",
            "build.rustflags",
            "target.cfg(unix).rustflags",
        ] {
            assert!(all.iter().any(|one| one == key), "{key}: {all:?}");
        }
        for key in ["alias.book", "build.jobs", "target.cfg(unix).linker"] {
            assert!(!all.iter().any(|one| one == key), "{key}: {all:?}");
        }
    }

    #[test]
    fn cargo_says_where_the_program_is_and_how_far_it_is_optimized() {
        let message = r#"{"reason":"compiler-artifact","package_id":"p","target":{"kind":["example"],"name":"sums"},"profile":{"opt_level":"3","debuginfo":1},"filenames":[],"executable":"/t/x86/debug/examples/sums","fresh":true}"#;
        let built = artifact(message, "sums").unwrap();
        assert_eq!(built.program, Path::new("/t/x86/debug/examples/sums"));
        assert_eq!(built.opt_level, "3");
        assert_eq!(artifact(message, "other"), None);
        assert_eq!(artifact(r#"{"reason":"build-finished","success":true}"#, "sums"), None);
    }
}
