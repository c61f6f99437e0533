//! The form of a record's file: how JSON is laid out and read, and how the lab's own types
//! stand in it. In memory they are the lab's; only here is a core that is absent −1.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::marker::PhantomData;

use anyhow::{Result, anyhow};
use lab::timeline;
use schemars::JsonSchema;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::store::limits;

/// The version of the format that this press reads and writes.
pub(super) const FORMAT: u32 = 2;

/// It stands first, since another version's fields would be reported as damage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u32", into = "u32")]
#[schemars(extend("const" = FORMAT))]
pub struct Format;

impl TryFrom<u32> for Format {
    type Error = String;

    fn try_from(version: u32) -> Result<Format, String> {
        match version {
            FORMAT => Ok(Format),
            _ => Err(format!("version {version} is unknown, this press reads 1 and {FORMAT}")),
        }
    }
}

impl From<Format> for u32 {
    fn from(_: Format) -> u32 {
        FORMAT
    }
}

/// The machine that a measurement was made on. Absent: the platform does not say.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "lab::os::Machine", deny_unknown_fields)]
pub(super) struct Machine {
    /// `linux`, `macos`, `windows` …
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    os: String,
    /// Processor architecture: `x86_64`, `aarch64`.
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    arch: String,
    /// Kernel version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    kernel: Option<String>,
    /// The processor's model name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    cpu: Option<String>,
    /// Who made the processor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    vendor: Option<String>,
    /// The processor's family; on ARM the version of the architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    family: Option<u32>,
    /// Its model within the family; on ARM its part number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<u32>,
    /// The revision of the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stepping: Option<u32>,
    /// The caches of a core, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "caches")]
    #[schemars(with = "Vec<Cache>")]
    caches: Vec<lab::os::Cache>,
    /// Physical cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cores: Option<u32>,
    /// Hardware threads that it may use.
    #[schemars(range(min = 1))]
    hardware_threads: u32,
    /// Main memory, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = limits::COUNT))]
    memory_bytes: Option<u64>,
    /// Whether the processor says that it is a hypervisor's guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    virtual_machine: Option<bool>,
}

/// A cache of the processor's.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "lab::os::Cache", deny_unknown_fields)]
struct Cache {
    /// How near it is to the core, from 1.
    level: u32,
    /// `data`, `instruction` or `unified`.
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    kind: String,
    /// Its size.
    #[schemars(range(max = limits::COUNT))]
    bytes: u64,
    /// How many hardware threads share it.
    shared_by: u32,
}

