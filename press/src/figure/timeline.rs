//! Timelines: who ran when, as recorded. One axis for all that are drawn together.

use std::fmt::Write;

use maud::{Markup, html};

use super::html::{self};
use super::look::Look;
use super::place::Place;
use super::recorded::{Seen, Window, legend, spans};
use super::{Drawn, beneath, colors, kitchens};
use crate::ask::metric::Metric;
use crate::ask::slices::{end, is_on_core, overlap};
use crate::ask::value::value;
use crate::store::record::Variant;
use lab::timeline::Lane;

/// What is to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The caption.
    pub caption: String,
    /// Start of the window, in nanoseconds.
    pub from_ns: u64,
    /// Its end; the end of the longest recording when absent.
    pub to_ns: Option<u64>,
    /// How it is drawn.
    pub form: Form,
}

/// How a timeline is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A row for each lane, with its name.
    Lanes,
    /// As the kitchens of the first page, on one screen, with a sentence about each variant.
    Kitchens {
        /// The sentences, in the order of the variants; there may be none, or empty ones.
        says: Vec<String>,
    },
}

const ROW: usize = 24;

/// A stretch on a core of less than that share of the window, in per cent, is a mark.
const MOMENT: f64 = 0.25;

/// Draws the variants of each machine.
pub fn figure(timeline: &Timeline, place: Place<'_>, machines: &[Drawn<'_>]) -> Markup {
    let all = machines.iter().flat_map(|drawn| &drawn.variants);
    let longest = all.map(|variant| end(&variant.timeline)).max().unwrap_or(0);
    let to_ns = timeline.to_ns.unwrap_or(longest).max(timeline.from_ns + 1);
    let window = Window { from: timeline.from_ns as f64, to: to_ns as f64 };
    let mut seen = Seen::default();
    let blocks: Vec<_> = machines
        .iter()
        .map(|drawn @ Drawn { shown, variants, .. }| {
            let inner = html! {
                // A script may step through what it wraps; without one it is nothing.
                timeline-player from-ms=(window.from * 1e-6) to-ms=(window.to * 1e-6) {
                    @match &timeline.form {
                        Form::Lanes => {
                            @for variant in variants {
                                (lanes(&drawn.title(variant), variant, &window, &mut seen))
                            }
                            div class="lanes" { span {} (window.axis(seen.longest_name)) }
                        }
                        Form::Kitchens { says } => {
                            @for (i, variant) in variants.iter().enumerate() {
                                @let says = says.get(i).map_or("", String::as_str);
                                (kitchens::kitchen(variant, says, &window, &mut seen))
                            }
                            (window.axis(0))
                        }
                    }
                }
                (beneath(&[(*shown, vec![])], data(drawn), place, "json"))
            };
            (*shown, inner)
        })
        .collect();
    let (class, how, legend) = match timeline.form {
        Form::Lanes => ("", "As recorded, one lane a row.", legend(&seen, Look::means)),
        Form::Kitchens { .. } => {
            (" kitchens", "One run, as recorded, one dish a row.", kitchens::key(&seen))
        }
    };
    let kinds = machines.iter().flat_map(|drawn| drawn.variants.iter().map(|v| v.kind));
    html! {
        figure class={ "measured-figure timeline" (class) }
            style={ "--names:" (seen.longest_name) } {
            (colors::caption(place, &timeline.caption, how, kinds))
            (legend)
            (html::machines("machines wide", &blocks))
        }
    }
}

fn lanes(title: &str, variant: &Variant, window: &Window, seen: &mut Seen) -> Markup {
    let timeline = &variant.timeline;
    for lane in timeline {
        seen.longest_name = seen.longest_name.max(lane.name.chars().count());
    }
    html! {
        p class="lanes-title" { (title) }
        div class="lanes" {
            ul { @for lane in timeline { li data-spans=(spans(lane, window)) { (lane.name) } } }
            svg role="img" aria-label=(spoken(title, timeline)) width="100%"
                height=(timeline.len() * ROW) {
                // What the axis below all panels counts, so that one can look down a column.
                @for (_, x) in window.ticks() {
                    line class="grid" x1=(fine(x)) x2=(fine(x)) y1="0" y2="100%" {}
                }
                @for (i, lane) in timeline.iter().enumerate() {
                    (row(lane, i * ROW + ROW / 2, window, variant.kind.name(), seen))
                }
            }
        }
    }
}

fn row(
    lane: &Lane,
    middle: usize,
    window: &Window,
    color: &'static str,
    seen: &mut Seen,
) -> Markup {
    let mut pieces = Vec::new();
    let mut before: Option<u64> = None;
    for span in &lane.spans {
        if let Some(before) = before.filter(|before| span.from_ns > *before)
            && let Some((x, width)) = window.place(before, span.from_ns)
        {
            seen.saw(Look::Off, color);
            pieces.push(html! {
                line class="off" x1=(fine(x)) x2=(fine(x + width)) y1=(middle) y2=(middle) {}
            });
        }
        before = Some(span.to_ns);
        let Some((x, width)) = window.place(span.from_ns, span.to_ns) else { continue };
        let look = Look::of(span.state);
        seen.saw(look, color);
        let (top, height) = (middle - look.height() / 2, look.height());
        let class = html! {
            (look.names().0) " " (color)
            @if let Some(core) = span.core { " core" (core % 4) }
        };
        pieces.push(match width < MOMENT && is_on_core(span) {
            // As a piece it would be thinner than what a screen shows, or nothing at all.
            true => html! {
                line class={ "moment " (class) } x1=(fine(x)) x2=(fine(x)) y1=(top)
                    y2=(top + height) {}
            },
            false => html! {
                rect class=(class) x=(fine(x)) y=(top) width=(fine(width)) height=(height) {}
            },
        });
    }
    if let Some(x) = done(lane, window) {
        let (top, foot) = (middle - 7, middle + 7);
        pieces.push(html! {
            line class="done" x1=(fine(x)) x2=(fine(x)) y1=(top) y2=(foot) {}
            svg x=(fine(x)) y=(middle) overflow="visible" aria-hidden="true" {
                text class="tick" x="6" y="4" { "done" }
            }
        });
    }
    html! { @for piece in pieces { (piece) } }
}

