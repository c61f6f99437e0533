//! Output that nobody reads, or that cannot be written.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, pipe};
use std::process::{Command, Stdio};

use crate::project::Project;

/// A project with records to tell of.
fn measured() -> Project {
    let project = Project::new();
    assert!(project.run(project.measure(&[])).status.success());
    project
}

/// What only prints.
const PRINTS: [&[&str]; 6] = [
    &["claims"],
    &["machines"],
    &["schema"],
    &["python", "--list"],
    &["replicate", "local"],
    &["--help"],
];

/// What does something, and prints what came of it.
const DOES: [&[&str]; 3] =
    [&["build"], &["check"], &["measure", "--quick", "--no-python", "first"]];

/// Runs it with standard output closed on the other side; returns its status and its message.
fn unread(mut command: Command) -> (Option<i32>, String) {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let out = command.stdout(writer).output().unwrap();
    (out.status.code(), said(&out.stderr))
}

/// The messages, but for what is said of interpreters that this machine happens to have.
fn said(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().filter(|line| !line.starts_with("passed over: "));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_prints_ends_in_silence_when_nobody_reads_it() {
    let project = measured();
    for arguments in PRINTS {
        let (code, said) = unread(project.press(arguments));
        let expected = if arguments[0] == "--help" { 0 } else { 141 };
        assert_eq!((code, said.as_str()), (Some(expected), ""), "{arguments:?}");
    }
}

#[test]
fn what_does_something_does_it_though_nobody_reads_what_came_of_it() {
    let project = measured();
    for arguments in DOES {
        let (code, said) = unread(project.press(arguments));
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
    }
}

#[test]
fn nobody_reads_messages_either() {
    let project = Project::new();
    for (arguments, code) in [(&["machines", "no"][..], 2), (&["replicate"], 1)] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let status = project.press(arguments).stderr(writer).stdout(Stdio::null()).status();
        assert_eq!(status.unwrap().code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn a_measurement_whose_output_is_cut_off_goes_on_to_its_end() {
    let project = Project::new();
    let mut command = project.measure(&[]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // As `| head -1` does.
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("results/local/first.json"), "{line}");
    let out = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success() && !said.contains("panicked"), "{said}");
    let records = project.records();
    assert!(records.len() == 3 && records.values().all(|record| record.sittings.len() == 2));
}

#[test]
fn output_that_cannot_be_written_is_an_error_and_no_panic() {
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        return println!("skipped: no /dev/full");
    };
    let project = measured();
    for arguments in &PRINTS[..5] {
        let stdout = full.try_clone().unwrap();
        let out = project.press(arguments).stdout(stdout).output().unwrap();
        let said = said(&out.stderr);
        assert_eq!(out.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.starts_with("error: cannot write to standard output"), "{said}");
    }
}

#[test]
fn closed_standard_streams_are_no_panic() {
    let project = measured();
    // To look for interpreters takes a while, and says nothing more here.
    for arguments in PRINTS.iter().chain(&DOES).filter(|all| all[0] != "python") {
        let out = project.press_after("exec >&-", arguments).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        let status = project.press_after("exec >&- 2>&- <&-", arguments).status().unwrap();
        assert!(status.code().is_some_and(|code| code < 100), "{arguments:?}: {status}");
    }
}

/// What it writes to a terminal of the kind `term`, standard error included.
fn on_a_terminal(project: &Project, term: &str) -> Option<String> {
    let press = project.press(&["measure", "--quick", "--no-python"]);
    let words = std::iter::once(press.get_program()).chain(press.get_args());
    let line: Vec<String> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line.join(" "), "/dev/null"]);
    script.envs(press.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let out =
        script.env("TERM", term).current_dir(project.root()).stdin(Stdio::null()).output();
    let out = out.ok()?;
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    // Others than util-linux's know other options.
    said.contains("first.json").then_some(said)
}

#[test]
fn a_terminal_that_knows_no_escapes_is_sent_none() {
    let project = Project::new();
    let Some(said) = on_a_terminal(&project, "xterm") else {
        return println!("skipped: no terminal (util-linux's `script`)");
    };
    assert!(said.contains('\x1b'), "without a bar the test tells nothing: {said}");
    let said = on_a_terminal(&project, "dumb").unwrap();
    assert!(!said.contains('\x1b'), "{said:?}");
}

#[test]
fn where_no_thread_is_to_be_had_the_book_is_built_all_the_same() {
    let project = measured();
    // A limit binds no administrator, so that the test becomes nobody.
    // Shells call the same limit by two letters.
    let limit = "{ ulimit -u 1 || ulimit -p 1; } 2>/dev/null";
    let first = match is_root() {
        true => {
            let chown = format!("chown -R 65534 '{}'", project.root().display());
            Command::new("sh").args(["-c", &chown]).status().unwrap();
            format!(
                "exec setpriv --reuid 65534 --clear-groups \\\n\
                 sh -c '{limit}; exec \"$0\" \"$@\"' \"$0\" \"$@\""
            )
        }
        false => limit.to_owned(),
    };
    for arguments in [&["build"][..], &["check"], &["replicate", "local"], &["claims"]] {
        let out = project.press_after(&first, arguments).output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        if said.contains("setpriv") || said.contains("ermission denied") {
            return println!("skipped: {said}");
        }
        assert!(out.status.success(), "{arguments:?}: {said}");
    }
    let measure = ["measure", "--quick", "--no-python", "first"];
    let out = project.press_after(&first, &measure).output().unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: cannot "), "{said}");
}

fn is_root() -> bool {
    let out = Command::new("id").arg("-u").output();
    out.is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}
