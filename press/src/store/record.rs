//! Records: what was measured, where, when and how, as one JSON file an experiment.
//!
//! A record is made of sittings: each with processes of its own, an order of its own in every
//! round, and its own list of samples, since what a machine does today says little of what it
//! does tomorrow. The format is described in `results/README.md`. A record is written whole
//! or not at all, and read strictly: an unknown field, a wrong type, an impossible value or a
//! changed byte is an error that names the file, the field and how to fix it.
//! Statistics are never stored. They are computed from the samples each time, so that a
//! number on a page cannot contradict the data beneath it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lab::Kind;
use lab::os::Machine;
use lab::timeline::Lane;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::store::form::Format;
use crate::store::limits::{self, LINE, TEXT};
use crate::store::{form, seal};

/// One experiment, measured on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Version of the file's format.
    pub format: Format,
    /// Name of the experiment, and of its file.
    #[schemars(extend("pattern" = limits::NAME_PATTERN))]
    pub experiment: String,
    /// The question it answers.
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    pub question: String,
    /// Name of the variants that speed-ups are taken against.
    #[schemars(extend("pattern" = limits::NAME_PATTERN))]
    pub baseline: String,
    /// How it was measured.
    #[serde(default, skip_serializing_if = "Method::is_rounds")]
    pub method: Method,
    /// Whether this was a `--quick` run, good for trying and too short for the book.
    pub quick: bool,
    /// How many workers each variant was told to use.
    #[schemars(range(min = 1))]
    pub threads: u32,
    /// Where it was measured.
    #[serde(with = "form::Machine")]
    #[schemars(with = "form::Machine")]
    pub machine: Machine,
    /// Who ran the variants.
    #[schemars(length(min = 1))]
    pub runners: Vec<RunnerInfo>,
    /// When and how; at least one.
    #[schemars(length(min = 1))]
    pub sittings: Vec<Sitting>,
    /// What was measured.
    #[schemars(length(min = 1))]
    pub variants: Vec<Variant>,
    /// Variants that were asked twice in every round: what the second asking came to. Where a
    /// control differs from the variant of its name, the method is at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Variant>,
    /// SHA-256 over all of the above, written without blanks and with an empty seal.
    #[serde(default)]
    #[schemars(regex(pattern = "^sha256:[0-9a-f]{64}$"))]
    pub seal: String,
}

/// One sitting: fresh processes, an order of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sitting {
    /// When it ended, UTC, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub date: String,
    /// The commit it was built from; absent outside a repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = limits::NAME_PATTERN))]
    pub commit: Option<String>,
    /// Whether experiments, lab or press differed from that commit.
    pub modified: bool,
    /// Digests of the sources that take part, by part: a sitting is added to a record only
    /// where they are the same. Empty in the first format.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(deserialize_with = "form::read_map")]
    #[schemars(extend("propertyNames" = limits::names()))]
    pub sources: BTreeMap<String, String>,
    /// What the order of the variants was drawn with, in every round anew. Absent: they ran in
    /// the order of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How the rounds went.
    pub rounds: Rounds,
    /// What the machine took for work that is known, by name; a name ends in its unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(deserialize_with = "form::read_map")]
    #[schemars(extend("propertyNames" = limits::names()))]
    pub known: BTreeMap<String, f64>,
    /// The state that the machine was in, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(deserialize_with = "form::read_map")]
    #[schemars(extend("propertyNames" = limits::names()))]
    pub state: BTreeMap<String, String>,
    /// What to know before believing it.
    pub warnings: Vec<Warning>,
}

/// How a record was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// In interleaved rounds, by the lab.
    #[default]
    Rounds,
    /// By Criterion, one variant after another; a "round" is one of its samples.
    Criterion,
}

impl Method {
    pub(super) fn is_rounds(&self) -> bool {
        *self == Method::Rounds
    }
}

/// How many rounds there were, and how much of the machine others used meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rounds {
    /// Rounds kept: the length of every list of samples.
    #[schemars(range(min = 1))]
    pub kept: u32,
    /// Rounds thrown away as too noisy.
    pub rejected: u32,
    /// Rounds kept although too noisy.
    pub noisy: u32,
    /// Share of the machine that other work used, for each block of kept rounds.
    #[schemars(inner(range(min = 0, max = 1.5)))]
    pub foreign: Vec<f64>,
    /// Share that the hypervisor gave to other guests, likewise.
    #[schemars(inner(range(min = 0, max = 1.5)))]
    pub stolen: Vec<f64>,
    /// Share of the time in which some task waited for a core, ours included, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(range(min = 0, max = 1.5)))]
    pub pressure: Vec<f64>,
    /// Load average over a minute, before the first round and after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<(f64, f64)>,
}

