//! `{{#begin page, page; answers="…? …?"; for="…"}}`: what a chapter answers, for whom, what it
//! builds on, and how long it takes, which is counted and not typed.

use anyhow::{Result, bail};
use maud::{Markup, html};
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use super::directive::{Directive, Page, Pages, boxed};
use super::options::Options;
use super::{markdown, verdict};
use crate::ask::near::Unknown;

pub(super) const NAME: &str = "begin";

struct Begin {
    /// The pages that it builds on, without their `.md`.
    on: Vec<String>,
    answers: Vec<String>,
    readers: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let mut options = Options::parse(rest)?;
    let (answers, readers) = (options.need("answers")?, options.need("for")?);
    let on = options.items()?;
    let answers = questions(unquoted(&answers));
    if answers.is_empty() {
        bail!("answers=\"…\" takes questions, each with its question mark");
    }
    boxed(Begin { on, answers, readers: unquoted(&readers).to_owned() })
}

fn unquoted(text: &str) -> &str {
    text.trim_matches('"').trim()
}

/// The questions of a text; nothing of one that ends otherwise.
fn questions(text: &str) -> Vec<String> {
    match text.strip_suffix('?') {
        Some(all) => all.split("? ").map(|question| format!("{question}?")).collect(),
        None => Vec::new(),
    }
}

impl Directive for Begin {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let on =
            self.on.iter().map(|name| link(pages, page, name)).collect::<Result<Vec<_>>>()?;
        let minutes = match page.minutes {
            0 | 1 => "a minute".to_owned(),
            n => format!("{n} minutes"),
        };
        Ok(markdown::block(html! {
            dl class="begin" {
                div {
                    dt { "Answers" }
                    dd { ul { @for question in &self.answers { li { (verdict::words(question)) } } } }
                }
                div { dt { "For" } dd { (verdict::words(&self.readers)) } }
                @if !on.is_empty() {
                    div {
                        dt { "Builds on" }
                        dd { @for (i, page) in on.iter().enumerate() { @if i > 0 { ", " } (page) } }
                    }
                }
                div { dt { "Takes" } dd { "about " (minutes) " to read" } }
            }
        }))
    }
}

/// A link to a page, by its title in the table of contents.
fn link(pages: &Pages, page: &Page, name: &str) -> Result<Markup> {
    let file = format!("{name}.md");
    let titled = |file: &str| pages.titles.iter().find(|(other, _)| other == file);
    // In its own language, if there is such a page.
    let beside = page.name.rsplit_once('/').map(|(folder, _)| format!("{folder}/{file}"));
    let beside = beside.and_then(|beside| titled(&beside));
    let Some((found, title)) = beside.or_else(|| titled(&file)) else {
        let text = format!("no page is called `{name}`");
        let known = pages.titles.iter().map(|(page, _)| page.trim_end_matches(".md"));
        bail!(Unknown::new(text, name, known));
    };
    let found = found.trim_end_matches(".md");
    let address = format!("{}{found}.html", "../".repeat(page.depth));
    Ok(html! { a href=(address) { (title) } })
}

/// Words a minute of a text that wants to be understood.
const PACE: usize = 200;

/// How long it takes to read a page: its text, where each directive counts as a word. Listings,
/// figures and sources are left out; readers differ more about these.
pub(super) fn minutes(page: &str) -> usize {
    let (mut words, mut shut) = (0, 0_usize);
    for event in new_cmark_parser(page, &MarkdownOptions::default()) {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::FootnoteDefinition(_)) => shut += 1,
            Event::End(TagEnd::CodeBlock | TagEnd::FootnoteDefinition) => shut -= 1,
            Event::Text(text) | Event::Code(text) if shut == 0 => {
                words += text.split_whitespace().count();
            }
            _ => {}
        }
    }
    words.div_ceil(PACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_takes_as_long_as_its_text_and_not_as_its_code_and_sources() {
        let words = |count: usize| "word ".repeat(count);
        assert_eq!(minutes(&words(200)), 1);
        assert_eq!(minutes(&words(201)), 2);
        let more =
            format!("{}\n\n```text\n{}\n```\n\n[^a]: {}\n", words(150), words(900), words(900));
        assert_eq!(minutes(&format!("x[^a] {more}")), 1);
    }

    #[test]
    fn questions_are_told_apart_by_their_marks() {
        assert_eq!(questions("Is it? Or 2.5 of it?"), ["Is it?", "Or 2.5 of it?"]);
        assert!(questions("It is.").is_empty());
    }
}
