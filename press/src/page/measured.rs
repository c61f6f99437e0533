//! `{{#measured experiment: lane.metric}}`: a number in a sentence; `lane.answer`: an answer.

use anyhow::Result;
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::elsewhere::Place;
use super::markdown;
use super::number::Number;
use super::options::split;
use super::source::Source;
use crate::ask::choosing::recorded;
use crate::ask::condition::Asked;
use crate::ask::metric::Metric;
use crate::ask::selector::{ALL_RUNNERS, Expression, Selector, find};
use crate::ask::together::BOOK;
use crate::ask::value::Value;
use crate::figure::html::{lane_title, source};
use crate::figure::shown::{Role, Shown};
use crate::store::record::{Record, Variant};
use crate::store::results::LOCAL;

pub(super) const NAME: &str = "measured";

struct Answer {
    experiment: String,
    lane: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (experiment, body) = split(rest)?;
    let experiment = experiment.to_owned();
    match body.strip_suffix(".answer") {
        Some(lane) => boxed(Answer { experiment, lane: lane.to_owned() }),
        None if experiment == BOOK => boxed(OfAll { expression: Expression::parse(body)? }),
        None => boxed(Number { experiment, expression: Expression::parse(body)? }),
    }
}

/// A number of all records together.
struct OfAll {
    expression: Expression,
}

impl Directive for OfAll {
    /// A share that was counted, and on demand of how many.
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let value = pages.together().value(&self.expression)?;
        let id = page.next_popover();
        Ok(markdown::inline(html! {
            button type="button" class="measured" popovertarget=(id)
                data-of={ (BOOK) ": " (self.expression) } { (value.text()) }
            span popover id=(id) class="about" {
                b { (value.text()) } " of " (value.estimate.n) ", counted over all records."
            }
            "\u{2060}"
        }))
    }
}

impl Directive for Answer {
    fn cites(&self) -> Vec<&str> {
        vec![&self.experiment]
    }

    /// An answer in words, and beside it ours where it is another.
    fn render(&self, pages: &Pages, _: &mut Page) -> Result<String> {
        let ours = find(pages.record(&self.experiment)?, &self.lane)?.answer();
        let local = pages.results.local(&self.experiment);
        let theirs = local
            .and_then(|record| Some(find(record, &self.lane).ok()?.answer()))
            .filter(|theirs| *theirs != ours);
        Ok(markdown::inline(html! {
            span class="observed" {
                @if let Some(theirs) = theirs {
                    span data-machine=(LOCAL) { (theirs) }
                    (beside(&pages.results.reference, &ours))
                } @else {
                    (ours)
                }
            }
        }))
    }
}

impl Directive for Number {
    fn cites(&self) -> Vec<&str> {
        vec![&self.experiment]
    }

    fn number(&self) -> Option<&Number> {
        Some(self)
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        Ok(markdown::inline(self.html(pages, page)?))
    }
}

impl Number {
    /// A number in a sentence; a click or a key tells how sure it is and where it comes from.
    /// The reader's own number is the sentence's, and the reference's stands beside it; those
    /// of other machines are there for readers who choose one.
    pub(super) fn html(&self, pages: &Pages, page: &mut Page) -> Result<Markup> {
        self.expression.value(pages.record(&self.experiment)?)?;
        let values = self.values(&pages.results);
        // Ours is beside theirs also where their machine has other records, but not this.
        let has_local = pages.results.machines.contains_key(LOCAL);
        let id = page.next_popover();
        let here = page.next_number();
        let text =
            |shown: &Shown<'_>, value: &Value| value.text_with(page.more_digits(shown.machine));
        let places = pages.elsewhere.places(self, &pages.results);
        let is_led_to = places.iter().any(|place| place.id == here).then_some(here);
        Ok(html! {
            // A line may end after a button; after the joiner none ends before a full stop.
            span class="used" data-of={ (self.experiment) ": " (self.expression) } {
                button type="button" class="measured" id=[is_led_to] popovertarget=(id) {
                    @for (shown, value) in &values {
                        @match shown.role {
                            Role::Reference if has_local => {
                                (beside(shown.machine, &text(shown, value)))
                            }
                            Role::Local | Role::Reference => {
                                span data-machine=(shown.machine) { (text(shown, value)) }
                            }
                            Role::Other => {
                                span data-machine=(shown.machine) hidden { (text(shown, value)) }
                            }
                        }
                    }
                }
                span popover id=(id) class="about" {
                    span { (what(&self.expression, pages.record(&self.experiment)?)?) }
                    @for (shown, value) in &values {
                        span data-machine=(shown.machine) {
                            b { (text(shown, value)) }
                            " 95 % interval " (value.interval_with(page.more_digits(shown.machine)))
                            " over " (rounds(value)) ". "
                            (source(shown, page.depth, "csv"))
                        }
                    }
                    (program(pages, &self.experiment, &self.expression))
                    (also(places, page))
                }
                "\u{2060}"
            }
        })
    }
}

