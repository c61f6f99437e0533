//! Code on pages: taken from files, colored when the book is built, every line with an address.
//!
//! No script colors anything, so a listing looks the same with scripts off and on paper.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result, bail};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::html::escape;
use crate::near::nearest;

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The lines with their numbers in the file, from 1.
    pub lines: Vec<(usize, String)>,
}

impl Piece {
    /// Number of the first line.
    pub fn first(&self) -> usize {
        self.lines.first().map_or(1, |line| line.0)
    }

    /// Number of the last line.
    pub fn last(&self) -> usize {
        self.lines.last().map_or(1, |line| line.0)
    }
}

/// The lines of `file` between `ANCHOR: name` and `ANCHOR_END: name`, or from one number to
/// another (`3:20`, `3:`); without a name all but the marks of anchors. What all lines are
/// indented by is taken away.
///
/// # Errors
/// When the file or the anchor is missing.
pub fn piece(root: &Path, file: &str, anchor: Option<&str>) -> Result<Piece> {
    let text =
        fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
    if let Some((from, to)) = anchor.and_then(|range| range.split_once(':')) {
        let from = from.parse().unwrap_or(1);
        let to = to.parse().unwrap_or(usize::MAX);
        let all = text.lines().enumerate().map(|(i, line)| (i + 1, line.trim_end().to_owned()));
        return Ok(Piece { lines: all.filter(|(n, _)| (from..=to).contains(n)).collect() });
    }
    let mut names = Vec::new();
    let mut lines = Vec::new();
    let mut inside = anchor.is_none();
    let mut found = inside;
    for (i, line) in text.lines().enumerate() {
        if let Some((_, name)) = line.split_once("ANCHOR_END:") {
            inside &= Some(name.trim()) != anchor;
        } else if let Some((_, name)) = line.split_once("ANCHOR:") {
            names.push(name.trim().to_owned());
            if Some(name.trim()) == anchor {
                (inside, found) = (true, true);
            }
        } else if inside {
            lines.push((i + 1, line.trim_end().to_owned()));
        }
    }
    if !found {
        let anchor = anchor.unwrap_or_default();
        let near = nearest(anchor, names.iter().map(String::as_str));
        bail!("{file} has no anchor `{anchor}`{near}");
    }
    while lines.last().is_some_and(|(_, line)| line.is_empty()) {
        lines.pop();
    }
    let indent = lines
        .iter()
        .filter(|(_, line)| !line.is_empty())
        .map(|(_, line)| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    for (_, line) in &mut lines {
        *line = line.get(indent..).unwrap_or_default().to_owned();
    }
    Ok(Piece { lines })
}

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// What a scope is drawn as; the longest that fits decides.
static CLASSES: LazyLock<Vec<(Scope, &str)>> = LazyLock::new(|| {
    [
        ("comment", "remark"),
        ("string", "text"),
        ("constant", "number"),
        ("keyword", "word"),
        ("keyword.operator", ""),
        ("storage", "word"),
        ("variable.language", "word"),
        ("entity.name", "name"),
        ("support.function", "name"),
        ("support.macro", "name"),
        ("variable.function", "name"),
        ("meta.annotation", "remark"),
    ]
    .into_iter()
    .map(|(scope, class)| (Scope::new(scope).expect("a scope"), class))
    .collect()
});

/// How a language is called by syntect, which knows the shell and Python and Rust.
fn syntax(language: &str) -> Option<&'static syntect::parsing::SyntaxReference> {
    match language {
        "text" | "" => None,
        "console" | "sh" => None,
        other => SYNTAXES.find_syntax_by_token(other),
    }
}

