//! What git says of the sources.

use std::path::Path;
use std::process::Command;

/// Everything that a measurement depends on.
const SOURCES: [&str; 8] = [
    "examples",
    "lab",
    "press",
    "benches",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    ".cargo",
];

/// What was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its short name; absent outside a repository.
    pub name: Option<String>,
    /// Whether anything that a measurement depends on differs from it, or git cannot tell.
    pub modified: bool,
}

/// The commit at `root`.
pub fn commit(root: &Path) -> Commit {
    let git = |arguments: &[&str]| {
        let out = Command::new("git").args(arguments).current_dir(root).output().ok()?;
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    let changes = git(&[&["status", "--porcelain", "--"][..], &SOURCES].concat());
    Commit {
        name: git(&["rev-parse", "--short=10", "HEAD"]),
        modified: changes.is_none_or(|changes| !changes.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn git(root: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
        let out = command.args(arguments).current_dir(root).output().unwrap();
        assert!(out.status.success(), "{arguments:?}: {out:?}");
    }

    #[test]
    fn whatever_a_measurement_depends_on_counts_as_modified_once_it_is_edited() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert_eq!(commit(root), Commit { name: None, modified: true });
        let files = [
            "examples/threads/threads_cpu.rs",
            "lab/src/lib.rs",
            "press/src/main.rs",
            "benches/lock_cost.rs",
            "Cargo.toml",
            "Cargo.lock",
            "rust-toolchain.toml",
            ".cargo/config.toml",
        ];
        for file in files.iter().chain(&["book/page.md"]) {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), "one").unwrap();
        }
        git(root, &["init", "--quiet"]);
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "--message", "One"]);
        let clean = commit(root);
        assert_eq!(clean.name.as_ref().map(String::len), Some(10), "{clean:?}");
        assert!(!clean.modified);
        for file in files {
            fs::write(root.join(file), "two").unwrap();
            assert!(commit(root).modified, "{file}");
            fs::write(root.join(file), "one").unwrap();
        }
        fs::write(root.join("benches/another.rs"), "new").unwrap();
        assert!(commit(root).modified, "a file that git does not know yet");
        fs::remove_file(root.join("benches/another.rs")).unwrap();
        fs::write(root.join("book/page.md"), "two").unwrap();
        assert!(!commit(root).modified, "no page is measured");
    }
}
