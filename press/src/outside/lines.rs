//! The runner lines as the press reads them, and what a runner may say at all.
//!
//! What is impossible is refused here, by what it is about, before it can become part of a
//! record: a time of zero, a span that ends before it begins, a name that no request could
//! carry. So it costs the variant or the runner that said it, and nobody else.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use lab::timeline::Lane;
use lab::{Counters, Kind, Sample};
use serde::Deserialize;

use crate::store::record::{RunnerInfo, Variant};
use crate::store::{form, validate};

/// The longest line: a hundred times what the longest timeline has taken so far.
pub(super) const LONGEST: usize = 16 << 20;

/// Who a runner is, and what it can run.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Name of the experiment.
    pub experiment: String,
    /// The question it answers.
    pub question: String,
    /// Name of the variants to compare with.
    pub baseline: String,
    /// How many workers it uses.
    pub threads: u32,
    /// Who it is.
    pub runner: RunnerInfo,
    /// What it can run, not measured yet.
    pub variants: Vec<Variant>,
}

/// The answer to `list`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListLine {
    protocol: u32,
    experiment: String,
    question: String,
    baseline: String,
    implementation: String,
    version: String,
    profile: String,
    threads: u32,
    #[serde(default)]
    gil: Option<bool>,
    #[serde(default)]
    packages: BTreeMap<String, String>,
    variants: Vec<ListedLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedLine {
    #[serde(default)]
    case: Option<String>,
    #[serde(default)]
    case_label: Option<String>,
    name: String,
    label: String,
    #[serde(with = "form::Kind")]
    kind: Kind,
    observed: bool,
}

impl ListLine {
    /// What the runner called `name` said.
    fn of(self, name: &str) -> Offer {
        let variant = |listed: ListedLine| Variant {
            runner: name.to_owned(),
            case: listed.case,
            case_label: listed.case_label,
            name: listed.name,
            label: listed.label,
            kind: listed.kind,
            observed: listed.observed,
            threads: None,
            answers: BTreeMap::new(),
            samples: Vec::new(),
            timeline: Vec::new(),
        };
        Offer {
            experiment: self.experiment,
            question: self.question,
            baseline: self.baseline,
            threads: self.threads,
            runner: RunnerInfo {
                name: name.to_owned(),
                implementation: self.implementation,
                version: self.version,
                profile: self.profile,
                gil: self.gil,
                packages: self.packages,
            },
            variants: self.variants.into_iter().map(variant).collect(),
        }
    }
}

/// The answer to `run`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleLine {
    answer: String,
    wall_ns: u64,
    #[serde(default)]
    cpu_ns: Option<u64>,
    #[serde(default)]
    voluntary: Option<u64>,
    #[serde(default)]
    involuntary: Option<u64>,
    #[serde(default)]
    peak_bytes: Option<u64>,
    #[serde(default)]
    metrics: BTreeMap<String, f64>,
    #[serde(default, deserialize_with = "form::read_lanes")]
    timeline: Vec<Lane>,
}

