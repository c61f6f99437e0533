//! Axes.

use maud::{Markup, html};

use super::html::percent;
use crate::ask::number;
use crate::ask::unit::Unit;

/// The axis of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// From zero.
    Linear,
    /// Decades.
    Log,
}

impl Axis {
    /// Its class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Axis::Linear => "linear",
            Axis::Log => "log",
        }
    }
}

/// Maps values to per cent of the width (or height), and has the ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    from: f64,
    to: f64,
    log: bool,
    unit: Unit,
    ticks: Vec<f64>,
    /// What is drawn: on decades, ticks near it are named first.
    drawn: Vec<f64>,
}

impl Scale {
    /// From zero to a round number above all `values`.
    pub fn linear(values: &[f64], unit: Unit) -> Scale {
        let most = positive_ends(values).map_or(1.0, |(_, most)| most);
        // A whole is a whole, though a whisker may reach a hair beyond.
        let is_whole = unit == Unit::Share && (1.0..1.03).contains(&most);
        let round = if is_whole { 1.0 } else { most };
        let step = nice(round / 4.0, unit);
        let count = (round / step).ceil().clamp(1.0, 8.0);
        let ticks = (0..=count as u32).map(|i| f64::from(i) * step).collect();
        let to = if is_whole { most } else { count * step };
        Scale { from: 0.0, to, log: false, unit, ticks, drawn: Vec::new() }
    }

    /// From the decade below the least positive value to the decade above the greatest: for
    /// what is to be read in tens.
    pub fn log(values: &[f64], unit: Unit) -> Scale {
        let Some((least, most)) = positive_ends(values) else {
            return Scale::linear(values, unit);
        };
        let from = (least.log10() - 0.05).floor() as i32;
        let to = ((most.log10() + 0.02).ceil() as i32).max(from + 1);
        let step = ((to - from) as usize).div_ceil(6);
        let ticks = (from..=to).step_by(step).map(|e| 10_f64.powi(e)).collect();
        Scale {
            from: 10_f64.powi(from),
            to: 10_f64.powi(to),
            log: true,
            unit,
            ticks,
            drawn: values.to_vec(),
        }
    }

