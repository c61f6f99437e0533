//! A throw-away project: experiments of a few milliseconds, by runners and a cargo that are
//! shell scripts.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use press::store::record::Record;

/// The experiments there are.
pub(crate) const EXPERIMENTS: [&str; 3] = ["first", "second", "third"];

/// The program under test.
pub(crate) const PRESS: &str = env!("CARGO_BIN_EXE_press");

/// A variable by which every process is known that a measurement has started.
const MARK: &str = "PRESS_FAULTS_MARK";

pub(crate) struct Project(tempfile::TempDir);

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }
}

impl Project {
    pub(crate) fn new() -> Project {
        let project = Project(tempfile::tempdir().unwrap());
        project.write(
            "book.toml",
            "[book]\nsrc = 'book'\n[build]\nbuild-dir = 'target/book'\n\
             [preprocessor.measured]\nreference = 'local'\nbefore = ['links']\n",
        );
        project.write("book/SUMMARY.md", "[Page](page.md)\n");
        project.write("book/page.md", "# Page\n\nNothing was measured yet.\n");
        fs::create_dir_all(project.path("results")).unwrap();
        let mut manifest = String::new();
        for name in EXPERIMENTS {
            manifest += &format!("[[example]]\nname = '{name}'\npath = '{name}.rs'\n");
            project.write(&format!("examples/any/{name}.rs"), "fn main() {}\n");
            project.write(&format!("examples/any/{name}.py"), "pass\n");
            project.runner(name, ANSWERS);
            project.peer(name, ANSWERS);
        }
        project.write("examples/any/Cargo.toml", &manifest);
        let root = project.root().display().to_string();
        project.script("cargo", &CARGO.replace("ROOT", &root));
        project.script("python", &PYTHON.replace("ROOT", &root));
        project
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn script(&self, file: &str, text: &str) {
        self.write(file, &format!("#!/bin/sh\n{text}"));
        fs::set_permissions(self.path(file), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Has the example `name` do `run` when it is asked for a variant.
    pub(crate) fn runner(&self, name: &str, run: &str) {
        self.script(&format!("target/debug/examples/{name}"), &runner(name, run));
    }

    /// Has the peer of `name` do `run` when it is asked for a variant.
    pub(crate) fn peer(&self, name: &str, run: &str) {
        self.script(&format!("peers/{name}.py"), &runner(name, run));
    }

    /// `cargo book` in this project.
    pub(crate) fn press(&self, arguments: &[&str]) -> Command {
        self.marked(Command::new(PRESS), arguments)
    }

    /// The same, below `sh`, which does `first` before.
    pub(crate) fn press_after(&self, first: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{first}\nexec \"$0\" \"$@\""), PRESS]);
        self.marked(command, arguments)
    }

    fn marked(&self, mut command: Command, arguments: &[&str]) -> Command {
        command
            .args(arguments)
            .current_dir(self.root())
            .env("CARGO", self.path("cargo"))
            .env(MARK, self.root())
            .env_remove("RUSTFLAGS")
            .stdin(Stdio::null());
        command
    }

    /// What a measurement of everything is asked with: two sittings of a few rounds.
    pub(crate) fn measure(&self, more: &[&str]) -> Command {
        let python = self.path("python").display().to_string();
        let all = ["measure", "--quick", "--sittings", "2", "--python", &python];
        self.press(&[&all, more].concat())
    }