impl From<SampleLine> for Sample {
    fn from(line: SampleLine) -> Sample {
        Sample {
            answer: line.answer,
            wall_ns: line.wall_ns,
            counters: Counters {
                cpu_ns: line.cpu_ns,
                voluntary: line.voluntary,
                involuntary: line.involuntary,
            },
            peak_bytes: line.peak_bytes,
            metrics: line.metrics,
            timeline: line.timeline,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorLine {
    error: String,
}

/// Why a line is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bad {
    /// It is no runner line, so whoever said it is no runner.
    Line(String),
    /// The variant failed, or its sample cannot be; the runner may go on.
    Sample(String),
}

/// Reads the answer to `list` of the runner called `name`.
///
/// # Errors
/// When it is another line, of another version, or offers what cannot be.
pub fn offer(name: &str, line: &str) -> Result<Offer, Bad> {
    let list: ListLine = serde_json::from_str(line).map_err(|e| invalid(line, &e))?;
    let (theirs, ours) = (list.protocol, lab::protocol::PROTOCOL);
    if theirs != ours {
        let text = format!("speaks version {theirs} of the runner lines, not {ours}");
        return Err(Bad::Line(text));
    }
    let offer = list.of(name);
    match offer.check() {
        Ok(()) => Ok(offer),
        Err(why) => Err(Bad::Line(format!("offers something impossible: {why}"))),
    }
}

/// Reads the answer to `run`, for which we have `waited`, of a runner that was `started` so
/// long ago.
///
/// # Errors
/// When it is another line, says that the variant failed, or is a sample that cannot be.
pub fn sample(line: &str, waited: Duration, started: Duration) -> Result<Sample, Bad> {
    if let Ok(ErrorLine { error }) = serde_json::from_str(line) {
        return Err(Bad::Sample(brief(&error, LONGEST_TEXT)));
    }
    let sample: SampleLine = serde_json::from_str(line).map_err(|e| invalid(line, &e))?;
    let sample = Sample::from(sample);
    check(&sample, waited, started).map_err(Bad::Sample)?;
    Ok(sample)
}

fn invalid(line: &str, why: &serde_json::Error) -> Bad {
    let why = brief(&why.to_string(), LONGEST_TEXT);
    Bad::Line(format!("sent an invalid reply: `{}` ({why})", brief(line, 60)))
}

/// Text of a runner's for a message: on one line, and no longer than a message may be.
pub(super) fn brief(text: &str, most: usize) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut brief: String = text.chars().take(most).map(plain).collect();
    if text.chars().nth(most).is_some() {
        brief.push('…');
    }
    brief
}

const LONGEST_NAME: usize = 64;
const LONGEST_TEXT: usize = 300;
const LONGEST_ANSWER: usize = 10_000;
/// Variants of a runner, packages of one, metrics of a sample, lanes of a timeline.
const MOST: usize = 1_000;

impl Offer {
    /// # Errors
    /// Names what no experiment can offer.
    fn check(&self) -> Result<(), String> {
        name("experiment", &self.experiment)?;
        name("baseline", &self.baseline)?;
        text("question", &self.question)?;
        text("implementation", &self.runner.implementation)?;
        text("version", &self.runner.version)?;
        text("profile", &self.runner.profile)?;
        few("packages", self.runner.packages.len())?;
        for (package, version) in &self.runner.packages {
            name("package", package)?;
            text("version of a package", version)?;
        }
        if self.threads == 0 {
            return Err("it has 0 workers".into());
        }
        if self.variants.is_empty() {
            return Err("it has no variants".into());
        }
        few("variants", self.variants.len())?;
        let mut seen = HashSet::new();
        for variant in &self.variants {
            name("variant", &variant.name)?;
            text("label", &variant.label)?;
            variant.case.as_ref().map_or(Ok(()), |case| name("case", case))?;
            variant.case_label.as_ref().map_or(Ok(()), |label| text("case_label", label))?;
            if !seen.insert(variant.id_in_runner()) {
                return Err(format!("`{}` is listed twice", variant.id_in_runner()));
            }
            variant.is_listed().map_err(|e| format!("{e:#}"))?;
        }
        self.runner.validate().map_err(|e| format!("{e:#}"))
    }
}

/// A name stands in requests and in selectors.
fn name(what: &str, name: &str) -> Result<(), String> {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '/';
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_plain) {
        let (shown, most) = (brief(name, LONGEST_NAME), LONGEST_NAME);
        return Err(format!(
            "{what}: `{shown}` cannot be a name, which has 1 to {most} bytes, no blank and no slash"
        ));
    }
    Ok(())
}

/// A text is told to the reader on one line.
fn text(what: &str, text: &str) -> Result<(), String> {
    if text.len() > LONGEST_TEXT || text.chars().any(char::is_control) {
        let shown = brief(text, LONGEST_NAME);
        return Err(format!(
            "{what}: `{shown}` is not one line of at most {LONGEST_TEXT} bytes"
        ));
    }
    Ok(())
}

fn few(what: &str, count: usize) -> Result<(), String> {
    match count {
        ..=MOST => Ok(()),
        count => Err(format!("{what}: {count} are more than {MOST}")),
    }
}

/// Beyond any metric: a number of bytes or nanoseconds that no machine reaches.
const GREATEST: f64 = 1e18;

