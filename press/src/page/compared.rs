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
use crate::figure::html;
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
        self.theirs.iter().any(|there| is_sure(self.ours.in_common(there)))
    }
}

/// Whether two verdicts differ, and neither is for want of a narrower interval.
fn is_sure((ours, theirs): (Verdict, Verdict)) -> bool {
    ours != theirs && ![ours, theirs].contains(&Verdict::Undecided)
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
        let asked: Vec<Asked<'_>> = pages
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
        let (sure, open): (Vec<&Asked<'_>>, Vec<&Asked<'_>>) =
            asked.iter().filter(|one| one.differs()).partition(|one| one.is_sure());
        let mut out = markdown::block(html! {
            (totals(reference, &others, &asked))
            @for machine in &others { (caveat(pages, machine)) }
        });
        let list = |of: &[&Asked<'_>]| {
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
        // A topic's claims need not stand in a row.
        let mut topics: Vec<(&str, Vec<&Asked<'_>>)> = Vec::new();
        for one in &asked {
            match topics.iter_mut().find(|(name, _)| *name == one.claim.topic) {
                Some((_, of_topic)) => of_topic.push(one),
                None => topics.push((&one.claim.topic, vec![one])),
            }
        }
        out.push_str(&markdown::block(html! {
            @for (name, of_topic) in &topics {
                (topic(pages, page, name, &others, of_topic))
            }
        }));
        Ok(out)
    }
}

/// A row a machine: how many verdicts are the same, another, or none.
fn totals(reference: &str, others: &[&str], asked: &[Asked<'_>]) -> Markup {
    let against = format!("against {reference}");
    let head = [
        against.as_str(),
        "claims tried on both",
        "the same verdict",
        "another",
        "decided on one",
        "not tried",
    ];
    let row = |(i, machine): (usize, &&str)| {
        let pairs = asked.iter().map(|one| (&one.ours, &one.theirs[i]));
        let tried = pairs.filter(|(ours, theirs)| both(ours, theirs).next().is_some());
        let tried: Vec<_> = tried.map(|(ours, theirs)| ours.in_common(theirs)).collect();
        let same = tried.iter().filter(|(ours, theirs)| ours == theirs).count();
        let sure = tried.iter().filter(|pair| is_sure(**pair)).count();
        let counts =
            [tried.len(), same, sure, tried.len() - same - sure, asked.len() - tried.len()];
        let counts = counts.iter().map(ToString::to_string);
        std::iter::once(title(machine).to_owned()).chain(counts).collect()
    };
    html::table(&head, &others.iter().enumerate().map(row).collect::<Vec<Vec<String>>>())
}

/// That a machine was measured by older rules, as far as it was.
fn caveat(pages: &Pages, machine: &str) -> Markup {
    let records = || pages.results.machines[machine].values();
    let older = records().filter(|record| record.is_older()).count();
    let all = records().count();
    let is_once = records().all(|record| record.sittings.len() == 1);
    html! {
        @if older > 0 {
            p {
                @if older == all { "All" } @else { (older) " of the " (all) }
                " records of " (title(machine)) " are "
                em { "by older rules" } ": by earlier programs"
                @if older == all && is_once { ", in one sitting each" }
                ". A difference from it may be the program’s."
            }
        }
    }
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
fn difference(pages: &Pages, page: &Page, others: &[&str], one: &Asked<'_>) -> Markup {
    let reference = &pages.results.reference;
    html! {
        div class="differs" data-claim=(one.claim.id) {
            p { (link(pages, page, one.claim)) }
            ul {
                li { b class=(class(one.ours.verdict)) { (one.ours.verdict) } " on " (reference) }
                @for (machine, there) in others.iter().zip(&one.theirs) {
                    @if one.ours.differs(there) {
                        li {
                            b class=(class(there.verdict)) { (there.verdict) }
                            " on " (title(machine))
                            (some_tests(there))
                            // What that is to be held against.
                            @let (by_these, _) = one.ours.in_common(there);
                            @if by_these != one.ours.verdict {
                                "; by what was tried there, " (reference) " says: "
                                b class=(class(by_these)) { (by_these) }
                            }
                        }
                    }
                }
            }
            details class="asked" {
                summary { "The tests that come out otherwise" }
                ul {
                    @for (i, here) in one.ours.reasons.iter().enumerate() {
                        @let there = elsewhere(here, i, others, &one.theirs);
                        @if !there.is_empty() {
                            li data-test=(i) {
                                @if !here.when.is_empty() { (here.when) ": " }
                                code { (here.experiment) } " asks " code { (here.holds) }
                                ul {
                                    li { (reference) ": " (words(&here.found())) }
                                    @for (machine, there) in there {
                                        li { (title(machine)) ": " (words(&there.found())) }
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

/// What the `i`th test comes to on the machines where it was tried and comes out otherwise.
fn elsewhere<'a>(
    here: &Reason,
    i: usize,
    others: &[&'a str],
    theirs: &'a [Judgment],
) -> Vec<(&'a str, &'a Reason)> {
    let all = others.iter().zip(theirs).map(|(machine, there)| (*machine, &there.reasons[i]));
    let is_untried = |reason: &Reason| reason.verdict == Verdict::Untried;
    let differs = |there: &Reason| {
        !is_untried(there) && !is_untried(here) && there.verdict != here.verdict
    };
    all.filter(|(_, there)| differs(there)).collect()
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
    name: &str,
    others: &[&str],
    asked: &[&Asked<'_>],
) -> Markup {
    let reference = &pages.results.reference;
    let differing = asked.iter().filter(|one| one.differs()).count();
    html! {
        details {
            summary {
                (name) ": " (asked.len()) @if asked.len() == 1 { " claim" } @else { " claims" }
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
                            tr data-claim=(one.claim.id) {
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
    use crate::store::record::Record;
    use crate::store::record::tests::demo;

    fn of(times_ms: Option<[u64; 3]>) -> String {
        with(times_ms, |_| {})
    }

    fn with(times_ms: Option<[u64; 3]>, change: impl Fn(&mut Record)) -> String {
        let mut pages = pages(None);
        let text = "[[claim]]\nid = 'two'\ntopic = 'T'\nclaim = 'Two <are> faster'\n\
                    decides = 'd'\n[[claim.test]]\nexperiment = 'demo'\n\
                    holds = 'chain/threads.speedup > 1.5'\n";
        pages.claims = toml::from_str::<Claims>(text).unwrap();
        if let Some(times_ms) = times_ms {
            let mut record = demo();
            record.variants[1].samples[0].wall_ns = times_ms.map(|ms| ms * 1_000_000).to_vec();
            change(&mut record);
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
    fn a_machine_whose_records_are_by_older_rules_is_told_with_what_that_means() {
        let times = Some([40, 41, 42]);
        let says = "All records of big-16 are";
        let aged = |record: &mut Record| record.sittings[0].sources.clear();
        assert!(with(times, aged).contains(says), "{}", with(times, aged));
        let sources = [("lab".to_owned(), "0".to_owned())];
        let of_today = |record: &mut Record| record.sittings[0].sources.extend(sources.clone());
        assert!(!with(times, of_today).contains("older rules"));
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
            "<li>ref: holds, measured ",
            "<li>big-16: does not hold, measured ",
        ] {
            assert!(differs.contains(part), "{part}: {differs}");
        }
        assert!(all.contains("1 claim, 1 with a difference"), "{all}");
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
