//! The tool keeps out of the way: what reaches a runner of the reader's environment, where a
//! peer's bytecode lies, and what a runner does that is not asked.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use lab::rounds::{Failure, Runner};
use press::outside::interpreters::Interpreter;
use press::outside::runner::{ChildRunner, peer};

/// Runs an ignored test of this file in a process with these variables; returns what it, and
/// what it started, wrote.
fn with(test: &str, variables: &[(&str, &str)]) -> String {
    with_in(Path::new("."), test, variables)
}

/// Likewise, in this folder.
fn with_in(folder: &Path, test: &str, variables: &[(&str, &str)]) -> String {
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .envs(variables.iter().copied())
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned()
}

#[test]
fn what_changes_a_measurement_does_not_reach_a_runner() {
    let said = with(
        "prints_its_environment",
        &[
            ("PYTHONDEVMODE", "reached"),
            ("PYTHONASYNCIODEBUG", "reached"),
            ("PYTHONTRACEMALLOC", "reached"),
            ("PYTHONOPTIMIZE", "reached"),
            ("PYTHONHOME", "reached"),
            ("PYTHON_GIL", "reached"),
            ("MALLOC_ARENA_MAX", "reached"),
            ("MALLOC_PERTURB_", "reached"),
            ("GLIBC_TUNABLES", "reached"),
            ("LD_PRELOAD", "reached"),
            ("RAYON_NUM_THREADS", "reached"),
            ("TOKIO_WORKER_THREADS", "reached"),
            ("RUST_BACKTRACE", "reached"),
            ("LD_LIBRARY_PATH", "/opt/any:/any/lib/rustlib/any/lib"),
            ("RUSTFLAGS", "-Copt-level=1"),
            ("CARGO_PROFILE_DEV_OPT_LEVEL", ""),
            ("ANYTHING_ELSE", "stays"),
        ],
    );
    assert!(said.contains("ANYTHING_ELSE=stays\n"), "{said}");
    assert!(said.contains("LD_LIBRARY_PATH=/opt/any\n"), "{said}");
    assert!(said.contains("kept: LD_LIBRARY_PATH, RUSTFLAGS\n"), "{said}");
    assert!(said.contains("RUST_MIN_STACK=given\n"), "{said}");
    assert!(!said.contains("=reached\n"), "{said}");
    for name in ["PYTHONDEVMODE", "PYTHON_GIL", "LD_PRELOAD", "RAYON_NUM_THREADS"] {
        let told = said.lines().any(|line| line.split(", ").any(|one| one == name));
        assert!(told, "{name} is not told: {said}");
    }
}

#[test]
#[ignore = "a runner, for the test above"]
fn prints_its_environment() {
    println!("kept: {}", lab::environment::kept().join(", "));
    println!("cleared, {}", lab::environment::cleared().join(", "));
    let mut command = Command::new("sh");
    command.args(["-c", "env >&2"]).env("RUST_MIN_STACK", "given");
    let mut runner = ChildRunner::start("printer", command, Duration::from_secs(5)).unwrap();
    assert!(runner.list().is_err());
}

const NO_MORE: &str = r#"{"error":"nothing else to say"}"#;

#[test]
fn a_runner_that_is_not_asked_stands_still_with_all_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let turns = folder.path().join("turns");
    fs::write(&turns, "").unwrap();
    // It answers when what it started has gone on.
    let script = format!(
        "size() {{ wc -c < {0}; }}; (while :; do echo >> {0}; done) & \
         while read -r line; do had=$(size); while [ $(size) = $had ]; do :; done; \
         echo '{NO_MORE}'; done; kill $!",
        turns.display()
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]);
    let mut runner = ChildRunner::start("busy", command, Duration::from_secs(30)).unwrap();
    let size = || fs::metadata(&turns).map_or(0, |file| file.len());
    let mut before = 0;
    for _ in 0..3 {
        assert!(matches!(runner.run("any"), Err(Failure::Variant(_))));
        // A signal is not there at once.
        std::thread::sleep(Duration::from_millis(100));
        let paused = size();
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(size(), paused, "it goes on without being asked");
        assert!(paused > before, "it does nothing when it is asked");
        before = paused;
    }
}

/// A folder whose modules have the names of the standard library's and are broken, and a home
/// in which something starts with every Python and prints.
fn traps() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let modules = ["json", "platform", "sysconfig", "re", "glob", "compileall", "copyreg"];
    for module in modules {
        let path = folder.path().join(module).with_extension("py");
        fs::write(path, "raise RuntimeError('broken')").unwrap();
    }
    let site = "import os, site; os.makedirs(site.getusersitepackages()); \
                open(os.path.join(site.getusersitepackages(), 'usercustomize.py'), 'w')\
                .write('print(\"hello from the reader\")')";
    let made = Command::new("python3").args(["-c", site]).env("HOME", folder.path()).output();
    assert!(made.unwrap().status.success());
    folder
}

