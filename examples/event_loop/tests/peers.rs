//! The Python peers give the same answers, by the standard library alone.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap().join("examples");
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Asks a runner for one answer; `None` where it does not start.
fn answer(mut command: Command, variant: &str) -> Option<String> {
    let mut child = command
        .args(["--runner", "--threads", "2"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "run {variant}\nquit").unwrap();
    let out = child.wait_with_output().unwrap();
    let line = String::from_utf8(out.stdout).unwrap().replace("\": ", "\":");
    let (_, rest) =
        line.split_once("\"answer\":\"").unwrap_or_else(|| panic!("{line}"));
    Some(rest.split('"').next().unwrap().to_owned())
}

#[test]
fn python_peers_give_the_same_answers() {
    for (name, variant, of_python) in [
        ("loop_urls", "own", "bare_asyncio"),
        ("loop_sweep", "0/workers", "0/workers"),
        ("loop_files", "threads", "threads"),
        ("loop_blocking", "blocking", "blocking"),
        ("loop_libraries", "spawn_blocking", "streams"),
        ("loop_cores", "own", "one_loop"),
    ] {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut python = Command::new("python3");
        python
            .arg(folder.join(format!("{name}.py")))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("LAB_EXAMPLE", example(name));
        let Some(theirs) = answer(python, of_python) else {
            eprintln!("skipped: no python3 on the path");
            return;
        };
        let ours = answer(Command::new(example(name)), variant);
        assert_eq!(Some(theirs), ours, "{name}");
    }
}
