//! Criterion's measurements as records: for what takes nanoseconds.
//!
//! Criterion runs one variant after another, each in batches that grow, and keeps the time
//! of every batch. A batch becomes a sample here: its time per iteration, in the metric
//! `each_ns`. Nothing is interleaved, so ratios between variants are less sure than the
//! lab's, and the record says how it was made.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::cargo;
use super::patience::{Limit, output};
use crate::store::record::{Samples, Variant};
use lab::{Kind, environment};

#[derive(Deserialize)]
struct Batches {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// What a bench came to.
pub struct Run {
    /// What was measured.
    pub variants: Vec<Variant>,
    /// Whether it was built with all of the optimizer.
    pub is_optimized: bool,
}

/// Runs the bench `name`. `limit` is how long it may go without a sign of life.
///
/// # Errors
/// When it does not build, fails, hangs, or leaves no samples or impossible ones.
pub fn run(
    root: &Path,
    target: &Path,
    name: &str,
    quick: bool,
    limit: Duration,
) -> Result<Run> {
    let bench = ["bench", "--quiet", "-p", "benches", "--bench", name];
    let built = cargo::built(cargo::command(root).args(bench).arg("--no-run"), name)?;
    let mut command = cargo::command(root);
    command.args(bench).args(["--", "--noplot"]);
    environment::clear(&mut command);
    // A reader may have another place for their own.
    let home = target.join("criterion");
    command.env("CRITERION_HOME", &home);
    // Shorter than Criterion's own, since there are several sittings.
    let (warm_up, time) = if quick { ("0.2", "0.5") } else { ("1", "2") };
    command.args(["--warm-up-time", warm_up, "--measurement-time", time]);
    let folder = home.join(name);
    fs::remove_dir_all(&folder).ok(); // or another day's variants would be taken for today's
    let said = output(&mut command, Limit::Silent(limit))?;
    if !said.how.success() {
        bail!("the bench failed: {}", said.complaint.trim());
    }
    Ok(Run { variants: import(&folder)?, is_optimized: built.opt_level == "3" })
}

/// The question that a bench answers: the first line of its header.
///
/// # Errors
/// When the file cannot be read.
pub fn question(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file)?;
    let first = text.lines().next().unwrap_or_default();
    Ok(first.trim_start_matches("//!").trim().to_owned())
}

fn import(folder: &Path) -> Result<Vec<Variant>> {
    let mut found: Vec<(String, Batches)> = Vec::new();
    let entries = fs::read_dir(folder)
        .with_context(|| format!("Criterion left nothing in {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let samples = path.join("new/sample.json");
        if !samples.is_file() {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&samples)?;
        let batches: Batches = serde_json::from_str(&text)
            .with_context(|| format!("{} is not understood", samples.display()))?;
        batches.check().with_context(|| format!("{}: {name}", samples.display()))?;
        found.push((name, batches));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let rounds = found.iter().map(|(_, b)| b.times.len().min(b.iters.len())).min().unwrap_or(0);
    if rounds == 0 {
        bail!("Criterion left no samples in {}", folder.display());
    }
    Ok(found.into_iter().map(|(name, batches)| variant(name, &batches, rounds)).collect())
}

impl Batches {
    /// A clock may be too coarse for what it times.
    fn check(&self) -> Result<()> {
        for (iters, time) in self.iters.iter().zip(&self.times) {
            if !(*iters >= 1.0 && *time >= 1.0 && time / iters < 1e18) {
                bail!("{time} ns for {iters} iterations cannot have been measured");
            }
        }
        Ok(())
    }
}

fn variant(name: String, batches: &Batches, rounds: usize) -> Variant {
    let each = batches.times.iter().zip(&batches.iters).take(rounds);
    Variant {
        runner: "rust".into(),
        case: None,
        case_label: None,
        label: name.replace('_', " "),
        name,
        kind: Kind::Alone,
        observed: true,
        threads: None,
        answers: BTreeMap::from([("timed".into(), rounds as u32)]),
        samples: vec![Samples {
            wall_ns: batches.times.iter().take(rounds).map(|ns| ns.round() as u64).collect(),
            metrics: BTreeMap::from([(
                "each_ns".into(),
                each.map(|(time, iters)| time / iters).collect(),
            )]),
            ..Samples::default()
        }],
        timeline: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_become_times_per_iteration() {
        let folder = tempfile::tempdir().unwrap();
        for (name, json) in [
            ("add", r#"{"sampling_mode":"Linear","iters":[10.0,20.0],"times":[100.0,220.0]}"#),
            ("sub", r#"{"sampling_mode":"Flat","iters":[1.0,1.0,1.0],"times":[5.5,6.0,7.0]}"#),
        ] {
            let new = folder.path().join(name).join("new");
            fs::create_dir_all(&new).unwrap();
            fs::write(new.join("sample.json"), json).unwrap();
        }
        fs::create_dir(folder.path().join("report")).unwrap();
        let variants = import(folder.path()).unwrap();
        assert_eq!(variants.len(), 2);
        assert_eq!(variants[0].samples[0].metrics["each_ns"], [10.0, 11.0]);
        assert_eq!(
            variants[1].samples[0].metrics["each_ns"],
            [5.5, 6.0],
            "as long as the shortest"
        );
    }

    #[test]
    fn a_batch_without_time_or_without_iterations_is_refused_by_its_file() {
        for json in [
            r#"{"iters":[10.0,20.0],"times":[100.0,0.0]}"#,
            r#"{"iters":[0.0],"times":[100.0]}"#,
            r#"{"iters":[1.0],"times":[-100.0]}"#,
            r#"{"iters":[1.0],"times":[1e300]}"#,
        ] {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("add/new")).unwrap();
            fs::write(folder.path().join("add/new/sample.json"), json).unwrap();
            let said = format!("{:#}", import(folder.path()).unwrap_err());
            assert!(
                said.contains("sample.json: add: ") && said.contains("cannot have been"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_bench_that_left_nothing_is_said_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(import(folder.path()).unwrap_err().to_string().contains("left no samples"));
        assert!(import(&folder.path().join("gone")).is_err());
    }
}