/// A language implementation that took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunnerInfo {
    /// How selectors name it: `rust`, `cpython-3.11`.
    #[schemars(extend("pattern" = limits::NAME_PATTERN))]
    pub name: String,
    /// `rustc`, `cpython`, `pypy` …
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    pub implementation: String,
    /// Its version.
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    pub version: String,
    /// How the program or the interpreter was built.
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    pub profile: String,
    /// Whether it had a global lock; absent where that is no question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gil: Option<bool>,
    /// Versions of the packages that it uses, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(deserialize_with = "form::read_map")]
    #[schemars(extend("propertyNames" = limits::names()))]
    pub packages: BTreeMap<String, String>,
}

/// One variant, run by one runner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Name of the runner.
    #[schemars(extend("pattern" = limits::NAME_PATTERN))]
    pub runner: String,
    /// The kind of work, if the experiment has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = limits::NAME_PATTERN))]
    pub case: Option<String>,
    /// One line about the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    pub case_label: Option<String>,
    /// Name within the case.
    #[schemars(extend("pattern" = limits::NAME_PATTERN))]
    pub name: String,
    /// One line about it.
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    pub label: String,
    /// What does the work.
    #[serde(with = "form::Kind")]
    #[schemars(with = "form::Kind")]
    pub kind: Kind,
    /// Whether its answer is an observation of its own.
    pub observed: bool,
    /// The most threads seen at once in the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Each answer, and in how many rounds it was given, all sittings together.
    #[serde(deserialize_with = "form::read_map")]
    #[schemars(extend("propertyNames" = limits::answers()))]
    pub answers: BTreeMap<String, u32>,
    /// What was measured, for each sitting.
    pub samples: Vec<Samples>,
    /// Who ran when, in the last kept round of the last sitting, if the variant recorded it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(serialize_with = "form::write_lanes", deserialize_with = "form::read_lanes")]
    #[schemars(with = "Vec<form::Lane>")]
    pub timeline: Vec<Lane>,
}

impl Variant {
    /// `runner/case/name`, or `runner/name` without a case.
    pub fn id(&self) -> String {
        format!("{}/{}", self.runner, self.id_in_runner())
    }

    /// `case/name`, or `name` without a case: how its runner calls it.
    pub fn id_in_runner(&self) -> String {
        match &self.case {
            Some(case) => format!("{case}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// The answer, or all that were given.
    pub fn answer(&self) -> String {
        self.answers.keys().cloned().collect::<Vec<_>>().join("; or ")
    }
}

/// One value for each kept round of a sitting, in order. Absent: not counted on this platform.
/// None at all: the runner was left out of the sitting, which warns of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// Wall-clock time, ns.
    #[schemars(inner(range(min = 1, max = limits::COUNT)))]
    pub wall_ns: Vec<u64>,
    /// CPU time of all threads, ns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(inner(range(max = limits::COUNT)))]
    pub cpu_ns: Option<Vec<u64>>,
    /// Voluntary context switches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(inner(range(max = limits::COUNT)))]
    pub voluntary: Option<Vec<u64>>,
    /// Involuntary context switches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(inner(range(max = limits::COUNT)))]
    pub involuntary: Option<Vec<u64>>,
    /// Peak resident memory, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(inner(range(max = limits::COUNT)))]
    pub peak_bytes: Option<Vec<u64>>,
    /// The variant's own; the end of a name is its unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[serde(deserialize_with = "form::read_map")]
    #[schemars(extend("propertyNames" = limits::names()))]
    pub metrics: BTreeMap<String, Vec<f64>>,
}

impl Samples {
    /// Whether there are none at all.
    pub fn are_absent(&self) -> bool {
        *self == Samples::default()
    }

    /// The lists that every variant may have, by name.
    pub fn counted(&self) -> [(&'static str, Option<&Vec<u64>>); 5] {
        [
            ("wall_ns", Some(&self.wall_ns)),
            ("cpu_ns", self.cpu_ns.as_ref()),
            ("voluntary", self.voluntary.as_ref()),
            ("involuntary", self.involuntary.as_ref()),
            ("peak_bytes", self.peak_bytes.as_ref()),
        ]
    }
}

/// Something to know before believing the record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// `noisy`, `quick`, `workers`, `unoptimized`, `runner` …
    #[schemars(extend("pattern" = limits::NAME_PATTERN))]
    pub kind: String,
    /// What happened, and what to do about it.
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::TEXT))]
    pub text: String,
}

