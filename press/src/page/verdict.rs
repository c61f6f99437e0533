//! `{{#verdict claim}}`: a claim, its verdict on the machines that pages show, and why.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use crate::ask::claims::{Claim, Judgment, Reason, Verdict};
use crate::figure::shown::{Role, machines, title};
use crate::figure::trial;
pub(super) use crate::figure::trial::class;

pub(super) const NAME: &str = "verdict";

struct OnTrial {
    claim: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    boxed(OnTrial { claim: rest.to_owned() })
}

impl Directive for OnTrial {
    fn judges(&self) -> Option<&str> {
        Some(&self.claim)
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let claim = pages.claims.get(&self.claim)?;
        let judged = ours(pages, claim)?;
        if let Some(untried) = judged.reasons.iter().find(|r| r.verdict == Verdict::Untried) {
            bail!(
                "claim `{}` cannot be judged on the reference machine: {}",
                claim.id,
                untried.measured
            );
        }
        if claim.says.is_some() && claim.sentence(&judged).is_none() {
            bail!(
                "the sentence of claim `{}` was written for the outcome `{}`, and its tests say \
                 `{}` here; read them, rewrite `says`, then `said-of`",
                claim.id,
                claim.said_of.as_deref().unwrap_or_default(),
                judged.signs()
            );
        }
        let is_first = page.judged.insert(claim.id.clone());
        let address = is_first.then(|| page.address_of(&claim.id));
        let html = html! {
            div class="verdict" id=[address] data-claim=(claim.id) {
                (trials(pages, claim, false)) (elsewhere(pages, claim)) (said_by(claim))
            }
        };
        let link = pages.elsewhere.in_ledger(&claim.id).map(|place| {
            html! {
                p class="in-ledger" {
                    a href=(place.address(page.depth))
                        aria-label={ "In the ledger: " (claim.claim) } { "In the ledger" }
                }
            }
        });
        Ok(argued(html, claim, link))
    }
}

/// The verdict by the reference records. A claim that is still open has no place on a page.
pub(super) fn ours(pages: &Pages, claim: &Claim) -> Result<Judgment> {
    let judged = claim.judge(&pages.results, &pages.results.reference);
    if judged.verdict == Verdict::Open {
        bail!("claim `{}` is open: it has neither a test nor an argument yet", claim.id);
    }
    Ok(judged)
}

/// A claim of the ledger: a line, and beneath it, on demand, its tests on all machines.
pub(super) fn folded(pages: &Pages, claim: &Claim, summary: Markup, address: String) -> String {
    let html = html! {
        details {
            summary { (summary) }
            // The address is inside, so that a browser opens what it is led to.
            div class="verdict" id=(address) data-claim=(claim.id) {
                (trials(pages, claim, true)) (said_by(claim))
            }
        }
    };
    argued(html, claim, None)
}

/// With its argument, which is Markdown, if it has one, and at its end whatever is `last`.
fn argued(html: Markup, claim: &Claim, last: Option<Markup>) -> String {
    let last = last.map(markdown::block).unwrap_or_default();
    let argument = claim.argued.as_deref().unwrap_or_default();
    match argument.is_empty() && last.is_empty() {
        true => markdown::block(html),
        false => markdown::around(html, &format!("{argument}{last}")),
    }
}

/// Its verdict on the reader's machine and ours (or `on_all`), and the reasons.
fn trials(pages: &Pages, claim: &Claim, on_all: bool) -> Markup {
    let mut machines = machines(&pages.results);
    machines.retain(|(role, _)| on_all || *role != Role::Other);
    if claim.tests.is_empty() {
        // An argument is the same everywhere.
        machines.truncate(1);
    }
    html! {
        @for (role, machine) in machines {
            @let judged = claim.judge(&pages.results, machine);
            @if role == Role::Other {
                details class="machine other" data-machine=(machine) {
                    summary { (says(judged.verdict, machine)) }
                    (trial(claim, &judged))
                }
            } @else {
                div class="machine" data-machine=(machine) {
                    p class="claim" {
                        b class=(class(judged.verdict)) { (judged.verdict) } " "
                        q { (claim.claim) }
                        @if judged.verdict != Verdict::Argued {
                            " " span class="test" { "on " (title(machine)) }
                        }
                    }
                    (trial(claim, &judged))
                }
            }
        }
    }
}

/// Where another committed machine says something else, and is sure of it.
fn elsewhere(pages: &Pages, claim: &Claim) -> Markup {
    let ours = claim.judge(&pages.results, &pages.results.reference);
    let others = machines(&pages.results).into_iter().filter(|(role, _)| *role == Role::Other);
    let differing = others.filter_map(|(_, machine)| {
        let there = claim.judge(&pages.results, machine);
        let is_sure =
            matches!(there.verdict, Verdict::Holds | Verdict::Fails | Verdict::Depends);
        let tried = there.reasons.iter().filter(|r| r.verdict != Verdict::Untried).count();
        let of = (tried < there.reasons.len()).then_some((tried, there.reasons.len()));
        (is_sure && ours.differs(&there)).then_some((machine, there.verdict, of))
    });
    html! {
        @for (machine, verdict, of) in differing {
            p class="elsewhere" {
                "But on " (machine) ": " b class=(class(verdict)) { (verdict) }
                "."
                @if let Some((tried, all)) = of {
                    " Of the " (all) " tests, " (tried) " could be tried there."
                }
            }
        }
    }
}

/// Where one can read the claim of somebody other than the articles.
fn said_by(claim: &Claim) -> Markup {
    html! {
        @if let (Some(field), Some(link)) = (&claim.field, &claim.link) {
            p class="said-by" { "Said by " a href=(link) { (field) } "." }
        }
    }
}

fn says(verdict: Verdict, machine: &str) -> Markup {
    html! {
        b class=(class(verdict)) { (verdict) }
        @if verdict != Verdict::Argued { " on " (title(machine)) }
    }
}

/// What the tests say in a sentence, what they found, drawn, and in a fold how they asked.
fn trial(claim: &Claim, judged: &Judgment) -> Markup {
    html! {
        @if let Some(sentence) = claim.sentence(judged) {
            p class="said" { (sentence) }
        } @else if claim.says.is_some() {
            p class="said" { (judged.tally()) }
        }
        @if !judged.reasons.is_empty() {
            (trial::rows(judged))
            details class="asked" {
                summary { "How it was asked" }
                ul { @for reason in &judged.reasons { (one(reason)) } }
            }
        }
    }
}

fn one(reason: &Reason) -> Markup {
    html! {
        li {
            @if !reason.when.is_empty() { (reason.when) ": " }
            code { (reason.experiment) } " asks " code { (reason.holds) } "; "
            // What was measured may be an answer, which is a text of a record.
            @if reason.verdict == Verdict::Untried {
                (words(&reason.found()))
            } @else {
                (reason.found())
            }
            @if reason.after_record.is_some() { "; the threshold was written after a record" }
        }
    }
}

/// A message as a page shows it: what stands in backticks is code.
pub(super) fn words(text: &str) -> Markup {
    html! {
        @for (i, part) in text.split('`').enumerate() {
            @if i % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
