//! What was computed against what was measured: a mark for each job in each model, over axes
//! that are the same across and up, so that what is right lies on one line.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::html::{self, percent};
use super::place::Place;
use super::scale::{self, Held, Scale};
use super::shown::Shown;
use super::{beneath, colors, hollow};
use crate::ask::choosing::{CHOOSING, Pair, Pairs};
use crate::ask::metric::Metric;
use crate::ask::number;
use crate::ask::selector::find;
use crate::ask::unit::Unit;
use crate::ask::value::{Value, value};
use crate::store::record::Record;

/// What is drawn of one machine.
pub struct Machine<'r> {
    /// Where the jobs were run.
    pub shown: Shown<'r>,
    /// What was computed and what was measured.
    pub pairs: Pairs<'r>,
    /// How far they lie apart, as pages ask it.
    pub errors: &'r Record,
}

const HEIGHT: f64 = 340.0;
/// Above the plot stands what goes up.
const TOP: f64 = 26.0;
const GROUND: f64 = TOP + HEIGHT;

/// How far off the band reaches.
const BAND: f64 = 0.30;

/// How many of the estimates that are farthest off the table has.
const WORST: usize = 10;

/// Draws every machine over the same axes.
///
/// # Errors
/// When there is nothing to draw.
pub fn figure(caption: &str, place: Place<'_>, machines: &[Machine<'_>]) -> Result<Markup> {
    let all = || machines.iter().flat_map(|machine| &machine.pairs.all);
    if all().next().is_none() {
        bail!("there is no estimate to draw");
    }
    let ends: Vec<f64> = all().flat_map(|pair| [computed(pair), measured(pair)]).collect();
    let scale = Scale::log_tight(&ends, Unit::Seconds);
    let mut blocks = Vec::new();
    for machine in machines {
        let inner = html! {
            ul class="legend" { (legend()) }
            div class="plot" {
                svg class="predicted" role="img" aria-label=(spoken(caption, machine))
                    width="100%" height=(GROUND + 46.0) { (drawing(machine, &scale)) }
            }
            (beneath(&[(machine.shown, Vec::new())], data(machine), place, "csv"))
        };
        blocks.push((machine.shown, inner));
    }
    let key = "Each mark is one job in one model: on the line it was computed as it was \
               measured. Both scales are logarithmic: equal steps are equal ratios. Medians.";
    let kinds = all().map(|pair| pair.variant.kind);
    Ok(html! {
        figure class="measured-figure" {
            (colors::caption(place, caption, key, kinds))
            (html::machines("machines", &blocks))
        }
    })
}

fn computed(pair: &Pair<'_>) -> f64 {
    pair.estimate.time_ns * 1e-9
}

fn measured(pair: &Pair<'_>) -> f64 {
    pair.measured_ns() * 1e-9
}

/// One of the two halves, and how it is drawn.
const HALVES: [(bool, &str); 2] = [(false, "seen"), (true, "kept")];

fn drawing(machine: &Machine<'_>, scale: &Scale) -> Markup {
    let down = |seconds: f64| TOP + HEIGHT * (1.0 - scale.place(seconds) / 100.0);
    let ticks = scale.ticks();
    html! {
        text class="axis" x="0" y="12" { "computed" }
        (band(scale))
        @for (place, text) in &ticks {
            @let y = TOP + HEIGHT * (1.0 - place / 100.0);
            line class="grid" x1="0" x2="100%" y1=(pixels(y)) y2=(pixels(y)) {}
            text class="tick" x="-6" y=(pixels(y + 4.0)) text-anchor="end" { (text) }
        }
        @for (x, text) in scale::apart(&ticks, Held::Centered, 1.0) {
            text class="tick" x=(percent(*x)) y=(GROUND + 18.0) text-anchor="middle" { (text) }
        }
        text class="axis" x="50%" y=(GROUND + 38.0) text-anchor="middle" { "measured" }
        // Those kept aside are drawn last, over the others.
        @for (kept, half) in HALVES {
            @for (class, pairs) in looks(machine, kept) {
                g class={ "mark " (half) " " (class) } {
                    @for pair in pairs {
                        @let (x, y) = (scale.place(measured(pair)), down(computed(pair)));
                        (mark(kept, &percent(x), y))
                    }
                }
            }
        }
    }
}

/// The marks of a half, those that look alike together.
fn looks<'m>(machine: &'m Machine<'_>, kept: bool) -> Vec<(String, Vec<&'m Pair<'m>>)> {
    let mut looks: Vec<(String, Vec<&Pair<'_>>)> = Vec::new();
    for pair in machine.pairs.all.iter().filter(|pair| pair.drawn.kept == kept) {
        let class = format!("{}{}", pair.variant.kind.name(), hollow(&pair.variant.runner));
        match looks.iter_mut().find(|(known, _)| *known == class) {
            Some((_, its)) => its.push(pair),
            None => looks.push((class, vec![pair])),
        }
    }
    looks
}

/// Kept aside or not is told by the shape.
fn mark(kept: bool, x: &str, y: f64) -> Markup {
    html! {
        @if kept {
            circle cx=(x) cy=(pixels(y)) r="3.5" {}
        } @else {
            rect x=(x) y=(pixels(y)) width="5" height="5" transform="translate(-2.5 -2.5)" {}
        }
    }
}

