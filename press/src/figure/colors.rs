//! What colors mean, and outlines, and heights: one key, in reach of every figure.

use maud::{Markup, html};

use super::look::Look;
use super::place::Place;
use lab::Kind;

/// A color a concept: its class, and what readers call it.
const KINDS: [(Kind, &str); 4] = [
    (Kind::Alone, "one flow, nothing concurrent"),
    (Kind::Thread, "threads"),
    (Kind::Process, "processes"),
    (Kind::Task, "tasks and coroutines"),
];

/// What a caption says, with its number, how the figure is to be read in small type, and the
/// way to the key.
pub fn caption(
    place: Place<'_>,
    caption: &str,
    reading: &str,
    kinds: impl IntoIterator<Item = Kind>,
) -> Markup {
    html! {
        figcaption {
            b { "Figure " (place.number) "." } " " (caption)
            " " span class="key" { (reading) } " " (key(place, &hues(kinds)))
        }
    }
}

/// The colors of a figure side by side, in the order of the key.
fn hues(kinds: impl IntoIterator<Item = Kind>) -> String {
    let seen: Vec<Kind> = kinds.into_iter().collect();
    let names = KINDS.iter().map(|(kind, _)| *kind).filter(|kind| seen.contains(kind));
    let names: Vec<&str> = names.map(Kind::name).collect();
    let share = 100.0 / names.len().max(1) as f64;
    let stops = names.iter().enumerate().map(|(i, name)| {
        format!(",var(--{name}) {:.0}% {:.0}%", share * i as f64, share * (i + 1) as f64)
    });
    format!("--hues:linear-gradient(to right{})", stops.collect::<String>())
}

/// A button, and with a page's first one the key that all of the page's buttons open.
fn key(place: Place<'_>, hues: &str) -> Markup {
    let id = format!("colors-{}", place.slug);
    html! {
        button type="button" class="colors" popovertarget=(id) style=(hues) { "Colors" }
        @if place.is_first {
            div popover id=(id) class="colors-key" {
                p { "What the colors mean, in every figure" }
                ul class="legend" {
                    @for (kind, text) in KINDS {
                        (entry(html! { rect class=(kind.name()) width="26" y="2" height="12" {} }, text))
                    }
                    (entry(html! { rect class="alone" width="26" y="2" height="12" {} }, "filled: Rust"))
                    (entry(
                        html! { rect class="alone hollow" x="1" width="24" y="3" height="10" {} },
                        "outlined: Python",
                    ))
                    (entry(
                        html! { line class="whisker" x1="0" x2="26" y1="8" y2="8" {} },
                        "95 % interval",
                    ))
                }
                p { "In lanes, where time runs to the right" }
                ul class="legend" {
                    @for look in Look::ALL {
                        (entry(look.sample("alone"), look.means()))
                    }
                }
            }
        }
    }
}

fn entry(drawn: Markup, text: &str) -> Markup {
    html! {
        li { svg width="26" height="16" aria-hidden="true" { (drawn) } " " (text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_look_has_its_place_in_the_key_of_a_page_once() {
        let place = |is_first| Place { number: 1, depth: 0, slug: "page", is_first };
        let (first, later) = {
            let key = |is_first| key(place(is_first), &hues([Kind::Task, Kind::Thread]));
            (key(true).into_string(), key(false).into_string())
        };
        let both = "--hues:linear-gradient(to right,var(--thread) 0% 50%,var(--task) 50% 100%)";
        assert!(later.contains(both), "{later}");
        for kind in [Kind::Alone, Kind::Thread, Kind::Process, Kind::Task] {
            assert!(first.contains(&format!("<rect class=\"{}\"", kind.name())), "{first}");
        }
        for look in Look::ALL {
            assert!(first.contains(look.means()), "{first}");
        }
        assert!(first.contains("popover id=\"colors-page\""));
        assert!(later.contains("popovertarget=\"colors-page\"") && !later.contains("<div"));
    }
}
