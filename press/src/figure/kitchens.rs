//! The kitchens of the first page: a timeline of dishes that fits one screen, each way to cook
//! them named after its model and in its color. Without script it is whole; a script plays it.

use std::fmt::Write;

use lab::Kind;
use lab::timeline::Lane;
use maud::{Markup, html};

use super::look::Look;
use super::recorded::{Seen, Window, legend, spans};
use crate::ask::number;
use crate::ask::slices::{end, is_on_core};
use crate::ask::unit::Unit;
use crate::store::record::Variant;

/// How many units the drawing is wide; it is as many as its rows times ten high.
const WIDE: f64 = 1000.0;
const ROW: usize = 10;

/// What the looks of a timeline are called in a kitchen.
pub(super) fn key(seen: &Seen) -> Markup {
    legend(seen, |look| match look {
        Look::Running => "chopped",
        Look::WaitingIo => "simmers",
        Look::Off => "interrupted",
        other => other.means(),
    })
}

/// One arrangement: its name, what the author `says` about it, its dishes, and their rows.
pub(super) fn kitchen(
    variant: &Variant,
    says: &str,
    window: &Window,
    seen: &mut Seen,
) -> Markup {
    let lanes = &variant.timeline;
    let color = variant.kind.name();
    let all = format!("all in {}", seconds(end(lanes)));
    let served = lanes.iter().filter(|lane| cooked(lane, window) >= 1.0).count();
    let until = seconds(window.to as u64);
    let spoken = format!(
        "{}: {}. {served} of {} dishes are served by {until}, {all}.",
        name(variant.kind),
        variant.label,
        lanes.len()
    );
    html! {
        div class={ "kitchen " (color) } data-name=(name(variant.kind)) {
            p {
                b { (name(variant.kind)) }
                span class="says" { (variant.label) @if !says.is_empty() { ". " (says) } }
                span class="dishes" aria-hidden="true" {
                    @for lane in lanes { (plate(lane, window)) }
                }
                span class="all" { (all) }
            }
            svg role="img" aria-label=(spoken) width="100%" preserveAspectRatio="none"
                viewBox={ "0 0 " (WIDE) " " (lanes.len() * ROW) } {
                (rows(lanes, window, color, seen))
            }
            @if end(lanes) as f64 > window.to {
                // It goes on where the drawing has ended.
                p class="goes-on" aria-hidden="true" { "→ " (seconds(end(lanes))) }
            }
        }
    }
}

/// The model that a kind of flow stands for.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Alone => "One by one",
        Kind::Process => "Processes",
        Kind::Thread => "Threads",
        Kind::Task => "Event loop",
    }
}

fn seconds(ns: u64) -> String {
    number::axis(Unit::Seconds, ns as f64 * 1e-9)
}

/// What share of its cooking a dish has behind it where the window ends.
fn cooked(lane: &Lane, window: &Window) -> f64 {
    let until = window.to as u64;
    let behind = |from: u64, to: u64| to.min(until).saturating_sub(from);
    let done: u64 = lane.spans.iter().map(|span| behind(span.from_ns, span.to_ns)).sum();
    done as f64 / whole(lane).max(1) as f64
}

/// How long a dish is chopped and simmers in all.
fn whole(lane: &Lane) -> u64 {
    lane.spans.iter().map(|span| span.to_ns - span.from_ns).sum()
}

/// A dish, as full as it is cooked. A script has what it needs to fill it anew.
fn plate(lane: &Lane, window: &Window) -> Markup {
    let cooked = cooked(lane, window);
    let whole = whole(lane) as f64 / (window.to - window.from) * 100.0;
    html! {
        i class=[(cooked >= 1.0).then_some("served")]
            style={ "--cooked:" (format!("{:.0}%", cooked * 100.0)) }
            data-spans=(spans(lane, window)) data-whole=(format!("{whole:.3}")) {}
    }
}

