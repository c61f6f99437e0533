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
            @for (_, machine) in machines {
                @let judged = claim.judge(&pages.results, machine);
                div class="machine" data-machine=(machine) {
                    p {
                        b class=(class(judged.verdict)) { (judged.verdict) }
                        @if judged.verdict != Verdict::Argued { " on " (title(machine)) }
                    }
                    @if !judged.reasons.is_empty() {
                        ul { @for reason in &judged.reasons { (one(reason)) } }
                    }
                }
            }
        }
    };
    match &claim.argued {
        Some(argued) => markdown::around(html, argued),
        None => markdown::block(html),
    }
}

fn one(reason: &Reason) -> Markup {
    html! {
        li {
            @if !reason.when.is_empty() { (reason.when) ": " }
            (words(&reason.found())) " "
            span class="test" { "(" (reason.experiment) " asks " code { (reason.holds) } ")" }
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
