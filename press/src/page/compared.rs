//! `{{#compared}}`: every claim's verdict on every machine there are records of, and what
//! differs, test by test. A machine that lacks a record, an interpreter or cores differs by the
//! tests that were tried on both, and by nothing else.

use anyhow::Result;
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::nothing;
use super::verdict::{class, words};
use crate::ask::claims::{Claim, Judgment, Reason, Verdict};
use crate::figure::shown::{Role, machines, title};

pub(super) const NAME: &str = "compared";

struct Compared;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(Compared)
}

/// A claim that measurements decide, with its verdict on the reference and on the others.
struct Asked<'p> {
    claim: &'p Claim,
    ours: Judgment,
    /// In the order of the machines.
    theirs: Vec<Judgment>,
}

impl Asked<'_> {
    fn differs(&self) -> bool {
        self.theirs.iter().any(|there| self.ours.differs(there))
    }

    /// Whether it is decided on both sides, and otherwise: the difference is no lack of rounds.
    fn is_sure(&self) -> bool {
        let open = |judged: &Judgment| judged.verdict == Verdict::Undecided;
        let sure = |there: &&Judgment| self.ours.differs(there) && !open(there);
        !open(&self.ours) && self.theirs.iter().any(|there| sure(&there))
    }
}

impl Directive for Compared {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let reference = &pages.results.reference;
        let others: Vec<&str> = machines(&pages.results)
            .into_iter()
            .filter(|(role, _)| *role != Role::Reference)
            .map(|(_, name)| name)
            .collect();
        if others.is_empty() {
            return Ok(markdown::block(html! {
                p {
                    "There are records of one machine only, " (reference) ", so there is "
                    "nothing to hold its verdicts against yet."
                }
            }));
        }
        let judge = |claim, machine| Claim::judge(claim, &pages.results, machine);
        let asked: Vec<Asked> = pages
            .claims
            .all
            .iter()
            .filter(|claim| !claim.tests.is_empty())
            .map(|claim| Asked {
                claim,
                ours: judge(claim, reference),
                theirs: others.iter().map(|machine| judge(claim, machine)).collect(),
            })
            .collect();
        let (sure, open): (Vec<&Asked>, Vec<&Asked>) =
            asked.iter().filter(|one| one.differs()).partition(|one| one.is_sure());
        let mut out = markdown::block(totals(reference, &others, &asked));
        let list = |of: &[&Asked]| {
            html! { @for one in of { (difference(pages, page, &others, one)) } }
        };
        out.push_str("\n\n## What differs\n\n");
        out.push_str(&markdown::block(match sure.is_empty() {
            true => {
                html! { p { "No verdict is another, where both machines are sure of it." } }
            }
            false => list(&sure),
        }));
        if !open.is_empty() {
            out.push_str("\n\n## What one of them leaves open\n\n");
            out.push_str(&markdown::block(html! {
                p {
                    "Here an interval on one of the two has the threshold within. More "
                    "sittings may decide it, and then for either."
                }
                details {
                    summary { "Claims that are decided on one machine and open on another: " (open.len()) }
                    (list(&open))
                }
            }));
        }
        out.push_str("\n\n## All verdicts\n\n");
        let mut all = Vec::new();
        for of_topic in asked.chunk_by(|one, next| one.claim.topic == next.claim.topic) {
            all.push(topic(pages, page, reference, &others, of_topic));
        }
        out.push_str(&markdown::block(html! { @for one in all { (one) } }));
        Ok(out)
    }
}

/// A row a machine: how many verdicts are the same, another, or none.
fn totals(reference: &str, others: &[&str], asked: &[Asked]) -> Markup {
    html! {
        div class="table-wrapper" tabindex="0" role="group" aria-label="Verdicts in all" {
            table {
                thead { tr {
                    th scope="col" class="text" { "against " (reference) }
                    th scope="col" { "claims tried on both" }
                    th scope="col" { "the same verdict" }
                    th scope="col" { "another" }
                    th scope="col" { "decided on one" }
                    th scope="col" { "not tried" }
                } }
                tbody {
                    @for (i, machine) in others.iter().enumerate() {
                        @let is_tried = |one: &&Asked| is_tried_on_both(&one.ours, &one.theirs[i]);
                        @let tried: Vec<&Asked> = asked.iter().filter(is_tried).collect();
                        @let differ = |one: &&&Asked| one.ours.differs(&one.theirs[i]);
                        @let differing: Vec<&&Asked> = tried.iter().filter(differ).collect();
                        @let open = |one: &&&&Asked| {
                            [one.ours.verdict, one.theirs[i].verdict].contains(&Verdict::Undecided)
                        };
                        @let open = differing.iter().filter(open).count();
                        tr {
                            th scope="row" { (title(machine)) }
                            td { (tried.len()) }
                            td { (tried.len() - differing.len()) }
                            td { (differing.len() - open) }
                            td { (open) }
                            td { (asked.len() - tried.len()) }
                        }
                    }
                }
            }
        }
    }
}

fn is_tried_on_both(ours: &Judgment, theirs: &Judgment) -> bool {
    both(ours, theirs).next().is_some()
}

/// The tests that were tried on both machines.
fn both<'j>(
    ours: &'j Judgment,
    theirs: &'j Judgment,
) -> impl Iterator<Item = (&'j Reason, &'j Reason)> {
    let pairs = ours.reasons.iter().zip(&theirs.reasons);
    pairs.filter(|(a, b)| ![a.verdict, b.verdict].contains(&Verdict::Untried))
}

