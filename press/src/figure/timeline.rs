//! Timelines: who ran when, as recorded. One axis for all that are drawn together.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{color, scale::Scale};
use crate::ask::number;
use crate::ask::select::{Unit, value};
use crate::ask::slices::{end, is_on_core, overlap};
use crate::figure::html::{self, escape};
use crate::store::record::{Lane, Record, State, Variant};

/// What is to be drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The caption.
    pub caption: String,
    /// Start of the window, in nanoseconds.
    pub from_ns: u64,
    /// Its end; the end of the longest recording when absent.
    pub to_ns: Option<u64>,
}

const ROW: usize = 24;

/// Draws the variants of each machine.
pub fn figure(
    timeline: &Timeline,
    number: usize,
    reference: &str,
    machines: &[(&str, &Record, Vec<&Variant>)],
) -> String {
    let all = machines.iter().flat_map(|(_, _, variants)| variants.iter());
    let longest = all.map(|variant| end(&variant.timeline)).max().unwrap_or(0);
    let to_ns = timeline.to_ns.unwrap_or(longest).max(timeline.from_ns + 1);
    let span = (to_ns - timeline.from_ns) as f64 * 1e-9;
    let axis = Scale::linear(&[span], Unit::Seconds);
    let window = Window { from: timeline.from_ns as f64, to: to_ns as f64 };

    let mut seen = Seen::default();
    let mut body = String::from("<div class=\"machines wide\">");
    for (i, (machine, record, variants)) in machines.iter().enumerate() {
        // A script may step through what it wraps; without one it is nothing.
        let mut inner = format!(
            "<timeline-player from-ms=\"{}\" to-ms=\"{}\">",
            window.from * 1e-6,
            window.to * 1e-6
        );
        for variant in variants {
            inner.push_str(&one(record, variant, &window, &mut seen));
        }
        inner.push_str(&window.axis(&axis, span));
        inner.push_str("</timeline-player>");
        inner.push_str(&super::beneath(machine, record, &data(record, variants)));
        body.push_str(&html::machine_block(
            i,
            machines.len(),
            machine,
            *machine == reference,
            &inner,
        ));
    }
    body.push_str("</div>");
    format!(
        "<figure class=\"measured-figure timeline\" style=\"--names:{}\"><figcaption>\
         <b>Figure {number}.</b> {} <span class=\"key\">As recorded, one lane a row.</span>\
         </figcaption>{}{body}</figure>",
        seen.longest_name,
        escape(&timeline.caption),
        legend(&seen)
    )
}

/// What the lanes of a figure have in them.
#[derive(Default)]
struct Seen {
    states: BTreeSet<&'static str>,
    colors: BTreeSet<&'static str>,
    /// In characters, so that all lanes of a figure start below each other.
    longest_name: usize,
}

struct Window {
    from: f64,
    to: f64,
}

impl Window {
    /// Where a stretch lies in the window, in per cent: start and width.
    fn place(&self, from: u64, to: u64) -> Option<(f64, f64)> {
        let at = |ns: f64| ((ns - self.from) / (self.to - self.from) * 100.0).clamp(0.0, 100.0);
        let (from, to) = (at(from as f64), at(to as f64));
        (to > from).then_some((from, to - from))
    }

    fn axis(&self, axis: &Scale, span: f64) -> String {
        let mut out = String::new();
        for (i, tick) in axis.values().iter().filter(|tick| **tick <= span * 1.001).enumerate()
        {
            let x = tick / span * 100.0;
            let anchor = match i {
                0 => "start",
                _ if x > 95.0 => "end",
                _ => "middle",
            };
            let text = number::axis(Unit::Seconds, self.from * 1e-9 + tick);
            let _ = write!(
                out,
                "<text class=\"tick\" x=\"{x:.2}%\" y=\"12\" text-anchor=\"{anchor}\">{text}</text>"
            );
        }
        format!(
            "<div class=\"lanes\"><span></span><svg width=\"100%\" height=\"18\" \
             aria-hidden=\"true\">{out}</svg></div>"
        )
    }
}

