//! `{{#verdict claim}}`: a claim, its verdict on the machines that pages show, and why.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use crate::ask::claims::{Claim, Judgment, Reason, Verdict};
use crate::figure::shown::{Role, machines, title};

pub(super) const NAME: &str = "verdict";

struct OnTrial {
    claim: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    boxed(OnTrial { claim: rest.to_owned() })
}

impl Directive for OnTrial {
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
        let is_first = page.judged.insert(claim.id.clone());
        Ok(block(pages, claim, false, is_first.then(|| page.address_of(&claim.id))))
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

/// The class that a verdict is colored by.
pub(super) fn class(verdict: Verdict) -> String {
    format!("is-{}", verdict.to_string().replace(' ', "-"))
}

/// A claim, its verdict on the reader's machine and ours (or `on_all`), and the reasons.
pub(super) fn block(
    pages: &Pages,
    claim: &Claim,
    on_all: bool,
    address: Option<String>,
) -> String {
    let mut machines = machines(&pages.results);
    machines.retain(|(role, _)| on_all || *role != Role::Other);
    if claim.tests.is_empty() {
        // An argument is the same everywhere.
        machines.truncate(1);
    }
    let html = html! {
        div class="verdict" id=[address] {
            p class="claim" {
                span class="claim-id" { (claim.id) } " " (claim.claim)
                @if on_all && !claim.articles.is_empty() {
                    " " span class="test" { "(" (claim.articles) ")" }
                }
            }
            @for (role, machine) in machines {
                @let judged = claim.judge(&pages.results, machine);
                @if role == Role::Other {
                    details class="machine other" data-machine=(machine) {
                        summary { (says(judged.verdict, machine)) }
                        (reasons(&judged))
                    }
                } @else {
                    div class="machine" data-machine=(machine) {
                        p { (says(judged.verdict, machine)) }
                        (reasons(&judged))
                    }
                }
            }
            @if !on_all { (elsewhere(pages, claim)) }
        }
    };
    match &claim.argued {
        Some(argued) => markdown::around(html, argued),
        None => markdown::block(html),
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
        (is_sure && ours.differs(&there)).then_some((machine, there.verdict))
    });
    html! {
        @for (machine, verdict) in differing {
            p class="elsewhere" {
                "But on " (machine) ": " b class=(class(verdict)) { (verdict) } "."
            }
        }
    }
}

fn says(verdict: Verdict, machine: &str) -> Markup {
    html! {
        b class=(class(verdict)) { (verdict) }
        @if verdict != Verdict::Argued { " on " (title(machine)) }
    }
}

fn reasons(judged: &Judgment) -> Markup {
    html! {
        @if !judged.reasons.is_empty() {
            ul { @for reason in &judged.reasons { (one(reason)) } }
        }
    }
}

fn one(reason: &Reason) -> Markup {
    html! {
        li {
            @if !reason.when.is_empty() { (reason.when) ": " }
            // What was measured may be an answer, which is a text of a record.
            @if reason.verdict == Verdict::Untried {
                (words(&reason.found()))
            } @else {
                (reason.found())
            }
            " "
            span class="test" {
                "(" (reason.experiment) " asks " code { (reason.holds) }
                @if reason.after_record.is_some() { ", a threshold written after a record" }
                ")"
            }
        }
    }
}

/// A message as a page shows it: what stands in backticks is code.
fn words(text: &str) -> Markup {
    html! {
        @for (i, part) in text.split('`').enumerate() {
            @if i % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