impl Sitting {
    /// Whether it warns that the peer `runner`, or some of its variants, were left out.
    pub fn left_out(&self, runner: &str) -> bool {
        let is_of_it = |text: &str| {
            text.strip_prefix(runner).is_some_and(|rest| rest.starts_with([' ', ':']))
        };
        self.warnings.iter().any(|warning| warning.kind == "runner" && is_of_it(&warning.text))
    }
}

impl Warning {
    /// A warning of that kind. What others say of a failure may have several lines, and a
    /// record keeps one.
    pub fn new(kind: &str, text: impl AsRef<str>) -> Warning {
        Warning { kind: kind.into(), text: limits::cleaned(text.as_ref(), TEXT) }
    }
}

impl Record {
    /// The checksum over everything but itself.
    pub fn seal(&self) -> String {
        seal::seal(&Record { seal: String::new(), ..self.clone() })
    }

    /// Rounds kept, all sittings together.
    pub fn rounds(&self) -> u64 {
        self.sittings.iter().map(|sitting| u64::from(sitting.rounds.kept)).sum()
    }

    /// Whether it was made before there were sittings, and in part by other programs than the
    /// pages show.
    pub fn is_older(&self) -> bool {
        self.last().sources.is_empty()
    }

    /// The sitting that was made last.
    ///
    /// # Panics
    /// Never: a record has one.
    pub fn last(&self) -> &Sitting {
        self.sittings.last().expect("a record has a sitting")
    }

