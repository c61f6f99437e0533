//! Figures: inline SVG whose text keeps its size at any width.
//!
//! Everything across is in per cent and everything down in pixels, so no `viewBox` scales
//! the text. Colors are CSS variables, so a figure follows the theme. Without script and
//! on paper it is the same figure; its numbers stand in a table beneath.

mod bars;
pub mod chart;
mod curve;
pub mod html;
pub mod ladder;
pub mod matrix;
pub mod scale;
pub mod shown;
pub mod timeline;

use maud::{Markup, html};

use crate::ask::value::Value;
use crate::store::record::Variant;
use shown::Shown;

/// Where a figure stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its number on the page.
    pub number: usize,
    /// How many folders the page lies below the book's.
    pub depth: usize,
}

/// What is drawn of one record.
#[derive(Clone, Debug)]
pub struct Drawn<'r> {
    /// The record.
    pub shown: Shown<'r>,
    /// The variants.
    pub variants: Vec<&'r Variant>,
}

/// One lane's value.
struct Bar<'r> {
    variant: &'r Variant,
    title: String,
    value: Value,
}

/// What stands beneath every figure: its data, where they come from, as a file of that `kind`,
/// and what to know.
fn beneath(from: &[Shown<'_>], data: Markup, place: Place, kind: &str) -> Markup {
    html! {
        details {
            summary { "Data" }
            (data)
            @for shown in from {
                p class="provenance" {
                    @if from.len() > 1 { (shown.record.experiment) ": " }
                    (html::source(shown, place.depth, kind))
                }
            }
        }
        @for shown in from { (html::warnings(shown.record)) }
    }
}

/// A figure for who does not see it: its caption, and each value by name.
fn spoken(caption: &str, values: impl Iterator<Item = (String, Value)>) -> String {
    values.fold(caption.to_owned(), |text, (name, value)| {
        format!("{text} {name}: {}.", value.text())
    })
}

/// What an axis must have room for.
fn ends(value: &Value) -> [f64; 2] {
    [value.estimate.low, value.estimate.high]
}

/// What Python has done is drawn hollow, so that the language shows without color too.
fn hollow(runner: &str) -> &'static str {
    if runner == "rust" { "" } else { " hollow" }
}
