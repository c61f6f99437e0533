//! Records: what was measured, where, when and how, as one JSON file an experiment.
//!
//! The format is described in `results/README.md`; this is version 1. A record is written
//! whole or not at all, and read strictly: an unknown field, a wrong type, an impossible
//! value or a changed byte is an error that names the file, the field and the mend.
//! Statistics are never stored. They are computed from the samples each time, so that a
//! number on a page cannot contradict the data beneath it.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};

/// The version of the format that this press reads and writes.
pub const FORMAT: u32 = 1;

/// One experiment, measured on one machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Version of the format.
    pub format: u32,
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

/// A machine. What its platform does not tell is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Operating system.
    pub os: String,
    /// Processor architecture.
    pub arch: String,
    /// Kernel version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Processor model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// Physical cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cores: Option<u32>,
    /// Hardware threads.
    pub hardware_threads: u32,
    /// Main memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Whether it is a hypervisor's guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub virtual_machine: Option<bool>,
}

impl Machine {
    /// The machine we are on.
    pub fn here() -> Machine {
        let here = lab::os::machine();
        Machine {
            os: here.os,
            arch: here.arch,
            kernel: here.kernel,
            cpu: here.cpu,
            cores: here.cores,
            hardware_threads: here.hardware_threads,
            memory_bytes: here.memory_bytes,
            virtual_machine: here.virtual_machine,
        }
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
    pub timeline: Vec<Lane>,
}

/// One flow of control in a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Its name.
    pub lane: String,
    /// Involuntary switches that the kernel counted meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub involuntary: Option<u64>,
    /// Long gaps in which the kernel counted no switch.
    pub false_gaps: u64,
    /// What it did, in order; in between it was off the core.
    pub spans: Vec<Span>,
}

/// From and to in nanoseconds after the timeline's start, the core (-1: none or not known),
/// and the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span(pub u64, pub u64, pub i32, pub State);

impl Span {
    /// Whether the lane had a core.
    pub fn is_on_core(&self) -> bool {
        matches!(self.3, State::Running | State::Holding)
    }
}

/// What a lane was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// On a core and working.
    Running,
    /// Working and holding the lock.
    Holding,
    /// Waiting for the lock.
    WaitingLock,
    /// Waiting for input, output or a timer.
    WaitingIo,
}

impl Variant {
    /// `runner/case/name`, or `runner/name` without a case.
    pub fn id(&self) -> String {
        match &self.case {
            Some(case) => format!("{}/{case}/{}", self.runner, self.name),
            None => format!("{}/{}", self.runner, self.name),
        }
    }

    /// The answer, or all that were given.
    pub fn answer(&self) -> String {
        self.answers.keys().cloned().collect::<Vec<_>>().join("; or ")
    }
}

/// What does a variant's work, and so its color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Nothing concurrent.
    Alone,
    /// Threads of one process.
    Thread,
    /// Several processes.
    Process,
    /// Tasks on an event loop.
    Task,
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

impl Record {
    /// Reads and checks one record.
    ///
    /// # Errors
    /// One message with the file, the field and the mend.
    pub fn read(path: &Path) -> Result<Record> {
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let mend = || {
            format!(
                "{}: damaged record; bring it back with `git checkout {}` or measure it again \
                 with `cargo book measure {stem}`",
                path.display(),
                path.display()
            )
        };
        let text = fs::read_to_string(path).with_context(mend)?;
        let record = Record::parse(&text).with_context(mend)?;
        if record.experiment != stem {
            return Err(anyhow!("experiment: the record is of `{}`", record.experiment))
                .with_context(mend);
        }
        Ok(record)
    }

