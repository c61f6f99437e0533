//! Bars: label and value on a line above each, a whisker for the interval. On a logarithmic
//! axis, where lengths mean nothing, marks.

use maud::{Markup, html};

use super::html::{self, percent};
use super::scale::Scale;
use super::{Bar, Drawn, Group, hollow};
use crate::store::record::Variant;

const ROW: usize = 42;
const HEAD: usize = 30;
const BAR: usize = 13;

/// What is compared are neighbors: bars of one case, where there are several cases, and
/// otherwise those of one runner. The groups, and the bars of each, keep the page's order.
pub(super) fn group(bars: &mut [Bar<'_>], drawn: &Drawn<'_>) {
    let count = |what: fn(&Variant) -> &str| {
        let mut all: Vec<&str> = bars.iter().map(|bar| what(bar.variant)).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    };
    let case = |variant: &Variant| variant.case.clone().unwrap_or_default();
    let cases = count(|variant| variant.case.as_deref().unwrap_or_default());
    let runners = count(|variant| &variant.runner);
    if cases > 1 {
        for bar in bars.iter_mut() {
            bar.group = Some(of_case(bar.variant));
        }
        by(bars, |bar| case(bar.variant));
    } else if runners > 1 && bars.len() > runners + 1 {
        for bar in bars.iter_mut() {
            bar.title = drawn.title_below_its_runner(bar.variant);
            let name = html::runner_title(&bar.variant.runner);
            bar.group = Some(Group { name, note: String::new() });
        }
        by(bars, |bar| bar.variant.runner.clone());
    }
}

/// Sorts by when `key` is first seen.
fn by(bars: &mut [Bar<'_>], key: impl Fn(&Bar<'_>) -> String) {
    let seen: Vec<String> = bars.iter().map(&key).collect();
    bars.sort_by_key(|bar| seen.iter().position(|one| *one == key(bar)));
}

/// A case as a heading. Where its name is a number its label says of what.
fn of_case(variant: &Variant) -> Group {
    let name = variant.case.clone().unwrap_or_default();
    let label = variant.case_label.clone().unwrap_or_default();
    let has_it = label.split(' ').any(|word| word == name);
    match name.parse::<f64>() {
        Ok(_) if has_it => Group { name: label, note: String::new() },
        Ok(_) => Group { name: format!("{name} {label}"), note: String::new() },
        Err(_) => Group { name: name.replace('_', " "), note: label },
    }
}

/// The bars over their axis, and the height of all.
pub(super) fn draw(bars: &[Bar<'_>], scale: &Scale, title: &str) -> (Markup, usize) {
    let mut rows = Vec::new();
    let mut y = 0;
    let mut before = None;
    for bar in bars {
        if let Some(group) = &bar.group
            && before != Some(group)
        {
            if before.is_some() {
                y += 10;
            }
            rows.push(html! {
                text x="0" y=(y + 18) class="head" {
                    (group.name)
                    @if !group.note.is_empty() { tspan class="note" { " " (group.note) } }
                }
            });
            y += HEAD;
            before = Some(group);
        }
        rows.push(row(bar, scale, y));
        y += ROW;
    }
    let drawn = html! {
        (scale.grid(y))
        @for row in rows { (row) }
        text class="axis" x="100%" y=(y + 36) text-anchor="end" { (title) }
    };
    (drawn, y + 44)
}

fn row(bar: &Bar<'_>, scale: &Scale, y: usize) -> Markup {
    let e = bar.value.estimate;
    let (from, to) = (scale.place(e.low), scale.place(e.high));
    let (base, end) = (scale.place(scale.base()), scale.place(e.median));
    let class = format!("{}{}", bar.variant.kind.name(), hollow(&bar.variant.runner));
    let (top, middle) = (y + 20, y + 20 + BAR / 2);
    let line = |class, from, to, y1, y2| {
        html! { line class=(class) x1=(percent(from)) x2=(percent(to)) y1=(y1) y2=(y2) {} }
    };
    let whisker = |from, to, y1, y2| line("whisker", from, to, y1, y2);
    let halo = |from, to, y1, y2| line("halo", from, to, y1, y2);
    html! {
        text x="0" y=(y + 14) { (bar.title) }
        text x="100%" y=(y + 14) class="value" { (bar.value.text()) }
        @if scale.has_base() {
            rect x=(percent(base.min(end))) y=(top) width=(percent((end - base).abs()))
                height=(BAR) class=(class) {}
            // Beside its bar only, so that it goes through no word.
            line class="base" x1=(percent(base)) x2=(percent(base)) y1=(top - 4) y2=(top + BAR + 9) {}
            // However short the bar, its end is to be seen.
            line class={ "tip " (bar.variant.kind.name()) } x1=(percent(end)) x2=(percent(end))
                y1=(top) y2=(top + BAR) {}
        } @else {
            line class={ "rung " (class) } x1="0" x2=(percent(end)) y1=(middle) y2=(middle) {}
            svg class="mark" x=(percent(end)) y=(middle) overflow="visible" {
                rect class=(class) x="-6" y="-6" width="12" height="12" {}
            }
        }
        @if to - from > 0.15 {
            @if scale.has_base() {
                // On its bar a line would be dark on dark.
                (halo(from, to, middle, middle))
                @let within = if base < end { from } else { to };
                (halo(within, within, middle - 4, middle + 4))
            }
            (whisker(from, to, middle, middle))
            (whisker(from, from, middle - 4, middle + 4))
            (whisker(to, to, middle - 4, middle + 4))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::metric::Metric;
    use crate::ask::value::value;
    use crate::figure::shown::{Role, Shown};
    use crate::store::record::Record;
    use crate::store::record::tests::demo;

    /// The demo's lanes in a page's order: each case in turn, for one runner after the other.
    fn record() -> Record {
        let mut record = demo();
        let one = record.variants.clone();
        for mut variant in one {
            variant.case = Some("lanes".into());
            variant.case_label = Some("side by side".into());
            record.variants.push(variant);
        }
        record
    }

    fn grouped(record: &Record, keep: impl Fn(&Variant) -> bool) -> Vec<String> {
        let variants: Vec<&Variant> = record.variants.iter().filter(|v| keep(v)).collect();
        let shown = Shown { machine: "demo", record, role: Role::Reference };
        let drawn = Drawn { shown, variants, names: Default::default() };
        let mut bars: Vec<Bar<'_>> = drawn
            .variants
            .iter()
            .map(|variant| Bar {
                variant,
                title: drawn.title(variant),
                group: None,
                value: value(record, variant, &Metric::Wall).unwrap(),
            })
            .collect();
        group(&mut bars, &drawn);
        let of = |bar: &Bar<'_>| bar.group.as_ref().map_or("", |group| &group.name).to_owned();
        bars.iter().map(|bar| format!("{}: {}", of(bar), bar.title)).collect()
    }

    #[test]
    fn a_whisker_has_an_edge_where_it_lies_on_its_bar() {
        let record = record();
        let variant = &record.variants[0];
        let value = value(&record, variant, &Metric::Wall).unwrap();
        let bar = Bar { variant, title: "one".into(), group: None, value };
        let ends = [value.estimate.low, value.estimate.high];
        let drawn = |scale| row(&bar, &scale, 0).into_string();
        let linear = drawn(Scale::linear(&ends, value.unit));
        assert!(linear.contains("class=\"halo\""), "{linear}");
        assert!(linear.rfind("halo") < linear.find("whisker"), "the edge lies below: {linear}");
        // A mark on decades is not longer than its whisker.
        assert!(!drawn(Scale::log_tight(&ends, value.unit)).contains("halo"));
    }

    #[test]
    fn bars_of_one_case_are_neighbors_whatever_the_order_of_lanes() {
        let mut record = record();
        record.variants.sort_by_key(|variant| variant.name.clone());
        let groups: Vec<String> = grouped(&record, |_| true)
            .into_iter()
            .map(|bar| bar.split(':').next().unwrap_or_default().to_owned())
            .collect();
        let mut runs = groups.clone();
        runs.dedup();
        assert_eq!(runs, ["chain", "lanes"], "{groups:?}");
    }

    #[test]
    fn without_cases_the_bars_of_one_language_are_neighbors_below_its_name() {
        let mut record = demo();
        record.variants.sort_by_key(|variant| variant.name.clone());
        let bars = grouped(&record, |_| true);
        let groups: Vec<&str> = bars.iter().filter_map(|bar| bar.split(':').next()).collect();
        let mut runs = groups.clone();
        runs.dedup();
        assert_eq!(runs, ["Rust", "Python 3.11"], "{bars:?}");
        assert!(bars.iter().all(|bar| !bar.contains("· Python")), "{bars:?}");
    }
}
