//! Markdown: where the code of a page lies, and how HTML gets into it unharmed.
//!
//! A page is read as mdBook reads it, so there is one opinion about where a fence begins.

use std::ops::Range;

use maud::Markup;
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use crate::ask::plain::acts;

/// The code of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// Its fenced blocks.
    pub blocks: Vec<Block>,
    /// Where code lies, of whatever kind.
    ranges: Vec<Range<usize>>,
    /// Where HTML lies that the author wrote.
    html: Vec<Range<usize>>,
}

/// A fenced code block of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Line of the opening fence, from 1.
    pub line: usize,
    /// What stands after the fence: `rust,noplayground`.
    pub attributes: Vec<String>,
    /// The lines between the fences.
    pub code: String,
    /// From the opening fence to the end of the closing one's line.
    pub range: Range<usize>,
    /// Whether it is part of a list or a quotation, out of which HTML would fall.
    pub is_inside: bool,
}

impl Code {
    /// Reads a page.
    pub fn of(page: &str) -> Code {
        let mut code = Code::default();
        let mut open: Option<Block> = None;
        let mut depth = 0;
        for (event, range) in
            new_cmark_parser(page, &MarkdownOptions::default()).into_offset_iter()
        {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    code.ranges.push(range.clone());
                    if let CodeBlockKind::Fenced(info) = kind {
                        let attributes = info.split([',', ' ']).filter(|a| !a.is_empty());
                        open = Some(Block {
                            line: line_of(page, range.start),
                            attributes: attributes.map(str::to_owned).collect(),
                            code: String::new(),
                            is_inside: depth > 0,
                            range,
                        });
                    }
                }
                Event::End(TagEnd::CodeBlock) => code.blocks.extend(open.take()),
                Event::Start(Tag::HtmlBlock) => {
                    depth += 1;
                    code.html.push(range);
                }
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Text(text) => {
                    if let Some(block) = &mut open {
                        block.code.push_str(&text);
                    }
                }
                Event::Code(_) => code.ranges.push(range),
                Event::InlineHtml(_) => code.html.push(range),
                _ => {}
            }
        }
        code
    }

    /// Whether what lies at this place of the page is code.
    pub fn has(&self, at: usize) -> bool {
        self.ranges.iter().any(|range| range.contains(&at))
    }

    /// What the last heading of `page` before this place says, without its marks.
    pub fn heading_above(&self, page: &str, at: usize) -> Option<String> {
        let mut start = 0;
        let lines = page[..at].split_inclusive('\n').map(|line| {
            start += line.len();
            (start - line.len(), line)
        });
        let headings = lines.filter_map(|(at, line)| {
            let text = line.strip_prefix("##")?.trim_start_matches('#').strip_prefix(' ')?;
            (!self.has(at)).then(|| text.trim().replace(['`', '*'], ""))
        });
        headings.last()
    }

    /// Where the next fenced block begins.
    pub fn next_block(&self, at: usize) -> Option<usize> {
        self.blocks.iter().map(|block| block.range.start).find(|start| *start > at)
    }

    /// Whether this place lies inside a tag of `page`, as one of its attributes. A comment is
    /// no tag.
    pub fn is_in_tag(&self, page: &str, at: usize) -> bool {
        self.html.iter().filter(|range| range.contains(&at)).any(|range| {
            let before = &page[range.start..at];
            let open = before.rfind('<').filter(|open| before.rfind('>') < Some(*open));
            open.is_some_and(|open| !before[open..].starts_with("<!--"))
        })
    }
}

/// The line that a place of a page is on, from 1.
pub fn line_of(page: &str, at: usize) -> usize {
    1 + page[..at].matches('\n').count()
}

impl Block {
    /// The file and the anchor that the whole block is taken from, if it is.
    pub fn included(&self) -> Option<(&str, Option<&str>)> {
        let inside = self.code.trim().strip_suffix("}}")?;
        let path = inside
            .strip_prefix("{{#include ")
            .or_else(|| inside.strip_prefix("{{#rustdoc_include "))
            .filter(|path| !path.contains('\n'))?
            .trim();
        Some(match path.split_once(':') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (path, None),
        })
    }

    /// The compiler's error that this block must cause, if it must.
    pub fn error_code(&self) -> Option<&str> {
        let is_code = |a: &&String| a.len() == 5 && a.starts_with('E');
        self.attributes.iter().find(is_code).map(String::as_str)
    }

    /// Its language; empty where it says none.
    pub fn language(&self) -> &str {
        self.attributes.first().map_or("", String::as_str)
    }

    /// Whether the block has this attribute.
    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|a| a == attribute)
    }
}

/// HTML that stands alone. A blank line would end it, so there is none: only after a tag does
/// a line end.
pub fn block(html: Markup) -> String {
    format!("\n\n{}\n\n", written(html, Place::Block))
}

/// HTML whose last element goes on with Markdown, in lines of its own.
pub fn around(html: Markup, inside: &str) -> String {
    let html = block(html);
    let (before, end) = html.rsplit_once("</").expect("an element that ends");
    format!("{before}\n\n{}\n\n</{end}", inside.trim_matches('\n'))
}

/// A `pre`, whose lines are its own.
pub fn preformatted(html: Markup) -> String {
    format!("\n\n{}\n\n", written(html, Place::Pre))
}

/// HTML in a sentence, or in a heading. What stands between its tags is read as Markdown (and
/// as a cell, in a table), so what would be a sign of Markdown's is written in full.
pub fn inline(html: Markup) -> String {
    written(html, Place::Sentence)
}

/// Where HTML gets into a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Block,
    Pre,
    Sentence,
}

