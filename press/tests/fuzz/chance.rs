//! Draws texts, tries them, and keeps what a target fails on.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use press::store::seal::sha256;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{
    Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner,
};

use crate::edit::{self, Edit};
use crate::target::Target;

/// How long a target is tried where nobody says.
const SHORT: Duration = Duration::from_secs(2);
/// Whatever takes longer is taken for endless.
const ENDLESS: Duration = Duration::from_secs(60);

/// The texts of a target, each with its file: what a search begins with, or what was found.
fn corpus(target: &Target, found: bool) -> Vec<(PathBuf, String)> {
    let mut texts = Vec::new();
    for folder in target.corpora {
        for entry in fs::read_dir(tests_corpus().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_found = path.file_name().unwrap().to_string_lossy().starts_with("found-");
            if is_found == found {
                texts.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    texts.sort();
    texts
}

fn tests_corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

pub(crate) fn begins_with_what_is_taken(target: &Target) {
    let texts = corpus(target, false);
    assert!(!texts.is_empty(), "{}: nothing to begin with", target.name);
    for (path, text) in texts {
        match attempt(target, &text) {
            Ok(is_taken) => assert!(is_taken, "{}: {} is refused", target.name, path.display()),
            Err(fault) => panic!("{}: {} ({})", path.display(), fault.message, fault.place),
        }
    }
}

pub(crate) fn finds_nothing_again(target: &Target) {
    let faults: Vec<String> = corpus(target, true)
        .into_iter()
        .filter_map(|(path, text)| {
            let fault = attempt(target, &text).err()?;
            Some(format!("{}: {} ({})", path.display(), fault.message, fault.place))
        })
        .collect();
    assert!(faults.is_empty(), "{}:\n{}", target.name, faults.join("\n"));
}

/// Tries what chance makes of what is kept.
pub(crate) fn fuzz(target: &Target) {
    let long = std::env::var("FUZZ_SECONDS").ok().map(|text| text.parse().expect("seconds"));
    let until = Instant::now() + long.map_or(SHORT, Duration::from_secs);
    let seed = std::env::var("FUZZ_SEED").ok().map(|text| text.parse().expect("a number"));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed: u64 = seed.unwrap_or(now.as_secs());
    println!("{}: FUZZ_SEED={seed}", target.name);

    let texts: Vec<String> = corpus(target, false).into_iter().map(|(_, text)| text).collect();
    let strategy = (
        any::<Index>(),
        prop_oneof![
            2 => vec(edit::any_edit(), 1..3),
            1 => vec(edit::any_edit(), 3..8),
        ],
    );
    let write = |(text, edits): &(Index, Vec<Edit>)| {
        (target.write)(text.get::<String>(&texts), edits, &texts)
    };
    // Each place is told once; what fails there afterwards is passed over.
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let (tried, taken) = (Cell::new(0_u64), Cell::new(0_u64));
    let mut runner = runner(rng(seed));
    while Instant::now() < until {
        let outcome = runner.run(&strategy, |drawn| {
            tried.set(tried.get() + 1);
            match attempt(target, &write(&drawn)) {
                Err(fault) if !found.contains_key(&fault.place) => {
                    Err(TestCaseError::fail(format!("{}\u{0}{}", fault.place, fault.message)))
                }
                Ok(true) => {
                    taken.set(taken.get() + 1);
                    Ok(())
                }
                _ => Ok(()),
            }
        });
        if let Err(TestError::Fail(reason, drawn)) = outcome {
            let text = write(&drawn);
            let (place, message) = reason.message().split_once('\u{0}').unwrap();
            let told = format!("{message} ({place})\n{}", keep(target, &text, long.is_some()));
            println!("{}: {told}", target.name);
            found.insert(place.to_owned(), told);
        }
        runner = self::runner(runner.new_rng());
    }
    println!("{}: {} tried, {} taken", target.name, tried.get(), taken.get());
    let all: Vec<String> = found.into_values().collect();
    assert!(all.is_empty(), "FUZZ_SEED={seed}\n{}", all.join("\n"));
}

fn rng(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// Good for a few tries, after which the time is looked at.
fn runner(rng: TestRng) -> TestRunner {
    let config = Config {
        cases: 8,
        failure_persistence: None,
        max_shrink_iters: 2000,
        max_shrink_time: 20_000,
        ..Config::default()
    };
    TestRunner::new_with_rng(config, rng)
}

/// Where the text lies that a target failed on. Only a long search adds to the corpus.
fn keep(target: &Target, text: &str, is_long: bool) -> String {
    let folder = match is_long {
        true => tests_corpus().join(target.corpora[0]),
        false => PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
    };
    let name = format!("found-{}.{}", &sha256(text.as_bytes())[..8], target.ending);
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// Where a target panicked, and what it said.
struct Fault {
    place: String,
    message: String,
}

thread_local! {
    static TRYING: Cell<bool> = const { Cell::new(false) };
    static FAULT: RefCell<Option<Fault>> = const { RefCell::new(None) };
}

/// Whether the target takes the text; where it panics, how.
fn attempt(target: &Target, text: &str) -> Result<bool, Fault> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !TRYING.get() {
                return before(info);
            }
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let said = info.payload();
            let message = said.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| said.downcast_ref::<&str>().copied());
            let message = message.unwrap_or("no words").to_owned();
            FAULT.set(Some(Fault { place, message }));
        }));
    });
    let watched = Watched::new(target, text);
    TRYING.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| (target.check)(text)));
    TRYING.set(false);
    drop(watched);
    outcome.map_err(|_| {
        let unknown = Fault { place: "another thread".into(), message: "it panicked".into() };
        FAULT.take().unwrap_or(unknown)
    })
}

/// An attempt of which somebody sees whether it ends.
struct Watched(Arc<Mutex<bool>>);

impl Watched {
    fn new(target: &Target, text: &str) -> Watched {
        type Running = (Arc<Mutex<bool>>, Instant, String, String);
        static RUNNING: Mutex<Vec<Running>> = Mutex::new(Vec::new());
        static WATCH: Once = Once::new();
        WATCH.call_once(|| {
            thread::spawn(|| {
                loop {
                    thread::sleep(Duration::from_secs(1));
                    let mut running = RUNNING.lock().unwrap();
                    running.retain(|(ended, ..)| !*ended.lock().unwrap());
                    for (_, since, name, text) in running.iter() {
                        if since.elapsed() > ENDLESS {
                            eprintln!("{name} does not end on:\n{text}");
                            std::process::abort();
                        }
                    }
                }
            });
        });
        let ended = Arc::new(Mutex::new(false));
        let mut running = RUNNING.lock().unwrap();
        running.retain(|(ended, ..)| !*ended.lock().unwrap());
        running.push((ended.clone(), Instant::now(), target.name.into(), text.into()));
        Watched(ended)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        *self.0.lock().unwrap() = true;
    }
}
