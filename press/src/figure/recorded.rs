//! What figures of recorded lanes share: the window they show, and their legend.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::html::percent;
use super::look::Look;
use super::scale::{self, Held, Scale};
use crate::ask::number;
use crate::ask::unit::Unit;
use lab::timeline::Lane;

/// What the lanes of a figure have in them.
#[derive(Default)]
pub(super) struct Seen {
    looks: BTreeSet<Look>,
    colors: BTreeSet<&'static str>,
    /// In characters, so that all lanes of a figure start below each other.
    pub(super) longest_name: usize,
}

impl Seen {
    pub(super) fn saw(&mut self, look: Look, color: &'static str) {
        self.looks.insert(look);
        if look == Look::Running {
            self.colors.insert(color);
        }
    }
}

/// What is drawn of a recording, in nanoseconds.
pub(super) struct Window {
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Window {
    /// Where a stretch lies in the window, in per cent: start and width. A moment has none.
    pub(super) fn place(&self, from: u64, to: u64) -> Option<(f64, f64)> {
        let (from, to) = (from as f64, to as f64);
        if to < self.from
            || from > self.to
            || (from < to && (to == self.from || from == self.to))
        {
            return None;
        }
        let at = |ns: f64| ((ns - self.from) / (self.to - self.from) * 100.0).clamp(0.0, 100.0);
        Some((at(from), at(to) - at(from)))
    }

    /// The round moments within: what each is called, and where it lies in per cent.
    pub(super) fn ticks(&self) -> Vec<(String, f64)> {
        let span = (self.to - self.from) * 1e-9;
        let axis = Scale::linear(&[span], Unit::Seconds);
        let ticks = axis.values().iter().filter(|tick| **tick <= span * 1.001);
        let named = |tick: &f64| number::axis(Unit::Seconds, self.from * 1e-9 + tick);
        ticks.map(|tick| (named(tick), tick / span * 100.0)).collect()
    }

    /// The axis below lanes whose names, of so many characters, stand before it.
    pub(super) fn axis(&self, names: usize) -> Markup {
        // On a telephone, in pixels: a figure, its names, and what they leave.
        let whole = 340.0;
        let share = whole / (whole - 7.5 * names as f64).max(whole / 4.0);
        let ticks: Vec<(f64, String)> =
            self.ticks().into_iter().map(|(name, x)| (x, name)).collect();
        html! {
            svg width="100%" height="18" aria-hidden="true" {
                @for (x, name) in scale::apart(&ticks, Held::Inside, share) {
                    text class="tick" x=(percent(*x)) y="12" text-anchor=(scale::anchor(*x)) {
                        (name)
                    }
                }
            }
        }
    }
}

/// What a lane did, for a script: `start width state`, in hundredths of the window.
pub(super) fn spans(lane: &Lane, window: &Window) -> String {
    let seen = lane.spans.iter().filter_map(|span| {
        let (x, width) = window.place(span.from_ns, span.to_ns)?;
        Some(format!("{x:.3} {width:.3} {}", Look::of(span.state).names().0))
    });
    seen.collect::<Vec<String>>().join(";")
}

/// What each look means, in the words of `says`.
pub(super) fn legend(seen: &Seen, says: impl Fn(Look) -> &'static str) -> Markup {
    // Gray, where flows of several kinds are drawn.
    let color = match Vec::from_iter(&seen.colors)[..] {
        [one] => one,
        _ => "alone",
    };
    html! {
        ul class="legend" {
            @for look in &seen.looks {
                li {
                    svg width="26" height="16" aria-hidden="true" { (look.sample(color)) }
                    " " (says(*look))
                }
            }
        }
    }
}