/// # Errors
/// Names what is impossible.
fn check(sample: &Sample, waited: Duration, started: Duration) -> Result<(), String> {
    answer(&sample.answer)?;
    times(sample, waited)?;
    if sample.peak_bytes == Some(0) {
        return Err("peak_bytes: no memory at all".into());
    }
    if let Some(bytes) = sample.peak_bytes.filter(|&bytes| bytes as f64 > GREATEST) {
        return Err(format!("peak_bytes: no machine has {bytes}"));
    }
    few("metrics", sample.metrics.len())?;
    for (metric, value) in &sample.metrics {
        name("metric", metric)?;
        // A subnormal number is what is left of a division that went wrong.
        if !(*value == 0.0 || value.is_normal()) || value.abs() > GREATEST {
            return Err(format!("metrics.{metric}: {value:e} cannot have been measured"));
        }
    }
    timeline(&sample.timeline, started)?;
    validate::sample(sample).map_err(|e| format!("{e:#}"))
}

fn answer(answer: &str) -> Result<(), String> {
    if answer.trim().is_empty() {
        return Err("it gave no answer".into());
    }
    if answer.len() > LONGEST_ANSWER {
        return Err(format!("answer: longer than {LONGEST_ANSWER} bytes"));
    }
    Ok(())
}

/// By how much the kernel's counters may be ahead of the clock: they move in steps, and are
/// read after it.
const STEP_NS: u64 = 100_000_000;
/// How much more CPU time than hardware threads could give in the time. Great, since a process
/// may use more of them than we may.
const FACTOR: u64 = 4;
/// No thread is switched more often.
const SWITCH_NS: u64 = 50;

fn times(sample: &Sample, waited: Duration) -> Result<(), String> {
    let wall = sample.wall_ns;
    if wall == 0 {
        return Err("wall_ns: no time at all".into());
    }
    // Two clocks that the system may correct at different moments.
    let most = waited + waited / 100 + Duration::from_millis(10);
    if Duration::from_nanos(wall) > most {
        return Err(format!(
            "wall_ns: {:.3} s, and it was waited for {:.3} s",
            Duration::from_nanos(wall).as_secs_f64(),
            waited.as_secs_f64()
        ));
    }
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let most = wall.saturating_mul(FACTOR * threads).saturating_add(STEP_NS);
    if let Some(cpu) = sample.counters.cpu_ns.filter(|&cpu| cpu > most) {
        return Err(format!(
            "cpu_ns: {cpu} in {wall} ns of time is more than {threads} hardware threads give"
        ));
    }
    let most = most / SWITCH_NS;
    for (what, count) in
        [("voluntary", sample.counters.voluntary), ("involuntary", sample.counters.involuntary)]
    {
        if let Some(count) = count.filter(|&count| count > most) {
            return Err(format!("{what}: {count} switches in {wall} ns"));
        }
    }
    Ok(())
}

