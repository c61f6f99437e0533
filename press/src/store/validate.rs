//! What must hold of a record, whoever wrote it: nothing in it contradicts the rest, nothing is
//! out of the [`limits`].

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context, Result, anyhow, bail};
use lab::os::Machine;
use lab::timeline::Lane;

use crate::store::limits::{self, LINE, TEXT};
use crate::store::record::{Record, Rounds, RunnerInfo, Samples, Sitting, Variant};

impl Record {
    /// # Errors
    /// Names the field that says something impossible.
    pub(crate) fn validate(&self) -> Result<()> {
        field("experiment", limits::name(&self.experiment))?;
        field("question", limits::said(&self.question, LINE))?;
        field("baseline", limits::name(&self.baseline))?;
        if self.sittings.is_empty() {
            bail!("sittings: none");
        }
        if self.threads == 0 {
            bail!("threads: no worker");
        }
        machine(&self.machine)?;
        let mut names = HashSet::new();
        for (i, runner) in self.runners.iter().enumerate() {
            if !names.insert(runner.name.as_str()) {
                bail!(
                    "runners[{i}].name: `{}` is there twice",
                    limits::printable(&runner.name)
                );
            }
            runner.validate().with_context(|| format!("runners[{i}]"))?;
        }
        field("sittings", limits::list(self.sittings.len()))?;
        for (s, sitting) in self.sittings.iter().enumerate() {
            sitting.validate().with_context(|| format!("sittings[{s}]"))?;
            sitting.follows(&self.sittings[..s]).with_context(|| format!("sittings[{s}]"))?;
        }
        if self.variants.is_empty() {
            bail!("variants: none");
        }
        let mut ids = HashSet::new();
        for (list, variants) in [("variants", &self.variants), ("controls", &self.controls)] {
            field(list, limits::list(variants.len()))?;
            let mut seen = HashSet::new();
            for (i, variant) in variants.iter().enumerate() {
                let at = || format!("{list}[{i}]");
                if !names.contains(variant.runner.as_str()) {
                    let name = limits::printable(&variant.runner);
                    bail!("{list}[{i}].runner: `{name}` is not among the runners");
                }
                variant.is_listed().with_context(at)?;
                if !seen.insert(variant.id()) {
                    bail!("{list}[{i}]: `{}` is there twice", variant.id());
                }
                if list == "controls" && !ids.contains(&variant.id()) {
                    bail!("{list}[{i}]: there is no variant `{}`", variant.id());
                }
                variant.validate(&self.sittings).with_context(at)?;
            }
            ids.extend(seen);
        }
        self.agrees()
    }

    /// Variants of a case whose answers are no observations have the same one, in every round:
    /// the lab compares them, and leaves out who says something else.
    fn agrees(&self) -> Result<()> {
        let mut said: BTreeMap<Option<&str>, (&Variant, &str)> = BTreeMap::new();
        for (list, variants) in [("variants", &self.variants), ("controls", &self.controls)] {
            for (i, variant) in variants.iter().enumerate().filter(|(_, v)| !v.observed) {
                for answer in variant.answers.keys() {
                    let (first, known) =
                        *said.entry(variant.case.as_deref()).or_insert((variant, answer));
                    if known != answer {
                        bail!(
                            "{list}[{i}].answers: `{}` says `{}`, but `{}` says `{}`, and these \
                             answers are not observations",
                            variant.id(),
                            limits::printable(answer),
                            first.id(),
                            limits::printable(known)
                        );
                    }
                }
            }
        }
        Ok(())
    }
}

/// The result with the name of the field that it is about.
fn field<T>(name: &str, checked: Result<T>) -> Result<T> {
    checked.with_context(|| name.to_owned())
}

/// An optional line.
fn line(name: &str, text: Option<&str>) -> Result<()> {
    field(name, text.map_or(Ok(()), |text| limits::line(text, LINE)))
}

/// Names of a map, and what is said of its values.
fn map<V>(
    name: &str,
    map: &BTreeMap<String, V>,
    value: impl Fn(&str, &V) -> Result<()>,
) -> Result<()> {
    field(name, limits::list(map.len()))?;
    for (key, of_key) in map {
        field(name, limits::name(key))?;
        value(key, of_key).with_context(|| format!("{name}.{key}"))?;
    }
    Ok(())
}

