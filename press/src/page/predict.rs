//! `{{#predict experiment: lane.metric; question="…"}}`: asks for a guess before it shows.

use anyhow::{Result, bail};
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::measured::Number;
use super::options::{Options, split};
use crate::ask::selector::Expression;

pub(super) const NAME: &str = "predict";

struct Predict {
    number: Number,
    question: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (experiment, body) = split(rest)?;
    let mut options = Options::parse(body)?;
    let question = options.need("question")?;
    let [selector] = &options.items()?[..] else { bail!("one selector is needed") };
    let expression = Expression::parse(selector)?;
    boxed(Predict {
        number: Number { experiment: experiment.to_owned(), expression },
        question,
    })
}

impl Directive for Predict {
    fn cites(&self) -> Vec<&str> {
        self.number.cites()
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let Number { experiment, expression } = &self.number;
        let answer = self.number.html(pages, page)?;
        let ours = expression.value(pages.record(experiment)?)?;
        let (_, _, _, unit) = ours.parts(&ours);
        let values: Vec<String> = self
            .number
            .values(pages)
            .iter()
            .map(|(shown, value)| {
                let (median, low, high, _) = value.parts(&ours);
                format!("{} {median} {low} {high}", shown.machine)
            })
            .collect();
        Ok(markdown::block(html! {
            div class="predict" data-key={ (experiment) "-" (page.popovers) }
                data-values=(values.join(";")) data-unit=(unit) {
                p { b { "Predict." } " " (self.question) }
                details { summary { "Show the measurement" } p { (answer) } }
            }
        }))
    }
}
