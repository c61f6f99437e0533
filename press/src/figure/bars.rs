//! Bars: label and value on a line above each, a whisker for the interval.

use maud::{Markup, html};

use super::html::percent;
use super::scale::Scale;
use super::{Bar, hollow};

const ROW: usize = 42;
const HEAD: usize = 30;
const BAR: usize = 13;

/// The bars over their axis, and the height of all.
pub(super) fn draw(bars: &[Bar<'_>], scale: &Scale, title: &str) -> (Markup, usize) {
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
    let base = percent(scale.place(scale.base()));
    let drawn = html! {
        (scale.grid(y))
        line class="base" x1=(base) x2=(base) y1="0" y2=(y) {}
        @for row in rows { (row) }
        text class="axis" x="100%" y=(y + 36) text-anchor="end" { (title) }
    };
    (drawn, y + 44)
}

fn row(bar: &Bar<'_>, scale: &Scale, y: usize) -> Markup {
    let e = bar.value.estimate;
    let (from, to) = (scale.place(e.low), scale.place(e.high));
    let (base, end) = (scale.place(scale.base()), scale.place(e.median));
    let kind = bar.variant.kind.name();
    let (top, middle) = (y + 20, y + 20 + BAR / 2);
    let whisker = |from, to, y1, y2| {
        html! {
            line class="whisker" x1=(percent(from)) x2=(percent(to)) y1=(y1) y2=(y2) {}
        }
    };
    html! {
        text x="0" y=(y + 14) { (bar.title) }
        text x="100%" y=(y + 14) class="value" { (bar.value.text()) }
        rect x=(percent(base.min(end))) y=(top) width=(percent((end - base).abs()))
            height=(BAR) class={ (kind) (hollow(&bar.variant.runner)) } {}
        // However short the bar, its end is to be seen.
        line class={ "tip " (kind) } x1=(percent(end)) x2=(percent(end)) y1=(top)
            y2=(top + BAR) {}
        @if to - from > 0.15 {
            (whisker(from, to, middle, middle))
            (whisker(from, from, middle - 4, middle + 4))
            (whisker(to, to, middle - 4, middle + 4))
        }
    }
}
