//! `{{#opener claim, claim}}`: what is on trial in this chapter, at a glance. Verdicts are
//! covered, since whoever has guessed looks at the measurement with other eyes. What no test
//! has decided is not guessed: it says so, and leads to the rule.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::options::Options;
use super::{markdown, verdict};
use crate::ask::claims::{Claim, Judgment, Verdict};

pub(super) const NAME: &str = "opener";

struct Opener {
    claims: Vec<String>,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let claims = Options::parse(rest)?.items()?;
    if claims.is_empty() {
        bail!("no claim is named; write `opener claim, claim`");
    }
    boxed(Opener { claims })
}

impl Directive for Opener {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let mut judged = Vec::new();
        for id in &self.claims {
            let claim = pages.claims.get(id)?;
            judged.push((claim, verdict::ours(pages, claim)?));
        }
        let ledger = pages.elsewhere.ledger_address(page.depth);
        Ok(markdown::block(html! {
            div class="opener" {
                p { "On trial here" }
                p class="whose" {
                    @if judged.iter().all(|(claim, _)| claim.field.is_none()) {
                        "What popular articles say about this. Does it hold? "
                    } @else {
                        "What people say about this. Does it hold? "
                    }
                    @if let Some(ledger) = &ledger { a href=(ledger) { "All claims" } }
                }
                ul {
                    @for (claim, judged) in &judged {
                        li data-claim=(claim.id) data-verdict=(judged.verdict) {
                            a href={ "#" (page.address_of(&claim.id)) } { (claim.claim) } " "
                            @if matches!(judged.verdict, Verdict::Argued | Verdict::Undecided) {
                                (without_a_guess(claim, judged, ledger.as_deref()))
                            } @else {
                                details {
                                    summary aria-label={ "Verdict: " (claim.claim) } { "Verdict" }
                                    b class={ "chip " (verdict::class(judged.verdict)) } {
                                        (judged.verdict)
                                    }
                                }
                            }
                        }
                    }
                }
                p class="note" { "Take a guess before you look at a verdict." }
            }
        }))
    }
}

/// A verdict that no guess could meet, with the way to the rule by which it was made.
fn without_a_guess(claim: &Claim, judged: &Judgment, ledger: Option<&str>) -> Markup {
    let verdict = judged.verdict;
    html! {
        span class="not-guessed" {
            @if let Some(ledger) = ledger {
                a class={ "chip " (verdict::class(verdict)) }
                    href={ (ledger) "#how-a-verdict-is-made" } { (verdict) }
            } @else {
                b class={ "chip " (verdict::class(verdict)) } { (verdict) }
            }
            @match (verdict, claim.sentence(judged)) {
                (Verdict::Argued, Some(sentence)) => { ": " (sentence) },
                _ => { ", not counted" },
            }
        }
    }
}