/// A claim that comes out otherwise somewhere, with the tests that do.
fn difference(pages: &Pages, page: &Page, others: &[&str], one: &Asked) -> Markup {
    let reference = &pages.results.reference;
    html! {
        div class="differs" {
            p class="claim" { (link(pages, page, one.claim)) }
            ul {
                li { b class=(class(one.ours.verdict)) { (one.ours.verdict) } " on " (reference) }
                @for (machine, there) in others.iter().zip(&one.theirs) {
                    @if one.ours.differs(there) {
                        li {
                            b class=(class(there.verdict)) { (there.verdict) }
                            " on " (title(machine))
                            (some_tests(there))
                        }
                    }
                }
            }
            details {
                summary { "The tests that come out otherwise" }
                ul {
                    @for (machine, there) in others.iter().zip(&one.theirs) {
                        @for (here, there) in both(&one.ours, there) {
                            @if here.verdict != there.verdict {
                                li {
                                    @if !here.when.is_empty() { (here.when) ": " }
                                    code { (here.experiment) } " asks " code { (here.holds) }
                                    "; " (reference) ": " (words(&here.found()))
                                    "; " (title(machine)) ": " (words(&there.found()))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How many of the tests a verdict is of, where it is not of all.
fn some_tests(judged: &Judgment) -> Markup {
    let all = judged.reasons.len();
    let tried = judged.reasons.iter().filter(|r| r.verdict != Verdict::Untried).count();
    html! {
        @if (1..all).contains(&tried) { " (" (tried) " of " (all) " tests tried)" }
    }
}

/// The claims of a part of the ledger, folded: a row a claim, a column a machine.
fn topic(
    pages: &Pages,
    page: &Page,
    reference: &str,
    others: &[&str],
    asked: &[Asked],
) -> Markup {
    let name = &asked[0].claim.topic;
    let differing = asked.iter().filter(|one| one.differs()).count();
    html! {
        details {
            summary {
                (name) ": " (asked.len()) " claims"
                @if differing > 0 { ", " (differing) " with a difference" }
            }
            div class="table-wrapper" tabindex="0" role="group" aria-label={ "Verdicts: " (name) } {
                table {
                    thead { tr {
                        th scope="col" class="text" { "claim" }
                        th scope="col" class="text" { (reference) }
                        @for machine in others { th scope="col" class="text" { (title(machine)) } }
                    } }
                    tbody {
                        @for one in asked {
                            tr {
                                th scope="row" { (link(pages, page, one.claim)) }
                                (cell(&one.ours))
                                @for there in &one.theirs { (cell(there)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cell(judged: &Judgment) -> Markup {
    html! {
        td class="text" {
            @if judged.verdict == Verdict::Untried {
                "–"
            } @else {
                b class=(class(judged.verdict)) { (judged.verdict) }
                (some_tests(judged))
            }
        }
    }
}

/// The claim, with the way to where it is tried.
fn link(pages: &Pages, page: &Page, claim: &Claim) -> Markup {
    let trial = pages.elsewhere.trials(&claim.id).first().map(|trial| &trial.place);
    let ledger = || pages.elsewhere.in_ledger(&claim.id);
    let address = trial.map(|place| place.address(page.depth));
    let address = address.or_else(|| Some(ledger()?.address(page.depth)));
    html! {
        @if let Some(address) = address {
            a href=(address) { (claim.claim) }
        } @else {
            (claim.claim)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::ask::claims::Claims;
    use crate::page::tests::pages;
    use crate::store::record::tests::demo;

    fn of(times_ms: Option<[u64; 3]>) -> String {
        let mut pages = pages(None);
        let text = "[[claim]]\nid = 'two'\ntopic = 'T'\nclaim = 'Two <are> faster'\n\
                    decides = 'd'\n[[claim.test]]\nexperiment = 'demo'\n\
                    holds = 'chain/threads.speedup > 1.5'\n";
        pages.claims = toml::from_str::<Claims>(text).unwrap();
        if let Some(times_ms) = times_ms {
            let mut record = demo();
            record.variants[1].samples[0].wall_ns = times_ms.map(|ms| ms * 1_000_000).to_vec();
            let records = BTreeMap::from([("demo".to_owned(), record)]);
            pages.results.machines.insert("big-16".into(), records);
        }
        pages.render("p.md", "# P\n\n{{#compared}}\n").unwrap()
    }

    #[test]
    fn one_machine_has_nothing_to_be_compared_with_and_the_page_says_so() {
        let page = of(None);
        assert!(page.contains("records of one machine only, ref,"), "{page}");
        assert!(!page.contains("## "), "{page}");
    }

    #[test]
    fn a_verdict_that_is_another_elsewhere_has_both_and_the_test_that_differs() {
        let page = of(Some([90, 91, 92]));
        let (_, differs) = page.split_once("## What differs").unwrap();
        let (differs, all) = differs.split_once("## All verdicts").unwrap();
        for part in [
            "Two &lt;are&gt; faster",
            "<b class=\"is-holds\">holds</b> on ref",
            "<b class=\"is-does-not-hold\">does not hold</b> on big-16",
            "; ref: holds, measured ",
            "; big-16: does not hold, measured ",
        ] {
            assert!(differs.contains(part), "{part}: {differs}");
        }
        assert!(all.contains("1 claims, 1 with a difference"), "{all}");
    }

    #[test]
    fn the_same_verdict_is_no_difference_and_an_open_one_is_told_apart() {
        let same = of(Some([42, 41, 40]));
        assert!(same.contains("No verdict is another"), "{same}");
        assert!(!same.contains("leaves open"), "{same}");
        let open = of(Some([20, 60, 100]));
        assert!(open.contains("## What one of them leaves open"), "{open}");
        assert!(open.contains("No verdict is another"), "{open}");
    }
}
