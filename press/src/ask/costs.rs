//! The constants of the model of cost: where each stands in the records, and what it is on a
//! machine.
//!
//! `examples/choosing/costs.toml` has a table for each constant of [`cost::Costs`], with its
//! unit and a selector:
//!
//! ```toml
//! [thread_start_ns]
//! unit = "ns"
//! selector = "choose_costs: thread.start_ns"
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result, anyhow, bail};
use cost::Costs;
use serde::Deserialize;
use toml::Spanned;

use crate::ask::file;
use crate::ask::near::Unknown;
use crate::ask::plain::plain;
use crate::ask::selector::Expression;
use crate::ask::unit::Unit;
use crate::ask::value::Value;
use crate::store::results::Results;

/// Where the constants stand in the records, in the order of [`Costs::NAMES`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constants {
    sources: Vec<Source>,
}

/// Where one of them does.
#[derive(Clone, Debug, PartialEq)]
struct Source {
    name: &'static str,
    unit: &'static str,
    what: &'static str,
    experiment: String,
    expression: Expression,
}

/// A table of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    unit: Spanned<String>,
    selector: Spanned<String>,
}

impl Constants {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// When it is not understood, a constant is missing, or one is not known; the message
    /// begins with the line, `12: `, where one line is at fault.
    pub fn parse(text: &str) -> Result<Constants> {
        let mut entries: BTreeMap<Spanned<String>, Entry> = file::read(text)?;
        let line = |span: Range<usize>| file::line(text, &span);
        let mut sources = Vec::new();
        let mut missing = Vec::new();
        for &(name, unit, what) in Costs::NAMES {
            let found = entries.keys().find(|key| key.get_ref() == name).cloned();
            let Some(entry) = found.and_then(|key| entries.remove(&key)) else {
                missing.push(name);
                continue;
            };
            if entry.unit.get_ref() != unit {
                bail!(
                    "{}: `{name}` is in {unit}; write unit = \"{unit}\"",
                    line(entry.unit.span())
                );
            }
            let (experiment, expression) =
                asked(entry.selector.get_ref()).with_context(|| {
                    format!("{}: the selector of `{name}`", line(entry.selector.span()))
                })?;
            sources.push(Source { name, unit, what, experiment, expression });
        }
        let known = || Costs::NAMES.iter().map(|(name, ..)| *name);
        if let Some(key) = entries.keys().min_by_key(|key| key.span().start) {
            let text = format!("no constant is called `{}`", plain(key.get_ref()));
            let unknown = Unknown::new(text, key.get_ref(), known());
            bail!("{}: {unknown}", line(key.span()));
        }
        if !missing.is_empty() {
            bail!("a table is missing for each of {}", missing.join(", "));
        }
        Ok(Constants { sources })
    }

    /// Whether there are none: the book has no such model.
    pub fn are_none(&self) -> bool {
        self.sources.is_empty()
    }

    /// What they are on `machine`. What it has no record of is the reference's.
    pub fn on(&self, results: &Results, machine: &str) -> Known {
        let mut known = Known { machine: machine.to_owned(), ..Known::default() };
        for source in &self.sources {
            match source.on(results, machine) {
                Ok(constant) => known.all.push(constant),
                Err(why) => known.missing.push((source.name, format!("{why:#}"))),
            }
        }
        known
    }
}

/// `experiment: selector`.
fn asked(text: &str) -> Result<(String, Expression)> {
    let (experiment, selector) = text
        .split_once(':')
        .with_context(|| format!("`{}` names no experiment; write `name: a.b`", plain(text)))?;
    Ok((experiment.trim().to_owned(), Expression::parse(selector.trim())?))
}

impl Source {
    fn on(&self, results: &Results, machine: &str) -> Result<Constant> {
        let of = |machine: &str| -> Option<Result<Constant>> {
            let record = results.record(machine, &self.experiment)?;
            Some(self.expression.value(record).and_then(|value| self.constant(value, machine)))
        };
        match of(machine) {
            Some(Ok(own)) => Ok(own),
            // The machine was asked, and has no such interpreter.
            Some(Err(why)) if Costs::may_lack(self.name) => Err(why),
            own => match of(&results.reference) {
                Some(Ok(reference)) => Ok(reference),
                reference => own
                    .or(reference)
                    .unwrap_or_else(|| Err(anyhow!("no record of {}", self.experiment))),
            },
        }
    }

