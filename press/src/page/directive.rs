//! What a directive is.

use anyhow::Result;

use super::pages::{Page, Pages};

/// A directive whose text has been read.
pub(super) trait Directive {
    /// The experiments whose records it cites.
    fn cites(&self) -> Vec<&str> {
        Vec::new()
    }

    /// What the page has in its place.
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String>;
}

/// How the text of a directive is read.
pub(super) type Parse = fn(&str) -> Result<Box<dyn Directive>>;

/// A directive, as a [`Parse`] returns it.
pub(super) fn boxed(directive: impl Directive + 'static) -> Result<Box<dyn Directive>> {
    Ok(Box::new(directive))
}
