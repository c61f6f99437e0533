//! Bars: label and value on a line above each, a whisker for the interval.

use maud::{Markup, html};

use super::html::percent;
use super::scale::Scale;
use super::{Bar, hollow};

const ROW: usize = 42;
const HEAD: usize = 30;
const BAR: usize = 13;

/// The bars over their axis, and the height of all.
pub(super) fn draw(bars: &[Bar<'_>], scale: &Scale) -> (Markup, usize) {
    let mut rows = Vec::new();
    let mut y = 0;
    let mut case = None;
    for bar in bars {
        let this = bar.variant.case.as_ref().zip(bar.variant.case_label.as_ref());
        if let Some((name, label)) = this
            && this != case
        {
            if case.is_some() {
                y += 10;
            }
            rows.push(html! {
                text x="0" y=(y + 18) class="head" {
                    (name)
                    tspan class="note" { " " (label) }
                }
            });
            y += HEAD;
            case = this;
        }
        rows.push(row(bar, scale, y));
        y += ROW;
    }
    let drawn = html! {
        (scale.grid(y))
        @for row in rows { (row) }
    };
    (drawn, y + 24)
}

fn row(bar: &Bar<'_>, scale: &Scale, y: usize) -> Markup {
    let e = bar.value.estimate;
    let (from, to) = (scale.place(e.low), scale.place(e.high));
    let (top, middle) = (y + 20, y + 20 + BAR / 2);
    let whisker = |from, to, y1, y2| {
        html! {
            line class="whisker" x1=(percent(from)) x2=(percent(to)) y1=(y1) y2=(y2) {}
        }
    };
    html! {
        text x="0" y=(y + 14) { (bar.title) }
        text x="100%" y=(y + 14) class="value" { (bar.value.text()) }
        rect x="0" y=(top) width=(percent(scale.place(e.median).max(0.3))) height=(BAR)
            class={ (bar.variant.kind.name()) (hollow(&bar.variant.runner)) } {}
        @if to - from > 0.15 {
            (whisker(from, to, middle, middle))
            (whisker(from, from, middle - 4, middle + 4))
            (whisker(to, to, middle - 4, middle + 4))
        }
    }
}