/// Where a lane has nothing more to do, in per cent, if there is room to say so.
fn done(lane: &Lane, window: &Window) -> Option<f64> {
    let last = lane.spans.last()?.to_ns;
    let (x, _) = window.place(last, last)?;
    (x < 85.0).then_some(x)
}

/// Finer than [`percent`]: a slice may be a thousandth of a timeline.
fn fine(x: f64) -> String {
    format!("{x:.3}%")
}

fn spoken(title: &str, lanes: &[Lane]) -> String {
    let whole = end(lanes).max(1) as f64;
    let mut out = format!("{title}.");
    for lane in lanes {
        let on: Vec<u64> =
            lane.spans.iter().filter(|s| is_on_core(s)).map(|s| s.to_ns - s.from_ns).collect();
        let share = on.iter().sum::<u64>() as f64 / whole * 100.0;
        let _ = write!(
            out,
            " {} was on a core {share:.0} % of the time, in {} slices.",
            lane.name,
            on.len()
        );
    }
    let _ =
        write!(out, " Two or more at once for {:.0} % of the time.", overlap(lanes) * 100.0);
    out
}

fn data(drawn: &Drawn<'_>) -> Markup {
    let record = drawn.shown.record;
    let head =
        ["lanes", "whole slices", "median slice", "95 % interval", "two or more at once"];
    let rows: Vec<Vec<String>> = drawn
        .variants
        .iter()
        .map(|variant| {
            let slice = value(record, variant, &Metric::Slice);
            let text = |metric: &Metric| {
                value(record, variant, metric).map_or("–".to_owned(), |value| value.text())
            };
            vec![
                drawn.title(variant),
                text(&Metric::Slices),
                text(&Metric::Slice),
                slice.map_or("–".to_owned(), |slice| slice.interval()),
                text(&Metric::Overlap),
            ]
        })
        .collect();
    let of = drawn.variants.iter().map(|v| format!("{}: {}", record.experiment, v.id()));
    let columns = [None, Some("slices"), Some("slice"), Some("slice"), Some("overlap")];
    let columns = columns.map(|metric| metric.map(str::to_owned)).to_vec();
    html::table_of(&head, &rows, &html::Of { rows: of.collect(), columns })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab::timeline::State;

    #[test]
    fn a_moment_is_inside_its_window_and_what_lies_beside_is_not() {
        let window = Window { from: 100.0, to: 200.0 };
        assert_eq!(window.place(150, 150), Some((50.0, 0.0)));
        assert_eq!(window.place(50, 120), Some((0.0, 20.0)));
        assert_eq!(window.place(190, 300), Some((90.0, 10.0)));
        for (from, to) in [(0, 100), (200, 300), (99, 99), (201, 201)] {
            assert_eq!(window.place(from, to), None, "{from} to {to}");
        }
    }

    #[test]
    fn a_lane_that_ends_before_its_window_says_so() {
        let span = |from_ns, to_ns| lab::timeline::Span {
            from_ns,
            to_ns,
            state: State::Running,
            core: None,
        };
        let lane = Lane { spans: vec![span(0, 60), span(80, 120)], ..Lane::default() };
        let drawn = |to| {
            let window = Window { from: 0.0, to };
            row(&lane, 12, &window, "thread", &mut Seen::default()).into_string()
        };
        assert!(drawn(200.0).contains("class=\"done\" x1=\"60.000%\""), "{}", drawn(200.0));
        assert!(drawn(200.0).contains(">done<"));
        assert!(!drawn(120.0).contains("done") && !drawn(100.0).contains("done"));
    }

    #[test]
    fn a_moment_on_a_core_is_a_mark_of_a_width_of_its_own() {
        let span =
            |from_ns, to_ns, state| lab::timeline::Span { from_ns, to_ns, state, core: None };
        let lane = Lane {
            name: "ticker".into(),
            involuntary: None,
            false_gaps: 0,
            spans: vec![
                span(0, 20, State::WaitingIo),
                span(20, 20, State::Running),
                span(20, 60, State::WaitingIo),
                span(60, 100, State::Running),
            ],
        };
        let window = Window { from: 0.0, to: 100.0 };
        let drawn = row(&lane, 12, &window, "thread", &mut Seen::default()).into_string();
        assert_eq!(drawn.matches("<rect").count(), 3, "{drawn}");
        assert!(
            drawn.contains("<line class=\"moment running thread\" x1=\"20.000%\""),
            "{drawn}"
        );
    }
}
