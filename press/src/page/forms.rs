//! `{{#forms tick, ticks}}`, behind a term in the glossary: the words that pages use for it, in
//! place of the term and its plural; `none` where the words mean something else as often.

use anyhow::{Result, bail};

use super::directive::{Directive, Page, Pages, boxed};
use super::glossary::{self, PAGE};

pub(super) const NAME: &str = glossary::FORMS;

struct Forms;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    if glossary::forms(rest).iter().any(String::is_empty) {
        bail!("name the words that pages use, or `none`");
    }
    boxed(Forms)
}

impl Directive for Forms {
    /// Nothing: it is read with its entry.
    fn render(&self, _: &Pages, page: &mut Page) -> Result<String> {
        if page.name != PAGE {
            bail!("it stands behind a term of {PAGE}");
        }
        Ok(String::new())
    }
}