    /// As tight as 1, 2 and 5 times a power of ten allow, with all of these as ticks as long
    /// as they are few.
    pub fn log_tight(values: &[f64], unit: Unit) -> Scale {
        let Some((least, most)) = positive_ends(values) else {
            return Scale::linear(values, unit);
        };
        let decades = least.log10().floor() as i32 - 1..=most.log10().ceil() as i32;
        let round: Vec<f64> =
            decades.flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * 10_f64.powi(e))).collect();
        // Some room, so that no mark lies on the edge.
        let from = *round.iter().rev().find(|r| **r <= least * 0.96).expect("there is one");
        let to = *round.iter().find(|r| **r >= most * 1.04).expect("there is one");
        let inside = |tick: &f64| *tick >= from * 0.999 && *tick <= to * 1.001;
        let few = round.iter().filter(|tick| inside(tick)).count() <= 13;
        let is_decade = |tick: &f64| (tick.log10() - tick.log10().round()).abs() < 1e-9;
        let ticks = round.iter().copied().filter(|t| inside(t) && (few || is_decade(t)));
        Scale { from, to, log: true, unit, ticks: ticks.collect(), drawn: values.to_vec() }
    }

    /// Decades around 1, as long to the left as ratios ask for and to the right: half is as far
    /// from 1 as twice is.
    pub fn ratios(values: &[f64]) -> Scale {
        let with_one: Vec<f64> = values.iter().copied().chain([1.0]).collect();
        let tight = Scale::log_tight(&with_one, Unit::Times);
        let (least, most) = positive_ends(&with_one).expect("1 is among them");
        // Closer to the values than 1, 2 and 5 would be.
        let decades = least.log10().floor() as i32 - 1..=most.log10().ceil() as i32;
        let round: Vec<f64> = decades
            .flat_map(|e| [1.0, 1.2, 1.5, 2.0, 3.0, 5.0, 7.0, 9.0].map(|m| m * 10_f64.powi(e)))
            .collect();
        let to = round.iter().copied().find(|end| *end >= most * 1.04).unwrap_or(tight.to);
        let from = round.iter().copied().rev().find(|end| *end <= least * 0.96);
        let from = from.unwrap_or(tight.from);
        let inside = |tick: &f64| *tick >= from * 0.999 && *tick <= to * 1.001;
        let ticks = tight.ticks.into_iter().filter(inside).collect();
        Scale { from, to, ticks, ..tight }
    }

    /// Where `value` lies, in per cent; what is off the axis lies at its end.
    pub fn place(&self, value: f64) -> f64 {
        let share = if self.log {
            (value.max(self.from).ln() - self.from.ln()) / (self.to.ln() - self.from.ln())
        } else {
            (value - self.from) / (self.to - self.from)
        };
        100.0 * share.clamp(0.0, 1.0)
    }

    /// What a bar begins at: a ratio says nothing at 1, all else at the axis' start.
    pub fn base(&self) -> f64 {
        if self.unit == Unit::Times { 1.0 } else { self.from }
    }

    /// Whether a length from there to a value says something.
    pub fn has_base(&self) -> bool {
        !self.log || self.unit == Unit::Times
    }

    /// Whether an interval goes on where the axis has ended.
    pub fn cuts(&self, low: f64, high: f64) -> bool {
        high > self.to || (self.log && low < self.from)
    }

    /// The ticks' values.
    pub fn values(&self) -> &[f64] {
        &self.ticks
    }

    /// Where ticks lie, in per cent, with their texts.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        self.ticks
            .iter()
            .map(|&tick| (self.place(tick), number::axis(self.unit, tick)))
            .collect()
    }

    /// The ticks that are named, and which of them only where a figure is wide.
    fn named<'t>(&self, ticks: &'t [(f64, String)]) -> Vec<(&'t f64, &'t str, bool)> {
        if !self.log {
            let kept = apart(ticks, Held::Inside, 1.0).into_iter();
            return kept.map(|(x, text)| (x, text.as_str(), false)).collect();
        }
        // A value is read at the tick before it and at the tick behind it.
        let places: Vec<f64> = self.drawn.iter().map(|value| self.place(*value)).collect();
        let near = |i: usize| {
            let from = i.checked_sub(1).map_or(f64::NEG_INFINITY, |i| ticks[i].0);
            let to = ticks.get(i + 1).map_or(f64::INFINITY, |tick| tick.0);
            places.iter().filter(|place| (from..to).contains(place)).count()
        };
        let mut by_use: Vec<usize> = (0..ticks.len()).collect();
        by_use.sort_by_key(|i| std::cmp::Reverse(near(*i)));
        let mut kept: Vec<(usize, bool)> = Vec::new();
        // On a telephone a digit takes twice the share that it takes on a page.
        for (is_wide, share) in [(false, 1.0), (true, 0.55)] {
            for &i in &by_use {
                let has_room = |other: usize| {
                    let (one, other) = (i.min(other), i.max(other));
                    are_apart(&ticks[one], &ticks[other], Held::Inside, share)
                };
                if kept.iter().all(|(other, _)| *other != i && has_room(*other)) {
                    kept.push((i, is_wide));
                }
            }
        }
        kept.sort_unstable();
        kept.into_iter().map(|(i, wide)| (&ticks[i].0, ticks[i].1.as_str(), wide)).collect()
    }

    /// Lines down to `height` at the ticks, with their texts beneath.
    pub(super) fn grid(&self, height: usize) -> Markup {
        let ticks = self.ticks();
        html! {
            @for (x, _) in &ticks {
                @let x = percent(*x);
                line class="grid" x1=(x) x2=(x) y1="0" y2=(height) {}
            }
            @for (x, text, is_wide) in self.named(&ticks) {
                text class=(if is_wide { "tick wide" } else { "tick" }) x=(percent(*x))
                    y=(height + 17) text-anchor=(anchor(*x)) {
                    (text)
                }
            }
        }
    }
}

/// Where texts of ticks are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// All by their middles: beside the outer ones there is room.
    Centered,
    /// The outer ones inside the axis.
    Inside,
}

/// The ticks whose texts do not touch where the figure is as narrow as on a telephone: the
/// last and the first, and from the left whichever has room. Characters have `share` of the
/// width that they have of a figure without names beside it.
pub(super) fn apart(ticks: &[(f64, String)], held: Held, share: f64) -> Vec<&(f64, String)> {
    let Some(last) = ticks.last() else { return vec![] };
    let mut kept: Vec<&(f64, String)> = Vec::new();
    for tick in &ticks[..ticks.len() - 1] {
        let has_room = |one, other| are_apart(one, other, held, share);
        if kept.last().is_none_or(|before| has_room(*before, tick)) && has_room(tick, last) {
            kept.push(tick);
        }
    }
    kept.push(last);
    kept
}

