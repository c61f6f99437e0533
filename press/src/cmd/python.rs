//! `cargo book python`: an environment for the peers, and the interpreters there are.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::outside::interpreters::{all, environment, usual};
use crate::outside::project::Project;

/// Makes the environment of the peers, then lists every interpreter found.
///
/// # Errors
/// When there is no Python, or the packages cannot be installed.
pub fn python(project: &Project, list_only: bool) -> Result<()> {
    let root = &project.root;
    if !list_only {
        prepare(root)?;
    }
    let found = all(root);
    if found.is_empty() {
        bail!("no Python was found; install one, or name it as PYTHON_3=/path/to/python");
    }
    println!("{:<16} {:<10} {:<12} program", "name", "version", "global lock");
    for i in &found {
        let lock = if i.gil { "on" } else { "none" };
        println!("{:<16} {:<10} {lock:<12} {}", i.name, i.version, i.path.display());
    }
    println!("\n`cargo book measure NAME --python all` measures all of them in one run.");
    Ok(())
}

/// An environment with the packages that some peers need, pinned and hashed; with uv where
/// there is one, else with Python's own tools.
fn prepare(root: &Path) -> Result<()> {
    let folder = root.join("target/python");
    let requirements = root.join("lab/python/requirements.txt");
    let python = environment(root);
    let uv = Command::new("uv").arg("--version").output().is_ok_and(|out| out.status.success());
    if !python.is_file() {
        let host = usual(root).context("no python3 or python on the path to begin with")?;
        if uv {
            run(Command::new("uv")
                .args(["venv", "--quiet", "--python"])
                .arg(&host.path)
                .arg(&folder))?;
        } else {
            run(Command::new(&host.path).args(["-m", "venv"]).arg(&folder))?;
        }
    }
    if uv {
        run(Command::new("uv")
            .args(["pip", "install", "--quiet", "--require-hashes", "--python"])
            .arg(&python)
            .arg("-r")
            .arg(&requirements))
    } else {
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--require-hashes", "-r"])
            .arg(&requirements))
    }
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed");
    }
    Ok(())
}