/// Each line of `code` as HTML.
pub fn color(language: &str, code: &str) -> Vec<String> {
    let Some(syntax) = syntax(language) else {
        return code.lines().map(escape).collect();
    };
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut lines = Vec::new();
    for line in code.lines() {
        let text = format!("{line}\n");
        let mut runs: Vec<(&str, String)> = Vec::new();
        let mut add = |class: &'static str, part: &str| match runs.last_mut() {
            _ if part.is_empty() => {}
            // Blanks have no color, so they need no end of one.
            Some((last, so_far)) if *last == class || part.trim().is_empty() => {
                so_far.push_str(part);
            }
            _ => runs.push((class, part.to_owned())),
        };
        let mut done = 0;
        let changes = state.parse_line(&text, &SYNTAXES).unwrap_or_default();
        for (at, change) in changes {
            let at = at.min(line.len());
            add(class(&stack), &line[done..at]);
            done = at;
            if stack.apply(&change).is_err() {
                break;
            }
        }
        add(class(&stack), &line[done..]);
        lines.push(runs.into_iter().fold(String::new(), |mut out, (class, text)| {
            let _ = match class {
                "" => write!(out, "{}", escape(&text)),
                _ => write!(out, "<span class=\"{class}\">{}</span>", escape(&text)),
            };
            out
        }));
    }
    lines
}

fn class(stack: &ScopeStack) -> &'static str {
    for scope in stack.as_slice().iter().rev() {
        let best = CLASSES
            .iter()
            .filter(|(prefix, _)| prefix.is_prefix_of(*scope))
            .max_by_key(|(prefix, _)| prefix.len());
        if let Some((_, class)) = best {
            return class;
        }
    }
    ""
}

/// A block that is no piece of a file.
pub fn block(language: &str, code: &str) -> String {
    let lines = color(language, code);
    format!(
        "<pre tabindex=\"0\"><code class=\"language-{language}\">{}\n</code></pre>",
        lines.join("\n")
    )
}

/// A piece of a file, every line with its number and an address beginning with `prefix`.
pub fn numbered(language: &str, piece: &Piece, prefix: &str) -> String {
    let text: Vec<&str> = piece.lines.iter().map(|(_, line)| line.as_str()).collect();
    let mut out =
        format!("<pre tabindex=\"0\" class=\"numbered\"><code class=\"language-{language}\">");
    for ((number, _), line) in piece.lines.iter().zip(color(language, &text.join("\n"))) {
        let id = format!("{prefix}-L{number}");
        // The line's end is inside: copied text has it, and a block of its own adds none.
        let _ = write!(
            out,
            "<span class=\"line\" id=\"{id}\"><a class=\"n\" href=\"#{id}\" data-n=\"{number}\" \
             aria-hidden=\"true\" tabindex=\"-1\"></a>{line}\n</span>"
        );
    }
    out.push_str("</code></pre>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_colored_by_what_its_words_are() {
        insta::assert_snapshot!(
            color("rust", "/// Adds <one>.\nfn add(x: u64) -> u64 {\n    x + 1 // \"so\"\n}\n")
                .join("\n")
        );
        insta::assert_snapshot!(
            color("python", "def add(x):\n    return f\"{x}\" + 'a'  # so\n").join("\n")
        );
    }

    #[test]
    fn a_piece_keeps_the_numbers_of_its_lines_and_loses_its_indent() {
        let folder = tempfile::tempdir().unwrap();
        let text = "a\n  // ANCHOR: one\n  b\n    c\n  // ANCHOR: two\n  d\n  // ANCHOR_END: two\n\n  // ANCHOR_END: one\ne\n";
        fs::write(folder.path().join("f.rs"), text).unwrap();
        let piece = piece(folder.path(), "f.rs", Some("one")).unwrap();
        let lines: Vec<(usize, &str)> =
            piece.lines.iter().map(|(n, line)| (*n, line.as_str())).collect();
        assert_eq!(lines, [(3, "b"), (4, "  c"), (6, "d")]);
        let missing = super::piece(folder.path(), "f.rs", Some("tow")).unwrap_err();
        assert_eq!(missing.to_string(), "f.rs has no anchor `tow`; did you mean `two`?");
    }
}