/// Whether two texts do not touch, the left one first, where characters have `share` of the
/// width that they have on a telephone.
fn are_apart(one: &(f64, String), other: &(f64, String), held: Held, share: f64) -> bool {
    let ends = |(x, text): &(f64, String)| {
        let wide = LETTER * text.chars().count() as f64 * share;
        match (held, anchor(*x)) {
            (Held::Inside, "start") => (*x, x + wide),
            (Held::Inside, "end") => (x - wide, *x),
            _ => (x - wide / 2.0, x + wide / 2.0),
        }
    };
    ends(other).0 - ends(one).1 >= BETWEEN * share
}

/// What a character takes of a narrow figure, in per cent.
const LETTER: f64 = 2.2;

/// What is between two texts at least.
const BETWEEN: f64 = 3.0;

/// Where the text of a tick at `x` is held, so that the outer ones stay inside.
pub(super) fn anchor(x: f64) -> &'static str {
    match x {
        x if x < 1.0 => "start",
        x if x > 99.0 => "end",
        _ => "middle",
    }
}

/// What an axis reaches at most. Nothing that is measured lies outside, but a record may say
/// so, and an axis of its own would have ticks without end.
const REACH: std::ops::RangeInclusive<f64> = 1e-30..=1e30;

/// The least and the greatest of what has a logarithm.
fn positive_ends(values: &[f64]) -> Option<(f64, f64)> {
    let clamped = |v: f64| v.clamp(*REACH.start(), *REACH.end());
    let positive = || values.iter().copied().filter(|v| *v > 0.0).map(clamped);
    let least = positive().reduce(f64::min)?;
    Some((least, positive().fold(least, f64::max)))
}

