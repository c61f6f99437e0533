//! This process as a runner.

use crate::cli::Options;
use crate::rounds::{Failure, Runner};
use crate::{Census, Counters, Experiment, Run, Sample, Variant};

/// This process as a runner.
pub(crate) struct Here<'a> {
    pub(crate) experiment: &'a Experiment,
    pub(crate) options: &'a Options,
}

impl Here<'_> {
    /// Runs a variant once; an error is what it panicked with.
    pub(crate) fn once(&self, variant: &Variant) -> Result<Sample, String> {
        Run::once(self.options.threads, self.options.quick, &*variant.work)
    }
}

impl Runner for Here<'_> {
    fn name(&self) -> &str {
        "rust"
    }

    fn run(&mut self, id: &str) -> Result<Sample, Failure> {
        let variant = self.experiment.find(id);
        let variant = variant.ok_or(Failure::Variant(format!("no variant is called {id}")))?;
        self.once(variant).map_err(Failure::Variant)
    }

    fn check(&mut self, id: &str) -> Result<(Sample, Option<u32>), Failure> {
        let census = Census::of(std::process::id());
        let sample = self.run(id);
        // The counting thread counts itself. Work done elsewhere has other threads.
        let most = census.most().map(|most| most - 1);
        let sample = sample?;
        let counted = sample.counters != Counters::default();
        Ok((sample, most.filter(|_| counted)))
    }
}
