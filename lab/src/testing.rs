//! What the tests of chapters share: asking examples and their peers, and exercises.
//!
//! Tests assert answers, orderings and broad bands, never times.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::Sample;
use crate::{environment, protocol};

/// A built example: optimized, whatever the profile of the tests that ask for it.
///
/// # Panics
/// When it is not built, as with `cargo test --test NAME`.
pub fn example(name: &str) -> PathBuf {
    // In the folder of the profile `dev`.
    let path = target().join(format!("debug/examples/{name}{}", std::env::consts::EXE_SUFFIX));
    let shown = path.display();
    assert!(path.is_file(), "{shown} is not built; run `cargo build --example {name}` first");
    path
}

/// The command that starts a Python peer, by the `python3` on the path. What it needs of the
/// Rust example of the same name, it finds.
pub fn peer(script: impl AsRef<Path>) -> Command {
    let script = script.as_ref();
    let name = script.file_stem().and_then(|name| name.to_str()).expect("a script has a name");
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    let cache = target().join("press/pycache/tests");
    environment::peer(Path::new("python3"), script, &lab, &example(name), &cache)
}

/// Where cargo puts what it builds.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    // target/PROFILE/deps/TEST
    test.ancestors().nth(3).expect("a test lies below the target folder").to_owned()
}

/// Gives a runner requests and returns the lines it answers with. `None` where it does not
/// start, which it says: a machine without Python runs the other tests.
///
/// # Panics
/// When it breaks off.
pub fn lines(mut runner: Command, requests: &[&str]) -> Option<Vec<String>> {
    runner.args(["--runner", "--threads", "2"]);
    environment::clear(&mut runner);
    let started = runner.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = started else {
        eprintln!("skipped: {} does not start", runner.get_program().display());
        return None;
    };
    // Dropped after it is written: the runner's input ends.
    let written = child.stdin.take().map(|mut to| to.write_all(requests.join("\n").as_bytes()));
    let out = child.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(matches!(written, Some(Ok(()))) && out.status.success(), "{runner:?}: {said}");
    Some(said.lines().map(str::to_owned).collect())
}

/// What was observed: samples, each with the variant it is of.
#[derive(Clone, Debug)]
pub struct Observed(Vec<(String, Sample)>);

impl Observed {
    /// Runs an example for some rounds, only variants whose id contains one of `only` (with
    /// commas in between; all when it is empty).
    ///
    /// # Panics
    /// When the example fails.
    pub fn of(name: &str, rounds: usize, only: &str) -> Observed {
        let mut command = Command::new(example(name));
        command.args(["--quick", "--json", "--rounds", &rounds.to_string(), "--only", only]);
        environment::clear(&mut command);
        let out = command.output().expect("an example that starts");
        let said = String::from_utf8_lossy(&out.stdout);
        let complaint = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{name}: {said}{complaint}");
        let samples = said.lines().map(|line| {
            protocol::read_named(line).unwrap_or_else(|| panic!("{name} says {line}"))
        });
        Observed(samples.collect())
    }

    /// Asks a runner to run these variants, once each. `None` where it does not start.
    ///
    /// # Panics
    /// When a variant fails.
    pub fn ask(runner: Command, variants: &[&str]) -> Option<Observed> {
        let requests: Vec<String> = variants.iter().map(|id| format!("run {id}")).collect();
        let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
        let lines = lines(runner, &requests)?;
        assert_eq!(lines.len(), variants.len(), "{lines:?}");
        let samples = variants.iter().zip(&lines).map(|(id, line)| {
            let sample = protocol::read_sample(line);
            ((*id).to_owned(), sample.unwrap_or_else(|| panic!("{id}: {line}")))
        });
        Some(Observed(samples.collect()))
    }

    /// The variants, in the order in which they ran, as often as they did.
    pub fn variants(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(id, _)| id.as_str())
    }

    /// The samples of a variant.
    ///
    /// # Panics
    /// When there is none.
    pub fn samples(&self, variant: &str) -> Vec<&Sample> {
        let of_it = |(id, sample)| (id == variant).then_some(sample);
        let samples: Vec<_> =
            self.0.iter().map(|(id, sample)| (id, sample)).filter_map(of_it).collect();
        assert!(
            !samples.is_empty(),
            "{variant} was not run, but {:?}",
            self.variants().collect::<Vec<_>>()
        );
        samples
    }

    /// The first sample of a variant.
    pub fn sample(&self, variant: &str) -> &Sample {
        self.samples(variant)[0]
    }

    /// The answer of a variant, in its first sample.
    pub fn answer(&self, variant: &str) -> &str {
        &self.sample(variant).answer
    }

    /// The least value of a variant's metric. Whatever else the machine does may make it
    /// larger.
    ///
    /// # Panics
    /// When a sample is without it.
    pub fn metric(&self, variant: &str, name: &str) -> f64 {
        let value = |sample: &Sample| {
            *sample
                .metrics
                .get(name)
                .unwrap_or_else(|| panic!("{variant}: no {name}: {sample:?}"))
        };
        self.samples(variant).into_iter().map(value).fold(f64::INFINITY, f64::min)
    }

    /// The least wall-clock time of a variant, in milliseconds.
    pub fn wall_ms(&self, variant: &str) -> f64 {
        let ms = |sample: &Sample| sample.wall_ns as f64 / 1e6;
        self.samples(variant).into_iter().map(ms).fold(f64::INFINITY, f64::min)
    }
}

