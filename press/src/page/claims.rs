//! `{{#claims}}`: every claim with its verdict on every machine. Claims still open are not
//! shown: the book promises nothing that it does not have.

use anyhow::Result;

use super::directive::{Directive, Page, Pages, boxed};
use super::verdict;

pub(super) const NAME: &str = "claims";

struct Ledger;

pub(super) fn parse(_: &str) -> Result<Box<dyn Directive>> {
    boxed(Ledger)
}

impl Directive for Ledger {
    fn render(&self, pages: &Pages, _: &mut Page) -> Result<String> {
        let mut out = String::new();
        let mut topic = "";
        for claim in &pages.claims.all {
            if verdict::ours(pages, claim).is_err() {
                continue;
            }
            if claim.topic != topic {
                topic = &claim.topic;
                out.push_str(&format!("\n\n## {topic}\n\n"));
            }
            out.push_str(&verdict::block(pages, claim, true, None));
        }
        Ok(out)
    }
}
