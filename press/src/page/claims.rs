//! `{{#claims}}`: every claim with its verdict on every machine, and in one place all tests
//! whose threshold was written when a record was there already. Claims still open are not
//! shown: the book promises nothing that it does not have.

use anyhow::Result;
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::options::nothing;
use super::{elsewhere, markdown, verdict};
use crate::ask::claims::{Claim, Test, Verdict};
use crate::figure::shown::{machines, title};

pub(super) const NAME: &str = "claims";

struct Ledger;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(Ledger)
}

impl Directive for Ledger {
    fn is_ledger(&self) -> bool {
        true
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let on_trial: Vec<&Claim> = pages
            .claims
            .all
            .iter()
            .filter(|claim| verdict::ours(pages, claim).is_ok())
            .collect();
        let mut out = markdown::block(head(pages, &on_trial));
        for of_topic in on_trial.chunk_by(|one, next| one.topic == next.topic) {
            let topic = markdown::inline(html! { (of_topic[0].topic) });
            out.push_str(&format!("\n\n## {topic}\n\n"));
            for claim in of_topic {
                out.push_str(&entry(pages, page, claim));
            }
        }
        let after: Vec<_> = pages
            .claims
            .written_after()
            .filter(|(claim, ..)| on_trial.iter().any(|other| other.id == claim.id))
            .collect();
        if !after.is_empty() {
            out.push_str("\n\n## Thresholds written after a record\n\n");
            out.push_str(&markdown::block(late(pages, page, &after)));
        }
        Ok(out)
    }
}

/// The tests that are no forecasts, of how many.
fn late(pages: &Pages, page: &Page, after: &[(&Claim, &Test, &str)]) -> Markup {
    let all = pages.claims.all.iter().map(|claim| claim.tests.len()).sum::<usize>();
    html! {
        div class="late" {
            p {
                "Of " (all) " tests, " (after.len()) " have a threshold that was written when \
                 what they ask had been recorded, or first came with its record. They could \
                 have been fitted to it."
            }
            details { summary { "Which, and why" } ul {
                // Tests of one claim mostly have one reason.
                @for of_one in after.chunk_by(|(a, _, x), (b, _, y)| a.id == b.id && x == y) {
                    @let (claim, _, why) = of_one[0];
                    li {
                        a href={ "#" (page.address_of(&claim.id)) } { (claim.id) } ": " (why) "."
                        ul {
                            @for (_, test, _) in of_one {
                                li {
                                    @if !test.when.is_empty() { (test.when) " " }
                                    span class="test" {
                                        "(" (test.experiment) " asks " code { (test.holds) } ")"
                                    }
                                }
                            }
                        }
                    }
                }
            } }
        }
    }
}

/// How many verdicts of each kind there are, and the choice of which to see. What is chosen
/// is kept by the form's own buttons, so that no script is needed.
fn head(pages: &Pages, claims: &[&Claim]) -> Markup {
    let reference = &pages.results.reference;
    let mut verdicts: Vec<(Verdict, usize)> = Vec::new();
    for claim in claims {
        let verdict = claim.judge(&pages.results, reference).verdict;
        match verdicts.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, count)) => *count += 1,
            None => verdicts.push((verdict, 1)),
        }
    }
    verdicts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let choice = |group: &str, id: &str, text: Markup| {
        let is_all = id == "all";
        html! {
            label {
                input type="radio" name=(group) id={ (group) "-" (id) } checked[is_all]
                    class=[(!is_all).then_some("narrows")];
                " " (text)
            }
        }
    };
    html! {
        // On paper nothing can be chosen.
        p class="totals" {
            "On " (title(reference)) ", of " (claims.len()) " claims: "
            @for (i, (verdict, count)) in verdicts.iter().enumerate() {
                @if i > 0 { ", " }
                (count) " " b class=(verdict::class(*verdict)) { (verdict) }
            }
            "."
        }
        div class="scoreboard" {
            fieldset {
                legend { "Verdict on " (title(reference)) }
                div class="choices" {
                    (choice("verdict", "all", html! { "all " (claims.len()) }))
                    @for (verdict, count) in &verdicts {
                        (choice("verdict", &verdict::class(*verdict), html! {
                            b class=(verdict::class(*verdict)) { (verdict) } " " (count)
                        }))
                    }
                }
            }
            fieldset {
                legend { a href="#sources" { "Who says so" } }
                div class="choices" {
                    (choice("source", "all", html! { "anybody" }))
                    @for (letter, name) in &pages.claims.sources {
                        (choice("source", &format!("by-{letter}"), html! { (name) }))
                    }
                    @if claims.iter().any(|claim| claim.field.is_some()) {
                        (choice("source", "by-field", html! { "the field" }))
                    }
                    @if claims.iter().any(|claim| is_ours(claim)) {
                        (choice("source", "by-ours", html! { "ours" }))
                    }
                }
            }
            @let chapters = chapters(pages, claims);
            @if !chapters.is_empty() {
                p {
                    label for="chapter" { "Tried in" }
                    select id="chapter" {
                        option { "any chapter" }
                        @for (slug, title) in chapters {
                            option id={ "chapter-in-" (slug) } class="narrows" { (title) }
                        }
                    }
                }
            }
        }
    }
}

