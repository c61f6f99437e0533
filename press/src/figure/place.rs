//! Where a figure stands.

/// Where a figure stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// Its number on the page.
    pub number: usize,
    /// How many folders the page lies below the book's.
    pub depth: usize,
    /// The page's name, as addresses have it.
    pub slug: &'p str,
    /// Whether it is the page's first that has colors, and so brings their key.
    pub is_first: bool,
}
