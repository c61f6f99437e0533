//! The Python interpreters there are, what each of them is, and the environment of the peers.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::ask::near::Unknown;
use crate::outside::lines::brief;
use crate::outside::patience::{Limit, output};

/// A Python that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// How selectors name it: `cpython-3.11`, `cpython-3.13t`, `pypy-3.9`.
    pub name: String,
    /// Its full version.
    pub version: String,
    /// Whether it has a global lock, and the lock is on.
    pub gil: bool,
    /// The program.
    pub path: PathBuf,
}

/// How long an interpreter may take to tell its version; Jython starts a Java machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whatever the reader's environment and packages say. Every Python from 2.7 on knows both; a
/// mode that also leaves the current folder out came later, so [`TELL`] does that.
const ISOLATED: [&str; 2] = ["-E", "-s"];

/// Understood by every Python from 2.7 on. A module of the current folder may have the name of
/// one of the standard library's, and whatever starts with the interpreter may print.
const TELL: &str = "\
import sys
sys.path = [folder for folder in sys.path if folder]
import json, platform, sysconfig
i = platform.python_implementation().lower()
t = 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''
g = getattr(sys, '_is_gil_enabled', lambda: i not in ('jython', 'ironpython'))()
v = platform.python_version()
n = i + '-' + '.'.join(v.split('.')[:2]) + t
o = getattr(sys.flags, 'optimize', 0)
print('\\n' + json.dumps({'name': n, 'version': v + t, 'gil': g, 'optimize': o}))";

/// What a reader may try to see why an interpreter does not tell its version.
const TRY: &str = "-E -s -c 'import json, platform, sysconfig'";

/// Likewise. Passes over what is compiled already. Where bytecode has no place of its own, the
/// standard library is left to whoever installed it.
const COMPILE: &str = r"
import sys
sys.path = [folder for folder in sys.path if folder]
import compileall, glob, os, re
sys.stdout = open(os.devnull, 'w')
apart = 'test tests idlelib lib2to3 tkinter turtledemo ensurepip site-packages'
folders = [os.path.abspath(f) for f in ['lab/python'] + glob.glob('examples/*/common')]
if getattr(sys, 'pycache_prefix', None):
    folders.append(os.path.dirname(os.__file__))
    if sys.prefix != sys.base_prefix:
        apart += ' pip setuptools pkg_resources'
        folders += [f for f in sys.path if f.startswith(os.path.join(sys.prefix, ''))]
for folder in folders:
    rest = r'[/\\](.*[/\\])?(%s)[/\\]' % apart.replace(' ', '|')
    compileall.compile_dir(folder, quiet=2, rx=re.compile(re.escape(folder) + rest))
";

impl Interpreter {
    /// Asks the program at `path` what it is.
    ///
    /// # Errors
    /// When it does not start, hangs, or answers with something else. The message has the
    /// command with which to see why.
    pub fn ask(path: &Path) -> Result<Interpreter> {
        Interpreter::ask_within(path, PATIENCE)
    }

    fn ask_within(path: &Path, patience: Duration) -> Result<Interpreter> {
        #[derive(Deserialize)]
        struct Answer {
            name: String,
            version: String,
            gil: bool,
            optimize: u32,
        }
        let shown = path.display();
        let to_see = || format!("to see it: {shown} {TRY}");
        let mut command = Command::new(path);
        lab::environment::clear(&mut command);
        command.args(ISOLATED).args(["-c", TELL]);
        let said = output(&mut command, Limit::InAll(patience))
            .map_err(|e| anyhow!("{e:#}; {}", to_see()))?;
        let lines = said.out.lines().rev();
        let answer = lines.filter_map(|line| serde_json::from_str::<Answer>(line).ok()).next();
        let Some(Answer { name, version, gil, optimize }) = answer else {
            bail!(
                "{shown} did not tell its version, and ended with {}: {}; {}",
                lab::os::ending(said.how),
                brief(said.last_word(), 120),
                to_see()
            );
        };
        if !is_name(&name) || !is_version(&version) {
            let (name, version) = (brief(&name, 60), brief(&version, 60));
            bail!("{shown} calls itself `{name}`, version `{version}`, as no Python does");
        }
        if optimize > 0 {
            bail!("{shown} always runs with -O, which leaves assertions out; name another one");
        }
        Ok(Interpreter { name, version, gil, path: path.to_owned() })
    }

    /// Where it keeps compiled modules: apart from any other version's, whose compiler may
    /// differ even where the format does not.
    pub fn bytecode(&self, root: &Path) -> PathBuf {
        root.join("target/press/pycache").join(&self.name).join(&self.version)
    }