/// A path for each look: strokes, whose thickness the style sheet gives.
fn rows(lanes: &[Lane], window: &Window, color: &'static str, seen: &mut Seen) -> Markup {
    let mut grid = String::new();
    for (_, x) in window.ticks() {
        let _ = write!(grid, "M{:.1} 0V{}", x / 100.0 * WIDE, lanes.len() * ROW);
    }
    let mut paths = [
        (Look::WaitingIo, String::new()),
        (Look::Off, String::new()),
        (Look::Running, String::new()),
    ];
    let mut moments = String::new();
    let mut draw = |look: Look, x: f64, width: f64, y: usize| {
        seen.saw(look, color);
        // Less than a screen shows is a mark of a width of its own.
        if look == Look::Running && width < WIDE / 200.0 {
            let _ = write!(moments, "M{x:.1} {}v{}", y - 3, 6);
        } else if let Some((_, path)) = paths.iter_mut().find(|(of, _)| *of == look) {
            let _ = write!(path, "M{x:.1} {y}h{width:.1}");
        }
    };
    for (i, lane) in lanes.iter().enumerate() {
        let y = i * ROW + ROW / 2;
        let place = |from, to| {
            let (x, width) = window.place(from, to)?;
            Some((x / 100.0 * WIDE, width / 100.0 * WIDE))
        };
        let mut before: Option<u64> = None;
        for span in &lane.spans {
            if let Some(before) = before.filter(|before| span.from_ns > *before)
                && let Some((x, width)) = place(before, span.from_ns)
            {
                draw(Look::Off, x, width, y);
            }
            before = Some(span.to_ns);
            let look = if is_on_core(span) { Look::Running } else { Look::of(span.state) };
            if let Some((x, width)) = place(span.from_ns, span.to_ns) {
                draw(look, x, width, y);
            }
        }
    }
    html! {
        path class="grid" d=(grid) {}
        @for (look, path) in &paths {
            @if !path.is_empty() { path class=(look.names().0) d=(path) {} }
        }
        @if !moments.is_empty() { path class="moments" d=(moments) {} }
    }
}

#[cfg(test)]
mod tests {
    use lab::timeline::{Span, State};

    use super::*;

    fn dish(spans: &[(u64, u64, State)]) -> Lane {
        let span = |&(from_ns, to_ns, state): &(u64, u64, State)| Span {
            from_ns,
            to_ns,
            state,
            core: None,
        };
        Lane { name: "dish".into(), spans: spans.iter().map(span).collect(), ..Lane::default() }
    }

    #[test]
    fn a_dish_is_as_full_as_it_is_cooked_where_the_window_ends() {
        let window = Window { from: 0.0, to: 100.0 };
        let (chop, simmer) = (State::Running, State::WaitingIo);
        let ready = dish(&[(10, 20, chop), (20, 60, simmer), (70, 100, chop)]);
        let half = dish(&[(60, 80, chop), (90, 150, simmer)]);
        let later = dish(&[(120, 130, chop)]);
        for (lane, share) in [(&ready, 1.0), (&half, 30.0 / 80.0), (&later, 0.0)] {
            assert_eq!(cooked(lane, &window), share);
        }
        let plates = [plate(&ready, &window), plate(&half, &window), plate(&later, &window)];
        let [ready, half, later] = plates.map(Markup::into_string);
        assert!(ready.contains("class=\"served\" style=\"--cooked:100%\""), "{ready}");
        assert!(half.starts_with("<i style=\"--cooked:38%\""), "{half}");
        assert!(half.contains("data-whole=\"80.000\""), "{half}");
        assert!(later.contains("--cooked:0%\" data-spans=\"\""), "{later}");
    }

    #[test]
    fn a_row_has_a_stroke_for_each_stretch_and_a_mark_for_each_moment() {
        let window = Window { from: 0.0, to: 1000.0 };
        let (chop, simmer) = (State::Running, State::WaitingIo);
        let lane = dish(&[(0, 100, chop), (100, 400, simmer), (500, 501, chop)]);
        let mut seen = Seen::default();
        let drawn = rows(&[lane], &window, "thread", &mut seen).into_string();
        assert!(drawn.contains("<path class=\"running\" d=\"M0.0 5h100.0\">"), "{drawn}");
        assert!(drawn.contains("<path class=\"waiting-io\" d=\"M100.0 5h300.0\">"), "{drawn}");
        assert!(drawn.contains("<path class=\"off\" d=\"M400.0 5h100.0\">"), "{drawn}");
        assert!(drawn.contains("<path class=\"moments\" d=\"M500.0 2v6\">"), "{drawn}");
        let key = key(&seen).into_string();
        for words in ["chopped", "simmers", "interrupted"] {
            assert!(key.contains(words), "{key}");
        }
    }
}