    fn constant(&self, value: Value, machine: &str) -> Result<Constant> {
        let (is_it, scale) = match self.unit {
            "ns" => (value.unit == Unit::Seconds, 1e9),
            "bytes" => (value.unit == Unit::Bytes, 1.0),
            "×" => (matches!(value.unit, Unit::Times | Unit::Count), 1.0),
            _ => (value.unit == Unit::Count, 1.0),
        };
        let (name, number) = (self.name, value.estimate.median * scale);
        if !is_it {
            bail!("`{name}` is in {}, and {} is not", self.unit, self.expression);
        }
        if !(0.0..=1e15).contains(&number) {
            bail!("`{name}` cannot be {number} {}", self.unit);
        }
        Ok(Constant {
            name,
            unit: self.unit,
            what: self.what,
            number,
            value,
            machine: machine.to_owned(),
            asked: format!("{}: {}", self.experiment, self.expression),
        })
    }
}

/// A constant on a machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Its name in the model.
    pub name: &'static str,
    /// The unit of its number.
    pub unit: &'static str,
    /// What it is.
    pub what: &'static str,
    /// The median, in its unit.
    pub number: f64,
    /// The same with its interval.
    pub value: Value,
    /// Where it was measured: there, or on the reference.
    pub machine: String,
    /// What was asked for it.
    pub asked: String,
}

impl Constant {
    /// The experiment that measures it.
    fn experiment(&self) -> &str {
        self.asked.split(':').next().unwrap_or_default()
    }
}

/// What is known of the constants on a machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// The machine.
    pub machine: String,
    /// The constants that there are, in the order of [`Costs::NAMES`].
    pub all: Vec<Constant>,
    /// Those that there are not, each with why.
    pub missing: Vec<(&'static str, String)>,
}

impl Known {
    /// The constants for the model.
    ///
    /// # Errors
    /// When some of those that every machine must have are missing.
    pub fn costs(&self) -> Result<Costs> {
        Costs::from(|name| self.number(name)).map_err(|missing| {
            let why = self.missing.iter().find(|(name, _)| missing.contains(name));
            let why = why.map_or("", |(_, why)| why.as_str());
            let (count, first) = (missing.len(), missing.first().copied().unwrap_or_default());
            let all =
                if count == 1 { "a constant".into() } else { format!("{count} constants") };
            anyhow!(
                "the model of cost lacks {all} on {}, `{first}` first ({why}); measure them \
                 with `cargo book measure {COSTS}`",
                plain(&self.machine)
            )
        })
    }

    /// A constant's number, in its unit.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.all.iter().find(|constant| constant.name == name).map(|constant| constant.number)
    }

    /// Those that are not the machine's own, but the reference's.
    pub fn borrowed(&self) -> Vec<&Constant> {
        self.all.iter().filter(|constant| constant.machine != self.machine).collect()
    }

    /// What to type for constants of the machine's own.
    pub fn to_measure(&self) -> String {
        let mut all: Vec<&str> = self.borrowed().iter().map(|one| one.experiment()).collect();
        all.sort_unstable();
        all.dedup();
        format!("cargo book measure {}", all.join(" "))
    }
}