#[test]
fn a_python_tells_its_version_whatever_lies_around_it() {
    if Interpreter::ask(Path::new("python3")).is_err() {
        return eprintln!("skipped: no python3");
    }
    let folder = traps();
    let home = folder.path().to_string_lossy();
    for (name, value) in [
        ("HOME", &*home),
        ("PYTHONHOME", "/nowhere"),
        ("PYTHONPATH", &*home),
        ("PYTHONOPTIMIZE", "1"),
        ("PYTHONSTARTUP", "/nowhere"),
        ("PYTHONIOENCODING", "utf-16"),
        ("PYTHONWARNINGS", "error"),
    ] {
        let said = with_in(folder.path(), "asks_python", &[(name, value)]);
        assert!(said.contains("told: cpython-3") || said.contains("told: pypy-3"), "{said}");
    }
    let said = with_in(folder.path(), "hears_a_peer", &[("HOME", &*home)]);
    assert!(said.contains("compiled: Ok") && said.contains("hears: any"), "{said}");
}

#[test]
#[ignore = "asks in the environment of the test above"]
fn asks_python() {
    let python = Interpreter::ask(Path::new("python3")).unwrap();
    println!("told: {}", python.name);
}

#[test]
#[ignore = "asks in the environment of the test above"]
fn hears_a_peer() {
    let python = Interpreter::ask(Path::new("python3")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for module in ["json", "re", "glob", "compileall"] {
        fs::write(root.join(module).with_extension("py"), "raise RuntimeError").unwrap();
    }
    println!("compiled: {:?}", python.compile(root));
    fs::create_dir_all(root.join("examples/any")).unwrap();
    let list = r#"{"protocol": 2, "experiment": "any", "question": "any", "baseline": "any",
"implementation": "any", "version": "1", "profile": "any", "threads": 1, "variants": [
{"name": "any", "label": "any", "kind": "alone", "observed": true}]}"#
        .replace('\n', " ");
    let script = format!("input()\nprint('{list}')\n");
    fs::write(root.join("examples/any/any.py"), script).unwrap();
    println!("hears: {}", question(root, &python));
}

#[test]
fn variables_that_are_not_utf_8_do_not_end_the_look_for_pythons() {
    use std::os::unix::ffi::OsStrExt;
    let odd = std::ffi::OsStr::from_bytes(b"\xff");
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "looks_for_pythons", "--ignored", "--nocapture"])
        .env("PYTHON_ODD", odd)
        .env(odd, "odd")
        .env("PATH", "/nowhere")
        .env("HOME", "/nowhere")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && said.contains("found: 0, 0"), "{said}");
}

#[test]
#[ignore = "looks in the environment of the test above"]
fn looks_for_pythons() {
    let folder = tempfile::tempdir().unwrap();
    let found = press::outside::interpreters::all(folder.path());
    println!("found: {}, {}", found.usable.len(), found.failed.len());
}

/// A book of one peer, which says in place of its question whether the modules that it and
/// its children import were compiled before.
fn book() -> (tempfile::TempDir, Interpreter) {
    let folder = tempfile::tempdir().unwrap();
    let common = folder.path().join("examples/any/common");
    fs::create_dir_all(&common).unwrap();
    fs::create_dir_all(folder.path().join("lab/python")).unwrap();
    fs::write(common.join("__init__.py"), "").unwrap();
    fs::write(common.join("part.py"), "").unwrap();
    fs::write(
        folder.path().join("examples/any/any.py"),
        "import importlib.util, json, multiprocessing, os, sys
def cached(_=None):
    from importlib.util import cache_from_source
    part = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'common', 'part.py')
    wave = os.path.join(os.path.dirname(os.__file__), 'wave.py')
    return [os.path.exists(cache_from_source(name)) for name in (part, wave)]
if __name__ == '__main__':
    with multiprocessing.get_context('spawn').Pool(1) as pool:
        said = str(cached() + pool.map(cached, [0])[0])
    input()
    print(json.dumps(dict(
        protocol=2, experiment='any', question=said, baseline='none', implementation='any',
        version='1', profile='none', threads=1,
        variants=[dict(name='any', label='any', kind='alone', observed=True)])))
",
    )
    .unwrap();
    let python = Interpreter::ask(Path::new("python3")).unwrap();
    (folder, python)
}

fn question(root: &Path, python: &Interpreter) -> String {
    let script = Path::new("examples/any/any.py");
    let command = peer(python, root, script, Path::new("none"));
    ChildRunner::start("any", command, Duration::from_secs(60))
        .unwrap()
        .list()
        .unwrap()
        .question
}

#[test]
fn a_peer_and_its_children_find_what_was_compiled_beforehand() {
    if Interpreter::ask(Path::new("python3")).is_err() {
        return eprintln!("skipped: no python3");
    }
    let (folder, python) = book();
    let root = folder.path();
    assert_eq!(question(root, &python), "[False, False, False, False]");
    python.compile(root).unwrap();
    assert_eq!(question(root, &python), "[True, True, True, True]");
    assert!(!root.join("examples/any/common/__pycache__").exists(), "beside the sources");
}
