//! Where directives stand in the text of a page. One in code is text; whatever else looks like
//! one and is none is a mistake, since it would stand on the page as it was written.

use std::ops::Range;

use super::markdown::Code;

/// Directives that are mdBook's.
const THEIRS: [&str; 4] = ["include", "rustdoc_include", "playground", "title"];

/// A piece of a page that has the look of a directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found<'p> {
    pub(super) range: Range<usize>,
    pub(super) is: Is<'p>,
}

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Is<'p> {
    /// `{{#name rest}}`, which is ours or nobody's.
    Directive { name: &'p str, rest: &'p str },
    /// None, and why.
    Mistake(&'static str),
}

/// All that look like directives, in their order, but for those in code and mdBook's.
pub(super) fn scan<'p>(page: &'p str, code: &Code) -> Vec<Found<'p>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(start) = page[at..].find(['{', '}']).map(|next| at + next) {
        let rest = &page[start..];
        at = start + 1;
        // Of three braces the last two may begin one.
        let is_begin = rest.starts_with("{{") && !rest.starts_with("{{{");
        if code.has(start) || !(is_begin || rest.starts_with("}}")) {
            continue;
        }
        let (length, is) = match is_begin {
            true => begun(&rest[..code.next_block(start).map_or(rest.len(), |at| at - start)]),
            false => (2, Some(Is::Mistake("`}}` ends no directive"))),
        };
        let range = start..start + length;
        at = range.end;
        let is = is.map(|is| match is {
            Is::Directive { .. } if page[..start].ends_with('\\') => {
                Is::Mistake("to be shown, a directive is put in backticks")
            }
            Is::Directive { .. } if code.is_in_tag(page, start) => {
                Is::Mistake("a directive cannot stand inside a tag")
            }
            is => is,
        });
        all.extend(is.map(|is| Found { range, is }));
    }
    all
}

/// What begins with `{{`, and how long it is; none if it is mdBook's.
fn begun(text: &str) -> (usize, Option<Is<'_>>) {
    let inside = &text[2..];
    let trimmed = inside.trim_start();
    let mistake = |why| (upto(text), Some(Is::Mistake(why)));
    let Some(named) = trimmed.strip_prefix('#') else {
        return mistake("no directive; one begins with `{{#`, and in backticks it is text");
    };
    let end = named.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(named.len());
    let (name, rest) = named.split_at(end);
    if THEIRS.contains(&name) {
        return match rest.split_once("}}") {
            None => mistake("a directive without its end, `}}`"),
            // What it does not understand, mdBook leaves as it is.
            Some((of, _))
                if of.contains('}') || of.trim().is_empty() || of == of.trim_start() =>
            {
                mistake("mdBook takes a blank and a name here, and no brace")
            }
            Some((of, _)) => (text.len() - rest.len() + of.len() + 2, None),
        };
    }
    if trimmed.len() != inside.len() || name.is_empty() {
        return mistake("a directive begins with `{{#` and its name, without blanks");
    }
    match end_of(rest) {
        Some(end) => {
            let whole = text.len() - rest.len() + end + 2;
            (whole, Some(Is::Directive { name, rest: rest[..end].trim() }))
        }
        None => mistake(
            "a directive without its end, `}}`; between quotation marks and after a blank \
             line it is none",
        ),
    }
}

/// Where `}}` stands that is not between quotation marks, before the paragraph ends and before
/// another directive begins.
fn end_of(rest: &str) -> Option<usize> {
    let mut is_quoted = false;
    for (at, c) in rest.char_indices() {
        let rest = &rest[at..];
        match c {
            '"' => is_quoted = !is_quoted,
            '}' if !is_quoted && rest.starts_with("}}") => return Some(at),
            '{' if rest.starts_with("{{") => return None,
            '\n' if rest[1..].split('\n').next().is_some_and(|line| line.trim().is_empty()) => {
                return None;
            }
            _ => {}
        }
    }
    None
}

