//! What git says of the sources.

use std::path::{Path, PathBuf};
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

/// The commit at `root`, if the repository there holds the sources: unpacked inside somebody
/// else's, they are of none of its commits.
pub fn commit(root: &Path) -> Commit {
    let git = |arguments: &[&str]| {
        let out = git(root).args(arguments).output().ok()?;
        out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
    };
    // What it knows of the first of them.
    let holds_them =
        git(&["ls-files", "--", "Cargo.toml"]).is_some_and(|known| !known.is_empty());
    if !holds_them {
        return Commit { name: None, modified: true };
    }
    // A reader's settings may leave out files that git does not know.
    let all = ["status", "--porcelain", "--untracked-files=all", "--"];
    let changes = git(&[&all[..], &SOURCES].concat());
    Commit {
        name: git(&["rev-parse", "--short=10", "HEAD"]),
        modified: changes.is_none_or(|changes| !changes.is_empty()),
    }
}

/// Whether the repository at `root` has the commit; `None` where there is no repository, or git
/// cannot tell.
pub fn has(root: &Path, commit: &str) -> Option<bool> {
    let ask = |arguments: &[&str]| Some(git(root).args(arguments).output().ok()?.status);
    let name = format!("{commit}^{{commit}}");
    // A name begins with no dash, and its digits are a record's, which is a stranger's.
    let is_name = commit.len() >= 7 && commit.chars().all(|c| c.is_ascii_hexdigit());
    let is_repository = ask(&["rev-parse", "--git-dir"])?.success();
    is_repository
        .then(|| is_name && ask(&["cat-file", "-e", &name]).is_some_and(|s| s.success()))
}

/// Keeps these files of `folder` as they are, in a repository of the folder's own, which is
/// made if there is none. Where git is not, or does not, there is none.
pub fn keep(folder: &Path, files: &[PathBuf]) -> bool {
    let does = |arguments: &[&str]| {
        let ours = ["-c", "user.name=Taking Turns", "-c", "user.email=book@example.org"];
        let mut command = git(folder);
        command.args(ours).args(["-c", "commit.gpgSign=false"]).args(arguments);
        command.args(files).output().is_ok_and(|out| out.status.success())
    };
    if !folder.join(".git").exists() {
        let made = git(folder).args(["init", "--quiet"]).output();
        if !made.is_ok_and(|out| out.status.success()) {
            return false;
        }
    }
    let message = "As the book gives them";
    does(&["add", "--"])
        && does(&["commit", "--quiet", "--no-verify", "--message", message, "--"])
}

/// By which a hook, or a reader, tells git to look elsewhere.
const ELSEWHERE: [&str; 5] =
    ["GIT_COMMON_DIR", "GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE"];

/// Git in the folder `root`.
fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root).env("GIT_OPTIONAL_LOCKS", "0");
    for name in ELSEWHERE {
        command.env_remove(name);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn git(root: &Path, arguments: &[&str]) {
        let mut command = super::git(root);
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
        let out = command.args(arguments).output().unwrap();
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
        let name = clean.name.clone().unwrap();
        assert_eq!(has(root, &name), Some(true));
        assert_eq!(has(root, "0123456789"), Some(false));
        assert_eq!(has(root, "HEAD"), Some(false), "a name that moves is no commit's");
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

    #[test]
    fn sources_inside_another_repository_are_of_none_of_its_commits() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("Cargo.toml"), "another project").unwrap();
        fs::write(root.join(".gitignore"), "ignored").unwrap();
        git(root, &["init", "--quiet"]);
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "--message", "One"]);
        for unpacked in ["here", "ignored"] {
            let book = root.join(unpacked);
            fs::create_dir(&book).unwrap();
            fs::write(book.join("Cargo.toml"), "the book").unwrap();
            assert_eq!(commit(&book), Commit { name: None, modified: true }, "{unpacked}");
        }
        git(root, &["add", "here"]);
        git(root, &["commit", "--quiet", "--message", "Two"]);
        let taken_in = commit(&root.join("here"));
        assert!(taken_in.name.is_some() && !taken_in.modified, "{taken_in:?}");
    }

    #[test]
    fn a_file_that_git_does_not_know_counts_whatever_the_reader_has_set() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("Cargo.toml"), "one").unwrap();
        git(root, &["init", "--quiet"]);
        git(root, &["add", "."]);
        git(root, &["commit", "--quiet", "--message", "One"]);
        git(root, &["config", "status.showUntrackedFiles", "no"]);
        assert!(!commit(root).modified);
        fs::create_dir(root.join(".cargo")).unwrap();
        fs::write(root.join(".cargo/config.toml"), "").unwrap();
        assert!(commit(root).modified);
    }
}
