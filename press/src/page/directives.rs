//! All directives, and how a page is rendered with them.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use anyhow::Result;
use maud::html;
use regex::Regex;

use super::directive::{Directive, Parse};
use super::markdown::{self, Block, Code, line_of};
use super::pages::{Page, Pages};
use super::{
    chart, claims, code, expect, ladder, listing, machines, matrix, measured, opener, predict,
    run, table, timeline, verdict,
};
use crate::ask::near::Unknown;

/// All directives that are ours.
const DIRECTIVES: [(&str, Parse); 14] = [
    (measured::NAME, measured::parse),
    (table::NAME, table::parse),
    (chart::NAME, chart::parse),
    (ladder::NAME, ladder::parse),
    (matrix::NAME, matrix::parse),
    (timeline::NAME, timeline::parse),
    (expect::NAME, expect::parse),
    (predict::NAME, predict::parse),
    (opener::NAME, opener::parse),
    (verdict::NAME, verdict::parse),
    (claims::NAME, claims::parse),
    (listing::NAME, listing::parse),
    (run::NAME, run::parse),
    (machines::NAME, machines::parse),
];
/// Directives that are mdBook's.
const THEIRS: [&str; 5] = ["include", "rustdoc_include", "playground", "title", "shiftinclude"];

static DIRECTIVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{#(?<name>\w+)(?<rest>[^}]*)\}\}").expect("a pattern"));

/// The directives of a page that are ours or nobody's, and where they stand. One in code is
/// text.
fn directives(
    page: &str,
    code: &Code,
) -> impl Iterator<Item = (Range<usize>, Result<Box<dyn Directive>>)> {
    DIRECTIVE.captures_iter(page).filter_map(|found| {
        let whole = found.get(0).expect("a match");
        let (name, rest) = (&found["name"], found["rest"].trim());
        if THEIRS.contains(&name) || code.has(whole.start()) {
            return None;
        }
        let parsed = match DIRECTIVES.iter().find(|(known, _)| *known == name) {
            Some((_, parse)) => parse(rest),
            None => {
                let text = format!("no directive is called `{name}`");
                Err(Unknown::new(text, name, DIRECTIVES.map(|(known, _)| known)).into())
            }
        };
        Some((whole.range(), parsed))
    })
}

/// The experiments whose records a page cites.
pub fn cited(page: &str) -> HashSet<String> {
    directives(page, &Code::of(page))
        .filter_map(|(_, directive)| directive.ok())
        .flat_map(|directive| {
            directive.cites().into_iter().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

impl Pages {
    /// Replaces the directives of one page, and colors its fenced blocks.
    ///
    /// # Errors
    /// Every mistake of the page, a line each, with page and line.
    pub fn render(&self, page: &str, content: &str) -> Result<String, Vec<String>> {
        let code = Code::of(content);
        let mut state = Page::new(page);
        let mut made: Vec<(Range<usize>, Result<String>)> = directives(content, &code)
            .map(|(range, directive)| {
                (range, directive.and_then(|directive| directive.render(self, &mut state)))
            })
            .collect();
        // Inside a list or a quotation it would fall out of it.
        let blocks = code.blocks.iter().filter(|block| !block.is_inside);
        made.extend(blocks.map(|block| (block.range.clone(), self.colored(block))));
        made.sort_by_key(|(range, _)| range.start);

        let mut out = String::new();
        let mut mistakes = Vec::new();
        let mut done = 0;
        for (range, made) in made {
            out.push_str(&content[done..range.start]);
            done = range.end;
            match made {
                Ok(html) => out.push_str(&html),
                Err(e) => {
                    let line = line_of(content, range.start);
                    mistakes.push(format!("book/{page}:{line}: {}: {e:#}", &content[range]));
                }
            }
        }
        out.push_str(&content[done..]);
        if mistakes.is_empty() { Ok(out) } else { Err(mistakes) }
    }

    /// A fenced block, colored. One that is taken from a file is read here.
    fn colored(&self, block: &Block) -> Result<String> {
        let code = match block.included() {
            Some((path, anchor)) => {
                code::piece(&self.root, path.trim_start_matches("../"), anchor)?.text()
            }
            None => block.code.clone(),
        };
        let language = if block.language().is_empty() { "text" } else { block.language() };
        let html = code::block(language, &self.colors.lines(language, &code));
        let html = markdown::preformatted(html);
        Ok(match block.error_code() {
            Some(code) => {
                let address = format!("https://doc.rust-lang.org/error_codes/{code}.html");
                let head = html! {
                    div class="listing is-wrong" {
                        "\n"
                        p class="wrong" {
                            b { "Does not compile." } " " a href=(address) { (code) }
                        }
                    }
                };
                markdown::around(head, &html)
            }
            None => html,
        })
    }
}
