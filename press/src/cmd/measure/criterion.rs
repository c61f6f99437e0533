//! An experiment that Criterion measures.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use indicatif::ProgressBar;
use lab::noise::{self, Listen};
use lab::rounds::Measured;

use super::plan::Job;
use super::record;
use crate::outside::criterion::{self, Run};
use crate::outside::ending::wait_for_quiet;
use crate::store::record::{Method, Record, RunnerInfo, Warning};

/// Has Criterion run the bench, and makes a record of what it left.
pub(super) fn measure(job: &Job<'_>, target: &Path, bar: &ProgressBar) -> Result<Record> {
    let (root, quick) = (&job.project.root, job.options.quick);
    bar.set_message("Criterion");
    let mut warnings = record::surroundings(job, 1);
    if !quick {
        wait_for_quiet(Duration::from_secs(60));
    }
    let mut listener = noise::Listener::new();
    let limit = Duration::from_secs(job.options.limit_s);
    let Run { variants, is_optimized } = criterion::run(root, target, job.name, quick, limit)?;
    let noise = listener.listen();
    if !is_optimized {
        warnings.push(record::unoptimized());
    }
    if quick {
        warnings.push(Warning::new("quick", "a short run: good for trying"));
    } else if noise.is_some_and(|noise| noise.foreign > noise::FOREIGN_LIMIT) {
        let text = "other work used the machine; close it and measure again";
        warnings.push(Warning::new("noisy", text));
    }
    let rust = RunnerInfo {
        name: "rust".into(),
        implementation: "rustc".into(),
        version: lab::RUSTC.into(),
        profile: "bench".into(),
        gil: None,
        packages: job.packages.clone(),
    };
    let measured = Measured {
        rounds: variants[0].samples[0].wall_ns.len(),
        noise: noise.into_iter().collect(),
        ..Measured::default()
    };
    let question = criterion::question(&root.join(job.source))?;
    let record = record::frame(job, question, "none".into(), 1, &measured, warnings);
    Ok(Record { method: Method::Criterion, runners: vec![rust], variants, ..record })
}
