//! Which variants of which records a directive is about.

use anyhow::{Result, bail};

use super::directive::Pages;
use super::options::{Options, split};
use crate::ask::near::Unknown;
use crate::ask::selector::full_lane;
use crate::figure::Drawn;
use crate::figure::shown::Shown;
use crate::store::record::{Record, Variant};

/// An experiment, and patterns of its lanes.
pub(super) struct Lanes {
    pub(super) experiment: String,
    patterns: Vec<String>,
}

impl Lanes {
    /// Reads `experiment: lane, lane; key=value`; `take` has the options.
    pub(super) fn parse<T>(
        rest: &str,
        take: impl FnOnce(&mut Options) -> Result<T>,
    ) -> Result<(Lanes, T)> {
        let (experiment, body) = split(rest)?;
        let mut options = Options::parse(body)?;
        let taken = take(&mut options)?;
        let patterns = options.items()?;
        Ok((Lanes { experiment: experiment.to_owned(), patterns }, taken))
    }

    /// The machines that have what was asked for; the reference must.
    pub(super) fn drawn<'r>(&self, pages: &'r Pages) -> Result<Vec<Drawn<'r>>> {
        pages.record(&self.experiment)?;
        let mut drawn = Vec::new();
        for shown in Shown::all(&pages.results, &self.experiment) {
            let chosen = shown.excuse(self.choose(shown.record))?;
            drawn.extend(chosen.map(|variants| Drawn { shown, variants }));
        }
        Ok(drawn)
    }

    /// The variants that patterns like `chain/*` or `python/chain/threads` name, in their
    /// order; all without a pattern. A pattern that names none is a mistake.
    fn choose<'r>(&self, record: &'r Record) -> Result<Vec<&'r Variant>> {
        if self.patterns.is_empty() {
            return Ok(record.variants.iter().collect());
        }
        let mut chosen: Vec<&Variant> = Vec::new();
        for pattern in &self.patterns {
            let full = full_lane(record, pattern);
            let parts: Vec<&str> = full.split('/').collect();
            let before = chosen.len();
            for variant in &record.variants {
                let id = variant.id();
                let id: Vec<&str> = id.split('/').collect();
                let matches = id.len() == parts.len()
                    && parts.iter().zip(&id).all(|(part, id)| *part == "*" || part == id);
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
        Ok(chosen)
    }
}
