//! `{{#opener claim, claim}}`: what is on trial in this chapter, at a glance. Verdicts are
//! covered, since whoever has guessed looks at the measurement with other eyes.

use anyhow::{Result, bail};
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::options::Options;
use super::{markdown, verdict};

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
            judged.push((claim, verdict::ours(pages, claim)?.verdict));
        }
        Ok(markdown::block(html! {
            div class="opener" {
                p { "On trial here" }
                ul {
                    @for (claim, verdict) in judged {
                        li data-claim=(claim.id) data-verdict=(verdict) {
                            a href={ "#" (page.address_of(&claim.id)) } { (claim.claim) } " "
                            details {
                                summary aria-label={ "Verdict: " (claim.claim) } { "Verdict" }
                                b class={ "chip " (verdict::class(verdict)) } { (verdict) }
                            }
                        }
                    }
                }
                p class="note" { "Take a guess before you look at a verdict." }
            }
        }))
    }
}