fn timeline(lanes: &[Lane], started: Duration) -> Result<(), String> {
    few("lanes of the timeline", lanes.len())?;
    for (l, lane) in lanes.iter().enumerate() {
        text("lane", &lane.name)?;
        let mut end = 0;
        for (i, span) in lane.spans.iter().enumerate() {
            if span.from_ns < end || span.to_ns <= span.from_ns {
                return Err(format!(
                    "timeline[{l}].spans[{i}]: it ends before it begins, or overlaps"
                ));
            }
            end = span.to_ns;
        }
        if Duration::from_nanos(end) > started + Duration::from_secs(1) {
            return Err(format!("timeline[{l}]: it is longer than the runner has run"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::timeline::{Span, State};

    const WAITED: Duration = Duration::from_millis(20);
    const STARTED: Duration = Duration::from_secs(1);

    fn a_sample() -> Sample {
        Sample {
            answer: "42".into(),
            wall_ns: 10_000_000,
            counters: Counters {
                cpu_ns: Some(19_000_000),
                voluntary: Some(3),
                involuntary: Some(0),
            },
            peak_bytes: Some(1 << 20),
            metrics: BTreeMap::from([("start_late_us".into(), -1.5), ("lost".into(), 0.0)]),
            timeline: vec![lane(&[(0, 10), (10, 20)])],
        }
    }

    fn lane(spans: &[(u64, u64)]) -> Lane {
        let span = |&(from_ns, to_ns): &(u64, u64)| Span {
            state: State::Running,
            from_ns,
            to_ns,
            core: None,
        };
        Lane { name: "T".into(), spans: spans.iter().map(span).collect(), ..Lane::default() }
    }

    fn refusal(change: impl FnOnce(&mut Sample)) -> String {
        let mut sample = a_sample();
        change(&mut sample);
        check(&sample, WAITED, STARTED).unwrap_err()
    }

    #[test]
    fn a_sample_that_is_possible_passes() {
        assert_eq!(check(&a_sample(), WAITED, STARTED), Ok(()));
    }

    #[test]
    fn an_impossible_sample_is_refused_by_what_is_wrong_with_it() {
        type Change = fn(&mut Sample);
        let cases: [(Change, &str); 19] = [
            (|s| s.answer.clear(), "no answer"),
            (|s| s.answer = " \n".into(), "no answer"),
            (|s| s.answer = "x".repeat(10_001), "answer: longer than"),
            (|s| s.wall_ns = 0, "wall_ns: no time at all"),
            (|s| s.wall_ns = 2_000_000_000, "wall_ns: 2.000 s, and it was waited for 0.020 s"),
            (
                |s| s.counters.cpu_ns = Some(u64::MAX),
                "cpu_ns: 18446744073709551615 in 10000000",
            ),
            (|s| s.counters.cpu_ns = Some(60_000_000_000), "cpu_ns: "),
            (|s| s.counters.voluntary = Some(u64::MAX), "voluntary: "),
            (|s| s.counters.involuntary = Some(1 << 60), "involuntary: "),
            (|s| s.peak_bytes = Some(0), "peak_bytes: no memory"),
            (|s| s.peak_bytes = Some(u64::MAX), "peak_bytes: no machine has"),
            (
                |s| {
                    s.metrics.insert("x_us".into(), f64::NAN);
                },
                "metrics.x_us: NaN",
            ),
            (
                |s| {
                    s.metrics.insert("x_us".into(), f64::INFINITY);
                },
                "metrics.x_us: inf",
            ),
            (
                |s| {
                    s.metrics.insert("x_bytes".into(), 5e-324);
                },
                "metrics.x_bytes: 5e-324",
            ),
            (
                |s| {
                    s.metrics.insert("x".into(), -1e300);
                },
                "metrics.x: -1e300",
            ),
            (
                |s| {
                    s.metrics.insert("a b".into(), 1.0);
                },
                "metric: `a b` cannot be a name",
            ),
            (|s| s.timeline = vec![lane(&[(0, 10), (9, 20)])], "timeline[0].spans[1]: it ends"),
            (|s| s.timeline = vec![lane(&[(5, 5)])], "timeline[0].spans[0]: it ends"),
            (|s| s.timeline = vec![lane(&[(0, u64::MAX)])], "timeline[0]: it is longer"),
        ];
        for (change, says) in cases {
            let said = refusal(change);
            assert!(said.contains(says), "{says}: {said}");
        }
        let many = (0..=MOST).map(|i| (format!("m{i}"), 1.0)).collect();
        assert!(refusal(|s| s.metrics = many).contains("metrics: 1001 are more than 1000"));
    }

    fn an_offer() -> Offer {
        let record = crate::store::record::tests::demo();
        Offer {
            experiment: record.experiment,
            question: record.question,
            baseline: record.baseline,
            threads: 2,
            runner: record.runners[0].clone(),
            variants: record.variants.into_iter().take(2).collect(),
        }
    }

    #[test]
    fn an_offer_that_no_experiment_makes_is_refused_by_what_is_wrong_with_it() {
        assert_eq!(an_offer().check(), Ok(()));
        type Change = fn(&mut Offer);
        let cases: [(Change, &str); 12] = [
            (|o| o.threads = 0, "0 workers"),
            (|o| o.variants.clear(), "no variants"),
            (
                |o| o.variants[1].name = o.variants[0].name.clone(),
                "`chain/sequential` is listed",
            ),
            (|o| o.variants[0].name.clear(), "variant: `` cannot be a name"),
            (|o| o.variants[0].name = "a\nquit".into(), "variant: `a quit` cannot be a name"),
            (|o| o.variants[0].case = Some("a/b".into()), "case: `a/b` cannot be a name"),
            (|o| o.variants[0].name = "x".repeat(1 << 20), "variant: `xxx"),
            (|o| o.variants[0].label = "a\n\nb".into(), "label: `a  b` is not one line"),
            (|o| o.variants[0].case_label = Some("x".repeat(301)), "case_label: "),
            (|o| o.question = "\u{1b}[2J".into(), "question: ` [2J` is not one line"),
            (|o| o.runner.version = "1\n".into(), "version: "),
            (|o| o.experiment.clear(), "experiment: `` cannot be"),
        ];
        for (change, says) in cases {
            let mut offer = an_offer();
            change(&mut offer);
            let said = offer.check().unwrap_err();
            assert!(said.contains(says) && said.len() < 250, "{says}: {said}");
        }
    }

    /// Bytes of a line taken away, doubled, or replaced by what breaks readers.
    fn mutated(line: &str, random: &mut Random) -> String {
        let mut bytes = line.as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            let to = (at + random.below(12)).min(bytes.len());
            let pieces: [&[u8]; 12] = [
                b"",
                b"0",
                b"-1",
                b"1e308",
                b"1e-320",
                b"18446744073709551615",
                b"null",
                b"[",
                b"}",
                b"\"",
                b"\\u0000",
                b",",
            ];
            let piece = match random.below(pieces.len() + 1) {
                0 => [&bytes[at..to], &bytes[at..to]].concat(),
                i => pieces[i - 1].to_vec(),
            };
            bytes.splice(at..to, piece);
            bytes.push(b' '); // never empty
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Enough of chance for a test that is to be the same every day.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            ((self.0 >> 33) as usize) % bound
        }
    }

    #[test]
    fn whatever_line_is_let_in_a_record_holds() {
        let mut random = Random(42);
        let whole = r#"{"answer":"42","wall_ns":10000000,"cpu_ns":19000000,"voluntary":3,"involuntary":0,"peak_bytes":1048576,"metrics":{"start_up_us":1.5},"timeline":[{"lane":"T","involuntary":1,"false_gaps":0,"spans":[[0,10,null,"running"],[10,20,1,"waiting-io"]]}]}"#;
        let mut let_in = 0;
        for _ in 0..10_000 {
            let line = mutated(whole, &mut random);
            let Ok(sample) = sample(&line, WAITED, STARTED) else { continue };
            let_in += 1;
            let mut record = crate::store::record::tests::demo();
            record.sittings[0].rounds.kept = 1;
            for variant in &mut record.variants {
                let samples = &mut variant.samples[0];
                samples.wall_ns = vec![sample.wall_ns];
                samples.cpu_ns = sample.counters.cpu_ns.map(|n| vec![n]);
                samples.voluntary = sample.counters.voluntary.map(|n| vec![n]);
                samples.involuntary = sample.counters.involuntary.map(|n| vec![n]);
                samples.peak_bytes = sample.peak_bytes.map(|n| vec![n]);
                let metrics = sample.metrics.iter();
                samples.metrics = metrics.map(|(name, n)| (name.clone(), vec![*n])).collect();
                variant.answers = BTreeMap::from([(sample.answer.clone(), 1)]);
                variant.timeline.clone_from(&sample.timeline);
            }
            record.validate().unwrap_or_else(|e| panic!("{line}: {e:#}"));
        }
        assert!(let_in > 100, "{let_in}");
    }

    #[test]
    fn no_list_is_too_odd_to_be_read() {
        let demo = include_str!("../../../lab/protocol/demo.jsonl");
        let first: serde_json::Value =
            serde_json::from_str(demo.lines().next().unwrap()).unwrap();
        let whole = first["answer"].to_string();
        assert!(offer("demo", &whole).is_ok());
        let mut random = Random(42);
        for _ in 0..10_000 {
            let line = mutated(&whole, &mut random);
            if let Err(Bad::Line(text) | Bad::Sample(text)) = offer("demo", &line) {
                assert!(text.len() < 1000 && !text.contains('\n'), "{text}");
            }
        }
    }
}
