//! Records: what was measured, where, when and how, as one JSON file an experiment.
//!
//! The format is described in `results/README.md`. A record is written whole or not at all,
//! and read strictly: an unknown field, a wrong type, an impossible value or a changed byte
//! is an error that names the file, the field and how to fix it.
//! Statistics are never stored. They are computed from the samples each time, so that a
//! number on a page cannot contradict the data beneath it.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use lab::Kind;
use lab::os::Machine;
use lab::timeline::Lane;
use serde::{Deserialize, Serialize};

use crate::store::form;
pub use crate::store::form::Format;
use crate::store::seal;

/// One experiment, measured on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Version of the file's format.
    pub format: Format,
    /// Name of the experiment, and of its file.
    pub experiment: String,
    /// The question it answers.
    pub question: String,
    /// Name of the variants that speed-ups are taken against.
    pub baseline: String,
    /// How it was measured.
    #[serde(default, skip_serializing_if = "Method::is_rounds")]
    pub method: Method,
    /// When the measurement ended, UTC, RFC 3339.
    pub date: String,
    /// The commit it was built from; absent outside a repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Whether experiments, lab or press differed from that commit.
    pub modified: bool,
    /// Whether this was a `--quick` run, good for trying and too short for the book.
    pub quick: bool,
    /// How many workers each variant was told to use.
    pub threads: u32,
    /// Where it was measured.
    #[serde(with = "form::Machine")]
    pub machine: Machine,
    /// How the rounds went.
    pub rounds: Rounds,
    /// Who ran the variants.
    pub runners: Vec<RunnerInfo>,
    /// What was measured.
    pub variants: Vec<Variant>,
    /// What to know before believing it.
    pub warnings: Vec<Warning>,
    /// A checksum over all of the above; see [`Record::seal`].
    #[serde(default)]
    pub seal: String,
}

/// How a record was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// In interleaved rounds, by the lab.
    #[default]
    Rounds,
    /// By Criterion, one variant after another; a "round" is one of its samples.
    Criterion,
}

impl Method {
    fn is_rounds(&self) -> bool {
        *self == Method::Rounds
    }
}

/// How many rounds there were, and how much of the machine others used meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounds {
    /// Rounds kept: the length of every list of samples.
    pub kept: u32,
    /// Rounds thrown away as too noisy.
    pub rejected: u32,
    /// Rounds kept although too noisy.
    pub noisy: u32,
    /// Share of the machine that other work used, for each block of kept rounds.
    pub foreign: Vec<f64>,
    /// Share that the hypervisor gave to other guests, likewise.
    pub stolen: Vec<f64>,
    /// Share of the time in which some task waited for a core, ours included, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pressure: Vec<f64>,
    /// Load average over a minute, before the first round and after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<(f64, f64)>,
}

/// A language implementation that took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunnerInfo {
    /// How selectors name it: `rust`, `cpython-3.11`.
    pub name: String,
    /// `rustc`, `cpython`, `pypy` …
    pub implementation: String,
    /// Its version.
    pub version: String,
    /// How the program or the interpreter was built.
    pub profile: String,
    /// Whether it had a global lock; absent where that is no question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gil: Option<bool>,
    /// The versions of the packages that its program uses; only interpreters tell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, String>,
}

/// One variant, run by one runner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Name of the runner.
    pub runner: String,
    /// The kind of work, if the experiment has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// One line about the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_label: Option<String>,
    /// Name within the case.
    pub name: String,
    /// One line about it.
    pub label: String,
    /// What does the work.
    #[serde(with = "form::Kind")]
    pub kind: Kind,
    /// Whether its answer is an observation of its own.
    pub observed: bool,
    /// The most threads seen at once in the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Each answer, and in how many rounds it was given.
    pub answers: BTreeMap<String, u32>,
    /// What was measured in each round.
    pub samples: Samples,
    /// Who ran when, in the last kept round, if the variant recorded it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(serialize_with = "form::write_lanes", deserialize_with = "form::read_lanes")]
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