    /// What to know before believing it, with the number of the sitting where there are
    /// several.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut sittings_with: HashMap<&Warning, usize> = HashMap::new();
        for sitting in &self.sittings {
            for warning in sitting.warnings.iter().collect::<HashSet<_>>() {
                *sittings_with.entry(warning).or_default() += 1;
            }
        }
        let mut all: Vec<Warning> = Vec::new();
        let mut told: HashSet<&Warning> = HashSet::new();
        for (i, sitting) in self.sittings.iter().enumerate() {
            for warning in &sitting.warnings {
                if sittings_with[warning] < self.sittings.len() {
                    let text = format!("sitting {}: {}", i + 1, warning.text);
                    all.push(Warning::new(&warning.kind, text));
                } else if told.insert(warning) {
                    all.push(warning.clone());
                }
            }
        }
        all
    }

    /// Checks, seals and writes the record into `folder`, whole or not at all.
    ///
    /// # Errors
    /// When the record is impossible or the folder cannot be written.
    pub fn write(&mut self, folder: &Path) -> Result<PathBuf> {
        self.clean();
        self.validate().with_context(|| format!("impossible record of {}", self.experiment))?;
        self.seal = self.seal();
        let text = form::write(self);
        if text.len() as u64 > limits::FILE {
            bail!("the record of {} is larger than {} bytes", self.experiment, limits::FILE);
        }
        let path = folder.join(format!("{}.json", self.experiment));
        let write = || -> Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            // NamedTempFile is private to its owner; a record is for everybody.
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
            }
            file.persist(&path)?;
            Ok(())
        };
        write().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// What the system says of itself may be any text, and a record keeps it as a line.
    fn clean(&mut self) {
        let machine = &mut self.machine;
        for text in [&mut machine.kernel, &mut machine.cpu, &mut machine.vendor] {
            *text = text.take().map(|text| limits::cleaned(&text, LINE));
        }
        for state in self.sittings.iter_mut().flat_map(|sitting| sitting.state.values_mut()) {
            *state = limits::cleaned(state, TEXT);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A record as tests use it: two cases, two runners, three rounds.
    pub(crate) fn demo() -> Record {
        let variant = |runner: &str, case: &str, name: &str, kind, wall_ms: [u64; 3]| Variant {
            runner: runner.into(),
            case: Some(case.into()),
            case_label: Some(format!("{case} work")),
            name: name.into(),
            label: format!("{name}, {runner}"),
            kind,
            observed: false,
            threads: Some(2),
            answers: BTreeMap::from([("42".into(), 3)]),
            samples: vec![Samples {
                wall_ns: wall_ms.map(|ms| ms * 1_000_000).to_vec(),
                cpu_ns: Some(vec![80_000_000; 3]),
                voluntary: Some(vec![2; 3]),
                involuntary: None,
                peak_bytes: Some(vec![3 << 20; 3]),
                metrics: BTreeMap::from([("start_up_us".into(), vec![20.0, 21.0, 22.0])]),
            }],
            timeline: Vec::new(),
        };
        let mut record = Record {
            format: Format,
            experiment: "demo".into(),
            question: "Why?".into(),
            baseline: "sequential".into(),
            method: Method::Rounds,
            quick: false,
            threads: 2,
            machine: Machine {
                os: "linux".into(),
                arch: "x86_64".into(),
                kernel: Some("6.18".into()),
                cpu: Some("A processor".into()),
                cores: Some(2),
                hardware_threads: 2,
                memory_bytes: Some(1 << 34),
                virtual_machine: Some(true),
                model: Some(17),
                caches: vec![lab::os::Cache {
                    level: 1,
                    kind: "data".into(),
                    bytes: 1 << 15,
                    shared_by: 2,
                }],
                ..Machine::default()
            },
            runners: vec![
                RunnerInfo {
                    name: "rust".into(),
                    implementation: "rustc".into(),
                    version: "rustc 1.95.0".into(),
                    profile: "dev, opt-level 3".into(),
                    gil: None,
                    packages: BTreeMap::new(),
                },
                RunnerInfo {
                    name: "cpython-3.11".into(),
                    implementation: "cpython".into(),
                    version: "3.11.7".into(),
                    profile: "no pgo".into(),
                    gil: Some(true),
                    packages: BTreeMap::new(),
                },
            ],
            variants: vec![
                variant("rust", "chain", "sequential", Kind::Alone, [80, 81, 79]),
                variant("rust", "chain", "threads", Kind::Thread, [40, 41, 39]),
                variant("cpython-3.11", "chain", "sequential", Kind::Alone, [800, 810, 790]),
                variant("cpython-3.11", "chain", "threads", Kind::Thread, [820, 830, 810]),
            ],
            controls: Vec::new(),
            sittings: vec![Sitting {
                date: "2026-11-20T12:00:00Z".into(),
                commit: Some("abc1234".into()),
                modified: false,
                sources: BTreeMap::from([("program".into(), "1f".into())]),
                seed: Some(7),
                rounds: Rounds {
                    kept: 3,
                    rejected: 0,
                    noisy: 0,
                    foreign: vec![0.0],
                    stolen: vec![0.0],
                    pressure: Vec::new(),
                    load: None,
                },
                known: BTreeMap::new(),
                state: BTreeMap::new(),
                warnings: Vec::new(),
            }],
            seal: String::new(),
        };
        record.seal = record.seal();
        record
    }

    /// A record in which nothing is absent.
    fn whole() -> Record {
        let mut record = demo();
        record.method = Method::Criterion;
        record.machine.vendor = Some("GenuineIntel".into());
        record.machine.family = Some(6);
        record.machine.stepping = Some(4);
        record.runners[0].gil = Some(false);
        record.runners[0].packages = BTreeMap::from([("rayon".into(), "1.12.0".into())]);
        let sitting = &mut record.sittings[0];
        sitting.sources = BTreeMap::from([("program".into(), "1f".into())]);
        sitting.rounds.pressure = vec![0.25];
        sitting.rounds.load = Some((0.5, 1.5));
        sitting.known = BTreeMap::from([("spin_ns".into(), 1.5)]);
        sitting.state = BTreeMap::from([("governor".into(), "performance".into())]);
        sitting.warnings = vec![Warning::new("noisy", "Others worked, too.")];
        let variant = &mut record.variants[0];
        variant.samples[0].involuntary = Some(vec![0, 1, 2]);
        variant.timeline = vec![Lane {
            name: "one".into(),
            spans: vec![lab::timeline::Span {
                state: lab::timeline::State::Running,
                from_ns: 1,
                to_ns: 5,
                core: None,
            }],
            involuntary: Some(1),
            false_gaps: 2,
        }];
        record.controls = vec![record.variants[0].clone()];
        let mut later = sitting.clone();
        later.date = "2026-11-21T12:00:00Z".into();
        record.sittings.push(later);
        for variant in record.variants.iter_mut().chain(&mut record.controls) {
            variant.samples.push(variant.samples[0].clone());
            variant.answers = BTreeMap::from([("42".into(), 6)]);
        }
        record.seal = record.seal();
        record.validate().unwrap();
        record
    }

    fn fault(change: impl Fn(&str) -> String) -> String {
        let text = change(&form::write(&demo()));
        format!("{:#}", Record::parse(&text).unwrap_err())
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = demo().write(folder.path()).unwrap();
        assert_eq!(Record::read(&path).unwrap(), demo());
    }

    #[test]
    fn awkward_fractions_read_back_to_the_last_bit() {
        let folder = tempfile::tempdir().unwrap();
        let mut record = demo();
        let third: Vec<f64> = (0..1000).map(|i| f64::from(i) * 29.6 / 3.0 + 0.1).collect();
        for chunk in third.chunks_exact(3) {
            record.variants[0].samples[0].metrics.insert("x_ns".into(), chunk.to_vec());
            let path = record.write(folder.path()).unwrap();
            assert_eq!(Record::read(&path).unwrap(), record);
        }
    }

    #[test]
    fn a_list_of_samples_stands_on_one_line() {
        let text = form::write(&demo());
        assert!(text.contains("\"wall_ns\": [80000000, 81000000, 79000000]"), "{text}");
    }

    #[test]
    fn a_damaged_record_is_refused_with_the_field() {
        let cases: [(&str, &str, &str); 9] = [
            (
                "\"format\": 2",
                "\"format\": 7",
                "format: version 7 is unknown, this press reads 1 and 2",
            ),
            (
                "[80000000,",
                "[\"soon\",",
                "variants[0].samples[0].wall_ns[0]: invalid type: string",
            ),
            (
                "[80000000,",
                "[-80000000,",
                "variants[0].samples[0].wall_ns[0]: invalid value: integer `-80000000`",
            ),
            ("[80000000,", "[NaN,", "wall_ns: expected value at line"),
            ("[80000000,", "[0,", "variants[0]: samples[0].wall_ns[0]: no time at all"),
            ("[80000000,", "[", "variants[0]: samples[0].wall_ns: 2 samples for 3 rounds"),
            ("[80000000,", "[70000000,", "seal: the file was changed after it was written"),
            ("\"quick\"", "\"quik\"", "quik: unknown field `quik`"),
            ("2026-11-20T12", "yesterday", "sittings[0]: date: "),
        ];
        for (was, becomes, says) in cases {
            let text = fault(|json| json.replacen(was, becomes, 1));
            assert!(text.contains(says), "{becomes}: {text}");
        }
    }

    /// Where the fields of a record are that stand at `at`.
    fn fields(at: &str) -> Vec<String> {
        let whole = serde_json::to_value(whole()).unwrap();
        let object = whole.pointer(at).unwrap().as_object().unwrap();
        object.keys().map(|name| format!("{at}/{name}")).collect()
    }

    /// `/variants/0/name` as messages have it: `variants[0].name`.
    fn dotted(at: &str) -> String {
        at[1..].split('/').fold(String::new(), |path, part| match part.parse::<usize>() {
            Ok(i) => format!("{path}[{i}]"),
            Err(_) if path.is_empty() => part.to_owned(),
            Err(_) => format!("{path}.{part}"),
        })
    }

    const OBJECTS: [&str; 11] = [
        "",
        "/machine",
        "/machine/caches/0",
        "/runners/0",
        "/sittings/0",
        "/sittings/1/rounds",
        "/sittings/0/warnings/0",
        "/variants/0",
        "/variants/0/samples/1",
        "/variants/0/timeline/0",
        "/controls/0",
    ];

    /// What is said of a file in which `change` was made; the file stays as it is.
    fn refusal(change: impl Fn(&mut serde_json::Value)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.json");
        let mut value = serde_json::to_value(whole()).unwrap();
        change(&mut value);
        let text = value.to_string();
        fs::write(&path, &text).unwrap();
        let Err(fault) = Record::read(&path) else { panic!("it was read: {text}") };
        let said = format!("{fault:#}");
        let fix = match value["format"].as_u64() > Some(2) {
            false => "demo.json: damaged record; bring it back with `git",
            true => "demo.json: made by another version of press; bring this press up to date",
        };
        assert!(said.contains(fix), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        said
    }

    #[test]
    fn any_field_that_is_missing_of_another_type_or_unknown_is_refused_by_its_name() {
        for object in OBJECTS {
            for field in fields(object) {
                let name = field.rsplit('/').next().unwrap();
                let at = |value: &mut serde_json::Value, by: Option<serde_json::Value>| {
                    let object = value.pointer_mut(object).unwrap().as_object_mut().unwrap();
                    object.remove(name).unwrap();
                    object.extend(by.map(|by| (name.to_owned(), by)));
                };
                let said = refusal(|value| at(value, None));
                // What may be absent is missed by the seal, or by what refers to it.
                let missed = said.contains(&format!(": missing field `{name}`"))
                    || said.contains(": seal: the file was changed")
                    || said.contains(": controls[0]: there is no variant");
                assert!(missed, "{said}");
                let other = serde_json::json!({ "another": ["type"] });
                let said = refusal(|value| at(value, Some(other.clone())));
                assert!(said.contains(&format!(": {}", dotted(&field))), "{field}: {said}");
            }
            let said = refusal(|value| {
                let object = value.pointer_mut(object).unwrap().as_object_mut().unwrap();
                object.insert("extra".into(), 1.into());
            });
            let path = dotted(&format!("{object}/extra"));
            assert!(said.contains(&format!(": {path}: unknown field `extra`")), "{said}");
        }
    }

    #[test]
    fn a_value_out_of_range_is_refused_by_its_field() {
        use serde_json::json;
        for (at, value, says) in [
            ("/format", json!(3), "format: version 3 is unknown"),
            ("/threads", json!(0), "threads: no worker"),
            ("/threads", json!(-1), "threads: invalid value: integer `-1`"),
            ("/threads", json!(1u64 << 32), "threads: invalid value: integer `4294967296`"),
            ("/method", json!("guessed"), "method: unknown variant `guessed`"),
            ("/machine/hardware_threads", json!(0), "machine.hardware_threads: none"),
            ("/runners/1/name", json!("rust"), "runners[1].name: `rust` is there twice"),
            ("/runners", json!([]), "variants[0].runner: `rust` is not among the runners"),
            ("/sittings", json!([]), "sittings: none"),
            ("/sittings/1/date", json!("2026-13-01T00:00:00Z"), "sittings[1]: date: "),
            (
                "/sittings/1/date",
                json!("2026-11-20T12:00:00Z"),
                "sittings[1]: date, seed: a sitti",
            ),
            (
                "/sittings/1/sources/program",
                json!("2e"),
                "sittings[1]: sources.program: not what",
            ),
            ("/sittings/1/sources", json!({}), "sittings[1]: sources.program: not what it was"),
            ("/sittings/1/seed", json!(-1), "sittings[1].seed: invalid value"),
            ("/sittings/1/rounds/kept", json!(0), "sittings[1]: rounds.kept: no rounds"),
            ("/sittings/1/rounds/kept", json!(4), "answers: not one for each of 7 rounds"),
            ("/sittings/1/rounds/noisy", json!(4), "sittings[1]: rounds.noisy: 4 of 3 rounds"),
            ("/sittings/1/rounds/foreign/0", json!(-0.1), "rounds.foreign[0]: -0.1 is not"),
            ("/sittings/1/rounds/stolen/0", json!(2.0), "rounds.stolen[0]: 2 is not a share"),
            ("/sittings/1/rounds/pressure/0", json!(2.0), "rounds.pressure[0]: 2 is not a"),
            ("/sittings/1/rounds/load", json!([-1.0, 0.0]), "rounds.load: negative"),
            (
                "/sittings/1/rounds/stolen",
                json!([]),
                "rounds: foreign, stolen and pressure are",
            ),
            (
                "/sittings/1/rounds/foreign",
                json!([0, 0, 0, 0]),
                "foreign: 4 blocks of 3 rounds",
            ),
            ("/sittings/1/known/spin_ns", json!(-1.5), "known.spin_ns: -1.5 is negative"),
            ("/sittings/1/known/spin_ns", json!(1e300), "known.spin_ns: 1e300 is out of range"),
            ("/sittings/1/commit", json!("a b"), "sittings[1]: commit: `a b` is not a name"),
            ("/sittings/1/state/governor", json!("a\nb"), "state.governor: U+000A after `a`"),
            ("/sittings/1/warnings/0/text", json!("\u{1b}"), "warnings[0].text: U+001B after"),
            ("/experiment", json!("../demo"), "experiment: `../demo` is not a name"),
            ("/question", json!("Why?\n\n<b>"), "question: U+000A after `Why?`"),
            ("/baseline", json!(""), "baseline: `` is not a name"),
            ("/machine/cores", json!(0), "machine.cores: none"),
            ("/machine/cpu", json!("x".repeat(301)), "machine.cpu: longer than 300"),
            ("/machine/memory_bytes", json!(1u64 << 53), "memory_bytes: 9007199254740992 is"),
            ("/runners/0/version", json!("1\u{202e}2"), "runners[0]: version: U+202E after"),
            ("/variants", json!([]), "variants: none"),
            (
                "/variants/1/name",
                json!("sequential"),
                "variants[1]: `rust/chain/sequential` is",
            ),
            (
                "/variants/1/kind",
                json!("guessed"),
                "variants[1].kind: unknown variant `guessed`",
            ),
            ("/variants/1/threads", json!(-2), "variants[1].threads: invalid value"),
            ("/variants/1/answers/42", json!(5), "variants[1]: answers: not one for each of 6"),
            ("/variants/1/answers", json!({"42": 6, "43": 0}), "answers: `43` in no round"),
            (
                "/variants/1/answers",
                json!({ "42": u32::MAX, "43": u32::MAX, "44": 8 }),
                "answers: not one for each of 6",
            ),
            ("/variants/1/answers", json!({"": 6}), "variants[1]: answers: it says nothing"),
            (
                "/variants/1/answers",
                json!({"43": 6}),
                "threads` says `43`, but `rust/chain/seq",
            ),
            ("/variants/1/answers", json!({"42": 5, "43": 1}), "says `43`, but"),
            ("/variants/1/name", json!("a/b"), "variants[1]: name: `a/b` is not a name"),
            ("/variants/1/label", json!(" "), "variants[1]: label: it says nothing"),
            ("/variants/1/label", json!("a\n\nb"), "variants[1]: label: U+000A after `a`"),
            (
                "/variants/1/samples/1/metrics/start_up_us/2",
                json!(-1),
                "variants[1]: samples[1].metrics.start_up_us[2]: -1 is negative",
            ),
            (
                "/variants/1/samples/1/metrics/start_up_us/0",
                json!(5e-324),
                "samples[1].metrics.start_up_us[0]: 5e-324 is out of range",
            ),
            (
                "/variants/1/samples/1/wall_ns/0",
                json!(u64::MAX),
                "samples[1].wall_ns[0]: 18446744073709551615 is more than",
            ),
            (
                "/variants/0/timeline/0/spans/0/1",
                json!(u64::MAX),
                "timeline[0].spans: 18446744073709551615 is more than",
            ),
            ("/variants/0/timeline/0/lane", json!("a\u{7}"), "timeline[0].lane: U+0007 after"),
            ("/variants/1/samples", json!([]), "variants[1]: samples: 0 lists for 2 sittings"),
            ("/variants/1/samples/1/wall_ns/2", json!(0), "samples[1].wall_ns[2]: no time"),
            ("/variants/1/samples/1/cpu_ns", json!([1]), "samples[1].cpu_ns: 1 samples for 3"),
            ("/variants/0/timeline/0/spans/0/1", json!(0), "timeline[0].spans[0]: it ends"),
            ("/variants/0/timeline/0/spans/0/3", json!("gone"), "unknown variant `gone`"),
            (
                "/controls/0/name",
                json!("none"),
                "controls[0]: there is no variant `rust/chain/",
            ),
        ] {
            let said = refusal(|record| *record.pointer_mut(at).unwrap() = value.clone());
            assert!(said.contains(says), "{at}: {said}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_in_a_map_is_refused_wherever_the_map_is() {
        let text = form::write(&whole());
        for (known, twice, at) in [
            ("\"program\": \"1f\"", "\"program\": \"2e\"", "sittings[0].sources"),
            ("\"spin_ns\": 1.5", "\"spin_ns\": 9.5", "sittings[0].known"),
            ("\"governor\": \"performance\"", "\"governor\": \"x\"", "sittings[0].state"),
            ("\"rayon\": \"1.12.0\"", "\"rayon\": \"1\"", "runners[0].packages"),
            ("\"42\": 6", "\"42\": 3", "variants[0].answers"),
            (
                "\"start_up_us\": [20.0, 21.0, 22.0]",
                "\"start_up_us\": [1, 2, 3]",
                "variants[0].samples[0].metrics",
            ),
            ("\"quick\": false", "\"quick\": true", "duplicate field `quick`"),
        ] {
            assert!(text.contains(known), "{known}");
            // The one that counts is the last.
            let text = text.replacen(known, &format!("{twice}, {known}"), 1);
            let said = format!("{:#}", Record::parse(&text).unwrap_err());
            assert!(said.starts_with(at), "{at}: {said}");
            assert!(said.contains("is there twice") || said.contains("duplicate"), "{said}");
        }
    }

    #[test]
    fn only_what_is_late_may_take_less_than_no_time() {
        let mut record = demo();
        let mut with = |name: &str, value| {
            let metrics = &mut record.variants[0].samples[0].metrics;
            *metrics = BTreeMap::from([(name.to_owned(), vec![value; 3])]);
            record.validate().map_err(|e| format!("{e:#}"))
        };
        for name in ["late_p50_ms", "worst_late_us", "kernel_stack_bytes", "lost", "ns"] {
            with(name, -1.0).unwrap();
        }
        for name in ["each_ns", "first_us", "wait_ms", "up_s", "lost_share"] {
            assert!(with(name, -1.0).unwrap_err().contains("is negative"), "{name}");
            with(name, 0.0).unwrap();
        }
        with("client_cpu_share", 1.5).unwrap();
        assert!(with("overlap_share", 1.5).unwrap_err().contains("more than all"));
    }

    #[test]
    fn what_the_system_or_a_failure_says_in_several_lines_is_kept_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut record = demo();
        record.machine.cpu = Some("A\tprocessor\n".repeat(100));
        record.sittings[0].state.insert("governor".into(), "on\noff".into());
        record.sittings[0].warnings =
            vec![Warning::new("runner", "left out:\n  \u{1b}[31mdied")];
        let path = record.write(folder.path()).unwrap();
        let read = Record::read(&path).unwrap();
        assert_eq!(read, record);
        assert_eq!(read.sittings[0].state["governor"], "on off");
        assert_eq!(read.sittings[0].warnings[0].text, "left out:    [31mdied");
        assert!(read.machine.cpu.unwrap().starts_with("A processor A processor "));
    }

    #[test]
    fn a_record_in_another_experiments_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = demo().write(folder.path()).unwrap();
        let moved = folder.path().join("other.json");
        fs::rename(path, &moved).unwrap();
        let said = format!("{:#}", Record::read(&moved).unwrap_err());
        assert!(said.contains("other.json: damaged") && said.contains("of `demo`"), "{said}");
    }

    #[test]
    fn no_value_can_be_changed_without_breaking_the_seal() {
        use serde_json::Value;
        fn leaves(at: String, value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(all) => {
                    all.iter().for_each(|(key, v)| leaves(format!("{at}/{key}"), v, found));
                }
                Value::Array(all) => {
                    all.iter()
                        .enumerate()
                        .for_each(|(i, v)| leaves(format!("{at}/{i}"), v, found));
                }
                _ => found.push(at),
            }
        }
        let mut found = Vec::new();
        leaves(String::new(), &serde_json::to_value(whole()).unwrap(), &mut found);
        assert!(found.len() > 100, "{}", found.len());
        for at in &found {
            refusal(|record| {
                let value = record.pointer_mut(at).unwrap();
                *value = match &*value {
                    Value::Bool(is) => (!is).into(),
                    Value::Number(n) if n.is_u64() => (n.as_u64().unwrap() + 1).into(),
                    Value::Number(n) if n.is_i64() => (n.as_i64().unwrap() - 1).into(),
                    Value::Number(n) => (n.as_f64().unwrap() + 0.001).into(),
                    Value::String(text) => format!("{text}x").into(),
                    other => panic!("{at}: {other}"),
                };
            });
        }
    }

    #[test]
    fn a_record_in_which_nothing_is_absent_stands_in_its_file_like_this() {
        // `.ci/run python` holds this file against the published schema.
        insta::assert_binary_snapshot!("whole.json", form::write(&whole()).into_bytes());
    }

    #[test]
    fn a_truncated_record_is_refused_with_its_line() {
        let text = fault(|json| json[..json.len() / 2].to_owned());
        assert!(text.contains("EOF while parsing") && text.contains("line"), "{text}");
    }

    #[test]
    fn the_message_names_the_file_and_how_to_fix_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = demo().write(folder.path()).unwrap();
        fs::write(&path, "{").unwrap();
        let text = format!("{:#}", Record::read(&path).unwrap_err());
        assert!(text.contains("demo.json: damaged record"), "{text}");
        assert!(text.contains("cargo book measure demo"), "{text}");
    }

    #[test]
    fn an_impossible_record_is_not_written_over_a_good_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = demo().write(folder.path()).unwrap();
        let mut bad = demo();
        bad.variants[0].samples[0].metrics.insert("x_us".into(), vec![1.0]);
        assert!(bad.write(folder.path()).is_err());
        assert_eq!(Record::read(&path).unwrap(), demo());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
