//! `{{#claims}}`: every claim with its verdict on every machine, and in one place all tests
//! whose threshold was written when a record was there already. Claims still open are not
//! shown: the book promises nothing that it does not have.

use anyhow::Result;
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::options::nothing;
use super::{markdown, verdict};
use crate::ask::claims::{Claim, Test};
use crate::figure::shown::{machines, title};

pub(super) const NAME: &str = "claims";

struct Ledger;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(Ledger)
}

impl Directive for Ledger {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let on_trial: Vec<&Claim> = pages
            .claims
            .all
            .iter()
            .filter(|claim| verdict::ours(pages, claim).is_ok())
            .collect();
        let mut out = String::new();
        for of_topic in on_trial.chunk_by(|one, next| one.topic == next.topic) {
            let topic = markdown::inline(html! { (of_topic[0].topic) });
            out.push_str(&format!("\n\n## {topic}\n\n"));
            out.push_str(&markdown::block(overview(pages, page, of_topic)));
            for claim in of_topic {
                let address = Some(page.address_of(&claim.id));
                out.push_str(&verdict::block(pages, claim, true, address));
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
            ul {
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
            }
        }
    }
}

/// A row a claim, a column a machine.
fn overview(pages: &Pages, page: &Page, claims: &[&Claim]) -> Markup {
    let machines = machines(&pages.results);
    html! {
        div class="table-wrapper" tabindex="0" role="group" aria-label="Verdicts by machine" {
            table class="verdicts" {
                thead {
                    tr {
                        th scope="col" class="text" { "claim" }
                        @for (_, machine) in &machines {
                            th scope="col" class="text" { (title(machine)) }
                        }
                    }
                }
                tbody {
                    @for claim in claims {
                        tr {
                            th scope="row" {
                                a href={ "#" (page.address_of(&claim.id)) } { (claim.id) }
                            }
                            @for (_, machine) in &machines {
                                @let judged = claim.judge(&pages.results, machine).verdict;
                                td class="text" {
                                    span class=(verdict::class(judged)) { (judged) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
