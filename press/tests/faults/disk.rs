//! A disk that is full, and one that is read-only, at each place that is written to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{PRESS, Project};

/// What is wrong with the folder `$AT`, as `sh` makes it so in a namespace of its own. A full
/// disk has what was there before.
const FULL: &str = r#"
cp -a "$AT/." "$SAVED" && mount -t tmpfs -o size=4m none "$AT" && cp -a "$SAVED/." "$AT" || exit 99
dd if=/dev/zero of="$AT/fill" bs=1k 2>/dev/null
"#;
const READ_ONLY: &str = r#"
mount --bind "$AT" "$AT" && mount -o remount,bind,ro "$AT" || exit 99
"#;
const WRONG: [(&str, &str); 2] =
    [(FULL, "No space left on device"), (READ_ONLY, "Read-only file system")];

/// Runs press with `wrong` of the folder `at`, and then says what lies there. `None` where
/// nothing can be mounted.
fn with(
    project: &Project,
    wrong: &str,
    at: &str,
    arguments: &[&str],
) -> Option<(String, Files)> {
    let (saved, seen) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let script = format!(
        "{wrong}\"$0\" \"$@\"; status=$?\nrm -f \"$AT/fill\"; cp -a \"$AT/.\" \"$SEEN\"\nexit $status"
    );
    let mut command = Command::new("unshare");
    if !as_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-c", &script, PRESS]).args(arguments);
    let press = project.press(&[]);
    command.envs(press.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("AT", project.path(at)).env("SAVED", saved.path()).env("SEEN", seen.path());
    let Ok(out) = command.current_dir(project.root()).output() else {
        println!("skipped: no unshare (util-linux), so no disk is made full");
        return None;
    };
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    if out.status.code() == Some(99) || said.starts_with("unshare:") {
        println!("skipped: no disk can be mounted here: {said}");
        return None;
    }
    assert_eq!(out.status.code(), Some(1), "{at}, {arguments:?}: {said}");
    assert!(!said.contains("panicked"), "{at}, {arguments:?}: {said}");
    Some((said, files(seen.path())))
}

/// Whether the administrator runs this, who needs no namespace of users to mount in.
fn as_root() -> bool {
    Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|o| o.status.success())
}

type Files = BTreeMap<String, Vec<u8>>;

/// All files below a folder.
fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for path in fs::read_dir(next).into_iter().flatten().flatten().map(|entry| entry.path())
        {
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn a_measurement_that_cannot_be_written_says_where_and_keeps_what_there_was() {
    let project = Project::new();
    assert!(project.run(project.measure(&[])).status.success());
    let had = files(&project.path("results/local"));
    let python = project.path("python").display().to_string();
    let measure = ["measure", "--quick", "--python", &python];
    for (wrong, reason) in WRONG {
        for (at, place) in
            [("results/local", "results/local"), ("target/press", "target/press")]
        {
            let Some((said, there)) = with(&project, wrong, at, &measure) else { return };
            assert!(said.contains(reason) && said.contains(place), "{at}: {said}");
            let error = said.split("error: ").last().unwrap();
            assert!(error.lines().count() == 1, "{at}: {said}");
            if at == "results/local" {
                assert!(there == had, "{at}: {:?}", there.keys());
            }
            assert!(files(&project.path("results/local")) == had, "{at}");
        }
    }
    // What had been noted can be gone on with once there is room.
    if project.note().is_file() {
        assert!(project.run(project.press(&["measure", "--continue"])).status.success());
    }
    assert_eq!(project.leftovers(), [""; 0]);
    assert!(project.run(project.measure(&[])).status.success());
}

#[test]
fn a_first_record_that_cannot_be_written_is_told_before_anything_is_measured() {
    let project = Project::new();
    let measure = ["measure", "--quick", "--no-python"];
    let Some((said, there)) = with(&project, READ_ONLY, "results", &measure) else { return };
    assert!(said.contains("cannot write records to"), "{said}");
    assert!(said.contains("results/local") && there.is_empty(), "{said}");
}

#[test]
fn a_book_that_cannot_be_written_says_where_and_leaves_the_last_one() {
    let project = Project::new();
    for machine in ["local", "here"] {
        assert!(project.run(project.measure(&["--as", machine])).status.success());
    }
    assert!(project.run(project.press(&["build"])).status.success());
    let had = files(&project.path("target/book"));
    project.write("book/page.md", "# Page\n\nAnother text.\n");
    // There are data to be kept, beside what is kept already.
    fs::remove_dir_all(project.path("target/press/data")).unwrap();
    project.write("target/press/data/made", "");
    for (wrong, reason) in WRONG {
        for at in ["target", "target/press", "target/press/data", "target/book"] {
            // Files are put into a full disk's folders as into any, and no book into another's.
            if (wrong, at) == (FULL, "target/book") {
                continue;
            }
            let Some((said, there)) = with(&project, wrong, at, &["build"]) else { return };
            let reason = if at == "target/book" { "busy" } else { reason };
            assert!(said.contains(reason) && said.contains("target/"), "{at}: {said}");
            if at == "target" {
                let book = there.iter().filter_map(|(name, bytes)| {
                    Some((name.strip_prefix("book/")?.to_owned(), bytes.clone()))
                });
                assert!(book.collect::<Files>() == had, "{at}");
                assert!(!there.keys().any(|name| name.starts_with("book-new")), "{at}");
            }
            assert!(files(&project.path("target/book")) == had, "{at}");
            assert!(!project.path("target/book-new").exists(), "{at}");
        }
    }
    assert!(project.run(project.press(&["build"])).status.success());
    assert!(files(&project.path("target/book")) != had);
}
