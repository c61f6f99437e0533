//! A record of what was measured.

use std::collections::BTreeMap;
use std::time::SystemTime;

use lab::noise::Noise;
use lab::rounds::Measured;
use lab::timeline::Lane;
use lab::{Sample, environment};

use super::plan::{Here, Job};
use crate::ask::slices::{overlap, overlap_inside};
use crate::outside::cargo;
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
    let part = part_of_the_machine(job.here);
    let shares = |part: f64, f: fn(&Noise) -> f64| -> Vec<f64> {
        measured.noise.iter().map(|n| share(part * f(n))).collect()
    };
    let rounds = Rounds {
        kept: measured.rounds as u32,
        rejected: measured.rejected as u32,
        noisy: measured.noisy as u32,
        foreign: shares(part, |n| n.foreign),
        stolen: shares(part, |n| n.stolen),
        pressure: shares(1.0, |n| n.pressure),
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

/// What others use is counted on the whole machine, and the lab holds it against the hardware
/// threads that we may use: 1.9 of them, where two are busy outside our only one. A record has
/// shares of the machine, so this is the part of it that we may use.
fn part_of_the_machine(here: &Here) -> f64 {
    let affinity = here.state.get("affinity");
    let all = affinity.and_then(|text| {
        text.strip_suffix(" hardware threads")?.rsplit_once(" of ")?.1.parse::<f64>().ok()
    });
    let ours = f64::from(here.machine.hardware_threads);
    all.filter(|all| *all >= 1.0).map_or(1.0, |all| ours / all)
}

/// A share as a record has it. Six digits are more than the clock behind it has. More than all
/// of it is the clock's grain: the kernel counts in steps of milliseconds, pressure in steps of
/// seconds, and the last block of a sitting may be shorter.
fn share(share: f64) -> f64 {
    (share.clamp(0.0, 1.0) * 1e6).round() / 1e6
}

/// What around the measurement makes it another one, for `workers` of a variant.
pub(super) fn surroundings(job: &Job<'_>, workers: u32) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let kept = environment::kept();
    if !kept.is_empty() {
        let text = format!("measured with {} set; unset it and measure again", kept.join(", "));
        warnings.push(Warning::new("environment", text));
    }
    let configured = cargo::configured(&job.project.root);
    if !configured.is_empty() {
        let text = format!(
            "built with {} of a configuration of cargo's; take it out and measure again",
            configured.join(", ")
        );
        warnings.push(Warning::new("environment", text));
    }
    warnings.extend(quota(job.here.state.get("cpu-quota"), workers));
    warnings
}

/// A control group that has used up its quota stands still until the next period, which is in
/// every time measured.
fn quota(state: Option<&String>, workers: u32) -> Option<Warning> {
    let (cores, _) = state?.split_once(" cores")?;
    let is_too_small = cores.parse::<f64>().is_ok_and(|cores| cores < f64::from(workers));
    is_too_small.then(|| {
        let text = format!(
            "{workers} workers, and a CPU quota of {cores} cores stops them in every period; \
             lift it and measure again"
        );
        Warning::new("quota", text)
    })
}

/// Built for debugging.
pub(super) fn unoptimized() -> Warning {
    Warning::new("unoptimized", "built at an opt-level other than 3: its times mean nothing")
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
    without_what_no_record_holds(Record { runners, variants, controls, ..frame })
}

/// Leaves out, by name, what would keep the whole record from being written. What Rust's
/// variants came to must be possible, so nothing of theirs is left out.
fn without_what_no_record_holds(record: Record) -> Record {
    let mut record = record;
    let rust = record.runners.first().map(|runner| runner.name.clone()).unwrap_or_default();
    let variants = std::mem::take(&mut record.variants);
    let controls = std::mem::take(&mut record.controls);
    let (mut kept, others): (Vec<_>, Vec<_>) =
        variants.into_iter().partition(|variant| variant.runner == rust);
    for variant in others {
        let of_it = |control: &&Variant| control.id() == variant.id();
        let trial = Record {
            variants: kept.iter().chain([&variant]).cloned().collect(),
            controls: controls.iter().filter(of_it).cloned().collect(),
            ..record.clone()
        };
        match trial.validate() {
            Ok(()) => kept.push(variant),
            Err(e) => {
                let text =
                    format!("{} left out: {} {e:#}", variant.runner, variant.id_in_runner());
                record.sittings[0].warnings.push(Warning::new("runner", text));
            }
        }
    }
    let is_kept = |id: String| kept.iter().any(|variant| variant.id() == id);
    record.controls = controls.into_iter().filter(|control| is_kept(control.id())).collect();
    record.runners.retain(|runner| kept.iter().any(|variant| variant.runner == runner.name));
    record.variants = kept;
    record
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
    fn a_share_is_one_of_the_whole_machine_whatever_we_may_use_of_it() {
        let here = |affinity: Option<&str>| {
            let mut here = Here::default();
            here.machine.hardware_threads = 1;
            here.state.extend(affinity.map(|text| ("affinity".to_owned(), text.to_owned())));
            here
        };
        let part = |affinity: &str| part_of_the_machine(&here(Some(affinity)));
        // Two others are busy: twice all that we may use, and half of the machine.
        assert_eq!(share(2.0 * part("1 of 4 hardware threads")), 0.5);
        assert_eq!(part("1 of 1 hardware threads"), 1.0);
        assert_eq!(part_of_the_machine(&here(None)), 1.0, "where nobody tells");
        // A tick of 10 ms in a block of 3 ms.
        assert_eq!(share(10.0 / 3.0), 1.0);
        assert_eq!(share(0.123_456_789), 0.123_457);
    }

    #[test]
    fn a_quota_below_the_workers_is_told() {
        let told = |state: &str, workers| quota(Some(&state.to_owned()), workers);
        let half = told("0.5 cores, counted every 100 ms", 1).unwrap();
        assert_eq!(half.kind, "quota");
        assert!(half.text.contains("1 workers, and a CPU quota of 0.5 cores"), "{}", half.text);
        assert!(told("1.5 cores, counted every 100 ms", 2).is_some());
        assert_eq!(told("2 cores, counted every 100 ms", 2), None);
        assert_eq!((told("none", 2), quota(None, 2)), (None, None));
    }

    #[test]
    fn what_no_record_holds_costs_a_peers_variant_and_never_rusts() {
        let mut record = demo();
        record.variants[3].samples[0].wall_ns[1] = 0;
        record.controls = vec![record.variants[0].clone(), record.variants[3].clone()];
        let kept = without_what_no_record_holds(record);
        kept.validate().unwrap();
        let ids: Vec<String> = kept.variants.iter().map(Variant::id).collect();
        let expected =
            ["rust/chain/sequential", "rust/chain/threads", "cpython-3.11/chain/sequential"];
        assert_eq!(ids, expected);
        assert_eq!((kept.controls.len(), kept.runners.len()), (1, 2));
        let [warning] = &kept.sittings[0].warnings[..] else { panic!("{kept:?}") };
        let says = "cpython-3.11 left out: chain/threads ";
        assert!(warning.text.starts_with(says), "{}", warning.text);
        assert!(warning.text.ends_with("no time at all"), "{}", warning.text);
        let mut record = demo();
        record.variants[0].samples[0].wall_ns[1] = 0;
        assert!(without_what_no_record_holds(record).validate().is_err());
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