    /// Compiles what peers import: the lab, what chapters share, the standard library, and the
    /// packages of its environment. In a process of its own, since a process that has compiled
    /// a module need not run it as one does that has read it from the cache.
    ///
    /// # Errors
    /// When it does not start, or hangs.
    pub fn compile(&self, root: &Path) -> Result<()> {
        let mut command = Command::new(&self.path);
        lab::environment::for_python(&mut command, &self.bytecode(root));
        command.current_dir(root).args(["-s", "-c", COMPILE]);
        let said = output(&mut command, Limit::InAll(PATIENCE * 6))?;
        if !said.how.success() {
            bail!("{}: {}", lab::os::ending(said.how), brief(said.last_word(), 120));
        }
        Ok(())
    }
}

/// Like `cpython-3.13t`: it is part of a path, and selectors know it from Rust.
fn is_name(name: &str) -> bool {
    let Some((implementation, version)) = name.split_once('-') else { return false };
    let version = version.strip_suffix('t').unwrap_or(version);
    let parts = version.split_once('.').map(|(major, minor)| [major, minor]);
    let is_number =
        |part: &str| (1..=3).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    (1..=20).contains(&implementation.len())
        && implementation.chars().all(|c| c.is_ascii_lowercase())
        && parts.is_some_and(|parts| parts.into_iter().all(is_number))
}

/// Like `3.13.0rc1`: it is a folder's name.
fn is_version(version: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    (1..=40).contains(&version.len())
        && version.starts_with(|c: char| c.is_ascii_digit())
        && version.chars().all(is_plain)
}

/// Where the environment of the peers lies, once made.
fn environment(root: &Path) -> PathBuf {
    let below = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    root.join("target/python").join(below)
}

/// What there is: interpreters, and programs that should be ones, with what is wrong with them.
#[derive(Default)]
pub struct Found {
    /// Those that answered.
    pub usable: Vec<Interpreter>,
    /// Why each of the others did not.
    pub failed: Vec<String>,
}

impl Found {
    /// Asks the program at `path`, if there is one.
    fn ask(&mut self, path: &Path) -> Option<Interpreter> {
        if !is_there(path) {
            return None;
        }
        Interpreter::ask(path).map_err(|e| self.failed.push(format!("{e:#}"))).ok()
    }

    /// Says what failed, to whoever waits.
    fn complain(&self) {
        for failure in &self.failed {
            // Nobody may be there to read it.
            let _ = writeln!(io::stderr(), "passed over: {failure}");
        }
    }
}

/// Whether there is such a program; a bare name is looked for on the path.
fn is_there(program: &Path) -> bool {
    if program.components().count() > 1 {
        return program.is_file();
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let name = format!("{}{}", program.display(), std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&folders).any(|folder| folder.join(&name).is_file())
}

/// The Python that is used unless told: the environment's, or the first on the path that works.
fn usual(root: &Path) -> (Option<Interpreter>, Found) {
    let mut found = Found::default();
    let usual = [environment(root), "python3".into(), "python".into()]
        .iter()
        .find_map(|path| found.ask(path));
    (usual, found)
}

/// Every interpreter found, each version once: the environment's and those named by
/// `PYTHON_*` variables first, then the path's, pyenv's, uv's and those under
/// `target/pythons/*/bin`.
pub fn all(root: &Path) -> Found {
    let mut candidates = vec![environment(root)];
    let mut named: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().starts_with("PYTHON_"))
        .filter(|(_, path)| Path::new(path).is_file())
        .collect();
    named.sort();
    candidates.extend(named.into_iter().map(|(_, path)| PathBuf::from(path)));
    candidates.extend(["python3", "python"].map(PathBuf::from));
    for minor in 6..=16 {
        candidates.extend(["", "t"].map(|t| PathBuf::from(format!("python3.{minor}{t}"))));
    }
    candidates.extend(["python2.7", "pypy3", "pypy", "jython"].map(PathBuf::from));
    let home = std::env::home_dir().unwrap_or_default();
    for folder in [
        root.join("target/pythons"),
        home.join(".pyenv/versions"),
        home.join(".local/share/uv/python"),
    ] {
        let mut below: Vec<PathBuf> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .collect();
        below.sort();
        for version in below {
            candidates.extend(
                ["python3", "python", "pypy3", "jython"].map(|n| version.join("bin").join(n)),
            );
        }
    }
    let mut found = Found::default();
    for path in candidates {
        if let Some(interpreter) = found.ask(&path)
            && !found.usable.iter().any(|other| other.name == interpreter.name)
        {
            found.usable.push(interpreter);
        }
    }
    found.usable.sort_by_key(|i| {
        (i.name.split('-').next().map(str::to_owned), minor(&i.version), !i.gil)
    });
    found
}

