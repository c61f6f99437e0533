//! Where the book's numbers stand in its sentences: a number that two pages have leads from
//! each to the other, so that no two of them tell the same thing unaware.

use std::collections::HashMap;

use super::number::Number;
use super::symptom::Symptom;
use crate::ask::metric::Metric;
use crate::ask::selector::{Expression, Selector, full_lane};
use crate::store::record::Record;
use crate::store::results::Results;

/// A page as it is written, to be looked through.
pub struct Written<'p> {
    /// Its file, below the folder of all pages.
    pub page: &'p str,
    /// What it is called in the table of contents.
    pub title: &'p str,
    /// Its Markdown.
    pub text: &'p str,
}

/// The first place on each page of every number that stands on two, and where claims are tried.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    places: HashMap<String, Vec<Place>>,
    /// Of each claim, in the order of the book.
    trials: HashMap<String, Vec<Trial>>,
    /// The page that has the ledger.
    ledger: Option<String>,
    /// What readers see, in the order of the book.
    symptoms: Vec<Found>,
}

/// Where a page says that it answers what readers see.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) symptom: Symptom,
    pub(super) place: Place,
    /// The heading above it; none before the first.
    pub(super) section: Option<String>,
    /// The line of its page.
    pub(super) line: usize,
    /// Whether it stands in a paragraph of text, which can be led to.
    pub(super) is_in_text: bool,
}

impl Found {
    /// Where it is written.
    pub(super) fn written(&self) -> String {
        format!("book/{}:{}", self.place.page, self.line)
    }
}

/// A marker of one, before it is known on which page.
#[derive(Debug)]
pub(super) struct Marked {
    pub(super) symptom: Symptom,
    pub(super) section: Option<String>,
    pub(super) line: usize,
    pub(super) is_in_text: bool,
}

/// A verdict's place.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Where.
    pub place: Place,
    /// The heading above it; none before the first.
    pub section: Option<String>,
}

/// What is looked for on a page.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) numbers: Vec<Number>,
    /// The claims it judges, each with the heading above.
    pub(super) judged: Vec<(String, Option<String>)>,
    pub(super) has_ledger: bool,
    pub(super) symptoms: Vec<Marked>,
}

/// Where a number stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The page's file, below the folder of all pages.
    pub page: String,
    /// What the page is called.
    pub title: String,
    /// The number's address on it.
    pub id: String,
}

impl Place {
    /// Its address, for a page that lies `depth` folders below the book's.
    pub fn address(&self, depth: usize) -> String {
        let page = self.page.replace('\\', "/");
        let stem = page.strip_suffix(".md").unwrap_or(&page);
        format!("{}{stem}.html#{}", "../".repeat(depth), self.id)
    }
}

impl Elsewhere {
    /// Of all pages with what is looked for on them, in the order of the book.
    pub(super) fn of<'p>(
        pages: impl Iterator<Item = (Written<'p>, Asked)>,
        results: &Results,
    ) -> Elsewhere {
        let mut places: HashMap<String, Vec<Place>> = HashMap::new();
        let mut trials: HashMap<String, Vec<Trial>> = HashMap::new();
        let (mut ledger, mut symptoms) = (None, Vec::new());
        for (Written { page, title, .. }, asked) in pages {
            let slug = slug(page);
            let place = |id| Place { page: page.to_owned(), title: title.to_owned(), id };
            if asked.has_ledger {
                ledger = Some(page.to_owned());
            }
            for Marked { symptom, section, line, is_in_text } in asked.symptoms {
                let place = place(symptom.id());
                symptoms.push(Found { symptom, place, section, line, is_in_text });
            }
            for (claim, section) in asked.judged {
                let place = place(address_of(&slug, &claim));
                let known = trials.entry(claim).or_default();
                if known.iter().all(|other| other.place.page != page) {
                    known.push(Trial { place, section });
                }
            }
            for (i, number) in asked.numbers.iter().enumerate() {
                let place = place(address(&slug, i + 1));
                let known = places.entry(meaning(number, results)).or_default();
                if known.iter().all(|other| other.page != place.page) {
                    known.push(place);
                }
            }
        }
        places.retain(|_, known| known.len() > 1);
        Elsewhere { places, trials, ledger, symptoms }
    }

    /// What readers see, on all pages, in the order of the book.
    pub(super) fn symptoms(&self) -> &[Found] {
        &self.symptoms
    }

    /// Where `claim` is tried, once for each page.
    pub(super) fn trials(&self, claim: &str) -> &[Trial] {
        self.trials.get(claim).map_or(&[], Vec::as_slice)
    }

    /// The address of the ledger, if there is one, for a page that lies `depth` folders below
    /// the book's.
    pub(super) fn ledger_address(&self, depth: usize) -> Option<String> {
        let page = self.ledger.as_deref()?.replace('\\', "/");
        let stem = page.strip_suffix(".md").unwrap_or(&page);
        Some(format!("{}{stem}.html", "../".repeat(depth)))
    }

    /// The place of `claim` in the ledger, if there is one.
    pub(super) fn in_ledger(&self, claim: &str) -> Option<Place> {
        let page = self.ledger.clone()?;
        let id = address_of(&slug(&page), claim);
        Some(Place { page, title: String::new(), id })
    }

    /// Where a number stands first on each page, if it stands on two.
    pub(super) fn places(&self, number: &Number, results: &Results) -> &[Place] {
        self.places.get(&meaning(number, results)).map_or(&[], Vec::as_slice)
    }
}

/// What the addresses on a page begin with.
pub(super) fn slug(page: &str) -> String {
    page.trim_end_matches(".md").replace(|c: char| !c.is_alphanumeric(), "-")
}

/// The address of a claim's verdict.
pub(super) fn address_of(slug: &str, claim: &str) -> String {
    format!("claim-{slug}-{claim}")
}

/// The address of the number that is the `nth` of its page.
pub(super) fn address(slug: &str, nth: usize) -> String {
    format!("number-{slug}-{nth}")
}

/// What a number is, however its selector is written: with or without the runner that is
/// understood, and a speed-up as the ratio of times that it is.
fn meaning(number: &Number, results: &Results) -> String {
    let record = results.reference(&number.experiment);
    let full = |selector: &Selector| Selector {
        lane: record.map_or(selector.lane.clone(), |record| full_lane(record, &selector.lane)),
        metric: selector.metric.clone(),
    };
    let expression = match (&number.expression, record) {
        (Expression::Ratio(above, below), _) => Expression::Ratio(full(above), full(below)),
        (Expression::One(one), Some(record)) if one.metric == Metric::Speedup => {
            let one = Selector { metric: Metric::Wall, ..full(one) };
            Expression::Ratio(baseline(&one, record), one)
        }
        (Expression::One(one), _) => Expression::One(full(one)),
    };
    format!("{}: {expression}", number.experiment)
}

/// The variant that `one` is compared with, by the same runner in the same case.
fn baseline(one: &Selector, record: &Record) -> Selector {
    let within = one.lane.rsplit_once('/').map_or("", |(within, _)| within);
    Selector { lane: format!("{within}/{}", record.baseline), metric: Metric::Wall }
}
