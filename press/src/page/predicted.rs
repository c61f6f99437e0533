//! `{{#predicted caption="…"}}`: what the model of cost computed for the drawn jobs, against
//! what they took.

use anyhow::Result;

use super::directive::{Directive, Page, Pages, boxed};
use super::jobs::only_caption;
use super::markdown;
use crate::ask::choosing::{CHOOSING, RUN};
use crate::ask::costs::COSTS;
use crate::figure::predicted::{self, Machine};
use crate::figure::shown::Shown;

pub(super) const NAME: &str = "predicted";

struct Predicted {
    caption: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    boxed(Predicted { caption: only_caption(rest)? })
}

impl Directive for Predicted {
    fn cites(&self) -> Vec<&str> {
        vec![RUN, COSTS]
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        pages.record(CHOOSING)?;
        let mut machines = Vec::new();
        for shown in Shown::all(&pages.results, RUN) {
            let pairs = shown.excuse(pages.choosing.pairs(&pages.results, shown.machine))?;
            let errors = pages.results.record(shown.machine, CHOOSING);
            let (Some(pairs), Some(errors)) = (pairs, errors) else { continue };
            machines.push(Machine { shown, pairs, errors });
        }
        Ok(markdown::block(predicted::figure(&self.caption, page.next_colored(), &machines)?))
    }
}
