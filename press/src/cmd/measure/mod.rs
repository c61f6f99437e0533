//! `cargo book measure`: builds the examples, interleaves Rust with its Python peers, and
//! writes a record as soon as an experiment is finished.

mod criterion;
mod plan;
mod record;
mod rounds;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use lab::environment;
use lab::random::fresh_seed;

use crate::outside::manifest::is_bench;
use crate::outside::project::Project;
use crate::outside::{cargo, git, interpreters, sources};
use crate::store::grow::{apart, known};
use crate::store::record::Record;
use plan::{Here, Job, Remaining};

pub use plan::Options;

/// Measures, and writes the records.
///
/// # Errors
/// When an experiment does not build, gives a wrong answer, or was interrupted. What was
/// finished before is kept.
pub fn measure(project: &Project, options: Options) -> Result<()> {
    let known = project.experiments()?;
    let mut remaining = Remaining::new(project, options, &known)?;
    let options = remaining.options.clone();
    let folder = remaining.folder(project)?;
    let mut here = Here::look(options.quick);
    // Taken before the build, which takes a while.
    let digests: BTreeMap<String, BTreeMap<String, String>> = remaining
        .experiments
        .iter()
        .map(|name| Ok((name.clone(), sources::digests(&project.root, &known[name])?)))
        .collect::<Result<_>>()?;
    if options.machine.is_some() {
        is_this_machine(&folder, &mut here)?;
    }
    let stop = until_interrupted();
    let target = cargo::target(&project.root)?;
    let examples: BTreeMap<String, PathBuf> = remaining
        .experiments
        .iter()
        .filter(|name| !is_bench(&known[*name]))
        .map(|name| Ok((name.clone(), cargo::build(&project.root, name)?)))
        .collect::<Result<_>>()?;
    // Now, since what is built is what is measured, whatever is edited meanwhile.
    let commit = git::commit(&project.root);
    let pythons = match options.no_python {
        true => Vec::new(),
        false => interpreters::chosen(&project.root, &options.python)?,
    };
    if pythons.is_empty() && !options.no_python {
        eprintln!("no python3 or python that works on the path: only Rust is measured");
    }
    for python in &pythons {
        if let Err(e) = python.compile(&project.root) {
            eprintln!("{}: modules are not compiled beforehand ({e:#})", python.name);
        }
    }
    let cleared = environment::cleared();
    if !cleared.is_empty() {
        eprintln!("set here and kept from what is measured: {}", cleared.join(", "));
    }
    let bars = MultiProgress::new();
    let mut refused = Vec::new();
    while let Some(name) = remaining.left.first().cloned() {
        remaining.save(project)?;
        if remaining.begins_a_sitting() && remaining.sitting > 0 {
            here = Here::look(options.quick);
        }
        let job = Job {
            project,
            options: &options,
            name: &name,
            source: &known[&name],
            pythons: &pythons,
            commit: &commit,
            here: &here,
            sources: digests[&name].clone(),
            packages: sources::packages(&project.root, &known[&name]),
            seed: options
                .seed
                .map_or_else(fresh_seed, |seed| seed + u64::from(remaining.sitting)),
            load_before: lab::os::load(),
        };
        let path = folder.join(format!("{name}.json"));
        let grown = match path.is_file() && !remaining.begins_anew() {
            true => Some(Record::read(&path)?),
            false => None,
        };
        // Asked before it is measured, as far as that can be told.
        let why = grown.as_ref().map(|record| record.unlike(&job.frame(record)));
        if let Some(why) = why.filter(|why| !why.is_empty()) {
            refused.push(name.clone());
            bars.suspend(|| println!("{}", not_added(&project.root, &path, &why.join("; "))));
            remaining.done();
            continue;
        }
        let bar = bars.add(bar(remaining.title()));
        let measured = match examples.get(&name) {
            Some(example) => rounds::measure(&job, example, &bar, &stop),
            None => criterion::measure(&job, &target, &bar),
        };
        bar.finish_and_clear();
        let sitting = measured.map_err(|e| match stop.load(Ordering::Relaxed) {
            true => e.context(format!(
                "{name} was not finished; `cargo book measure --continue` goes on with it"
            )),
            false => e.context(format!("{name}: nothing was recorded")),
        })?;
        let warnings = sitting.warnings();
        let mut record = match grown {
            None => sitting,
            Some(mut record) => match record.add(sitting) {
                Ok(()) => record,
                Err(e) => {
                    refused.push(name.clone());
                    let text = not_added(&project.root, &path, &e.to_string());
                    bars.suspend(|| println!("{text}"));
                    remaining.done();
                    continue;
                }
            },
        };
        record.write(&folder)?;
        let shown = path.strip_prefix(&project.root).unwrap_or(&path);
        bars.suspend(|| {
            println!(
                "{}: {} rounds in {} of {} variants",
                shown.display(),
                record.last().rounds.kept,
                ordinal(record.sittings.len()),
                record.variants.len()
            );
            for warning in &warnings {
                println!("  ! {}: {}", warning.kind, warning.text);
            }
        });
        remaining.done();
    }
    remaining.save(project)?;
    if !refused.is_empty() {
        bail!("not added to, and kept as they were: {}", refused.join(", "));
    }
    println!("Now `cargo book build` puts these numbers on the pages.");
    Ok(())
}

/// How often a machine that seems to be another one is looked at again.
const LOOKS: usize = 3;

/// Records under a name of its own belong to one machine.
fn is_this_machine(folder: &Path, here: &mut Here) -> Result<()> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    for path in files.filter(|path| path.extension().is_some_and(|e| e == "json")) {
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
            *here = Here::look(false);
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

fn not_added(root: &Path, path: &Path, why: &str) -> String {
    let shown = path.strip_prefix(root).unwrap_or(path);
    format!(
        "{}: no sitting was added, since it is of something else ({why}); without --add it is \
         measured anew, and --as takes another machine's name",
        shown.display()
    )
}

fn ordinal(n: usize) -> String {
    match n {
        1 => "the first sitting".to_owned(),
        n => format!("sitting {n}"),
    }
}

/// Becomes true with Ctrl-C. The second Ctrl-C does not wait for the running variant.
fn until_interrupted() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if told.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("\nstopping after the running variant; what is finished is kept");
    })
    .ok();
    stop
}

fn bar(title: String) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{prefix} {bar:24} {pos:>3}/{len} {msg} {elapsed}")
            .expect("the template is one that indicatif knows")
            .progress_chars("━╸ ");
    let bar = ProgressBar::new(1).with_style(style).with_prefix(title);
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}
