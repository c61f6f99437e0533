//! `cargo book measure`: builds the examples, interleaves Rust with its Python peers, and
//! writes a record as soon as an experiment is finished.

mod criterion;
mod plan;
mod record;
mod rounds;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use lab::environment;
use lab::random::fresh_seed;

use super::say::{note, say};
use crate::outside::ending::{self, Interrupted, Watch};
use crate::outside::git::Commit;
use crate::outside::interpreters::Interpreter;
use crate::outside::lock::Lock;
use crate::outside::manifest::is_bench;
use crate::outside::project::Project;
use crate::outside::{cargo, git, interpreters, sources, strays};
use crate::store::grow::{apart, known};
use crate::store::record::Record;
use plan::{Here, Job, Remaining};

pub use plan::Options;

/// Measures, and writes the records. What is printed meanwhile may be read or not.
///
/// # Errors
/// When an experiment does not build or gives a wrong answer, once the others are measured;
/// at once when it is interrupted, or records cannot be written. What was finished is kept.
pub fn measure(project: &Project, options: Options) -> Result<()> {
    let _alone = alone(project)?;
    let known = project.experiments()?;
    let is_fresh = !options.go_on;
    let remaining = Remaining::new(project, options, &known)?;
    let _watch = Watch::begin(strays::end_all)?;
    let mut measuring = Measuring::prepare(project, &known, remaining)?;
    if is_fresh {
        measuring.give_up_earlier();
    }
    // Noted before it is built, which takes a while.
    measuring.remaining.save(project)?;
    measuring.build()?;
    measuring.go()?;
    measuring.end()
}

/// Two measurements at once would take each other for noise, and remove each other's notes.
fn alone(project: &Project) -> Result<Lock> {
    let path = project.root.join("target/press/measuring.lock");
    Lock::take(&path)?.with_context(|| {
        format!(
            "another measurement is going on in {}; wait until it has ended",
            project.root.display()
        )
    })
}

struct Measuring<'a> {
    project: &'a Project,
    /// The file of each experiment there is.
    known: &'a BTreeMap<String, PathBuf>,
    remaining: Remaining,
    /// Where the records go.
    folder: PathBuf,
    /// Of the sources, before they are built.
    digests: BTreeMap<String, BTreeMap<String, String>>,
    /// Where cargo puts what it builds.
    target: PathBuf,
    /// Built examples.
    examples: BTreeMap<String, PathBuf>,
    commit: Commit,
    pythons: Vec<Interpreter>,
    here: Here,
    /// The sitting that `here` is of.
    looked: u32,
    bars: MultiProgress,
}

/// Why an experiment has no new sitting.
enum Without {
    /// It is its own fault: the others go on.
    Failed(Error),
    /// Nothing can be measured any more, or nothing kept.
    Ended(Error),
}

