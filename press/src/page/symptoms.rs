//! `{{#symptom "Too many open files"; kind=message; says="…"}}` stands in the paragraph that
//! answers it, unseen, and `{{#symptoms}}` lists those of all pages, by their kinds. So the
//! list has what pages answer and nothing else.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::elsewhere::Found;
use super::markdown;
use super::options::nothing;
use super::symptom::{KINDS, Kind, SEEN, Symptom, key};

/// What marks a place.
pub(super) const MARKER: &str = "symptom";
/// What lists all places.
pub(super) const LIST: &str = "symptoms";

pub(super) fn parse_marker(rest: &str) -> Result<Box<dyn Directive>> {
    boxed(Symptom::parse(rest)?)
}

pub(super) fn parse_list(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(List)
}

impl Directive for Symptom {
    fn symptom(&self) -> Option<&Symptom> {
        Some(self)
    }

    /// An address, and nothing to see.
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let all = pages.elsewhere.symptoms();
        let is_this = |found: &&Found| found.symptom == *self && found.place.page == page.name;
        if let Some(this) = all.iter().find(is_this)
            && !this.is_in_text
        {
            bail!(
                "it marks the paragraph that answers it, and stands in none; put it before its \
                 first word"
            );
        }
        let ours: Vec<String> = self.all_words().map(|words| key(words)).collect();
        let own = key(&self.words);
        let same = all.iter().filter(|found| {
            let words = key(&found.symptom.words);
            // Other words may lead to several places; what is listed stands once.
            ours.contains(&words) || found.symptom.all_words().any(|words| key(words) == own)
        });
        let places: Vec<String> = same.map(Found::written).collect();
        if places.len() > 1 {
            bail!(
                "`{}` is marked at {}; leave one, or say in its words what is different",
                self.words,
                places.join(" and ")
            );
        }
        Ok(markdown::inline(html! { span class="symptom" id=(self.id()) {} }))
    }
}

struct List;

impl Directive for List {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let all = pages.elsewhere.symptoms();
        if all.is_empty() {
            bail!("no page has a `symptom`");
        }
        let mut out = markdown::block(head(all));
        let mut is_seen = false;
        for kind in &KINDS {
            let mut its: Vec<&Found> =
                all.iter().filter(|found| found.symptom.kinds[0] == kind).collect();
            if its.is_empty() {
                continue;
            }
            // Messages and names are looked up. What one sees or asks is read, in the order of
            // the book, so that what belongs together stands together.
            if ["message", "name"].contains(&kind.name) {
                its.sort_by_key(|found| key(&found.symptom.words));
            }
            if kind.is_seen && !is_seen {
                out.push_str(&format!("\n\n## {SEEN}\n\n"));
            }
            is_seen |= kind.is_seen;
            let level = if kind.is_seen { "###" } else { "##" };
            let title = markdown::inline(html! { (kind.title) });
            out.push_str(&format!("\n\n{level} {title}\n\n"));
            let is_question = kind.name == "question";
            let by_page =
                |one: &&Found, next: &&Found| !is_question || one.place.page == next.place.page;
            out.push_str(&markdown::block(html! {
                @for group in its.chunk_by(by_page) {
                    @if is_question { p class="from-page" { (group[0].place.title) } }
                    ul class="symptoms" {
                        @for found in group { (entry(found, page.depth)) }
                    }
                }
            }));
        }
        Ok(out)
    }
}

/// The choice of which to see, kept by the form's own buttons, so that no script is needed.
fn head(all: &[Found]) -> Markup {
    let count = |kind: &Kind| {
        all.iter().filter(|found| found.symptom.kinds.iter().any(|its| **its == *kind)).count()
    };
    html! {
        div class="scoreboard" {
            fieldset {
                legend { "Show" }
                div class="choices" {
                    label {
                        input type="radio" name="kind" id="kind-all" checked;
                        " all " (all.len())
                    }
                    @for kind in KINDS.iter().filter(|kind| count(kind) > 0) {
                        label {
                            input type="radio" name="kind" id={ "kind-" (kind.name) }
                                class="narrows";
                            " " (kind.title) " " span class="count" { (count(kind)) }
                        }
                    }
                }
            }
        }
    }
}

fn entry(found: &Found, depth: usize) -> Markup {
    let Found { symptom, place, section, .. } = found;
    let of: Vec<String> =
        symptom.kinds.iter().map(|kind| format!("of-{}", kind.name)).collect();
    let is_message = symptom.kinds[0].name == "message";
    html! {
        li class=(of.join(" ")) {
            a href=(place.address(depth)) {
                @if is_message { code { (symptom.words) } } @else { (symptom.words) }
            }
            @if !symptom.also.is_empty() {
                " " span class="also" {
                    @for (i, words) in symptom.also.iter().enumerate() {
                        @if i > 0 { " · " }
                        span { (words) }
                    }
                }
            }
            " " span class="says" { (symptom.says) }
            " " span class="where" {
                (place.title)
                @if let Some(section) = section { " › " (section) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_rule_by_which_it_is_chosen_without_a_script() {
        let theme =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../theme/figures.css");
        let css = std::fs::read_to_string(theme).unwrap();
        for Kind { name, .. } in &KINDS {
            let rule = format!("main:has(#kind-{name}:checked) .symptoms > li:not(.of-{name})");
            assert!(css.contains(&rule), "theme/figures.css: {rule}");
        }
    }
}
