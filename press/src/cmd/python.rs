//! `cargo book python`: an environment for the peers, and the interpreters there are.

use anyhow::{Result, bail};

use super::say;
use crate::outside::interpreters::{Found, all, prepare};
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
    let Found { usable, failed } = all(root);
    for failure in &failed {
        say::note(&format!("passed over: {failure}"));
    }
    if usable.is_empty() {
        bail!(
            "no Python was found that works; install one, or name it as PYTHON_3=/path/to/python"
        );
    }
    let mut out = format!("{:<16} {:<10} {:<12} program\n", "name", "version", "global lock");
    for i in &usable {
        let lock = if i.gil { "on" } else { "none" };
        let path = i.path.display();
        out.push_str(&format!("{:<16} {:<10} {lock:<12} {path}\n", i.name, i.version));
    }
    out.push_str("\n`cargo book measure NAME --python all` measures all of them in one run.\n");
    say::answer(&out)
}