fn machine(machine: &Machine) -> Result<()> {
    if machine.hardware_threads == 0 {
        bail!("machine.hardware_threads: none");
    }
    if machine.cores == Some(0) {
        bail!("machine.cores: none");
    }
    line("machine.os", Some(&machine.os))?;
    line("machine.arch", Some(&machine.arch))?;
    line("machine.kernel", machine.kernel.as_deref())?;
    line("machine.cpu", machine.cpu.as_deref())?;
    line("machine.vendor", machine.vendor.as_deref())?;
    field("machine.memory_bytes", limits::count(machine.memory_bytes.unwrap_or(0)))?;
    field("machine.caches", limits::list(machine.caches.len()))?;
    for (i, cache) in machine.caches.iter().enumerate() {
        line(&format!("machine.caches[{i}].kind"), Some(&cache.kind))?;
        field(&format!("machine.caches[{i}].bytes"), limits::count(cache.bytes))?;
    }
    Ok(())
}

impl RunnerInfo {
    /// # Errors
    /// Names the field that says something impossible.
    pub fn validate(&self) -> Result<()> {
        field("name", limits::name(&self.name))?;
        line("implementation", Some(&self.implementation))?;
        line("version", Some(&self.version))?;
        line("profile", Some(&self.profile))?;
        map("packages", &self.packages, |_, version| limits::line(version, LINE))
    }
}

impl Sitting {
    fn validate(&self) -> Result<()> {
        humantime::parse_rfc3339(&self.date).map_err(|e| anyhow!("date: {e}"))?;
        field("commit", self.commit.as_deref().map_or(Ok(()), limits::name))?;
        map("sources", &self.sources, |_, digest| limits::name(digest))?;
        self.rounds.validate()?;
        map("known", &self.known, |_, known| limits::amount(*known))?;
        map("state", &self.state, |_, state| limits::line(state, TEXT))?;
        field("warnings", limits::list(self.warnings.len()))?;
        for (i, warning) in self.warnings.iter().enumerate() {
            field(&format!("warnings[{i}].kind"), limits::name(&warning.kind))?;
            field(&format!("warnings[{i}].text"), limits::line(&warning.text, TEXT))?;
        }
        Ok(())
    }
}

impl Sitting {
    /// A sitting is added to what was measured from the same sources, and counts once.
    fn follows(&self, before: &[Sitting]) -> Result<()> {
        let Some(last) = before.last() else { return Ok(()) };
        let changed =
            last.sources.iter().find(|(part, was)| self.sources.get(*part) != Some(was));
        if let Some((part, _)) = changed {
            bail!("sources.{part}: not what it was in the sitting before");
        }
        let is_this = |other: &Sitting| (&other.date, other.seed) == (&self.date, self.seed);
        if self.seed.is_some() && before.iter().any(is_this) {
            bail!("date, seed: a sitting before has the same, so it is there twice");
        }
        Ok(())
    }
}

impl Rounds {
    fn validate(&self) -> Result<()> {
        if self.kept == 0 {
            bail!("rounds.kept: no rounds");
        }
        if self.noisy > self.kept {
            bail!("rounds.noisy: {} of {} rounds", self.noisy, self.kept);
        }
        for (name, shares) in
            [("foreign", &self.foreign), ("stolen", &self.stolen), ("pressure", &self.pressure)]
        {
            if let Some(i) = shares.iter().position(|share| !(0.0..=1.5).contains(share)) {
                bail!("rounds.{name}[{i}]: {} is not a share of a machine", shares[i]);
            }
            if shares.len() > self.kept as usize {
                bail!("rounds.{name}: {} blocks of {} rounds", shares.len(), self.kept);
            }
        }
        let blocks = self.foreign.len();
        if self.stolen.len() != blocks || ![0, blocks].contains(&self.pressure.len()) {
            bail!("rounds: foreign, stolen and pressure are not of the same blocks");
        }
        let (before, after) = self.load.unwrap_or_default();
        if before < 0.0 || after < 0.0 {
            bail!("rounds.load: negative");
        }
        field("rounds.load", limits::number(before).and(limits::number(after)))
    }
}

impl Variant {
    /// What a runner says of a variant before it is measured.
    ///
    /// # Errors
    /// Names the field that says something impossible.
    pub fn is_listed(&self) -> Result<()> {
        field("runner", limits::name(&self.runner))?;
        field("case", self.case.as_deref().map_or(Ok(()), limits::name))?;
        line("case_label", self.case_label.as_deref())?;
        field("name", limits::name(&self.name))?;
        field("label", limits::said(&self.label, LINE))
    }