/// The least of 1, 2 and 5 times a power of ten (or of two, for bytes) that is at least `x`.
fn nice(x: f64, unit: Unit) -> f64 {
    if unit == Unit::Bytes {
        return 2_f64.powi(x.log2().ceil() as i32);
    }
    let power = 10_f64.powf(x.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .map(|m| m * power)
        .into_iter()
        .find(|s| *s >= x * 0.999)
        .unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_of_what_cannot_be_has_few_ticks_all_the_same() {
        let odd = [5e-324, 1e-300, 1.0, 1e300, f64::MAX, f64::INFINITY, f64::NAN, -1.0, 0.0];
        for unit in [Unit::Seconds, Unit::Bytes, Unit::Times, Unit::Share, Unit::Count] {
            for (one, other) in odd.iter().flat_map(|one| odd.map(|other| (*one, other))) {
                for scale in [Scale::linear, Scale::log, Scale::log_tight] {
                    let scale = scale(&[one, other], unit);
                    let (ticks, places) = (scale.ticks().len(), odd.map(|x| scale.place(x)));
                    assert!((1..=70).contains(&ticks), "{one} {other}: {ticks} ticks");
                    let is_on = |place: &f64| place.is_nan() || (0.0..=100.0).contains(place);
                    assert!(places.iter().all(is_on), "{one} {other}: {places:?}");
                }
            }
        }
    }

    #[test]
    fn ticks_beside_values_are_named_before_others_and_more_where_there_is_room() {
        let scale = Scale::log_tight(&[0.21, 0.22, 0.23, 1.1, 19.0, 21.0], Unit::Seconds);
        let ticks = scale.ticks();
        let named = scale.named(&ticks);
        let text = |wide: bool| -> Vec<String> {
            let of = named.iter().filter(|(_, _, is_wide)| *is_wide == wide);
            of.map(|(_, text, _)| text.replace('\u{202f}', " ")).collect()
        };
        assert!(text(false).contains(&"200 ms".into()), "{:?}", text(false));
        assert!(text(false).contains(&"20 s".into()), "{:?}", text(false));
        assert!(!text(true).is_empty(), "{named:?}");
    }

    #[test]
    fn texts_of_ticks_do_not_touch_and_the_last_is_kept() {
        let ticks = |places: &[(f64, &str)]| -> Vec<(f64, String)> {
            places.iter().map(|(x, text)| (*x, (*text).to_owned())).collect()
        };
        let limits =
            ticks(&[(3.0, "5"), (35.0, "14"), (37.2, "15"), (46.5, "20"), (97.0, "100")]);
        let kept: Vec<&str> = apart(&limits, Held::Centered, 1.0)
            .into_iter()
            .map(|(_, text)| text.as_str())
            .collect();
        assert_eq!(kept, ["5", "14", "20", "100"]);
        let two = ticks(&[(94.0, "10000"), (97.0, "20000")]);
        assert_eq!(apart(&two, Held::Centered, 1.0), [&two[1]]);
        assert!(apart(&[], Held::Centered, 1.0).is_empty());
    }

    #[test]
    fn a_linear_axis_starts_at_zero_and_ends_round() {
        let scale = Scale::linear(&[0.083, 0.0842], Unit::Seconds);
        let texts: Vec<String> =
            scale.ticks().into_iter().map(|(_, t)| t.replace('\u{202f}', " ")).collect();
        assert_eq!(texts, ["0 s", "25 ms", "50 ms", "75 ms", "100 ms"]);
        assert_eq!(scale.place(0.05), 50.0);
    }

    #[test]
    fn an_axis_of_shares_ends_at_the_whole() {
        for most in [0.999, 1.0, 1.004] {
            let scale = Scale::linear(&[most], Unit::Share);
            let last = scale.ticks().pop().unwrap();
            assert_eq!(last.1.replace('\u{202f}', " "), "100 %");
            assert!(last.0 > 99.0 && !scale.cuts(0.0, most), "{most}: {last:?}");
        }
        let scale = Scale::linear(&[1.3], Unit::Share);
        assert_eq!(scale.ticks().pop().unwrap().1.replace('\u{202f}', " "), "150 %");
    }

    #[test]
    fn a_text_that_is_held_inside_takes_its_room_from_the_one_before() {
        let ticks = [(0.0, "0 s"), (83.0, "300 ms"), (100.0, "400 ms")];
        let ticks = ticks.map(|(x, text)| (x, text.to_owned()));
        let kept = |held| apart(&ticks, held, 1.0).len();
        assert_eq!((kept(Held::Centered), kept(Held::Inside)), (3, 2));
    }

    #[test]
    fn a_logarithmic_axis_has_decades() {
        let scale = Scale::log(&[2e-8, 3e-5], Unit::Seconds);
        let texts: Vec<String> =
            scale.ticks().into_iter().map(|(_, t)| t.replace('\u{202f}', " ")).collect();
        assert_eq!(texts, ["10 ns", "100 ns", "1 µs", "10 µs", "100 µs"]);
        assert!((scale.place(1e-6) - 50.0).abs() < 1e-9);
        assert_eq!(scale.place(0.0), 0.0);
    }

    #[test]
    fn half_lies_as_far_from_one_as_twice_and_the_scale_is_tight() {
        let scale = Scale::ratios(&[0.5, 2.0]);
        let one = scale.place(1.0);
        assert!((one - scale.place(0.5) - (scale.place(2.0) - one)).abs() < 1e-9);
        for (values, ticks) in [
            (&[0.6, 1.97][..], "0.5 ×, 1 ×, 2 ×"),
            (&[1.4, 1.97], "1 ×, 2 ×"),
            (&[0.011, 0.9], "0.01 ×, 0.02 ×, 0.05 ×, 0.1 ×, 0.2 ×, 0.5 ×, 1 ×"),
            (&[], "1 ×"),
        ] {
            let scale = Scale::ratios(values);
            let texts: Vec<String> =
                scale.ticks().into_iter().map(|(_, t)| t.replace('\u{202f}', " ")).collect();
            assert_eq!(texts.join(", "), ticks);
            let inside = |x: &f64| (0.5..=99.5).contains(&scale.place(*x));
            assert!(values.iter().all(inside), "{values:?}");
        }
    }

    #[test]
    fn a_curves_axis_is_as_tight_as_round_numbers_allow() {
        for (least, most, ticks) in [
            (2.3e-3, 1.0e-2, "2 ms, 5 ms, 10 ms, 20 ms"),
            (0.0111, 2.0, "0.01 ×, 0.02 ×, 0.05 ×, 0.1 ×, 0.2 ×, 0.5 ×, 1 ×, 2 ×, 5 ×"),
            (1e-6, 0.1, "1 µs, 10 µs, 100 µs, 1 ms, 10 ms, 100 ms"),
        ] {
            let unit = if ticks.ends_with('×') { Unit::Times } else { Unit::Seconds };
            let scale = Scale::log_tight(&[least, most], unit);
            let texts: Vec<String> =
                scale.ticks().into_iter().map(|(_, t)| t.replace('\u{202f}', " ")).collect();
            assert_eq!(texts.join(", "), ticks);
            let (low, high) = (scale.place(least), scale.place(most));
            assert!(0.0 < low && low < 10.0 && 65.0 < high && high < 100.0, "{low} {high}");
        }
    }
}
