//! `{{#ladder experiment: lane.metric as title, … | experiment: …; caption="…"}}`: rungs over
//! decades, of one experiment, then of the next after a `|`.

use anyhow::{Result, bail};

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::Options;
use crate::ask::selector::Expression;
use crate::figure::ladder;
use crate::figure::shown::{Shown, machines};

pub(super) const NAME: &str = "ladder";

struct Ladder {
    rungs: Vec<Asked>,
    caption: String,
}

/// A rung, as it is asked for.
struct Asked {
    experiment: String,
    expression: Expression,
    title: Option<String>,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let mut options = Options::parse(rest)?;
    let caption = options.need("caption")?;
    let mut rungs = Vec::new();
    let mut experiment = String::new();
    for rung in options.items()?.iter().flat_map(|rung| rung.split('|')) {
        let mut rung = rung;
        if let Some((name, first)) = rung.split_once(':') {
            (experiment, rung) = (name.trim().to_owned(), first);
        }
        if experiment.is_empty() {
            bail!("an experiment is missing; write `experiment: lane.metric`");
        }
        let (selector, title) = match rung.split_once(" as ") {
            Some((selector, title)) => (selector, Some(title.trim().to_owned())),
            None => (rung, None),
        };
        let expression = Expression::parse(selector.trim())?;
        rungs.push(Asked { experiment: experiment.clone(), expression, title });
    }
    boxed(Ladder { rungs, caption })
}

impl Directive for Ladder {
    fn cites(&self) -> Vec<&str> {
        self.rungs.iter().map(|rung| rung.experiment.as_str()).collect()
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        for experiment in self.cites() {
            pages.record(experiment)?;
        }
        let mut drawn = Vec::new();
        for (_, machine) in machines(&pages.results) {
            let mut rungs = Vec::new();
            for Asked { experiment, expression, title } in &self.rungs {
                let shown = Shown::of(&pages.results, machine, experiment);
                let Some(shown) = shown else { continue };
                let rung = ladder::rung(shown, expression, title.as_deref());
                rungs.extend(shown.excuse(rung)?);
            }
            if !rungs.is_empty() {
                drawn.push(rungs);
            }
        }
        Ok(markdown::block(ladder::figure(&self.caption, page.next_colored(), drawn)?))
    }
}