impl<'a> Measuring<'a> {
    /// Looks at everything that may be wrong before the first program is built.
    fn prepare(
        project: &'a Project,
        known: &'a BTreeMap<String, PathBuf>,
        remaining: Remaining,
    ) -> Result<Measuring<'a>> {
        let options = &remaining.options;
        let folder = remaining.folder(project)?;
        let mut here = Here::look(options.quick)?;
        if options.machine.is_some() {
            is_this_machine(&folder, &mut here)?;
        }
        clear_halves(&folder);
        can_write(&folder)?;
        let pythons = match options.no_python {
            true => Vec::new(),
            false => interpreters::chosen(&project.root, &options.python)?,
        };
        if pythons.is_empty() && !options.no_python {
            note("no python3 or python that works on the path: only Rust is measured");
        }
        let cleared = environment::cleared();
        if !cleared.is_empty() {
            note(&format!(
                "set here, but withheld from what is measured: {}",
                cleared.join(", ")
            ));
        }
        Ok(Measuring {
            project,
            known,
            looked: remaining.sitting,
            remaining,
            folder,
            digests: BTreeMap::new(),
            target: cargo::target(&project.root)?,
            examples: BTreeMap::new(),
            commit: Commit { name: None, modified: true },
            pythons,
            here,
            bars: MultiProgress::new(),
        })
    }

    /// A measurement that is begun takes the place of one that was interrupted.
    fn give_up_earlier(&self) {
        if let Ok(Some(earlier)) = Remaining::noted(self.project) {
            note(&format!(
                "an earlier measurement was interrupted with {} sittings to go; this one takes \
                 its place",
                earlier.sittings_left()
            ));
        }
    }

    /// Builds the examples, and compiles what their peers import.
    fn build(&mut self) -> Result<()> {
        let root = &self.project.root;
        for name in self.remaining.experiments.clone() {
            let source = &self.known[&name];
            // Taken before the build.
            let built = sources::digests(root, source).and_then(|digests| {
                self.digests.insert(name.clone(), digests);
                if !is_bench(source) {
                    let example = cargo::build(root, &name)?;
                    self.examples.insert(name.clone(), example);
                }
                Ok(())
            });
            match built {
                Ok(()) => self.not_interrupted("not everything was built")?,
                Err(e) => self.fail(&name, &e, "not everything was built")?,
            }
        }
        // Now, since what is built is what is measured, whatever is edited meanwhile.
        self.commit = git::commit(root);
        for python in &self.pythons {
            if let Err(e) = python.compile(root) {
                let name = &python.name;
                note(&format!("{name}: modules are not compiled beforehand ({e:#})"));
            }
        }
        self.not_interrupted("nothing has been measured yet")
    }

    /// One sitting of one experiment after another, until nothing remains.
    fn go(&mut self) -> Result<()> {
        while let Some(name) = self.remaining.left.first().cloned() {
            let path = self.folder.join(format!("{name}.json"));
            if !self.remaining.begin(self.project, &path)? {
                self.remaining.done();
                continue;
            }
            let unfinished = format!("{name} was not finished");
            self.not_interrupted(&unfinished)?;
            if self.looked != self.remaining.sitting {
                let looked = Here::look(self.remaining.options.quick);
                self.not_interrupted(&unfinished)?;
                (self.here, self.looked) = (looked?, self.remaining.sitting);
            }
            match self.sitting(&name, &path) {
                Ok(text) => {
                    self.bars.suspend(|| say(&text));
                    self.remaining.done();
                }
                Err(Without::Failed(e)) => self.fail(&name, &e, &unfinished)?,
                Err(Without::Ended(e)) => return Err(e),
            }
        }
        self.remaining.save(self.project)
    }

    /// One sitting of one experiment, recorded. Returns what to say of it.
    fn sitting(&self, name: &str, path: &Path) -> Result<String, Without> {
        let job = self.job(name);
        let shown = path.strip_prefix(&self.project.root).unwrap_or(path).display();
        let not_added = |why: &str| {
            anyhow!(
                "{shown}: no sitting was added, since it is of something else ({why}); without \
                 --add it is measured anew, and --as takes another machine's name"
            )
        };
        let grown = match path.is_file() && !self.remaining.begins_anew() {
            true => Some(Record::read(path)?),
            false => None,
        };
        // Asked before it is measured, as far as that can be told.
        if let Some(record) = &grown {
            let why = record.unlike(&job.frame(record));
            if !why.is_empty() {
                return Err(not_added(&why.join("; ")).into());
            }
        }
        let bar = self.bars.add(bar(self.remaining.title()));
        let measured = match self.examples.get(name) {
            Some(example) => rounds::measure(&job, example, &bar, ending::asked()),
            None => criterion::measure(&job, &self.target, &bar),
        };
        bar.finish_and_clear();
        let sitting = measured?;
        let warnings = sitting.warnings();
        let mut record = sitting;
        if let Some(mut grown) = grown {
            grown.add(record).map_err(|e| not_added(&e.to_string()))?;
            record = grown;
        }
        record.write(&self.folder).map_err(could_not_write)?;
        let mut text = format!(
            "{shown}: {} rounds in {} of {} variants",
            record.last().rounds.kept,
            ordinal(record.sittings.len()),
            record.variants.len()
        );
        for warning in &warnings {
            text.push_str(&format!("\n  ! {}: {}", warning.kind, warning.text));
        }
        Ok(text)
    }

    fn job<'b>(&'b self, name: &'b str) -> Job<'b> {
        let (options, sitting) = (&self.remaining.options, u64::from(self.remaining.sitting));
        Job {
            project: self.project,
            options,
            name,
            source: &self.known[name],
            pythons: &self.pythons,
            commit: &self.commit,
            here: &self.here,
            sources: self.digests[name].clone(),
            packages: sources::packages(&self.project.root, &self.known[name]),
            seed: options.seed.map_or_else(fresh_seed, |seed| seed.wrapping_add(sitting)),
            load_before: lab::os::load(),
        }
    }

    /// The others go on without it, unless it was the signal that ended it.
    fn fail(&mut self, name: &str, why: &Error, unfinished: &str) -> Result<()> {
        ending::check_after_failure().ok();
        self.not_interrupted(unfinished)?;
        self.bars.suspend(|| note(&format!("{name} is not measured: {why:#}")));
        self.remaining.fail(name, format!("{why:#}"));
        Ok(())
    }

    fn not_interrupted(&self, unfinished: &str) -> Result<()> {
        let text = format!("interrupted: {unfinished}; {GO_ON}");
        Ok(ending::check().map_err(|_| Interrupted(text))?)
    }

    /// What became of it.
    fn end(self) -> Result<()> {
        let failed = &self.remaining.failed;
        if failed.is_empty() {
            say("Now `cargo book build` puts these numbers on the pages.");
            return Ok(());
        }
        let all: Vec<String> =
            failed.iter().map(|(name, why)| format!("\n  {name}: {why}")).collect();
        bail!("not measured, and kept as it was:{}", all.concat())
    }
}