    fn parse(text: &str) -> Result<Record> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        // The version first: another version's fields would be reported as damage.
        let version: Version = strict(text)?;
        if version.format != FORMAT {
            bail!("format: version {} is unknown, this press reads {FORMAT}", version.format);
        }
        let record: Record = strict(text)?;
        record.validate()?;
        let seal = record.seal();
        if record.seal != seal {
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
                bail!("rounds.{name}[{i}]: {} is no share of a machine", shares[i]);
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
                    if span.0 < end || span.1 <= span.0 {
                        bail!("{}: it ends before it begins, or overlaps", field(i));
                    }
                    end = span.1;
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

    /// The checksum (FNV-1a, 64 bits) over everything but itself. It is no protection against
    /// forgers; it notices a number that somebody "cleaned up".
    pub fn seal(&self) -> String {
        let unsealed = Record { seal: String::new(), ..self.clone() };
        let bytes = serde_json::to_vec(&unsealed).expect("a record is plain data");
        let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        format!("fnv1a64:{hash:016x}")
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
            file.write_all(self.json().as_bytes())?;
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

    /// As it stands in the file: a field a line, a list of samples on one line.
    fn json(&self) -> String {
        let mut out = Vec::new();
        let mut writer = serde_json::Serializer::with_formatter(&mut out, Lines::default());
        self.serialize(&mut writer).expect("a record is plain data");
        out.push(b'\n');
        String::from_utf8(out).expect("JSON is UTF-8")
    }
}

/// JSON with the path of the field that was wrong.
fn strict<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|e| {
        let why = e.inner();
        // Where the JSON itself is broken the path ends early; the line knows the field.
        let field = match (why.classify(), text.lines().nth(why.line().saturating_sub(1))) {
            (serde_json::error::Category::Syntax, Some(line)) => line.split('"').nth(1),
            _ => None,
        };
        match (e.path().to_string().as_str(), field) {
            (_, Some(field)) => anyhow!("{field}: {why}"),
            (".", None) => anyhow!("{why}"),
            (path, None) => anyhow!("{path}: {why}"),
        }
    })?;
    json.end()?;
    Ok(value)
}

/// Objects over several lines, lists of numbers on one: a diff shows what changed.
#[derive(Default)]
struct Lines {
    depth: usize,
}

impl Lines {
    fn line<W: ?Sized + Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writeln!(writer)?;
        writer.write_all(" ".repeat(self.depth).as_bytes())
    }
}

impl serde_json::ser::Formatter for Lines {
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.depth -= 1;
        self.line(writer)?;
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }
}

/// All records of all machines under `results/`.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// The machine whose numbers the book's sentences rest on.
    pub reference: String,
    /// Machine, then experiment.
    pub machines: BTreeMap<String, BTreeMap<String, Record>>,
}

/// The folder of the reader's own records.
pub const LOCAL: &str = "local";

impl Results {
    /// Reads every record under `folder`.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn read(folder: &Path, reference: &str) -> Result<Results> {
        let mut machines = BTreeMap::new();
        for machine in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
            let mut records = BTreeMap::new();
            for path in sorted(&machine)? {
                if path.extension().is_some_and(|e| e == "json") {
                    let record = Record::read(&path)?;
                    records.insert(record.experiment.clone(), record);
                }
            }
            let name = machine.file_name().unwrap_or_default().to_string_lossy().into_owned();
            machines.insert(name, records);
        }
        Ok(Results { reference: reference.to_owned(), machines })
    }

    /// The reference machine's record of `experiment`.
    pub fn reference(&self, experiment: &str) -> Option<&Record> {
        self.machines.get(&self.reference)?.get(experiment)
    }

    /// The reader's own record of `experiment`.
    pub fn local(&self, experiment: &str) -> Option<&Record> {
        self.machines.get(LOCAL)?.get(experiment)
    }
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths = read().with_context(|| format!("cannot read {}", folder.display()))?;
    paths.sort();
    Ok(paths)
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
            format: FORMAT,
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
                },
                RunnerInfo {
                    name: "cpython-3.11".into(),
                    implementation: "cpython".into(),
                    version: "3.11.7".into(),
                    profile: "no pgo".into(),
                    gil: Some(true),
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
        let text = change(&demo().json());
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
            record.variants[0].samples.metrics.insert("x_ns".into(), chunk.to_vec());
            let path = record.write(folder.path()).unwrap();
            assert_eq!(Record::read(&path).unwrap(), record);
        }
    }

    #[test]
    fn a_list_of_samples_stands_on_one_line() {
        let text = demo().json();
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
    fn the_message_names_the_file_and_the_mend() {
        let folder = tempfile::tempdir().unwrap();
        let path = demo().write(folder.path()).unwrap();
        fs::write(&path, "{").unwrap();
        let text = format!("{:#}", Results::read_one_machine(folder.path()).unwrap_err());
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

    impl Results {
        fn read_one_machine(folder: &Path) -> Result<Vec<Record>> {
            sorted(folder)?.iter().map(|path| Record::read(path)).collect()
        }
    }
}
