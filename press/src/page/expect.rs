//! `{{#expect experiment: condition}}`: invisible when it is so. On the reference record a
//! contradiction stops the book; on the reader's own it is told beside the sentence.

use anyhow::{Result, bail};
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::split;
use crate::ask::claims::{Condition, Verdict};
use crate::store::results::LOCAL;

pub(super) const NAME: &str = "expect";

struct Expect {
    experiment: String,
    /// As it was written.
    text: String,
    condition: Condition,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (experiment, text) = split(rest)?;
    boxed(Expect {
        experiment: experiment.to_owned(),
        text: text.to_owned(),
        condition: Condition::parse(text)?,
    })
}

impl Directive for Expect {
    fn cites(&self) -> Vec<&str> {
        vec![&self.experiment]
    }

    fn render(&self, pages: &Pages, _: &mut Page) -> Result<String> {
        let (verdict, measured) = self.condition.judge(pages.record(&self.experiment)?)?;
        if verdict != Verdict::Holds {
            bail!(
                "the text is contradicted by results/{}/{}.json, which has {measured}; rewrite \
                 the sentence",
                pages.results.reference,
                self.experiment
            );
        }
        let local = pages.results.local(&self.experiment);
        let how = match local.map(|record| self.condition.judge(record)) {
            None | Some(Ok((Verdict::Holds, _)) | Err(_)) => return Ok(String::new()),
            Some(Ok((Verdict::Fails, measured))) => ("does not hold", measured),
            Some(Ok((_, measured))) => ("is undecided", measured),
        };
        Ok(markdown::inline(html! {
            span class="margin-note" data-machine=(LOCAL) {
                "On your machine this " (how.0) " " code { (self.text) } ": " (how.1) "."
            }
        }))
    }
}