const GO_ON: &str = "`cargo book measure --continue` goes on with it";

impl From<Error> for Without {
    fn from(e: Error) -> Without {
        Without::Failed(e)
    }
}

/// An impossible record is its experiment's fault; a full disk would be the next one's, too.
fn could_not_write(e: Error) -> Without {
    let is_of_disk = |cause: &(dyn std::error::Error + 'static)| {
        cause.is::<io::Error>() || cause.is::<tempfile::PersistError>()
    };
    match e.chain().any(is_of_disk) {
        true => Without::Ended(e.context("`cargo book measure --continue` measures it again")),
        false => Without::Failed(e),
    }
}

/// What the name of a file begins with that is to become a record, and is not yet.
const HALF: &str = ".tmp";

/// Better known before it is measured than after.
fn can_write(folder: &Path) -> Result<()> {
    let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(folder);
    let probe = tempfile::NamedTempFile::new_in(there);
    probe.map(drop).with_context(|| format!("cannot write records to {}", folder.display()))
}

/// What a measurement that was killed had written of a record.
fn clear_halves(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(HALF) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// How often a machine that seems to be another one is looked at again.
const LOOKS: usize = 3;

/// Records under a name of its own belong to one machine.
fn is_this_machine(folder: &Path, here: &mut Here) -> Result<()> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_record = |path: &PathBuf| path.extension().is_some_and(|e| e == "json");
    for path in files.filter(|path| is_record(path) && path.is_file()) {
        let record = Record::read(&path)?;
        let differs = |here: &Here| {
            let (now, then) = (known(&here.known), known(&record.last().known));
            let mut why = here.machine.differs(&record.machine);
            why.extend(apart(&now, &then).iter().map(ToString::to_string));
            why
        };
        let mut why = differs(here);
        // A guest's time may be taken away while it measures: what differs once is asked again.
        for _ in 0..LOOKS {
            if why.is_empty() {
                break;
            }
            *here = Here::look(false)?;
            why = differs(here);
        }
        if !why.is_empty() {
            bail!(
                "{} was measured on another machine ({}); choose another name with --as",
                path.display(),
                why.join("; ")
            );
        }
    }
    Ok(())
}

fn ordinal(n: usize) -> String {
    match n {
        1 => "the first sitting".to_owned(),
        n => format!("sitting {n}"),
    }
}

fn bar(title: String) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{prefix} {bar:24} {pos:>3}/{len} {msg} {elapsed}")
            .expect("the template is one that indicatif knows")
            .progress_chars("━╸ ");
    let bar = ProgressBar::new(1).with_style(style).with_prefix(title);
    // The clock beside it goes on; nobody needs it where nobody sees it.
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_secs(1));
    }
    bar
}
