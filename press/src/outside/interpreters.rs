//! The Python interpreters there are, what each of them is, and the environment of the peers.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::ending;
use crate::ask::near::Unknown;

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

/// Understood by every Python from 2.7 on.
const TELL: &str = "\
import json, platform, sys, sysconfig
i = platform.python_implementation().lower()
t = 't' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''
g = getattr(sys, '_is_gil_enabled', lambda: i not in ('jython', 'ironpython'))()
v = platform.python_version()
print(json.dumps({'name': i + '-' + '.'.join(v.split('.')[:2]) + t, 'version': v + t, 'gil': g}))";

/// Likewise. Passes over what is compiled already. Where bytecode has no place of its own, the
/// standard library is left to whoever installed it.
const COMPILE: &str = r"
import compileall, glob, os, re, sys
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
    /// When it does not start, hangs, or answers with something else.
    pub fn ask(path: &Path) -> Result<Interpreter> {
        #[derive(Deserialize)]
        struct Answer {
            name: String,
            version: String,
            gil: bool,
        }
        let mut command = Command::new(path);
        lab::environment::clear(&mut command);
        let said = said(command.args(["-c", TELL]), PATIENCE)?;
        let answer: Answer = serde_json::from_slice(&said)
            .with_context(|| format!("{} did not tell its version", path.display()))?;
        let Answer { name, version, gil } = answer;
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
        command.current_dir(root).args(["-c", COMPILE]);
        said(&mut command, PATIENCE * 6).map(drop)
    }
}

/// What a command prints.
fn said(command: &mut Command, patience: Duration) -> Result<Vec<u8>> {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let (mut child, _group) =
        ending::spawn(command).with_context(|| format!("{program} does not start"))?;
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > patience {
            child.kill().ok();
            child.wait().ok();
            bail!("{program} hung: no answer within {} s", patience.as_secs());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(child.wait_with_output()?.stdout)
}

/// Where the environment of the peers lies, once made.
fn environment(root: &Path) -> PathBuf {
    let below = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    root.join("target/python").join(below)
}

/// The Python that is used unless told: the environment's, or the first on the path.
fn usual(root: &Path) -> Option<Interpreter> {
    [environment(root), "python3".into(), "python".into()]
        .iter()
        .find_map(|path| Interpreter::ask(path).ok())
}

/// Every interpreter found, each version once: the environment's and those named by
/// `PYTHON_*` variables first, then the path's, pyenv's, uv's and those under
/// `target/pythons/*/bin`.
pub fn all(root: &Path) -> Vec<Interpreter> {
    let mut candidates = vec![environment(root)];
    let mut named: Vec<(String, String)> = std::env::vars()
        .filter(|(name, path)| name.starts_with("PYTHON_") && Path::new(path).is_file())
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
    let mut found: Vec<Interpreter> = Vec::new();
    for path in candidates {
        // A bare name is looked for on the path; anything else must be there.
        if path.components().count() > 1 && !path.is_file() {
            continue;
        }
        if let Ok(interpreter) = Interpreter::ask(&path)
            && !found.iter().any(|other| other.name == interpreter.name)
        {
            found.push(interpreter);
        }
    }
    found.sort_by_key(|i| {
        (i.name.split('-').next().map(str::to_owned), minor(&i.version), !i.gil)
    });
    found
}

fn minor(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// The interpreters that `--python` names: `all`, names such as `pypy-3.9`, or paths.
///
/// # Errors
/// When one is named that there is not.
pub fn chosen(root: &Path, wanted: &[String]) -> Result<Vec<Interpreter>> {
    if wanted.is_empty() {
        return Ok(usual(root).into_iter().collect());
    }
    let mut known: Option<Vec<Interpreter>> = None;
    let mut chosen: Vec<Interpreter> = Vec::new();
    for wish in wanted {
        if wish.contains(['/', '\\']) {
            chosen.push(Interpreter::ask(Path::new(wish))?);
            continue;
        }
        let known = known.get_or_insert_with(|| all(root));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_no_python_is_named_in_the_message() {
        let missing = Interpreter::ask(Path::new("/no/such/python")).unwrap_err();
        assert!(format!("{missing:#}").contains("/no/such/python does not start"));
        #[cfg(unix)]
        {
            let text = format!("{:#}", Interpreter::ask(Path::new("true")).unwrap_err());
            assert!(text.contains("true did not tell its version"), "{text}");
        }
    }
}