    fn validate(&self, sittings: &[Sitting]) -> Result<()> {
        if self.samples.len() != sittings.len() {
            bail!("samples: {} lists for {} sittings", self.samples.len(), sittings.len());
        }
        let there = sittings.iter().zip(&self.samples).filter(|(_, one)| !one.are_absent());
        let rounds: u64 = there.map(|(sitting, _)| u64::from(sitting.rounds.kept)).sum();
        if self.answers.values().map(|&n| u64::from(n)).sum::<u64>() != rounds {
            bail!("answers: not one for each of {rounds} rounds");
        }
        for (text, count) in &self.answers {
            answer(text)?;
            if *count == 0 {
                bail!("answers: `{}` in no round", limits::printable(text));
            }
        }
        if rounds == 0 {
            bail!("samples: none in any sitting");
        }
        for (s, (samples, sitting)) in self.samples.iter().zip(sittings).enumerate() {
            if samples.are_absent() && sitting.left_out(&self.runner) {
                continue;
            }
            let rounds = sitting.rounds.kept as usize;
            for (name, length) in samples.lengths() {
                if length != rounds {
                    bail!("samples[{s}].{name}: {length} samples for {rounds} rounds");
                }
            }
            samples.validate().map_err(|e| anyhow!("samples[{s}].{e:#}"))?;
        }
        lanes(&self.timeline)
    }
}

fn answer(text: &str) -> Result<()> {
    field("answers", limits::answer(text))
}

/// What one run of a variant came to.
///
/// # Errors
/// Names what a record cannot say. Whoever measures asks before the sample is taken among the
/// others, or one runner's would cost them all.
pub fn sample(sample: &lab::Sample) -> Result<()> {
    answer(&sample.answer)?;
    if sample.wall_ns == 0 {
        bail!("wall_ns: no time at all");
    }
    let lab::Counters { cpu_ns, voluntary, involuntary } = sample.counters;
    for (name, count) in [
        ("wall_ns", Some(sample.wall_ns)),
        ("cpu_ns", cpu_ns),
        ("voluntary", voluntary),
        ("involuntary", involuntary),
        ("peak_bytes", sample.peak_bytes),
    ] {
        field(name, limits::count(count.unwrap_or(0)))?;
    }
    map("metrics", &sample.metrics, |name, value| metric(name, *value))?;
    lanes(&sample.timeline)
}

impl Samples {
    fn validate(&self) -> Result<()> {
        if let Some(round) = self.wall_ns.iter().position(|&ns| ns == 0) {
            bail!("wall_ns[{round}]: no time at all");
        }
        for (name, list) in self.counted() {
            for (round, count) in list.into_iter().flatten().enumerate() {
                limits::count(*count).with_context(|| format!("{name}[{round}]"))?;
            }
        }
        field("metrics", limits::list(self.metrics.len()))?;
        for (name, list) in &self.metrics {
            field("metrics", limits::name(name))?;
            for (round, value) in list.iter().enumerate() {
                metric(name, *value).with_context(|| format!("metrics.{name}[{round}]"))?;
            }
        }
        Ok(())
    }

    /// Every list with its name and length.
    fn lengths(&self) -> impl Iterator<Item = (String, usize)> {
        let lists = self.counted();
        let own =
            self.metrics.iter().map(|(name, list)| (format!("metrics.{name}"), list.len()));
        lists.into_iter().filter_map(|(name, list)| Some((name.into(), list?.len()))).chain(own)
    }
}

/// A time or a share is never less than nothing. Bytes may be, where they are a difference, and
/// a timer may be early: how `late` it was is the one time that has a sign.
fn metric(name: &str, value: f64) -> Result<()> {
    let mut parts: Vec<&str> = name.split('_').collect();
    let unit = parts.pop().unwrap_or_default();
    let is_amount = ["ns", "us", "ms", "s", "share"].contains(&unit) && !parts.is_empty();
    match is_amount && !parts.contains(&"late") {
        true => limits::amount(value)?,
        false => limits::number(value)?,
    }
    if name.starts_with("overlap_") && unit == "share" && value > 1.0 {
        bail!("{value} is more than all of the time");
    }
    Ok(())
}

fn lanes(timeline: &[Lane]) -> Result<()> {
    for (l, lane) in timeline.iter().enumerate() {
        line(&format!("timeline[{l}].lane"), Some(&lane.name))?;
        for (name, count) in
            [("involuntary", lane.involuntary.unwrap_or(0)), ("false_gaps", lane.false_gaps)]
        {
            field(&format!("timeline[{l}].{name}"), limits::count(count))?;
        }
        let mut end = 0;
        for (i, span) in lane.spans.iter().enumerate() {
            if span.from_ns < end || span.to_ns <= span.from_ns {
                bail!("timeline[{l}].spans[{i}]: it ends before it begins, or overlaps");
            }
            end = span.to_ns;
        }
        field(&format!("timeline[{l}].spans"), limits::count(end))?;
    }
    Ok(())
}