/// Where computed and measured are equal, and how far around that an estimate is near. It is
/// stretched to the plot, whatever its width.
fn band(scale: &Scale) -> Markup {
    let one = scale.values().first().copied().unwrap_or(1.0);
    let up = scale.place(one * (1.0 + BAND)) - scale.place(one);
    // As far below as the same share less.
    let down = scale.place(one / (1.0 - BAND)) - scale.place(one);
    let path = format!(
        "M0 {} L{} 0 L100 0 L100 {} L{} 100 L0 100 Z",
        pixels(100.0 - up),
        pixels(100.0 - up),
        pixels(down),
        pixels(down)
    );
    html! {
        svg x="0" y=(TOP) width="100%" height=(HEIGHT) viewBox="0 0 100 100"
            preserveAspectRatio="none" {
            path class="grid band" d=(path) {}
            line class="equal" x1="0" y1="100" x2="100" y2="0" vector-effect="non-scaling-stroke" {}
        }
    }
}

fn legend() -> Markup {
    let entry = |drawn: Markup, text: &str| {
        html! {
            li { svg width="26" height="16" aria-hidden="true" { (drawn) } " " (text) }
        }
    };
    let of = |kept: bool, class: &str| {
        html! { g class={ "mark alone " (class) } { (mark(kept, "13", 8.0)) } }
    };
    let share = format!("within {:.0}\u{202f}%", BAND * 100.0);
    html! {
        (entry(of(true, "kept"), "kept aside while the model was made"))
        (entry(of(false, "seen"), "seen while it was made"))
        (entry(html! { line class="equal" x1="0" x2="26" y1="8" y2="8" {} }, "equal"))
        (entry(html! { path class="grid band" d="M0 2 H26 V14 H0 Z" {} }, &share))
    }
}

/// The figure for who does not see it.
fn spoken(caption: &str, machine: &Machine<'_>) -> String {
    let (count, of) =
        (machine.pairs.all.len(), |lane, metric| error(machine.errors, lane, metric));
    let mut text = format!("{caption} {count} estimates against measured times.");
    for (lane, half) in [("kept", "kept aside"), ("seen", "seen")] {
        let found = (of(lane, "error_share"), of(lane, "error_p90_share"));
        if let (Some(median), Some(p90)) = found {
            text.push_str(&format!(
                " Jobs {half}: half are off by {} at most, nine in ten by {}.",
                median.text(),
                p90.text()
            ));
        }
    }
    text
}

fn error(errors: &Record, lane: &str, metric: &str) -> Option<Value> {
    value(errors, find(errors, lane).ok()?, &Metric::parse(metric)).ok()
}

/// How far off, by half and language, and where most.
fn data(machine: &Machine<'_>) -> Markup {
    let lanes = [
        ("kept", "kept aside"),
        ("rust/kept", "kept aside, Rust"),
        ("python/kept", "kept aside, Python"),
        ("seen", "seen"),
        ("rust/seen", "seen, Rust"),
        ("python/seen", "seen, Python"),
    ];
    let columns = ["jobs", "times", "error_share", "error_p90_share", "best_named_share"];
    let rows: Vec<Vec<String>> = lanes
        .iter()
        .map(|(lane, title)| {
            let cells = columns.iter().map(|metric| {
                error(machine.errors, lane, metric).map_or("–".into(), |value| value.text())
            });
            [(*title).to_owned()].into_iter().chain(cells).collect()
        })
        .collect();
    let metrics = columns.iter().map(|metric| Some((*metric).to_owned()));
    let of = html::Of {
        rows: lanes.iter().map(|(lane, _)| format!("{CHOOSING}: {lane}")).collect(),
        columns: [None].into_iter().chain(metrics).collect(),
    };
    let head = [
        "half",
        "jobs",
        "times",
        "half are off by at most",
        "nine in ten by at most",
        "best model named",
    ];
    html! {
        (html::table_of(&head, &rows, &of))
        p { "Farthest off:" }
        (html::table(&WORST_HEAD, &worst(machine)))
    }
}

const WORST_HEAD: [&str; 9] = [
    "job",
    "half",
    "CPU per item",
    "wait",
    "at once",
    "model",
    "what binds",
    "computed",
    "measured",
];

fn worst(machine: &Machine<'_>) -> Vec<Vec<String>> {
    let mut pairs: Vec<&Pair<'_>> = machine.pairs.all.iter().collect();
    let factor = |pair: &Pair<'_>| {
        let ratio = 1.0 + pair.off();
        ratio.max(1.0 / ratio)
    };
    pairs.sort_by(|a, b| factor(b).total_cmp(&factor(a)));
    pairs.truncate(WORST);
    let seconds = |seconds: f64| number::axis(Unit::Seconds, seconds);
    let time = |ns: f64| match ns {
        0.0 => "–".to_owned(),
        ns => html::unbroken(&cost::time(ns)),
    };
    pairs
        .iter()
        .map(|pair| {
            vec![
                pair.drawn.id.clone(),
                if pair.drawn.kept { "kept aside" } else { "seen" }.to_owned(),
                time(pair.job.cpu_ns),
                time(pair.job.wait_ns),
                cost::count(pair.job.at_once),
                format!("{}, {}", pair.estimate.model.label(), pair.job.language.label()),
                pair.estimate.binds.label().to_owned(),
                seconds(computed(pair)),
                seconds(measured(pair)),
            ]
        })
        .collect()
}

fn pixels(y: f64) -> String {
    format!("{y:.1}")
}