/// The experiment that measures most of them.
pub const COSTS: &str = "choose_costs";

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::store::record::tests::demo;
    use crate::store::record::{Record, Variant};

    /// A file that asks the record of [`record`] for each.
    pub(crate) fn file() -> String {
        let entry = |&(name, unit, _): &(&str, &str, &str)| {
            format!(
                "[{name}]\nunit = \"{unit}\"\nselector = \"{COSTS}: all.{}\"\n",
                own(name, unit)
            )
        };
        Costs::NAMES.iter().map(entry).collect()
    }

    /// How the record of tests calls a constant.
    fn own(name: &str, unit: &str) -> String {
        let stem = name.trim_end_matches("_ns").trim_end_matches("_bytes");
        match unit {
            "ns" => format!("{stem}_ns"),
            "bytes" => format!("{stem}_bytes"),
            _ => name.to_owned(),
        }
    }

    /// A record in which every time is `ns`, and all else 1000 bytes, or once.
    pub(crate) fn record(ns: f64) -> Record {
        let mut record = demo();
        record.experiment = COSTS.into();
        let mut all: Variant = record.variants[0].clone();
        (all.case, all.case_label, all.name) = (None, None, "all".into());
        let metrics = &mut all.samples[0].metrics;
        metrics.clear();
        for &(name, unit, _) in Costs::NAMES {
            let value = match unit {
                "ns" => ns,
                "bytes" => 1000.0,
                _ => 1.0,
            };
            metrics.insert(own(name, unit), vec![value; 3]);
        }
        record.baseline = "all".into();
        record.variants = vec![all];
        record
    }

    pub(crate) fn results(records: &[(&str, Record)]) -> Results {
        let mut results = Results { reference: "ref".into(), ..Results::default() };
        for (machine, record) in records {
            let of = results.machines.entry((*machine).to_owned()).or_default();
            of.insert(record.experiment.clone(), record.clone());
        }
        results
    }

    /// A constant of that unit that every machine has, and how the record calls it.
    fn needed(unit: &str, nth: usize) -> (&'static str, String) {
        let is_it = |known: &&(&str, &str, &str)| known.1 == unit && !Costs::may_lack(known.0);
        let &(name, unit, _) =
            Costs::NAMES.iter().filter(is_it).nth(nth).expect("there is one");
        (name, own(name, unit))
    }

    fn is(known: &Known, name: &str, number: f64) -> bool {
        known.number(name).is_some_and(|found| (found - number).abs() < 1e-6)
    }

    #[test]
    fn every_constant_is_found_in_its_unit() {
        let constants = Constants::parse(&file()).unwrap();
        let known = constants.on(&results(&[("ref", record(1500.0))]), "ref");
        assert_eq!((known.missing.len(), known.all.len()), (0, Costs::NAMES.len()));
        assert!(is(&known, needed("ns", 0).0, 1500.0), "{known:?}");
        assert!(is(&known, needed("bytes", 0).0, 1000.0), "{known:?}");
        assert!(known.costs().is_ok() && known.borrowed().is_empty());
    }

    #[test]
    fn what_a_machine_has_no_record_of_is_the_references_and_what_it_lacks_is_lacking() {
        let constants = Constants::parse(&file()).unwrap();
        let mut other = record(9.0);
        let metrics = &mut other.variants[0].samples[0].metrics;
        let lacked = |name: &&(&str, &str, &str)| Costs::may_lack(name.0);
        let lacked = Costs::NAMES.iter().find(lacked).unwrap();
        let (first, second) = (needed("ns", 0), needed("ns", 1));
        metrics.remove(&own(lacked.0, lacked.1)).unwrap();
        metrics.remove(&first.1).unwrap();
        let results = results(&[("ref", record(1500.0)), ("other", other)]);
        let known = constants.on(&results, "other");
        assert!(known.costs().is_ok());
        assert!(is(&known, second.0, 9.0) && is(&known, first.0, 1500.0), "{known:?}");
        let borrowed: Vec<&str> = known.borrowed().iter().map(|one| one.name).collect();
        assert_eq!(borrowed, [first.0]);
        assert_eq!(known.missing.iter().map(|(name, _)| *name).collect::<Vec<_>>(), [lacked.0]);
        let nothing = constants.on(&results, "elsewhere");
        assert_eq!(nothing.borrowed().len(), Costs::NAMES.len());
    }

    #[test]
    fn constants_that_nobody_has_are_told_once_with_what_measures_them() {
        let constants = Constants::parse(&file()).unwrap();
        let said = constants.on(&results(&[]), "ref").costs().unwrap_err().to_string();
        assert!(said.contains("no record of choose_costs"), "{said}");
        assert!(said.contains("`cargo book measure choose_costs`") && !said.contains('\n'));
        for impossible in [f64::INFINITY, f64::NAN, -1.0, 1e300] {
            let mut odd = record(1.0);
            let metrics = &mut odd.variants[0].samples[0].metrics;
            let (name, own) = needed("ns", 0);
            metrics.insert(own, vec![impossible; 3]);
            let said = constants.on(&results(&[("ref", odd)]), "ref").costs().unwrap_err();
            assert!(said.to_string().contains(&format!("`{name}` cannot be")), "{said}");
        }
    }

    #[test]
    fn a_mistake_in_the_file_is_one_message_with_its_line_and_how_to_mend_it() {
        let (good, (first, unit, _)) = (file(), Costs::NAMES[0]);
        let said = |text: &str| format!("{:#}", Constants::parse(text).unwrap_err());
        let misspelled = good.replacen(&format!("[{first}]"), &format!("[{first}x]"), 1);
        for (text, says) in [
            (misspelled.clone(), format!("1: no constant is called `{first}x`")),
            (misspelled, format!("did you mean `{first}`?")),
            (
                good.replacen(&format!("unit = \"{unit}\""), "unit = \"mile\"", 1),
                format!("2: `{first}` is in {unit}; write unit = \"{unit}\""),
            ),
            (good.replacen(&format!("{COSTS}: "), "", 1), "3: the selector of".into()),
            (good.replacen("all.", "", 1), "3: the selector of".into()),
            (good.replacen("selector", "selector_of", 1), "unknown field `selector_of`".into()),
            (format!("{good}\n[{first}]\n"), "duplicate key".into()),
            ("a = 1".into(), "1: ".into()),
            (String::new(), "a table is missing for each of".into()),
            ("[\u{1b}[2J]\nunit = ''\nselector = ''\n".into(), "1: ".into()),
        ] {
            let found = said(&text);
            assert!(found.contains(&says), "{says}: {found}");
            assert!(!found.contains(['\n', '\u{1b}']), "{found}");
        }
    }
}
