//! Format 1, in which a record was one sitting: read for as long as there are such records, and
//! never written. Its seal is FNV-1a over the fields in their order, so the form stays.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use lab::Kind;
use lab::os::Machine;
use lab::timeline::Lane;
use serde::{Deserialize, Serialize};

use crate::store::record::{self, Method, Rounds, Samples, Sitting, Warning};
use crate::store::{form, seal};

/// The version of this format.
pub(super) const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    format: u32,
    experiment: String,
    question: String,
    baseline: String,
    #[serde(default, skip_serializing_if = "Method::is_rounds")]
    method: Method,
    date: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    modified: bool,
    quick: bool,
    threads: u32,
    #[serde(with = "form::Machine")]
    machine: Machine,
    rounds: Rounds,
    runners: Vec<RunnerInfo>,
    variants: Vec<Variant>,
    warnings: Vec<Warning>,
    #[serde(default)]
    seal: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunnerInfo {
    name: String,
    implementation: String,
    version: String,
    profile: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gil: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    runner: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    case_label: Option<String>,
    name: String,
    label: String,
    #[serde(with = "form::Kind")]
    kind: Kind,
    observed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    threads: Option<u32>,
    #[serde(deserialize_with = "form::read_map")]
    answers: BTreeMap<String, u32>,
    samples: Samples,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(serialize_with = "form::write_lanes", deserialize_with = "form::read_lanes")]
    timeline: Vec<Lane>,
}

/// Reads a record of format 1 as one sitting of today's.
///
/// # Errors
/// When it is damaged, impossible, or its seal is broken.
pub(super) fn parse(text: &str) -> Result<record::Record> {
    let old: Record = form::read(text)?;
    if old.seal != old.seal() {
        // What is impossible explains itself better than a broken seal does.
        record::Record::from(old).validate()?;
        bail!("seal: the file was changed after it was written");
    }
    let record = record::Record::from(old);
    record.validate()?;
    Ok(record)
}

impl Record {
    fn seal(&self) -> String {
        seal::fnv(&Record { seal: String::new(), ..self.clone() })
    }
}

impl From<Record> for record::Record {
    fn from(old: Record) -> record::Record {
        let runner = |old: RunnerInfo| record::RunnerInfo {
            name: old.name,
            implementation: old.implementation,
            version: old.version,
            profile: old.profile,
            gil: old.gil,
            packages: BTreeMap::new(),
        };
        let variant = |old: Variant| record::Variant {
            runner: old.runner,
            case: old.case,
            case_label: old.case_label,
            name: old.name,
            label: old.label,
            kind: old.kind,
            observed: old.observed,
            threads: old.threads,
            answers: old.answers,
            samples: vec![old.samples],
            timeline: old.timeline,
        };
        let mut record = record::Record {
            format: record::Format,
            experiment: old.experiment,
            question: old.question,
            baseline: old.baseline,
            method: old.method,
            quick: old.quick,
            threads: old.threads,
            machine: old.machine,
            runners: old.runners.into_iter().map(runner).collect(),
            sittings: vec![Sitting {
                date: old.date,
                commit: old.commit,
                modified: old.modified,
                sources: BTreeMap::new(),
                seed: None,
                rounds: old.rounds,
                known: BTreeMap::new(),
                state: BTreeMap::new(),
                warnings: old.warnings,
            }],
            variants: old.variants.into_iter().map(variant).collect(),
            controls: Vec::new(),
            seal: String::new(),
        };
        record.seal = record.seal();
        record
    }
}

#[cfg(test)]
#[path = "../../tests/mutate/mod.rs"]
mod mutate;

#[cfg(test)]
mod tests {
    use super::*;
    use lab::random::Random;
    use std::fs;
    use std::path::Path;

    #[test]
    fn every_record_of_the_first_format_is_read_without_a_loss() {
        let results = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../results"));
        for machine in fs::read_dir(results).unwrap().map(|entry| entry.unwrap().path()) {
            for path in fs::read_dir(&machine).into_iter().flatten() {
                let text = fs::read_to_string(path.unwrap().path()).unwrap();
                if form::version(&text) != VERSION {
                    continue;
                }
                let old: Record = form::read(&text).unwrap();
                assert!(form::write(&old) == text, "{}", old.experiment);
                let read = parse(&text).unwrap();
                assert_eq!(read.variants.len(), old.variants.len());
                assert_eq!(read.variants[0].samples, [old.variants[0].samples.clone()]);
            }
        }
    }

    #[test]
    fn half_a_record_is_still_of_its_format() {
        for (text, version) in [
            ("{\n  \"format\": 1,\n  \"experiment\": \"threads_c", 1),
            ("{\"format\": 99, \"x\": NaN}", 99),
            ("{\"format\": \"one\"}", 2),
            ("{", 2),
        ] {
            assert_eq!(form::version(text), version, "{text}");
        }
    }

    /// One of this format that the book still has, or had: nobody writes them any more.
    fn seed() -> serde_json::Value {
        let record = crate::store::record::tests::demo();
        let mut value = serde_json::to_value(&record).unwrap();
        let all = value.as_object_mut().unwrap();
        let sitting = all.remove("sittings").unwrap()[0].clone();
        for (name, of_sitting) in sitting.as_object().unwrap() {
            if !["sources", "seed"].contains(&name.as_str()) {
                all.insert(name.clone(), of_sitting.clone());
            }
        }
        for variant in all["variants"].as_array_mut().unwrap() {
            variant["samples"] = variant["samples"][0].clone();
        }
        all["format"] = VERSION.into();
        value
    }

    #[test]
    fn a_record_of_the_first_format_that_was_changed_and_sealed_anew_does_no_harm() {
        let mut read = 0;
        for trial in 0..1_000 {
            let mut value = seed();
            let mut random = Random::new(trial);
            if trial > 0 {
                mutate::mutate(&mut value, &mut random);
            }
            if let Ok(old) = serde_json::from_value::<Record>(value.clone()) {
                value["seal"] = old.seal().into();
            }
            let Ok(record) = parse(&value.to_string()) else { continue };
            // What is let in by this door would be by the other.
            record::Record::parse(&form::write(&record)).unwrap_or_else(|e| panic!("{e:#}"));
            read += 1;
        }
        assert!((100..900).contains(&read), "{read} were read");
    }
}