/// Whether nobody else is said to make it.
fn is_ours(claim: &Claim) -> bool {
    claim.letters().is_empty() && claim.field.is_none()
}

/// The pages on which claims are tried, in the order in which the ledger comes to them.
fn chapters<'p>(pages: &'p Pages, claims: &[&Claim]) -> Vec<(String, &'p str)> {
    let mut chapters: Vec<(String, &str)> = Vec::new();
    for trial in claims.iter().flat_map(|claim| pages.elsewhere.trials(&claim.id)) {
        let slug = elsewhere::slug(&trial.place.page);
        if chapters.iter().all(|(known, _)| *known != slug) {
            chapters.push((slug, &trial.place.title));
        }
    }
    chapters
}

/// A line a claim; its tests are there for whoever wants them.
fn entry(pages: &Pages, page: &Page, claim: &Claim) -> String {
    let reference = &pages.results.reference;
    let ours = claim.judge(&pages.results, reference);
    let others = machines(&pages.results).into_iter().filter(|(_, name)| name != reference);
    let trials = pages.elsewhere.trials(&claim.id);
    let by = claim.letters().into_iter().map(|letter| format!(" by-{letter}"));
    let by = by.chain(claim.field.iter().map(|_| " by-field".to_owned()));
    let by = by.chain(is_ours(claim).then(|| " by-ours".to_owned()));
    let pages_of = trials.iter().map(|t| format!(" in-{}", elsewhere::slug(&t.place.page)));
    let class = format!(
        "of-{}{}",
        verdict::class(ours.verdict),
        by.chain(pages_of).collect::<String>()
    );
    let names: Vec<&str> = pages.claims.who_says(claim).collect();
    let summary = html! {
        b class=(verdict::class(ours.verdict)) { (ours.verdict) }
        " " span class="what" { (claim.claim) }
        " " span class="who" {
            @if names.len() > 1 && names.len() == pages.claims.sources.len() {
                "all " (names.len())
            } @else {
                (names.join(", "))
                @if let Some(field) = &claim.field {
                    @if !names.is_empty() { ", " }
                    (field)
                }
                @if is_ours(claim) { "ours" }
            }
        }
        @for (_, machine) in others {
            @let there = claim.judge(&pages.results, machine);
            @if ours.differs(&there) {
                " " span class="there" {
                    (title(machine)) ": "
                    span class=(verdict::class(there.verdict)) { (there.verdict) }
                }
            }
        }
    };
    let tried = html! {
        p class="tried" {
            @for trial in trials {
                a href=(trial.place.address(page.depth))
                    title=[trial.section.as_deref()] { (trial.place.title) }
                " "
            }
        }
    };
    // Around what may have an argument, which is Markdown.
    format!(
        "\n\n<div class=\"entry {class}\">\n\n{}{}\n\n</div>\n\n",
        verdict::folded(pages, claim, summary, page.address_of(&claim.id)),
        if trials.is_empty() { String::new() } else { markdown::block(tried) }
    )
}