fn minor(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// The interpreters that `--python` names: `all`, names such as `pypy-3.9`, or paths. What was
/// passed over because it does not work is told.
///
/// # Errors
/// When one is named that there is not.
pub fn chosen(root: &Path, wanted: &[String]) -> Result<Vec<Interpreter>> {
    if wanted.is_empty() {
        let (usual, found) = usual(root);
        found.complain();
        return Ok(usual.into_iter().collect());
    }
    let mut known: Option<Vec<Interpreter>> = None;
    let mut chosen: Vec<Interpreter> = Vec::new();
    for wish in wanted {
        if wish.contains(['/', '\\']) {
            chosen.push(Interpreter::ask(Path::new(wish))?);
            continue;
        }
        let known = known.get_or_insert_with(|| {
            let found = all(root);
            found.complain();
            found.usable
        });
        if wish == "all" {
            chosen.append(&mut known.clone());
            continue;
        }
        match known.iter().find(|i| i.name == *wish) {
            Some(interpreter) => chosen.push(interpreter.clone()),
            None => {
                let text = format!(
                    "no interpreter is called `{wish}` (`cargo book python` lists them)"
                );
                bail!(Unknown::new(text, wish, known.iter().map(|i| i.name.as_str())));
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    chosen.retain(|interpreter| seen.insert(interpreter.name.clone()));
    Ok(chosen)
}

/// An environment with the packages that some peers need, pinned and hashed; with uv where
/// there is one, else with Python's own tools.
///
/// # Errors
/// When there is no Python, or the packages cannot be installed.
pub fn prepare(root: &Path) -> Result<()> {
    let folder = root.join("target/python");
    let requirements = root.join("lab/python/requirements.txt");
    let python = environment(root);
    let uv = Command::new("uv").arg("--version").output().is_ok_and(|out| out.status.success());
    if !python.is_file() {
        let (host, found) = usual(root);
        found.complain();
        let host = host.context("no python3 or python that works on the path to begin with")?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_no_python_is_named_in_the_message() {
        let missing = Interpreter::ask(Path::new("/no/such/python")).unwrap_err();
        assert!(format!("{missing:#}").contains("/no/such/python does not start"));
    }

    #[test]
    fn names_and_versions_are_such_as_pythons_have() {
        for name in ["cpython-3.11", "cpython-3.13t", "pypy-3.9", "jython-2.7"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["rust", "", "cpython", "a b-3.1", "../../x-3.1", "cpython-3.1/..", "x-.1"]
        {
            assert!(!is_name(name), "{name}");
        }
        assert!(["3.11.7", "3.13.0rc1t", "2.7.18+"].iter().all(|one| is_version(one)));
        assert!(!["", "..", "3.1/../..", "3.1\n"].iter().any(|one| is_version(one)));
    }

    /// Shell scripts, to be had on every Unix.
    #[cfg(unix)]
    mod shims {
        use super::*;

        /// A program called `python3`. Another process writes it: one that is open for writing
        /// cannot be started, and a test beside this one may be starting something just now.
        fn shim(script: &str) -> (tempfile::TempDir, PathBuf) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("python3");
            let write = "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$0\" && chmod 755 \"$0\"";
            let status = Command::new("sh").args(["-c", write]).arg(&path).arg(script).status();
            assert!(status.unwrap().success());
            (folder, path)
        }

        fn complaint(script: &str) -> String {
            let (_folder, path) = shim(script);
            let fault = Interpreter::ask_within(&path, Duration::from_secs(2)).unwrap_err();
            format!("{fault:#}").replace(&path.display().to_string(), "python3")
        }

        #[test]
        fn what_failed_is_told_with_the_command_to_see_it() {
            let see = "to see it: python3 -E -s -c 'import json, platform, sysconfig'";
            assert_eq!(
                complaint("echo 'pyenv: version 3.12 is not installed' >&2; exit 1"),
                format!(
                    "python3 did not tell its version, and ended with exit 1: \
                     pyenv: version 3.12 is not installed; {see}"
                )
            );
            let said = complaint(":");
            assert!(said.contains("ended with exit 0: it said nothing; to see"), "{said}");
            let hung = "python3 hung: no answer within 2 s";
            for waits in ["sleep 60", "sleep 60 & exec sleep 60", "yes"] {
                assert_eq!(complaint(waits), format!("{hung}; {see}"), "{waits}");
            }
        }

        #[test]
        fn a_program_that_calls_itself_something_else_is_no_python() {
            let answer = |name: &str, optimize: u32| {
                format!(
                    "echo '{{\"name\":\"{name}\",\"version\":\"3.1.4\",\"gil\":true,\"optimize\":{optimize}}}'"
                )
            };
            assert!(complaint(&answer("rust", 0)).contains("calls itself `rust`, version"));
            assert!(complaint(&answer("cpython-3.1", 1)).contains("always runs with -O"));
            let noise = "head -c 300000 /dev/zero; printf '\\377 hello'";
            let (_folder, path) =
                shim(&format!("{noise}; echo; {}; echo bye", answer("cpython-3.1", 0)));
            assert_eq!(Interpreter::ask(&path).unwrap().version, "3.1.4");
        }
    }
}
