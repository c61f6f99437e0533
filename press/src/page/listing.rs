//! `{{#listing experiment: anchor; python=anchor}}`: a piece of a compiled file, with its
//! place and the command that runs it. With `fold="…"` it is folded away under that title, and
//! the solution of an exercise has its hint above it; with `rest=folded` a long one shows its
//! beginning and folds the rest.

use anyhow::{Result, bail};
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::options::Options;
use super::source::Source;
use super::{code, hints, markdown};

pub(super) const NAME: &str = "listing";

struct Listing {
    /// An experiment or a path.
    what: String,
    anchor: Option<String>,
    /// The experiment and the anchor of the Python beside it.
    python: Option<(String, String)>,
    /// What is wrong with it, if it is so on purpose.
    wrong: Option<String>,
    /// The command, where it is not the usual one.
    run: Option<String>,
    /// What it is called, where it is folded away whole.
    fold: Option<String>,
    /// Whether only its beginning is shown.
    folds_rest: bool,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    // Without an anchor the options follow the file's name.
    let end = rest.find([':', ';']).unwrap_or(rest.len());
    let what = rest[..end].trim().to_owned();
    let mut options = Options::parse(rest[end..].trim_start_matches(':'))?;
    // `anchor`, or `experiment: anchor` where the Rust code is in a file of its own.
    let python = options.take("python").map(|python| match python.split_once(':') {
        Some((name, anchor)) => (name.trim().to_owned(), anchor.trim().to_owned()),
        None => (what.clone(), python),
    });
    let (wrong, run) = (options.take("wrong"), options.take("run"));
    let (fold, rest) = (options.take("fold"), options.take("rest"));
    if rest.as_ref().is_some_and(|rest| rest != "folded") {
        bail!("the rest of a long listing is shown; write `rest=folded` where it need not be");
    }
    let mut anchors = options.items()?;
    if anchors.len() > 1 {
        bail!("a listing shows one anchor; write one listing for each");
    }
    boxed(Listing {
        what,
        anchor: anchors.pop(),
        python,
        wrong,
        run,
        fold,
        folds_rest: rest.is_some(),
    })
}

impl Directive for Listing {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let mut source = pages.source(&self.what)?;
        source.command = self.run.clone().or(source.command);
        let mut listing = self.one(&source, self.anchor.as_deref(), pages, page)?;
        if let Some((name, anchor)) = &self.python {
            let peer = pages.source(&format!("python/{name}"))?;
            listing.push_str(&self.one(&peer, Some(anchor), pages, page)?);
            listing = markdown::around(html! { div class="tabs" {} }, &listing);
        }
        if let Some(title) = &self.fold {
            let html = html! { details class="fold" { summary { (title) } } };
            listing =
                hints::above(&pages.root, &source.path)? + &markdown::around(html, &listing);
        }
        Ok(listing)
    }
}

impl Listing {
    fn one(
        &self,
        source: &Source,
        anchor: Option<&str>,
        pages: &Pages,
        page: &mut Page,
    ) -> Result<String> {
        let piece = code::piece(&pages.root, &source.path, anchor)?;
        let (first, last) = (piece.first(), piece.last());
        let lines = match first == last {
            true => format!("line {first}"),
            false => format!("lines {first}–{last}"),
        };
        let place = html! { code { (source.path) } ", " (lines) };
        let (language, title) = source.language();
        let colored = pages.colors.lines(language, &piece.text());
        let prefix = page.address_of_lines(&source.path);
        let shown = code::heart(&piece).filter(|_| self.folds_rest);
        let (heart, rest) = piece.lines.split_at(shown.unwrap_or(piece.lines.len()));
        let (colored, more) = colored.split_at(heart.len());
        let mut numbered =
            markdown::preformatted(code::numbered(language, heart, colored, &prefix));
        if !rest.is_empty() {
            numbered += &markdown::preformatted(html! {
                details class="rest" {
                    summary { (rest.len()) " more lines" }
                    (code::numbered(language, rest, more, &prefix))
                }
            });
        }
        let html = html! {
            div class={ "listing" @if self.wrong.is_some() { " is-wrong" } }
                data-language=(title) {
                "\n"
                @if let Some(wrong) = &self.wrong {
                    p class="wrong" { b { "Wrong on purpose." } " " (wrong) }
                    "\n"
                }
                p class="listing-file" {
                    span {
                        @match pages.online(&source.path) {
                            Some(address) => {
                                a href={ (address) "#L" (first) "-L" (last) } { (place) }
                            }
                            None => (place),
                        }
                    }
                    @if let Some(command) = &source.command {
                        span class="run-line" { code { (command) } }
                    }
                }
            }
        };
        Ok(markdown::around(html, &numbered))
    }
}