/// One value for each kept round, in order. Absent: not counted on this platform.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// Wall-clock time, ns.
    pub wall_ns: Vec<u64>,
    /// CPU time of all threads, ns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ns: Option<Vec<u64>>,
    /// Voluntary context switches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voluntary: Option<Vec<u64>>,
    /// Involuntary context switches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involuntary: Option<Vec<u64>>,
    /// Peak resident memory, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_bytes: Option<Vec<u64>>,
    /// The variant's own; the end of a name is its unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, Vec<f64>>,
}

/// Something to know before believing the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// `noisy`, `quick`, `workers`, `unoptimized`, `runner` …
    pub kind: String,
    /// What happened, and what to do about it.
    pub text: String,
}

impl Warning {
    /// A warning of that kind.
    pub fn new(kind: &str, text: impl Into<String>) -> Warning {
        Warning { kind: kind.into(), text: text.into() }
    }
}

impl Record {
    /// Reads and checks one record.
    ///
    /// # Errors
    /// One message with the file, the field and how to fix it.
    pub fn read(path: &Path) -> Result<Record> {
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let fix = || {
            format!(
                "{}: damaged record; bring it back with `git checkout {}` or measure it again \
                 with `cargo book measure {stem}`",
                path.display(),
                path.display()
            )
        };
        let text = fs::read_to_string(path).with_context(fix)?;
        let record = Record::parse(&text).with_context(fix)?;
        if record.experiment != stem {
            return Err(anyhow!("experiment: the record is of `{}`", record.experiment))
                .with_context(fix);
        }
        Ok(record)
    }

    fn parse(text: &str) -> Result<Record> {
        let record: Record = form::read(text)?;
        record.validate()?;
        if record.seal != record.seal() {
            bail!("seal: the file was changed after it was written");
        }
        Ok(record)
    }

    fn validate(&self) -> Result<()> {
        humantime::parse_rfc3339(&self.date).map_err(|e| anyhow!("date: {e}"))?;
        let rounds = self.rounds.kept as usize;
        if rounds == 0 {
            bail!("rounds.kept: no rounds");
        }
        for (name, shares) in
            [("foreign", &self.rounds.foreign), ("stolen", &self.rounds.stolen)]
        {
            if let Some(i) = shares.iter().position(|share| !(0.0..=1.5).contains(share)) {
                bail!("rounds.{name}[{i}]: {} is not a share of a machine", shares[i]);
            }
        }
        if self.variants.is_empty() {
            bail!("variants: none");
        }
        let mut seen = HashSet::new();
        for (i, variant) in self.variants.iter().enumerate() {
            let index = i;
            let at = |field: &str| format!("variants[{index}].{field}");
            if !self.runners.iter().any(|runner| runner.name == variant.runner) {
                bail!("{}: `{}` is not among the runners", at("runner"), variant.runner);
            }
            if !seen.insert(variant.id()) {
                bail!("variants[{i}]: `{}` is there twice", variant.id());
            }
            if variant.answers.values().sum::<u32>() != self.rounds.kept {
                bail!("{}: not one for each of {rounds} rounds", at("answers"));
            }
            let samples = &variant.samples;
            if let Some(round) = samples.wall_ns.iter().position(|&ns| ns == 0) {
                bail!("{}: no time at all", at(&format!("samples.wall_ns[{round}]")));
            }
            for (l, lane) in variant.timeline.iter().enumerate() {
                let field = |i: usize| format!("variants[{index}].timeline[{l}].spans[{i}]");
                let mut end = 0;
                for (i, span) in lane.spans.iter().enumerate() {
                    if span.from_ns < end || span.to_ns <= span.from_ns {
                        bail!("{}: it ends before it begins, or overlaps", field(i));
                    }
                    end = span.to_ns;
                }
            }
            let lists = [
                ("wall_ns", Some(&samples.wall_ns)),
                ("cpu_ns", samples.cpu_ns.as_ref()),
                ("voluntary", samples.voluntary.as_ref()),
                ("involuntary", samples.involuntary.as_ref()),
                ("peak_bytes", samples.peak_bytes.as_ref()),
            ];
            let lengths = lists
                .iter()
                .filter_map(|(name, list)| Some((name.to_string(), list.as_ref()?.len())))
                .chain(
                    samples
                        .metrics
                        .iter()
                        .map(|(name, l)| (format!("metrics.{name}"), l.len())),
                );
            for (name, length) in lengths {
                if length != rounds {
                    let field = at(&format!("samples.{name}"));
                    bail!("{field}: {length} samples for {rounds} rounds");
                }
            }
        }
        Ok(())
    }