/// What was measured, in words; of a ratio, what is divided by what.
fn what(expression: &Expression, record: &Record) -> Result<String> {
    let has_cases = record.variants.iter().any(|v| v.case != record.variants[0].case);
    let called = |variant: &Variant| {
        let case = variant.case.as_ref().filter(|_| has_cases);
        let case = case.map_or(String::new(), |case| format!(" ({})", case.replace('_', " ")));
        format!("“{}”{case}", lane_title(record, variant))
    };
    let heading = |metric: &Metric| match metric {
        Metric::Utilization => "CPU time over wall-clock time".to_owned(),
        metric => metric.heading(),
    };
    let text = match expression {
        Expression::Ratio(above, below) => {
            let (a, b) = (find(record, &above.lane)?, find(record, &below.lane)?);
            let that = match above.metric == below.metric {
                true => "that".to_owned(),
                false => heading(&below.metric),
            };
            let (first, a, b) = (heading(&above.metric), called(a), called(b));
            format!("{first} of {a}, divided by {that} of {b}")
        }
        Expression::One(Selector { lane, metric: Metric::Speedup }) => {
            let variant = find(record, lane)?;
            let base = record.variants.iter().find(|other| {
                other.runner == variant.runner
                    && other.case == variant.case
                    && other.name == record.baseline
            });
            let base = base.map_or(record.baseline.clone(), called);
            format!("time of {base}, divided by that of {}", called(variant))
        }
        Expression::One(Selector { lane, metric }) => {
            format!("{} of {}", heading(metric), called(find(record, lane)?))
        }
    };
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    Ok(first.chain(letters).chain(['.']).collect())
}

/// The way to what was run.
fn program(pages: &Pages, experiment: &str, expression: &Expression) -> Markup {
    let is_rust = |lane: &&str| {
        matches!(find_runner(pages, experiment, lane), Some("rust" | ALL_RUNNERS))
    };
    let run = recorded(experiment);
    let file = match expression.lanes().iter().any(is_rust) {
        true => pages.program(run),
        false => pages.peer(run),
    };
    html! {
        @if let Ok(Source { path, .. }) = file {
            span class="program" {
                "Program: "
                @match pages.online(&path) {
                    Some(address) => a href=(address) { (path) },
                    None => (path),
                }
            }
        }
    }
}

fn find_runner<'p>(pages: &'p Pages, experiment: &str, lane: &str) -> Option<&'p str> {
    Some(find(pages.record(experiment).ok()?, lane).ok()?.runner.as_str())
}

/// On which other pages the number stands.
fn also(places: &[Place], page: &Page) -> Markup {
    let others: Vec<&Place> = places.iter().filter(|place| place.page != page.name).collect();
    html! {
        @if !others.is_empty() {
            span class="also" {
                "Also in "
                @for (i, place) in others.iter().enumerate() {
                    @if i > 0 && i + 1 == others.len() { " and " } @else if i > 0 { ", " }
                    a href=(place.address(page.depth)) { (place.title) }
                }
                "."
            }
        }
    }
}

/// What an interval rests on.
fn rounds(value: &Value) -> String {
    let e = value.estimate;
    let rounds = if e.n == 1 { "1 sample".to_owned() } else { format!("{} samples", e.n) };
    match e.sittings {
        1 => format!("{rounds} of one sitting"),
        n => format!("{rounds} in {n} sittings"),
    }
}

/// What is ours, beside what is the reader's.
fn beside(machine: &str, ours: &str) -> Markup {
    html! {
        span class="beside" data-machine=(machine) {
            span class="whose" { "ours" } " " (ours)
        }
    }
}