/// What these variants show in Rust, and then in the Python peer in the chapter's `folder`,
/// where there is a Python.
///
/// # Panics
/// When a variant fails, or the example is not built.
pub fn in_both(folder: &str, name: &str, variants: &[&str]) -> Vec<Observed> {
    let python = peer(Path::new(folder).join(format!("{name}.py")));
    let runners = [Command::new(example(name)), python];
    runners.into_iter().filter_map(|runner| Observed::ask(runner, variants)).collect()
}

/// Asserts that an example and its Python peer, in the chapter's `folder`, give the same
/// answers: each triple is an experiment, a variant of Rust's, and one of Python's. Says so
/// and passes where there is no Python.
///
/// # Panics
/// When they do not agree.
pub fn assert_peers_agree(folder: &str, triples: &[(&str, &str, &str)]) {
    for (name, of_rust, of_python) in triples {
        let script = Path::new(folder).join(format!("{name}.py"));
        let Some(python) = Observed::ask(peer(script), &[of_python]) else { return };
        let rust = Observed::ask(Command::new(example(name)), &[of_rust]).expect("it is built");
        assert_eq!(python.answer(of_python), rust.answer(of_rust), "{name}: {of_rust}");
    }
}

/// Does the work, and turns a panic into what it said.
///
/// # Errors
/// When the work panics.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        text.unwrap_or("it panicked").to_owned()
    })
}

/// An exercise's test must fail with what its starter does.
///
/// # Panics
/// When the test passes.
pub fn fails(test: impl FnOnce()) {
    assert!(caught(test).is_err(), "the starter passes its test");
}

/// A planted mistake must make its check panic, and for this reason. Where that would take
/// down the whole process, see [`is_found_in_child`].
///
/// # Panics
/// When the check passes, or panics for another reason.
pub fn is_found(check: impl FnOnce(), reason: &str) {
    let said = caught(check).expect_err("a planted mistake passes its check");
    assert!(said.contains(reason), "found for another reason: {said}");
}

/// Runs an `#[ignore]`d test of this very file in a process of its own, which may die of it.
///
/// # Panics
/// When there is no such test.
pub fn in_child(test: &str) -> Output {
    let out = Command::new(std::env::current_exe().expect("a test has a path"))
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("RUST_BACKTRACE", "full")
        .output()
        .expect("this file, started again");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(said.contains("running 1 test"), "no ignored test is called {test}: {said}");
    out
}

/// Like [`is_found`] for a check that is an `#[ignore]`d test, run as [`in_child`] does.
///
/// # Panics
/// When there is no such test, the check passes, or it fails for another reason.
pub fn is_found_in_child(check: &str, reason: &str) {
    let out = in_child(check);
    assert!(!out.status.success(), "{check} passes");
    let said = [out.stdout, out.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains(reason), "found for another reason: {said}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_mistake_has_to_be_found_and_for_its_reason() {
        is_found(|| panic!("on purpose"), "purpose");
        assert!(caught(|| is_found(|| panic!("on purpose"), "chance")).is_err());
        assert!(caught(|| is_found(|| (), "")).is_err());
        let in_child = |name: &str, reason: &str| {
            caught(|| is_found_in_child(&format!("testing::tests::{name}"), reason))
        };
        assert_eq!(in_child("planted", "on purpose"), Ok(()));
        assert!(in_child("planted", "by chance").is_err());
        assert!(in_child("planted_nothing", "").is_err());
        assert!(in_child("nobody", "").is_err());
    }

    #[test]
    #[ignore = "a mistake, for the test above"]
    fn planted() {
        panic!("on purpose");
    }

    #[test]
    #[ignore = "no mistake, for the test above"]
    fn planted_nothing() {}

    #[test]
    fn a_starter_has_to_fail() {
        fails(|| panic!("as it should"));
        assert!(caught(|| fails(|| ())).is_err());
    }

    #[test]
    fn the_least_of_all_rounds_is_what_counts() {
        let lines = [(7.0, 30), (5.0, 20), (6.0, 40)].map(|(value, ms)| {
            let sample = format!(
                r#"{{"answer": "42", "wall_ns": {ms}000000, "metrics": {{"x_us": {value}}}}}"#
            );
            let named = format!(r#"{{"variant":"a/b","sample":{sample}}}"#);
            protocol::read_named(&named).unwrap()
        });
        let observed = Observed(lines.to_vec());
        assert_eq!(observed.metric("a/b", "x_us"), 5.0);
        assert_eq!(observed.wall_ms("a/b"), 20.0);
        assert_eq!(observed.answer("a/b"), "42");
    }
}