/// The one way into a page's Markdown. `maud` has escaped every text and attribute, so that
/// `<` and `>` are those of tags; but Markdown reads what it wrote, and mdBook looks for
/// directives of its own after us, also in tags. Neither finds a sign here.
fn written(html: Markup, place: Place) -> String {
    let html = html.into_string().replace("\r\n", "\n");
    let mut out = String::new();
    let mut is_tag = false;
    let mut before = '\0';
    let mut chars = html.chars().peekable();
    while let Some(c) = chars.next() {
        is_tag = c == '<' || (is_tag && c != '>');
        let next = chars.peek().copied();
        let is_plain = match c {
            '{' => false,
            '\n' | '\r' if place == Place::Block => c == '\n' && before == '>',
            '\n' => place == Place::Pre,
            '\t' => true,
            // `...` and `--` would become another character.
            '.' | '-' if place == Place::Sentence => {
                is_tag || ![Some(before), next].contains(&Some(c))
            }
            '|' | '`' | '\\' | '\'' => place != Place::Sentence,
            '*' | '_' | '[' | ']' | '~' | '#' => is_tag || place != Place::Sentence,
            _ => true,
        };
        match c {
            '\r' => out.push_str("&#10;"),
            c if c != '\n' && c != '\t' && acts(c) => out.push('\u{fffd}'),
            c if is_plain => out.push(c),
            c => out.push_str(&format!("&#{};", u32::from(c))),
        }
        before = c;
    }
    // The elements of SVG that are empty end in themselves.
    ["circle", "line", "path", "rect"]
        .iter()
        .fold(out, |html, name| html.replace(&format!("></{name}>"), "/>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use maud::html;

    /// Line, language, code, and whether it is inside of something.
    fn blocks(page: &str) -> Vec<(usize, String, String, bool)> {
        let all = Code::of(page).blocks.into_iter();
        all.map(|b| (b.line, b.language().to_owned(), b.code, b.is_inside)).collect()
    }

    fn one(
        line: usize,
        language: &str,
        code: &str,
        is_inside: bool,
    ) -> Vec<(usize, String, String, bool)> {
        vec![(line, language.to_owned(), code.to_owned(), is_inside)]
    }

    #[test]
    fn a_fence_ends_only_with_its_like() {
        assert_eq!(blocks("a\n\n```rust,x\nb\n```\nc\n"), one(3, "rust", "b\n", false));
        assert_eq!(blocks("````text\n```\nb\n````\n"), one(1, "text", "```\nb\n", false));
        assert_eq!(blocks("~~~text\n```\nb\n~~~~\nc\n"), one(1, "text", "```\nb\n", false));
        assert_eq!(
            blocks("```text\nb\n~~~\n``` c\n"),
            one(1, "text", "b\n~~~\n``` c\n", false)
        );
        assert_eq!(blocks("   ```text\n   b\n  ```\nc\n"), one(1, "text", "b\n", false));
    }

    #[test]
    fn three_backticks_and_three_more_on_one_line_are_code_in_a_sentence() {
        let page = "```a b``` c\n{{#d}}\n```\n";
        assert_eq!(blocks(page), one(3, "", "", false));
        let code = Code::of(page);
        assert!(code.has(page.find("a b").unwrap()));
        assert!(!code.has(page.find("{{#d}}").unwrap()));
    }

    #[test]
    fn a_fence_in_a_list_or_a_quotation_is_read_without_its_margin() {
        assert_eq!(
            blocks("- a\n\n  ```text\n  b\n   c\n  ```\n"),
            one(3, "text", "b\n c\n", true)
        );
        assert_eq!(blocks("> ```text\n> b\n> ```\nc\n"), one(1, "text", "b\n", true));
        // The end of the quotation is the end of the fence.
        assert_eq!(blocks("> ```text\n> b\n\n{{#c}}\n"), one(1, "text", "b\n", true));
        assert!(!Code::of("> ```text\n> b\n\n{{#c}}\n").has(16));
    }

    #[test]
    fn what_is_indented_or_in_backticks_is_code_and_no_block() {
        for page in ["a\n\n    {{#b}}\n", "a `{{#b}}` c\n", "a ``b ` {{#c}}``\n"] {
            let code = Code::of(page);
            assert!(code.has(page.find("{{#").unwrap()), "{page}");
            assert_eq!(code.blocks, [], "{page}");
        }
        // A paragraph goes on, indented or not.
        assert!(!Code::of("a\n    {{#b}}\n").has(6));
    }

    #[test]
    fn html_comes_through_markdown_as_it_was_written() {
        let text = "*a* _b_ `c` [d](e) ~~f~~ | \\* \n\n# g\n\n{{#include h}}";
        let plain = |markdown: &str| {
            let parser = new_cmark_parser(markdown, &MarkdownOptions::default());
            let mut html = String::new();
            mdbook_markdown::pulldown_cmark::html::push_html(&mut html, parser);
            let html = scraper::Html::parse_fragment(&html);
            let of = scraper::Selector::parse("i").expect("a selector");
            let found = html.select(&of).next().expect("it is there");
            assert_eq!(found.children().count(), 1, "only text: {}", found.html());
            (found.text().collect::<String>(), found.attr("title").map(str::to_owned))
        };
        let html = || html! { i title=(text) { (text) } };
        let whole = (text.to_owned(), Some(text.to_owned()));
        assert_eq!(plain(&format!("a {} b", inline(html()))), whole);
        assert_eq!(plain(&format!("|a|\n|-|\n|{}|\n", inline(html()))), whole);
        assert_eq!(plain(&block(html! { div { (html()) } })), whole);
        assert_eq!(plain(&around(html! { div { p { (html()) } } }, "*x*")), whole);
        for made in [inline(html()), block(html())] {
            assert!(!made.contains("{{"), "{made}");
        }
    }
}
