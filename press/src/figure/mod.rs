//! Figures: inline SVG whose text keeps its size at any width.
//!
//! Everything across is in per cent and everything down in pixels, so no `viewBox` scales
//! the text. Colors are CSS variables, so a figure follows the theme. Without script and
//! on paper it is the same figure; its numbers stand in a table beneath.

mod bars;
pub mod chart;
pub mod colors;
mod curve;
pub mod drawing;
pub mod html;
mod kitchens;
pub mod ladder;
mod look;
pub mod matrix;
pub mod order;
pub mod place;
pub mod predicted;
mod recorded;
pub mod scale;
pub mod shown;
pub mod timeline;
pub mod trial;

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::ask::metric::Metric;
use crate::ask::value::Value;
use crate::store::record::Variant;
use place::Place;
use scale::Scale;
use shown::Shown;

/// What is drawn of one record.
#[derive(Clone, Debug)]
pub struct Drawn<'r> {
    /// The record.
    pub shown: Shown<'r>,
    /// The variants.
    pub variants: Vec<&'r Variant>,
    /// What the page calls some of them, by their ids.
    pub names: BTreeMap<String, String>,
}

impl Drawn<'_> {
    /// How a variant is called here.
    pub fn title(&self, variant: &Variant) -> String {
        match self.names.get(&variant.id()) {
            Some(name) => name.clone(),
            None if self.only_runners_differ() => html::runner_title(&variant.runner),
            None => html::lane_title(self.shown.record, variant),
        }
    }

    /// Whether all variants are one and the same in several languages.
    fn only_runners_differ(&self) -> bool {
        let same = |one: &Variant, other: &Variant| {
            one.name == other.name && one.case == other.case && one.runner != other.runner
        };
        match &self.variants[..] {
            [first, others @ ..] => {
                !others.is_empty() && others.iter().all(|other| same(first, other))
            }
            [] => false,
        }
    }

    /// The same where its runner stands above it.
    pub fn title_below_its_runner(&self, variant: &Variant) -> String {
        self.names.get(&variant.id()).unwrap_or(&variant.label).clone()
    }
}

/// One lane's value.
struct Bar<'r> {
    variant: &'r Variant,
    title: String,
    /// What it is one of, if it stands below a heading.
    group: Option<Group>,
    value: Value,
}

/// What some bars have in common: a name, and a note that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: String,
    note: String,
}

/// A record that a figure was made from, and the numbers of it that are drawn, by name.
type Drawing<'r> = (Shown<'r>, Vec<(String, Value)>);

/// What stands beneath every figure: its data, where they come from, as a file of that `kind`,
/// and what to know.
fn beneath(from: &[Drawing<'_>], data: Markup, place: Place<'_>, kind: &str) -> Markup {
    html! {
        details {
            summary { "Data" }
            (data)
            @for (shown, shows) in from {
                p class="provenance" {
                    @if from.len() > 1 { (shown.record.experiment) ": " }
                    (html::source(shown, place.depth, kind))
                }
                (html::unsure(shown, place.depth, shows))
            }
        }
        @for (shown, shows) in from { (html::warnings(shown, shows)) }
    }
}

/// A figure for who does not see it: its caption, and each value by name.
fn spoken(caption: &str, values: impl Iterator<Item = (String, Value)>) -> String {
    values.fold(caption.to_owned(), |text, (name, value)| {
        format!("{text} {name}: {}.", value.text())
    })
}

/// What a page asks for a number that is drawn: `experiment: lane.metric`.
fn asked(shown: &Shown<'_>, variant: &Variant, metric: &Metric) -> String {
    format!("{}: {}.{}", shown.record.experiment, variant.id(), metric.name())
}

/// How far past its median an interval may stretch an axis. That of two or three sittings may
/// be many times its median, and bars would shrink to nothing for it.
const STRETCH: f64 = 1.5;

/// What an axis must have room for. An interval that goes on is cut at the axis' end.
fn ends(value: &Value) -> [f64; 2] {
    let e = value.estimate;
    match e.median > 0.0 {
        true => [e.low.max(e.median / STRETCH), e.high.min(e.median * STRETCH)],
        false => [e.low, e.high],
    }
}

/// What a figure's key adds where an interval is longer than what is drawn of it.
fn cut<'v>(scale: &Scale, mut values: impl Iterator<Item = &'v Value>) -> &'static str {
    match values.any(|value| scale.cuts(value.estimate.low, value.estimate.high)) {
        true => " One that goes on past the axis is cut.",
        false => "",
    }
}

/// What Python has done is drawn hollow, so that the language shows without color too.
fn hollow(runner: &str) -> &'static str {
    if runner == "rust" { "" } else { " hollow" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::unit::Unit;
    use lab::stats::Estimate;

    fn value(low: f64, median: f64, high: f64) -> Value {
        let estimate = Estimate { median, low, high, n: 6, sittings: 3 };
        Value { estimate, unit: Unit::Times }
    }

    #[test]
    fn an_interval_of_few_sittings_is_cut_before_it_flattens_every_bar() {
        let (sure, unsure) = (value(1.9, 2.0, 2.1), value(0.2, 2.0, 25.0));
        let ends = [ends(&sure), ends(&unsure)].concat();
        assert_eq!(ends, [1.9, 2.1, 2.0 / 1.5, 3.0]);
        let scale = Scale::linear(&ends, Unit::Times);
        assert_eq!(scale.place(25.0), 100.0);
        assert!(scale.place(2.0) > 40.0);
        assert_eq!(cut(&scale, [&sure].into_iter()), "");
        assert!(cut(&scale, [&sure, &unsure].into_iter()).contains("is cut"));
    }
}