    /// Starts it as the leader of a group, as a shell does. What it says goes to files.
    pub(crate) fn start(&self, mut command: Command) -> Started<'_> {
        let (out, err) = (self.path("out.txt"), self.path("err.txt"));
        command.stdout(fs::File::create(&out).unwrap());
        command.stderr(fs::File::create(&err).unwrap());
        Started { child: command.process_group(0).spawn().unwrap(), project: self }
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, command: Command) -> Ran {
        self.start(command).end(Duration::from_secs(60))
    }

    /// All records, each by its experiment; every one must be whole.
    pub(crate) fn records(&self) -> BTreeMap<String, Record> {
        let mut all = BTreeMap::new();
        for entry in fs::read_dir(self.path("results/local")).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "json") {
                let record = Record::read(&path).unwrap();
                all.insert(record.experiment.clone(), record);
            }
        }
        all
    }

    /// The files that a measurement writes beside records, and should leave none of.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let names = |folder: &str| -> Vec<String> {
            let entries = fs::read_dir(self.path(folder)).into_iter().flatten().flatten();
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
        };
        let is_left = |name: &String| name.starts_with('.') || name.starts_with("measuring.j");
        let mut all =
            [names("results"), names("results/local"), names("target/press")].concat();
        all.retain(is_left);
        all
    }

    pub(crate) fn note(&self) -> PathBuf {
        self.path("target/press/measuring.json")
    }

    /// Waits until `done`, and fails if it never is.
    pub(crate) fn until(&self, what: &str, mut done: impl FnMut() -> bool) {
        let began = Instant::now();
        while !done() {
            let said = fs::read_to_string(self.path("err.txt")).unwrap_or_default();
            assert!(began.elapsed() < Duration::from_secs(30), "never {what}: {said}");
            sleep(Duration::from_millis(5));
        }
    }

    /// Fails if anybody whom a measurement started is still there a moment later.
    pub(crate) fn nobody_is_left(&self) {
        let began = Instant::now();
        while let left = self.started()
            && !left.is_empty()
        {
            assert!(began.elapsed() < Duration::from_secs(10), "left behind: {left:?}");
            sleep(Duration::from_millis(10));
        }
    }

    /// The processes that a measurement here has started. Nothing is known of them where there
    /// is no `/proc`.
    pub(crate) fn started(&self) -> Vec<String> {
        let mark = format!("{MARK}={}\0", self.root().display());
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let about = |process: PathBuf| {
            // Those of others may not be read, and those that have ended have none.
            let environment = fs::read(process.join("environ")).ok()?;
            let environment = String::from_utf8_lossy(&environment).into_owned();
            let line = fs::read_to_string(process.join("cmdline")).unwrap_or_default();
            environment.contains(&mark).then(|| {
                let id = process.file_name().unwrap_or_default().to_string_lossy().into_owned();
                format!("{id} {}", line.replace('\0', " "))
            })
        };
        processes.filter_map(|entry| about(entry.path())).collect()
    }
}

/// A `press` at work.
pub(crate) struct Started<'a> {
    child: Child,
    project: &'a Project,
}

impl Started<'_> {
    /// Sends a signal to it alone.
    pub(crate) fn signal(&self, name: &str) {
        kill(name, &self.child.id().to_string());
    }

    /// Sends a signal to its group, as a terminal does.
    pub(crate) fn signal_group(&self, name: &str) {
        kill(name, &format!("-{}", self.child.id()));
    }

    /// Waits for its end, which must come soon.
    pub(crate) fn end(mut self, within: Duration) -> Ran {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed() > within {
                self.signal("KILL");
                panic!("not ended within {within:?}: {}", self.read("err.txt"));
            }
            sleep(Duration::from_millis(2));
        };
        Ran { status, out: self.read("out.txt"), err: self.read("err.txt") }
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.project.path(file)).unwrap()
    }
}

fn kill(signal: &str, whom: &str) {
    // It may have ended already.
    let shell =
        Command::new("sh").args(["-c", &format!("kill -s {signal} -- {whom}")]).output();
    shell.unwrap();
}

/// Answers after some milliseconds, in which a child of its own is there, too.
pub(crate) const ANSWERS: &str =
    r#"sleep 1000 & sleep 0.01; kill -9 $!; echo '{"answer":"42","wall_ns":1000}'"#;

/// A script that speaks the runner lines.
fn runner(name: &str, run: &str) -> String {
    let variant = |name: &str| {
        format!(r#"{{"name":"{name}","label":"{name}","kind":"alone","observed":false}}"#)
    };
    let listing = format!(
        r#"{{"protocol":2,"experiment":"{name}","question":"Why?","baseline":"one","implementation":"fake","version":"1","profile":"none","threads":2,"variants":[{},{}]}}"#,
        variant("one"),
        variant("other")
    );
    format!(
        "while read -r verb rest; do case $verb in\n\
         list) echo '{listing}';;\nrun) {run};;\n*) exit 0;;\nesac; done\n"
    )
}

/// Builds nothing. It takes long with a file `slow` there, and fails for `broken-NAME`.
const CARGO: &str = r#"
trap '' PIPE
case $1 in
metadata) echo '{"target_directory":"ROOT/target"}';;
build)
    [ ! -e ROOT/slow ] || sleep 1000
    while [ "$1" != --example ]; do shift; done
    name=$2
    [ ! -e "ROOT/broken-$name" ] || { echo 'error[E0000]: it is broken' >&2; exit 101; }
    echo '{"target":{"name":"'$name'"},"profile":{"opt_level":"3"},"executable":"ROOT/target/debug/examples/'$name'"}' 2>/dev/null;;
esac
exit 0
"#;

/// Tells its version, or speaks the runner lines as the peer that it is given.
const PYTHON: &str = r#"
for argument; do
    case $argument in
    *.py) exec "ROOT/peers/${argument##*/}";;
    -c) echo '{"name":"cpython-3.99","version":"3.99.0","gil":true,"optimize":0}'; exit;;
    esac
done
"#;
