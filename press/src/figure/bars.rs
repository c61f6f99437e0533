//! Bars: label and value on a line above each, a whisker for the interval.

use std::fmt::Write;

use super::scale::Scale;
use super::{Bar, color};
use crate::figure::html::escape;

const ROW: usize = 42;
const HEAD: usize = 30;
const BAR: usize = 13;

pub(super) fn svg(bars: &[Bar<'_>], scale: &Scale, class: &str, spoken: &str) -> String {
    let mut body = String::new();
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
            let _ = write!(
                body,
                "<text x=\"0\" y=\"{}\" class=\"head\">{}<tspan class=\"note\"> {}</tspan></text>",
                y + 18,
                escape(name),
                escape(label)
            );
            y += HEAD;
            case = this;
        }
        body.push_str(&row(bar, scale, y));
        y += ROW;
    }
    let grid = grid(scale, y);
    let height = y + 24;
    format!(
        "<svg class=\"bars {class}\" role=\"img\" aria-label=\"{spoken}\" width=\"100%\" \
         height=\"{height}\">{grid}{body}</svg>"
    )
}

fn row(bar: &Bar<'_>, scale: &Scale, y: usize) -> String {
    let e = bar.value.estimate;
    let (from, to) = (scale.place(e.low), scale.place(e.high));
    let (top, middle) = (y + 20, y + 20 + BAR / 2);
    // Python's bars are hollow, so that the language shows without color too.
    let hollow = if bar.variant.runner == "rust" { "" } else { " hollow" };
    let mut out = format!(
        "<text x=\"0\" y=\"{text}\">{}</text>\
         <text x=\"100%\" y=\"{text}\" class=\"value\">{}</text>\
         <rect x=\"0\" y=\"{top}\" width=\"{:.2}%\" height=\"{BAR}\" class=\"{}{hollow}\"/>",
        escape(&bar.title),
        bar.value.text(),
        scale.place(e.median).max(0.3),
        color(bar.variant.kind),
        text = y + 14,
    );
    if to - from > 0.15 {
        let _ = write!(
            out,
            "<line class=\"whisker\" x1=\"{from:.2}%\" x2=\"{to:.2}%\" y1=\"{middle}\" y2=\"{middle}\"/>"
        );
        for x in [from, to] {
            let _ = write!(
                out,
                "<line class=\"whisker\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"{}\" y2=\"{}\"/>",
                middle - 4,
                middle + 4
            );
        }
    }
    out
}

fn grid(scale: &Scale, height: usize) -> String {
    let mut out = String::new();
    let ticks = scale.ticks();
    for (i, (x, text)) in ticks.iter().enumerate() {
        let anchor = match i {
            0 => "start",
            i if i + 1 == ticks.len() => "end",
            _ => "middle",
        };
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"{x:.2}%\" x2=\"{x:.2}%\" y1=\"0\" y2=\"{height}\"/>\
             <text class=\"tick\" x=\"{x:.2}%\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>",
            height + 17
        );
    }
    out
}
