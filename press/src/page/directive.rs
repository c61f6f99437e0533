//! What a directive is, what it may ask for, and what it finds on its page.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use anyhow::{Result, bail};

use super::code::Colors;
use super::elsewhere::{self, Elsewhere};
use super::glossary::Glossary;
use super::number::Number;
use super::symptom::Symptom;
use super::words::Words;
use crate::ask::choosing::{CHOOSING, Choosing};
use crate::ask::claims::Claims;
use crate::ask::expectation::Expectation;
use crate::ask::near::Unknown;
use crate::ask::together::Together;
use crate::figure::place::Place;
use crate::store::record::Record;
use crate::store::results::Results;

/// A directive whose text has been read.
pub(super) trait Directive {
    /// The experiments whose records it cites.
    fn cites(&self) -> Vec<&str> {
        Vec::new()
    }

    /// What it expects, if it is an expectation.
    fn expects(&self) -> Option<&Expectation> {
        None
    }

    /// The number that it puts into a sentence, if it does.
    fn number(&self) -> Option<&Number> {
        None
    }

    /// The claim whose verdict it gives, if it does.
    fn judges(&self) -> Option<&str> {
        None
    }

    /// What readers see that is answered where it stands, if it marks that.
    fn symptom(&self) -> Option<&Symptom> {
        None
    }

    /// Whether it is the ledger.
    fn is_ledger(&self) -> bool {
        false
    }

    /// What the page has in its place.
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String>;
}

pub(super) fn boxed(directive: impl Directive + 'static) -> Result<Box<dyn Directive>> {
    Ok(Box::new(directive))
}

/// Everything that pages may ask for, as it was read.
pub struct Pages {
    /// The folder of the book's repository.
    pub root: PathBuf,
    /// Where the sources can be read online, if anywhere.
    pub repository: Option<String>,
    /// Every experiment there is code for, and its Rust file below the root, with slashes.
    pub files: HashMap<String, String>,
    /// All records.
    pub results: Results,
    /// What they say together, once somebody has asked.
    pub together: OnceLock<Together>,
    /// The ledger.
    pub claims: Claims,
    /// The model of cost, and the jobs it is asked about.
    pub choosing: Choosing,
    /// The colors of their code.
    pub colors: Colors,
    /// Where numbers stand that are on two pages.
    pub elsewhere: Elsewhere,
    /// The pages with their titles, in the order of the book.
    pub titles: Vec<(String, String)>,
    /// The words of the field.
    pub glossary: Glossary,
    /// The catalog of the pages' language; none in the book's own.
    pub words: Option<Arc<Words>>,
}

impl Pages {
    /// What all records say together.
    pub(super) fn together(&self) -> &Together {
        self.together.get_or_init(|| Together::of(&self.results))
    }

    /// The reference record of `experiment`.
    pub(super) fn record(&self, experiment: &str) -> Result<&Record> {
        if let Some(record) = self.results.reference(experiment) {
            return Ok(record);
        }
        let reference = &self.results.reference;
        if experiment == CHOOSING {
            // It is computed, so what it lacks is something else.
            self.choosing.pairs(&self.results, reference)?;
        }
        if self.files.contains_key(experiment) {
            bail!(
                "`{experiment}` has no record on the reference machine: results/{reference}/\
                 {experiment}.json is missing; bring it back with git, or measure it with \
                 `cargo book measure {experiment} --as {reference}`"
            );
        }
        let measured = self.results.machines.get(reference).into_iter().flatten();
        let known = self.files.keys().chain(measured.map(|(name, _)| name));
        let text = format!("no experiment is called `{experiment}`");
        bail!(Unknown::new(text, experiment, known.map(String::as_str)))
    }
}

/// What has been seen so far on a page.
#[derive(Default)]
pub(super) struct Page {
    pub(super) name: String,
    pub(super) slug: String,
    /// How many folders it lies below the book's.
    pub(super) depth: usize,
    figures: usize,
    /// Whether a figure has brought the key of colors.
    has_colors: bool,
    pub(super) popovers: usize,
    /// How long it takes to read.
    pub(super) minutes: usize,
    numbers: usize,
    /// How many digits more a number has on a machine, by its place among the page's.
    pub(super) digits: Vec<BTreeMap<String, usize>>,
    /// Claims whose verdict stands on the page already.
    pub(super) judged: HashSet<String>,
    /// Listings, by what their lines' addresses begin with.
    listings: HashMap<String, usize>,
}

impl Page {
    /// A page of which nothing has been seen.
    pub(super) fn new(name: &str) -> Page {
        let slug = elsewhere::slug(name);
        let depth = name.matches(['/', '\\']).count();
        Page { name: name.to_owned(), slug, depth, ..Page::default() }
    }

    /// The place of a figure more, that has no colors.
    pub(super) fn next_figure(&mut self) -> Place<'_> {
        self.figures += 1;
        Place { number: self.figures, depth: self.depth, slug: &self.slug, is_first: false }
    }

    /// The place of a figure more, whose colors mean something.
    pub(super) fn next_colored(&mut self) -> Place<'_> {
        let is_first = !std::mem::replace(&mut self.has_colors, true);
        Place { is_first, ..self.next_figure() }
    }

    /// The address of what one more number tells on demand.
    pub(super) fn next_popover(&mut self) -> String {
        self.popovers += 1;
        format!("about-{}-{}", self.slug, self.popovers)
    }

    /// The address of one more number of an experiment.
    pub(super) fn next_number(&mut self) -> String {
        self.numbers += 1;
        elsewhere::address(&self.slug, self.numbers)
    }

    /// How many digits more the number at hand has on `machine`, for what stands beside it.
    pub(super) fn more_digits(&self, machine: &str) -> usize {
        let at_hand = self.numbers.checked_sub(1).and_then(|i| self.digits.get(i));
        at_hand.and_then(|machines| machines.get(machine)).copied().unwrap_or_default()
    }

    /// Where a claim's verdict stands on the page.
    pub(super) fn address_of(&self, claim: &str) -> String {
        elsewhere::address_of(&self.slug, claim)
    }

    /// What the addresses of one more listing's lines begin with.
    pub(super) fn address_of_lines(&mut self, path: &str) -> String {
        let stem = path.rsplit('/').next().unwrap_or_default().replace('.', "-");
        let base = format!("{}-{stem}", self.slug);
        let count = self.listings.entry(base.clone()).or_default();
        *count += 1;
        if *count == 1 { base } else { format!("{base}-{count}") }
    }
}