mod caches {
    use super::{Cache, Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct One(#[serde(with = "Cache")] lab::os::Cache);

    pub(super) fn serialize<S: Serializer>(
        caches: &[lab::os::Cache],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(caches.iter().cloned().map(One))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<lab::os::Cache>, D::Error> {
        let caches = Vec::<One>::deserialize(from)?;
        Ok(caches.into_iter().map(|One(cache)| cache).collect())
    }
}

/// What does the work: nobody else, threads, processes, or tasks.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "lab::Kind", rename_all = "lowercase")]
pub(crate) enum Kind {
    Alone,
    Thread,
    Process,
    Task,
}

/// What a lane did, with a core or without.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(remote = "timeline::State", rename_all = "kebab-case")]
enum State {
    Running,
    Holding,
    WaitingLock,
    WaitingIo,
}

/// A flow of control that recorded when it ran; between two spans it was off the core.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lane {
    /// Its name.
    #[schemars(extend("pattern" = limits::LINE_PATTERN, "maxLength" = limits::LINE))]
    lane: String,
    /// How often the kernel says that it took the core away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    involuntary: Option<u64>,
    /// Gaps long enough to be looked into that turned out to be no switch.
    false_gaps: u64,
    /// When it ran, in order.
    spans: Vec<Span>,
}

/// From and to, in nanoseconds since the round began; the core, −1 where it is none or not
/// known; and the state.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Span(
    u64,
    u64,
    #[schemars(range(min = -1))] Option<i64>,
    #[serde(with = "State")] timeline::State,
);

impl From<&timeline::Lane> for Lane {
    fn from(lane: &timeline::Lane) -> Lane {
        let span = |span: &timeline::Span| {
            let core = Some(span.core.map_or(-1, i64::from));
            Span(span.from_ns, span.to_ns, core, span.state)
        };
        Lane {
            lane: lane.name.clone(),
            involuntary: lane.involuntary,
            false_gaps: lane.false_gaps,
            spans: lane.spans.iter().map(span).collect(),
        }
    }
}

impl From<Lane> for timeline::Lane {
    fn from(lane: Lane) -> timeline::Lane {
        let span = |Span(from_ns, to_ns, core, state)| timeline::Span {
            state,
            from_ns,
            to_ns,
            core: core.and_then(|core| u32::try_from(core).ok()),
        };
        timeline::Lane {
            name: lane.lane,
            spans: lane.spans.into_iter().map(span).collect(),
            involuntary: lane.involuntary,
            false_gaps: lane.false_gaps,
        }
    }
}

pub(super) fn write_lanes<S: Serializer>(
    lanes: &[timeline::Lane],
    to: S,
) -> Result<S::Ok, S::Error> {
    to.collect_seq(lanes.iter().map(Lane::from))
}

pub(crate) fn read_lanes<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<timeline::Lane>, D::Error> {
    let lanes = Vec::<Lane>::deserialize(from)?;
    for Span(_, _, core, _) in lanes.iter().flat_map(|lane| &lane.spans) {
        if let Some(core) = core
            && *core != -1
            && u32::try_from(*core).is_err()
        {
            return Err(D::Error::custom(format!("{core} is not a core")));
        }
    }
    Ok(lanes.into_iter().map(timeline::Lane::from).collect())
}

/// A map in which every name stands once. Of two entries JSON's readers take the last, and
/// nobody would see the first.
pub(crate) fn read_map<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    from: D,
) -> Result<BTreeMap<String, V>, D::Error> {
    struct Once<V>(PhantomData<V>);

    impl<'de, V: Deserialize<'de>> Visitor<'de> for Once<V> {
        type Value = BTreeMap<String, V>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
            let mut map = BTreeMap::new();
            while let Some(name) = from.next_key::<String>()? {
                if map.contains_key(&name) {
                    return Err(A::Error::custom(format!("`{name}` is there twice")));
                }
                map.insert(name, from.next_value()?);
            }
            Ok(map)
        }
    }

    from.deserialize_map(Once(PhantomData))
}

/// Which version of the format `text` says it has; today's where it says none. Read from the
/// front and not as JSON, since the rest may be damaged, and reading the whole then tells what
/// is wrong with it.
pub(super) fn version(text: &str) -> u32 {
    let after = text.split_once("\"format\":").map_or("", |(_, after)| after).trim_start();
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..end].parse().unwrap_or(FORMAT)
}

/// Reads JSON; a mistake comes with the path of its field.
///
/// # Errors
/// When the text is not JSON, or not of a `T`.
pub(super) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T> {
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

/// As it stands in a file: a field a line, a list of samples on one line.
pub(super) fn write(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut writer = serde_json::Serializer::with_formatter(&mut out, Lines::default());
    value.serialize(&mut writer).expect("a record is plain data");
    out.push(b'\n');
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// Objects over several lines, lists of numbers on one: a diff shows what changed.
#[derive(Default)]
struct Lines {
    depth: usize,
}

impl Lines {
    fn line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        writeln!(writer)?;
        writer.write_all(" ".repeat(self.depth).as_bytes())
    }
}

impl serde_json::ser::Formatter for Lines {
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        self.line(writer)?;
        writer.write_all(b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_file_still_says_of_which_format_it_is() {
        let whole = "{\n \"format\": 1,\n \"question\": \"?\"\n}";
        assert_eq!(version(whole), 1);
        assert_eq!(version(&whole[..20]), 1);
        assert_eq!(version(&whole.replace("\"?\"", "NaN")), 1);
        assert_eq!(version("{\"format\": 99"), 99);
        assert_eq!(version("{"), FORMAT);
        assert_eq!(version("{\"format\": \"one\"}"), FORMAT);
    }
}
