//! A record of what was measured.

use std::collections::BTreeMap;
use std::time::SystemTime;

use lab::Sample;
use lab::noise::Noise;
use lab::rounds::Measured;
use lab::timeline::Lane;

use super::plan::Job;
use crate::ask::slices::{overlap, overlap_inside};
use crate::outside::runner::Offer;
use crate::store::record::{
    Format, Method, Record, Rounds, Samples, Sitting, Variant, Warning,
};

/// What every record says of where, when and how; it has no runners and no variants yet.
pub(super) fn frame(
    job: &Job<'_>,
    question: String,
    baseline: String,
    threads: u32,
    measured: &Measured,
    warnings: Vec<Warning>,
) -> Record {
    // Six digits of a share are more than the clock behind it has.
    let shares = |f: fn(&Noise) -> f64| -> Vec<f64> {
        measured.noise.iter().map(|n| (f(n) * 1e6).round() / 1e6).collect()
    };
    let rounds = Rounds {
        kept: measured.rounds as u32,
        rejected: measured.rejected as u32,
        noisy: measured.noisy as u32,
        foreign: shares(|n| n.foreign),
        stolen: shares(|n| n.stolen),
        pressure: shares(|n| n.pressure),
        load: job.load_before.zip(lab::os::load()),
    };
    let sitting = Sitting {
        date: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        commit: job.commit.name.clone(),
        modified: job.commit.modified,
        sources: job.sources.clone(),
        seed: None,
        rounds,
        known: job.here.known.clone(),
        state: job.here.state.clone(),
        warnings,
    };
    Record {
        format: Format,
        experiment: job.name.to_owned(),
        question,
        baseline,
        method: Method::Rounds,
        quick: job.options.quick,
        threads,
        machine: job.here.machine.clone(),
        runners: Vec::new(),
        sittings: vec![sitting],
        variants: Vec::new(),
        controls: Vec::new(),
        seal: String::new(),
    }
}

impl Job<'_> {
    /// What is known of the sitting before it: enough to ask `record` whether it may be added.
    pub(super) fn frame(&self, record: &Record) -> Record {
        let (question, baseline) = (record.question.clone(), record.baseline.clone());
        let threads = self.options.threads.unwrap_or(record.threads);
        frame(self, question, baseline, threads, &Measured::default(), Vec::new())
    }
}

/// Of what the listed variants came to, in the order in which they took turns.
pub(super) fn of_rounds(
    job: &Job<'_>,
    offers: Vec<Offer>,
    mut measured: Measured,
    warnings: Vec<Warning>,
) -> Record {
    let first = &offers[0];
    let outcomes = std::mem::take(&mut measured.outcomes);
    let asked_again = std::mem::take(&mut measured.controls);
    let (question, baseline) = (first.question.clone(), first.baseline.clone());
    let mut frame = frame(job, question, baseline, first.threads, &measured, warnings);
    frame.sittings[0].seed = Some(job.seed);
    let (mut runners, mut listed) = (Vec::new(), Vec::new());
    for mut offer in offers {
        if offer.runner.implementation == "rustc" {
            offer.runner.packages = job.packages.clone();
        }
        runners.push(offer.runner);
        listed.extend(offer.variants);
    }
    let controls: Vec<Variant> = asked_again
        .into_iter()
        .map(|(i, samples)| variant(listed[i].clone(), outcomes[i].threads, samples))
        .map(|control| Variant { timeline: Vec::new(), ..control })
        .collect();
    let variants: Vec<Variant> = listed
        .into_iter()
        .zip(outcomes)
        .filter(|(_, outcome)| outcome.dropped.is_none() && !outcome.samples.is_empty())
        .map(|(listed, outcome)| variant(listed, outcome.threads, outcome.samples))
        .collect();
    runners.retain(|runner| variants.iter().any(|variant| variant.runner == runner.name));
    Record { runners, variants, controls, ..frame }
}

/// A listed variant with what it came to. A record keeps one timeline of it, the last.
fn variant(listed: Variant, threads: Option<u32>, mut samples: Vec<Sample>) -> Variant {
    let mut answers: BTreeMap<String, u32> = BTreeMap::new();
    for sample in &samples {
        *answers.entry(sample.answer.clone()).or_default() += 1;
    }
    let columns = columns(&samples);
    let last = samples.pop().expect("a variant without samples is left out");
    let samples = vec![columns];
    Variant { threads, answers, samples, timeline: last.timeline, ..listed }
}

/// A list of what each round said; without those that not every round said.
fn columns(samples: &[Sample]) -> Samples {
    let list = |f: fn(&Sample) -> Option<u64>| samples.iter().map(f).collect();
    let names = samples[0].metrics.keys();
    let mut metrics: BTreeMap<String, Vec<f64>> = names
        .filter_map(|name| {
            let values = samples.iter().map(|sample| sample.metrics.get(name).copied());
            Some((name.clone(), values.collect::<Option<_>>()?))
        })
        .collect();
    // What is asked of timelines in numbers is taken of every round's.
    if samples.iter().all(|sample| !sample.timeline.is_empty()) {
        let mut add = |name: &str, share: fn(&[Lane]) -> f64| {
            let shares = samples.iter().map(|sample| share(&sample.timeline));
            metrics.insert(name.to_owned(), shares.collect());
        };
        add("overlap_share", overlap);
        add("overlap_inside_share", overlap_inside);
    }
    Samples {
        wall_ns: samples.iter().map(|sample| sample.wall_ns).collect(),
        cpu_ns: list(|sample| sample.counters.cpu_ns),
        voluntary: list(|sample| sample.counters.voluntary),
        involuntary: list(|sample| sample.counters.involuntary),
        peak_bytes: list(|sample| sample.peak_bytes),
        metrics,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;
    use lab::Counters;
    use lab::timeline::{Span, State};

    fn sample(answer: &str, wall_ns: u64, voluntary: Option<u64>, end: u64) -> Sample {
        let span = |from_ns, to_ns| Span { state: State::Running, from_ns, to_ns, core: None };
        let lane = |span| Lane { name: "T".into(), spans: vec![span], ..Lane::default() };
        Sample {
            answer: answer.into(),
            wall_ns,
            counters: Counters { cpu_ns: Some(7), voluntary, involuntary: None },
            metrics: BTreeMap::from([("lost".to_owned(), 1.0)]),
            timeline: vec![lane(span(0, 10)), lane(span(5, end))],
            ..Sample::default()
        }
    }

    #[test]
    fn a_variant_keeps_its_answers_its_last_timeline_and_what_every_round_said() {
        let mut rounds = vec![
            sample("a", 1, Some(2), 15),
            sample("b", 3, None, 10),
            sample("a", 4, None, 5),
        ];
        rounds[2].metrics.insert("once".into(), 1.0);
        let last = rounds[2].timeline.clone();
        let made = variant(demo().variants.remove(0), Some(4), rounds);
        assert_eq!(made.name, "sequential");
        assert_eq!(made.answer(), "a; or b");
        assert_eq!(made.answers["a"], 2);
        assert_eq!(made.timeline, last);
        assert_eq!(made.samples[0].wall_ns, [1, 3, 4]);
        assert_eq!(made.samples[0].cpu_ns, Some(vec![7; 3]));
        assert_eq!(made.samples[0].voluntary, None, "not every round counted them");
        let names: Vec<&String> = made.samples[0].metrics.keys().collect();
        assert_eq!(names, ["lost", "overlap_inside_share", "overlap_share"]);
        assert_eq!(made.samples[0].metrics["overlap_share"], [5.0 / 15.0, 0.5, 0.0]);
    }
}