/// How much of a mistake is shown: as far as it may have been meant to go, on its line.
fn upto(text: &str) -> usize {
    let line = text.lines().next().unwrap_or_default();
    let end = line.find("}}").map_or(line.len(), |end| end + 2);
    line[..end].char_indices().nth(80).map_or(end, |(cut, _)| cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each piece, and the mistake it is or its name and its text.
    fn found(page: &str) -> Vec<(&str, String)> {
        let all = scan(page, &Code::of(page)).into_iter();
        let told = |is| match is {
            Is::Directive { name, rest } => format!("{name}|{rest}"),
            Is::Mistake(why) => why.to_owned(),
        };
        all.map(|found| (&page[found.range], told(found.is))).collect()
    }

    #[test]
    fn a_directive_ends_with_two_braces_that_are_not_quoted() {
        for (page, rest) in [
            ("{{#a b}}", "b"),
            ("{{#a b; c=\"} }} {\"}}", "b; c=\"} }} {\""),
            ("{{#a b } c}}", "b } c"),
            ("{{#a b\nc }}", "b\nc"),
            ("{{#a}}", ""),
        ] {
            assert_eq!(found(page), [(page, format!("a|{rest}"))]);
            let twice = format!("x {page}{page} y");
            assert_eq!(found(&twice).len(), 2, "{twice}");
        }
        // What is before them may be a brace of the text's own.
        assert_eq!(found("{{{#a b}}}"), [("{{#a b}}", "a|b".to_owned())]);
    }

    #[test]
    fn what_looks_like_a_directive_and_is_none_is_a_mistake() {
        for (page, shown, says) in [
            ("a {{ #expect a: b}} c", "{{ #expect a: b}}", "without blanks"),
            ("a {{# expect a: b}} c", "{{# expect a: b}}", "without blanks"),
            ("a {{expect a: b}} c", "{{expect a: b}}", "begins with `{{#`"),
            ("a {{}} c", "{{}}", "begins with `{{#`"),
            ("a {{#expect a: b} c", "{{#expect a: b} c", "without its end"),
            ("{{#expect a: \"b}}\n\n\"}}", "{{#expect a: \"b}}", "without its end"),
            ("a {{#expect a: b\n \nc}}", "{{#expect a: b", "without its end"),
            ("a {{#expect a: {{#b}}", "{{#expect a: {{#b}}", "without its end"),
            ("a {{#include b", "{{#include b", "without its end"),
            ("a {{#include}}", "{{#include}}", "a blank and a name"),
            ("a {{#include:b}}", "{{#include:b}}", "a blank and a name"),
            ("a {{#title b } c}}", "{{#title b } c}}", "no brace"),
            ("a {#expect a: b}} c", "}}", "ends no directive"),
            ("a \\{{#expect a: b}} c", "{{#expect a: b}}", "put in backticks"),
            ("a <i title=\"{{#b c}}\">d</i>", "{{#b c}}", "inside a tag"),
            ("<div\n  title={{#b c}}>\n</div>", "{{#b c}}", "inside a tag"),
        ] {
            let all = found(page);
            let (piece, why) = &all[0];
            assert_eq!((*piece, why.contains(says)), (shown, true), "{page}: {all:?}");
        }
    }

    #[test]
    fn code_is_text_and_mdbooks_own_are_left_alone() {
        for page in [
            "`{{#expect a}}` and `}}` and ``{{x}}``",
            "a\n\n    {{#expect a}}\n",
            "```text\n{{expect}}\n```\n",
            "- a\n\n  ```text\n  {{#expect a\n  ```\n",
            "{{#include a.rs:b}} {{ #include c }} {{#title d}}",
            "fn main() {} and {a: {b: 1} }",
        ] {
            assert_eq!(found(page), [], "{page}");
        }
        for page in ["<!-- {{#a b}} -->", "<div>\n{{#a b}}\n</div>", "a <i>{{#a b}}</i>"] {
            assert_eq!(found(page), [("{{#a b}}", "a|b".to_owned())]);
        }
    }

    /// What CommonMark says of code, in examples of our own: `{{#in}}` stands in code, and
    /// `{{#out}}` does not.
    const CODE: [&str; 62] = [
        // Fences, of backticks and of tildes, and which ends which.
        "```\n{{#in}}\n```\n{{#out}}",
        "~~~\n{{#in}}\n~~~\n{{#out}}",
        "``\n{{#in}}\n``\n{{#out}}",
        "```\n{{#in}}\n~~~\n{{#in}}\n```\n{{#out}}",
        "~~~\n{{#in}}\n```\n{{#in}}\n~~~\n{{#out}}",
        "````\n{{#in}}\n```\n{{#in}}\n``````\n{{#out}}",
        "~~~~\n{{#in}}\n~~~\n{{#in}}\n~~~~\n{{#out}}",
        "```\n{{#in}}\n``` x\n{{#in}}",
        "```\n{{#in}}\n   ```\n{{#out}}",
        "```\n{{#in}}\n    ```\n{{#in}}",
        "   ```\n{{#in}}\n  ```\n{{#out}}",
        "    ```\n{{#out}}\n\n    ```",
        "```\n{{#in}}\n\n\n{{#in}}",
        "```\n```\n{{#out}}",
        "```\n\n  \n```\n{{#out}}",
        "```",
        "{{#out}}\n```\n{{#in}}\n```\n{{#out}}",
        "{{#out}}\n===\n```\n{{#in}}\n```\n# {{#out}}",
        // What stands after the fence.
        "```rust ignore x=y\n{{#in}}\n```\n{{#out}}",
        "~~~ a b`c ~~~\n{{#in}}\n~~~\n{{#out}}",
        "``` ```\n{{#out}}",
        "```a b``` {{#out}}\n{{#out}}",
        "```{{#in}}``` {{#out}}",
        "````;\n````\n{{#out}}",
        "~~~ ~~~\n{{#in}}\n~~~ {{#in}}\n~~~~\n{{#out}}",
        "``` a`b\n{{#out}}",
        // In a quotation, a list, a footnote.
        "> ```\n> {{#in}}\n\n{{#out}}",
        "> ```\n{{#out}}",
        "> ~~~\n> {{#in}}\n> ~~~\n> {{#out}}",
        "- ```\n  {{#in}}\n  ```\n  {{#out}}",
        "- ```\n{{#out}}",
        "- a\n\n  ```\n  {{#in}}\n\n  {{#in}}\n{{#out}}",
        "1.  ```\n    {{#in}}\n    ```\n\n    {{#out}}",
        "[^a] {{#out}}\n\n[^a]: b\n\n    ```\n    {{#in}}\n    ```\n    {{#out}}",
        // Indented.
        "    {{#in}}",
        "    a\n      {{#in}}\n\n{{#out}}",
        "a\n\n    {{#in}}\n{{#out}}",
        "a\n    {{#out}}",
        "# a\n    {{#in}}\nb\n---\n    {{#in}}\n***\n    {{#in}}",
        "    a\n\n\n    {{#in}}\n   {{#out}}",
        "\t{{#in}}\n",
        "  \t{{#in}}\n",
        "- a\n\n  {{#out}}\n\n      {{#in}}",
        "1.  a\n\n    - {{#out}}",
        "-     {{#in}}\n",
        "-    {{#out}}\n",
        ">     {{#in}}\n>    {{#out}}",
        "10) a\n\n        {{#in}}",
        // In a sentence.
        "`{{#in}}` {{#out}}",
        "`` {{#in}} ` {{#in}} `` {{#out}}",
        "` `` {{#in}}` {{#out}}",
        "`{{#in}}\n{{#in}}` {{#out}}",
        "`a\n\n{{#out}}`",
        "`a\\` {{#out}}`",
        "\\`{{#out}}`",
        "`{{#out}} ``",
        "```{{#out}}``",
        "*a`*{{#in}}` {{#out}}",
        "<a href=\"`\">{{#out}}`",
        "<https://a.b/`x>{{#out}}`",
        "[`]: /x\n\n{{#out}} `{{#in}}`",
        "| a | b |\n|---|---|\n| `{{#in}}` | {{#out}} |\n| ` | {{#out}} ` |",
    ];

    #[test]
    fn code_is_what_commonmark_says_it_is() {
        for page in CODE {
            let code = Code::of(page);
            for (at, _) in page.match_indices("{{#in}}") {
                assert!(code.has(at), "not in code at {at}: {page}");
            }
            let outs = found(page).into_iter().map(|(piece, _)| piece).collect::<Vec<_>>();
            assert_eq!(outs, vec!["{{#out}}"; page.matches("{{#out}}").count()], "{page}");
        }
    }
}