    /// The checksum over everything but itself.
    pub fn seal(&self) -> String {
        seal::seal(&Record { seal: String::new(), ..self.clone() })
    }

    /// Checks, seals and writes the record into `folder`, whole or not at all.
    ///
    /// # Errors
    /// When the record is impossible or the folder cannot be written.
    pub fn write(&mut self, folder: &Path) -> Result<PathBuf> {
        self.validate().with_context(|| format!("impossible record of {}", self.experiment))?;
        self.seal = self.seal();
        let path = folder.join(format!("{}.json", self.experiment));
        let write = || -> Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(form::write(self).as_bytes())?;
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
            samples: Samples {
                wall_ns: wall_ms.map(|ms| ms * 1_000_000).to_vec(),
                cpu_ns: Some(vec![80_000_000; 3]),
                voluntary: Some(vec![2; 3]),
                involuntary: None,
                peak_bytes: Some(vec![3 << 20; 3]),
                metrics: BTreeMap::from([("start_up_us".into(), vec![20.0, 21.0, 22.0])]),
            },
            timeline: Vec::new(),
        };
        let mut record = Record {
            format: Format,
            experiment: "demo".into(),
            question: "Why?".into(),
            baseline: "sequential".into(),
            method: Method::Rounds,
            date: "2026-11-20T12:00:00Z".into(),
            commit: Some("abc1234".into()),
            modified: false,
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
            },
            rounds: Rounds {
                kept: 3,
                rejected: 0,
                noisy: 0,
                foreign: vec![0.0],
                stolen: vec![0.0],
                pressure: Vec::new(),
                load: None,
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
            warnings: Vec::new(),
            seal: String::new(),
        };
        record.seal = record.seal();
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
    fn every_record_of_the_book_is_written_back_byte_for_byte() {
        let results = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../results"));
        let mut count = 0;
        for machine in fs::read_dir(results).unwrap().map(|entry| entry.unwrap().path()) {
            for path in fs::read_dir(&machine).into_iter().flatten() {
                let path = path.unwrap().path();
                let record = Record::read(&path).unwrap();
                let same = form::write(&record) == fs::read_to_string(&path).unwrap();
                assert!(same, "{}", path.display());
                count += 1;
            }
        }
        assert!(count > 0, "there are none in {}", results.display());
    }

    #[test]
    fn awkward_fractions_read_back_to_the_last_bit() {
        let folder = tempfile::tempdir().unwrap();
        let mut record = demo();
        let third: Vec<f64> = (0..1000).map(|i| f64::from(i) * 29.6 / 3.0 + 0.1).collect();
        for chunk in third.chunks_exact(3) {
            record.variants[0].samples.metrics.insert("x_ns".into(), chunk.to_vec());
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
                "\"format\": 1",
                "\"format\": 7",
                "format: version 7 is unknown, this press reads 1",
            ),
            (
                "[80000000,",
                "[\"soon\",",
                "variants[0].samples.wall_ns[0]: invalid type: string",
            ),
            (
                "[80000000,",
                "[-80000000,",
                "variants[0].samples.wall_ns[0]: invalid value: integer `-80000000`",
            ),
            ("[80000000,", "[NaN,", "wall_ns: expected value at line"),
            ("[80000000,", "[0,", "variants[0].samples.wall_ns[0]: no time at all"),
            ("[80000000,", "[", "variants[0].samples.wall_ns: 2 samples for 3 rounds"),
            ("[80000000,", "[70000000,", "seal: the file was changed after it was written"),
            ("\"quick\"", "\"quik\"", "quik: unknown field `quik`"),
            ("2026-11-20T12", "yesterday", "date: "),
        ];
        for (was, becomes, says) in cases {
            let text = fault(|json| json.replacen(was, becomes, 1));
            assert!(text.contains(says), "{becomes}: {text}");
        }
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
        bad.variants[0].samples.metrics.insert("x_us".into(), vec![1.0]);
        assert!(bad.write(folder.path()).is_err());
        assert_eq!(Record::read(&path).unwrap(), demo());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
