//! The environment of what is measured: the reader's, without what would change a
//! measurement, and for Python with what it needs.
//!
//! All runners get theirs here, in a measurement as in a test, so that what is tested is
//! what is measured.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;

/// What variables begin with that a runner does not get, since they change how fast it is,
/// how much memory it takes, or what it runs. A whole name begins with itself.
const CLEARED: &[&str] = &[
    // Interpreters: modes for developers, hooks, folders, allocators, the hash seed, the lock.
    "PYTHON",
    "PYPY",
    "JYTHONPATH",
    // Java's options, and those of the script that starts Jython.
    "JAVA_MEM",
    "JAVA_OPTS",
    "JAVA_STACK",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "JYTHON_OPTS",
    "_JAVA_OPTIONS",
    // Packages of the peers, which can be told to do without their compiled parts.
    "AIOHTTP_",
    "FROZENLIST_",
    "MULTIDICT_",
    "PROPCACHE_",
    "YARL_",
    // Allocators, and the C library.
    "MALLOC_",
    "MIMALLOC_",
    "_RJEM_MALLOC_CONF",
    "GLIBC_TUNABLES",
    // What a loader loads besides the program.
    "LD_AUDIT",
    "LD_BIND_",
    "LD_DEBUG",
    "LD_PRELOAD",
    "LD_PROFILE",
    "DYLD_INSERT_LIBRARIES",
    // How many threads a library starts, and how large their stacks are.
    "RAYON_",
    "TOKIO_",
    "RUST_MIN_STACK",
    // What a panic costs.
    "RUST_BACKTRACE",
    "RUST_LIB_BACKTRACE",
    // Ours.
    "LAB_",
];

/// Where libraries are looked for. An interpreter may not start without it, but cargo and
/// rustup have put folders of their own in front, where each library of each new process
/// would be looked for.
const LIBRARIES: &str = "LD_LIBRARY_PATH";

/// Takes away what would change the measurement, except for what `command` was given on
/// purpose.
pub fn clear(command: &mut Command) {
    let given: Vec<_> = command.get_envs().map(|(name, _)| name.to_owned()).collect();
    for (name, value) in std::env::vars_os().filter(|(name, _)| !given.contains(name)) {
        if changes_a_measurement(&name) {
            command.env_remove(&name);
        } else if name == LIBRARIES {
            match without_cargos(&value) {
                Some(rest) => command.env(LIBRARIES, rest),
                None => command.env_remove(LIBRARIES),
            };
        }
    }
}

/// What is set here and [`clear`] takes away, for the reader to know.
pub fn cleared() -> Vec<String> {
    // `PYTHON_3_14T=/path` names an interpreter, and tells it nothing.
    let names_a_program =
        |name: &str, value: &OsStr| name.starts_with("PYTHON_") && Path::new(value).is_file();
    let mut names: Vec<String> = std::env::vars_os()
        .filter(|(name, _)| changes_a_measurement(name))
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, value)| !names_a_program(name, value))
        .map(|(name, _)| name)
        .collect();
    names.sort();
    names
}

/// What is set here and kept although it may change a measurement: flags that went into the
/// build, and a reader's own folders for libraries, without which an interpreter might not
/// start. A record says so.
pub fn kept() -> Vec<String> {
    let may_change = |(name, value): &(String, OsString)| match name.as_str() {
        LIBRARIES => without_cargos(value).is_some(),
        _ => name.ends_with("RUSTFLAGS") || name.starts_with("CARGO_PROFILE_"),
    };
    let mut names: Vec<String> = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(_, value)| !value.is_empty())
        .filter(may_change)
        .map(|(name, _)| name)
        .collect();
    names.sort();
    names
}

fn changes_a_measurement(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_uppercase();
    CLEARED.iter().any(|start| name.starts_with(start))
}

/// The folders for libraries that cargo and rustup did not add; `None` when there are no
/// others.
fn without_cargos(folders: &OsStr) -> Option<OsString> {
    let is_cargos = |folder: &Path| {
        let is_below = |mark: &str| folder.ancestors().any(|above| above.join(mark).exists());
        // A target folder, and the folders of a toolchain.
        is_below(".rustc_info.json")
            || folder.join("rustlib").exists()
            || folder.components().any(|part| part.as_os_str() == "rustlib")
    };
    let mut rest =
        std::env::split_paths(folders).filter(|folder| !is_cargos(folder)).peekable();
    rest.peek()?;
    std::env::join_paths(rest).ok()
}

/// The command by which `python` runs a peer. It finds the lab in `lab`, the built Rust
/// example of the same name at `example`, and compiled modules below `cache`.
pub fn peer(python: &Path, script: &Path, lab: &Path, example: &Path, cache: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg(script).env("PYTHONPATH", lab).env("LAB_EXAMPLE", example);
    for_python(&mut command, cache);
    command
}

/// Has a Python run from cached bytecode, as programs do on all days but their first, and
/// keep it below `cache`. Interpreters that know no such place (CPython before 3.8, Jython,
/// some of PyPy's) keep it beside the sources, as they do when a reader starts them; git
/// ignores it there.
pub fn for_python(command: &mut Command, cache: &Path) {
    command.env("PYTHONPYCACHEPREFIX", cache);
    // PyPy sizes its nursery by the cache, which may be hundreds of megabytes.
    command.env("PYPY_GC_NURSERY", "4MB");
    clear(command);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_known_by_their_beginning_whatever_their_case() {
        for name in ["PYTHONDEVMODE", "PYTHON_GIL", "MALLOC_ARENA_MAX", "ld_preload"] {
            assert!(changes_a_measurement(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH", "CARGO", "JAVA_HOME"]
        {
            assert!(!changes_a_measurement(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn what_was_given_on_purpose_stays() {
        let mut command = Command::new("any");
        command.env("PYTHONPATH", "lab").env("RUST_BACKTRACE", "full");
        for_python(&mut command, Path::new("cache"));
        let given = |name: &str| {
            let mut all = command.get_envs();
            all.find(|(one, _)| *one == name).and_then(|(_, value)| value)
        };
        assert_eq!(given("PYTHONPATH"), Some(OsStr::new("lab")));
        assert_eq!(given("RUST_BACKTRACE"), Some(OsStr::new("full")));
        assert_eq!(given("PYTHONPYCACHEPREFIX"), Some(OsStr::new("cache")));
    }

    #[test]
    fn of_the_folders_for_libraries_only_cargos_are_left_out() {
        let test = std::env::current_exe().unwrap();
        let cargos = [test.parent().unwrap(), Path::new("/any/lib/rustlib/x86/lib")];
        assert_eq!(without_cargos(&std::env::join_paths(cargos).unwrap()), None);
        let mixed = [cargos[0], Path::new("/opt/python/lib"), cargos[1]];
        let rest = without_cargos(&std::env::join_paths(mixed).unwrap());
        assert_eq!(rest.as_deref(), Some(OsStr::new("/opt/python/lib")));
    }
}
