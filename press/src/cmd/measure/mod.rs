//! `cargo book measure`: builds the examples, interleaves Rust with its Python peers, and
//! writes a record as soon as an experiment is finished.

mod criterion;
mod plan;
mod record;
mod rounds;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use lab::environment;

use crate::outside::manifest::is_bench;
use crate::outside::project::Project;
use crate::outside::{cargo, git, interpreters};
use plan::{Job, Remaining};

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
    let stop = until_interrupted();
    let target = cargo::target(&project.root)?;
    let examples: BTreeMap<String, PathBuf> = remaining
        .experiments
        .iter()
        .filter(|name| !is_bench(&known[*name]))
        .map(|name| Ok((name.clone(), cargo::build(&project.root, &target, name)?)))
        .collect::<Result<_>>()?;
    // Now, since what is built is what is measured, whatever is edited meanwhile.
    let commit = git::commit(&project.root);
    let pythons = match options.no_python {
        true => Vec::new(),
        false => interpreters::chosen(&project.root, &options.python)?,
    };
    if pythons.is_empty() && !options.no_python {
        eprintln!("no python3 or python on the path: only Rust is measured");
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
    let all = remaining.experiments.len();
    while let Some(name) = remaining.experiments.first().cloned() {
        remaining.save(project)?;
        let job = Job {
            project,
            options: &options,
            name: &name,
            source: &known[&name],
            pythons: &pythons,
            commit: &commit,
            load_before: lab::os::load(),
        };
        let bar = bars.add(bar(&name, all - remaining.experiments.len() + 1, all));
        let measured = match examples.get(&name) {
            Some(example) => rounds::measure(&job, example, &bar, &stop),
            None => criterion::measure(&job, &target, &bar),
        };
        bar.finish_and_clear();
        let mut record = measured.map_err(|e| match stop.load(Ordering::Relaxed) {
            true => e.context(format!(
                "{name} was not finished; `cargo book measure --continue` goes on with it"
            )),
            false => e.context(format!("{name}: nothing was recorded")),
        })?;
        let path = record.write(&folder)?;
        let shown = path.strip_prefix(&project.root).unwrap_or(&path);
        bars.suspend(|| {
            let (rounds, variants) = (record.rounds.kept, record.variants.len());
            println!("{}: {rounds} rounds, {variants} variants", shown.display());
            for warning in &record.warnings {
                println!("  ! {}: {}", warning.kind, warning.text);
            }
        });
        remaining.experiments.remove(0);
    }
    remaining.save(project)?;
    println!("Now `cargo book build` puts these numbers on the pages.");
    Ok(())
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

fn bar(name: &str, i: usize, all: usize) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{prefix} {bar:24} {pos:>3}/{len} {msg} {elapsed}")
            .expect("the template is one that indicatif knows")
            .progress_chars("━╸ ");
    let bar = ProgressBar::new(1).with_style(style).with_prefix(format!("[{i}/{all}] {name}"));
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}
