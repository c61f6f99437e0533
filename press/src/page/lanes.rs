//! Which variants of which records a directive is about.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::directive::Pages;
use super::options::{Options, split};
use crate::ask::near::Unknown;
use crate::ask::selector::{full_lane, version};
use crate::figure::Drawn;
use crate::figure::shown::Shown;
use crate::store::record::{Record, Variant};

/// An experiment, and patterns of its lanes.
pub(super) struct Lanes {
    pub(super) experiment: String,
    patterns: Vec<Pattern>,
}

/// Which lanes, and what the page calls them if not as the record does.
struct Pattern {
    lanes: String,
    name: Option<String>,
}

impl Pattern {
    /// `chain/*`, or `chain/threads as two threads`.
    fn parse(text: &str) -> Pattern {
        let (lanes, name) = match text.split_once(" as ") {
            Some((lanes, name)) => (lanes, Some(name.trim().to_owned())),
            None => (text, None),
        };
        Pattern { lanes: lanes.trim().to_owned(), name }
    }
}

/// Variants, and what some are called, by their ids.
type Chosen<'r> = (Vec<&'r Variant>, BTreeMap<String, String>);

impl Lanes {
    /// Reads `experiment: lane, lane; key=value`; `take` has the options.
    pub(super) fn parse<T>(
        rest: &str,
        take: impl FnOnce(&mut Options) -> Result<T>,
    ) -> Result<(Lanes, T)> {
        let (experiment, body) = split(rest)?;
        let mut options = Options::parse(body)?;
        let taken = take(&mut options)?;
        let patterns = options.items()?.iter().map(|item| Pattern::parse(item)).collect();
        Ok((Lanes { experiment: experiment.to_owned(), patterns }, taken))
    }

    /// The machines that have what was asked for; the reference must.
    pub(super) fn drawn<'r>(&self, pages: &'r Pages) -> Result<Vec<Drawn<'r>>> {
        pages.record(&self.experiment)?;
        let mut drawn = Vec::new();
        for shown in Shown::all(&pages.results, &self.experiment) {
            let chosen = shown.excuse(self.choose(shown.record))?;
            drawn.extend(chosen.map(|(variants, names)| Drawn { shown, variants, names }));
        }
        Ok(drawn)
    }

    /// The variants that patterns like `chain/*` or `python/chain/threads` name, in their
    /// order; all without a pattern. A pattern that names none is a mistake.
    fn choose<'r>(&self, record: &'r Record) -> Result<Chosen<'r>> {
        if self.patterns.is_empty() {
            return Ok((in_order(record), BTreeMap::new()));
        }
        let mut chosen: Vec<&Variant> = Vec::new();
        let mut names = BTreeMap::new();
        for Pattern { lanes: pattern, name } in &self.patterns {
            let full = full_lane(record, pattern);
            let parts: Vec<&str> = full.split('/').collect();
            let before = chosen.len();
            for variant in in_order(record) {
                let id = variant.id();
                let id: Vec<&str> = id.split('/').collect();
                let matches = id.len() == parts.len()
                    && parts.iter().zip(&id).all(|(part, id)| *part == "*" || part == id);
                if let (true, Some(name)) = (matches, name) {
                    names.insert(variant.id(), name.clone());
                }
                if matches && !chosen.iter().any(|v| v.id() == variant.id()) {
                    chosen.push(variant);
                }
            }
            if chosen.len() == before {
                let ids: Vec<String> = record.variants.iter().map(Variant::id).collect();
                let text = format!("`{}` has no variant like `{pattern}`", record.experiment);
                bail!(Unknown::new(text, &full, ids.iter().map(String::as_str)));
            }
        }
        Ok((chosen, names))
    }
}

/// A record's variants as they stand in it, but for interpreters of one kind: a record has
/// these in the order of their names, and here they are in the order of their versions.
fn in_order(record: &Record) -> Vec<&Variant> {
    let kind = |variant: &Variant| {
        let runner = &variant.runner;
        runner.split_once('-').map_or(runner.clone(), |(kind, _)| kind.to_owned())
    };
    let mut kinds: Vec<String> = Vec::new();
    for variant in &record.variants {
        if !kinds.contains(&kind(variant)) {
            kinds.push(kind(variant));
        }
    }
    let mut variants: Vec<&Variant> = record.variants.iter().collect();
    variants.sort_by_cached_key(|variant| {
        (kinds.iter().position(|known| *known == kind(variant)), version(&variant.runner))
    });
    variants
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    #[test]
    fn lanes_of_all_interpreters_are_in_the_order_of_their_versions() {
        let mut record = demo();
        let one = record.variants[0].clone();
        let runners = ["rust", "cpython-3.10", "cpython-3.13", "cpython-3.13t", "cpython-3.9"];
        record.variants =
            runners.map(|runner| Variant { runner: runner.to_owned(), ..one.clone() }).to_vec();
        let lane = format!("demo: all/{}", one.id().split_once('/').unwrap().1);
        let (lanes, ()) = Lanes::parse(&lane, |_| Ok(())).unwrap();
        let (chosen, _) = lanes.choose(&record).unwrap();
        let order: Vec<&str> = chosen.iter().map(|variant| &*variant.runner).collect();
        let sorted = ["rust", "cpython-3.9", "cpython-3.10", "cpython-3.13", "cpython-3.13t"];
        assert_eq!(order, sorted);
        let (all, ()) = Lanes::parse("demo:", |_| Ok(())).unwrap();
        let (chosen, _) = all.choose(&record).unwrap();
        assert_eq!(chosen[1].runner, "cpython-3.9");
    }
}