fn one(record: &Record, variant: &Variant, window: &Window, seen: &mut Seen) -> String {
    let mut names = String::new();
    let mut drawn = String::new();
    for (i, lane) in variant.timeline.iter().enumerate() {
        let _ = write!(names, "<li>{}</li>", escape(&lane.name));
        seen.longest_name = seen.longest_name.max(lane.name.chars().count());
        drawn.push_str(&row(lane, i * ROW, window, color(variant.kind), seen));
    }
    let title = html::lane_title(record, variant);
    format!(
        "<p class=\"lanes-title\">{}</p><div class=\"lanes\"><ul>{names}</ul>\
         <svg role=\"img\" aria-label=\"{}\" width=\"100%\" height=\"{}\">{drawn}</svg></div>",
        escape(&title),
        escape(&spoken(&title, &variant.timeline)),
        variant.timeline.len() * ROW
    )
}

fn row(lane: &Lane, y: usize, window: &Window, color: &'static str, seen: &mut Seen) -> String {
    let mut out = String::new();
    let middle = y + ROW / 2;
    let mut before: Option<u64> = None;
    for span in &lane.spans {
        if let Some(before) = before.filter(|before| span.from_ns > *before)
            && let Some((x, width)) = window.place(before, span.from_ns)
        {
            seen.states.insert("off");
            let _ = write!(
                out,
                "<line class=\"off\" x1=\"{x:.3}%\" x2=\"{:.3}%\" y1=\"{middle}\" y2=\"{middle}\"/>",
                x + width
            );
        }
        before = Some(span.to_ns);
        let Some((x, width)) = window.place(span.from_ns, span.to_ns) else { continue };
        let (class, height) = match span.state {
            State::Running => ("running", 14),
            State::Holding => ("holding", 14),
            State::WaitingLock => ("waiting-lock", 4),
            State::WaitingIo => ("waiting-io", 4),
        };
        seen.states.insert(class);
        if class == "running" {
            seen.colors.insert(color);
        }
        // A moment would be drawn as nothing at all.
        let thin = if width < 0.2 { " thin" } else { "" };
        let core = span.core.map_or(String::new(), |core| format!(" core{}", core % 4));
        let _ = write!(
            out,
            "<rect class=\"{class} {color}{core}{thin}\" x=\"{x:.3}%\" y=\"{}\" width=\"{width:.3}%\" height=\"{height}\"/>",
            middle - height / 2
        );
    }
    out
}

fn legend(seen: &Seen) -> String {
    // Gray, where flows of several kinds are drawn.
    let color = match Vec::from_iter(&seen.colors)[..] {
        [one] => one,
        _ => "alone",
    };
    let mut out = String::new();
    for (class, text) in [
        ("running", "on a core"),
        ("holding", "holds the lock"),
        ("waiting-lock", "waits for the lock"),
        ("waiting-io", "waits for I/O"),
        ("off", "off the core"),
    ] {
        if !seen.states.contains(class) {
            continue;
        }
        let sign = match class {
            "off" => "<line class=\"off\" x1=\"0\" x2=\"100%\" y1=\"8\" y2=\"8\"/>".to_owned(),
            "running" | "holding" => {
                format!(
                    "<rect class=\"{class} {color}\" width=\"100%\" y=\"1\" height=\"14\"/>"
                )
            }
            _ => format!("<rect class=\"{class}\" width=\"100%\" y=\"6\" height=\"4\"/>"),
        };
        let _ = write!(
            out,
            "<li><svg width=\"26\" height=\"16\" aria-hidden=\"true\">{sign}</svg> {text}</li>"
        );
    }
    format!("<ul class=\"legend\">{out}</ul>")
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

fn data(record: &Record, variants: &[&Variant]) -> String {
    let head =
        ["variant", "whole slices", "median slice", "95 % interval", "two or more at once"];
    let rows: Vec<Vec<String>> = variants
        .iter()
        .map(|variant| {
            let slice = value(record, variant, "slice");
            let text = |metric: &str| {
                value(record, variant, metric).map_or("–".to_owned(), |value| value.text())
            };
            vec![
                html::lane_title(record, variant),
                text("slices"),
                text("slice"),
                slice.map_or("–".to_owned(), |slice| slice.interval()),
                text("overlap"),
            ]
        })
        .collect();
    html::table(&head.map(str::to_owned), &rows)
}
