//! Code on pages: taken from files, colored when the book is built, every line with an address.
//!
//! No script colors anything, so a listing looks the same with scripts off and on paper.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use anyhow::{Context, Result, bail};
use maud::{Markup, html};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

use crate::ask::near::Unknown;

/// A piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The lines with their numbers in the file, from 1.
    pub lines: Vec<(usize, String)>,
}

impl Piece {
    /// The lines as one text.
    pub fn text(&self) -> String {
        let lines: Vec<&str> = self.lines.iter().map(|(_, line)| line.as_str()).collect();
        lines.join("\n")
    }

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
/// When the file, the anchor or its end is missing, there are no such lines, or none at all.
pub fn piece(root: &Path, file: &str, anchor: Option<&str>) -> Result<Piece> {
    let text =
        fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
    if let Some((from, to)) = anchor.and_then(|range| range.split_once(':')) {
        return lines(&text, from.trim(), to.trim())
            .with_context(|| format!("{file}:{from}:{to}"));
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
        let text = format!("{file} has no anchor `{anchor}`");
        bail!(Unknown::new(text, anchor, names.iter().map(String::as_str)));
    }
    if let (true, Some(anchor)) = (inside, anchor) {
        bail!(
            "{file}: the anchor `{anchor}` has no end; write `ANCHOR_END: {anchor}` below it"
        );
    }
    while lines.last().is_some_and(|(_, line)| line.is_empty()) {
        lines.pop();
    }
    if lines.is_empty() {
        bail!("{file}: there is no line to show");
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

/// The lines of `text` from one number to another, or to its end.
fn lines(text: &str, from: &str, to: &str) -> Result<Piece> {
    let count = text.lines().count();
    let number = |text: &str| {
        let number: Option<usize> = text.parse().ok();
        number.with_context(|| format!("`{text}` is not the number of a line"))
    };
    let (from, to) = (number(from)?, if to.is_empty() { count } else { number(to)? });
    if !(1..=to).contains(&from) || to > count {
        bail!("the file has lines 1 to {count}; write `from:to` within them");
    }
    let all = text.lines().enumerate().map(|(i, line)| (i + 1, line.trim_end().to_owned()));
    Ok(Piece { lines: all.filter(|(n, _)| (from..=to).contains(n)).collect() })
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

/// A stretch of a line that is drawn alike: its class, if any, and its text.
type Run = (String, String);

/// The colors of all code that pages show. Coloring is the slowest part of a build, and
/// nearly all code is what it was in the last one, so its colors are kept in a file.
#[derive(Default)]
pub struct Colors {
    file: PathBuf,
    before: BTreeMap<String, Vec<Vec<Run>>>,
    now: Mutex<BTreeMap<String, Vec<Vec<Run>>>>,
}

impl Colors {
    /// Those that `file` has, unless another press than this one has written them.
    pub fn read(file: PathBuf) -> Colors {
        let changed = |path: &Path| fs::metadata(path)?.modified();
        let press = || changed(&std::env::current_exe()?);
        let is_ours = changed(&file).and_then(|file| Ok(file > press()?)).unwrap_or(false);
        let before = || serde_json::from_str(&fs::read_to_string(&file).ok()?).ok();
        let before = if is_ours { before().unwrap_or_default() } else { BTreeMap::new() };
        Colors { file, before, now: Mutex::default() }
    }

    /// Each line of `code` as HTML.
    pub fn lines(&self, language: &str, code: &str) -> Vec<Markup> {
        let key = format!("{language}\n{code}");
        let runs = self.before.get(&key).cloned().unwrap_or_else(|| runs(language, code));
        let lines = runs.iter().map(|line| {
            html! {
                @for (class, text) in line {
                    @if class.is_empty() { (text) } @else { span class=(class) { (text) } }
                }
            }
        });
        let lines = lines.collect();
        self.now.lock().expect("nothing panics while it is held").insert(key, runs);
        lines
    }

    /// Keeps what this build has used. Without it the next is slower and no worse, so it is
    /// no fault when it cannot be written.
    pub fn keep(self) {
        let now = self.now.into_inner().expect("nothing panics while it is held");
        let write = || -> Result<()> {
            let folder = self.file.parent().context("a file lies in a folder")?;
            fs::create_dir_all(folder)?;
            let file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer(file.as_file(), &now)?;
            file.persist(&self.file)?;
            Ok(())
        };
        if now != self.before {
            write().ok();
        }
    }
}

fn runs(language: &str, code: &str) -> Vec<Vec<Run>> {
    let Some(syntax) = syntax(language) else {
        return code.lines().map(|line| vec![(String::new(), line.to_owned())]).collect();
    };
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut lines = Vec::new();
    for line in code.lines() {
        let text = format!("{line}\n");
        let mut runs: Vec<Run> = Vec::new();
        let mut add = |class: &str, part: &str| match runs.last_mut() {
            _ if part.is_empty() => {}
            // Blanks have no color, so they need no end of one.
            Some((last, so_far)) if *last == class || part.trim().is_empty() => {
                so_far.push_str(part);
            }
            _ => runs.push((class.to_owned(), part.to_owned())),
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
        lines.push(runs);
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
pub fn block(language: &str, lines: &[Markup]) -> Markup {
    html! {
        pre tabindex="0" {
            code class={ "language-" (language) } {
                @for (i, line) in lines.iter().enumerate() {
                    @if i > 0 { "\n" }
                    (line)
                }
                "\n"
            }
        }
    }
}

/// A listing of more lines than these begins with what comes first in its file.
const LONG: usize = 24;
/// How many lines its beginning has at most, and at least.
const HEART: std::ops::RangeInclusive<usize> = 6..=20;

/// How many lines of a long piece are shown first: up to the last blank line in sight behind
/// which something new begins. What is all one function is all of a piece.
pub fn heart(piece: &Piece) -> Option<usize> {
    let lines = &piece.lines;
    let begins = |i: usize| lines.get(i + 1).is_some_and(|(_, line)| !line.starts_with(' '));
    let is_end = |i: &usize| lines[*i].1.is_empty() && begins(*i);
    (lines.len() > LONG).then(|| HEART.rev().find(is_end))?
}

/// Lines of a file, each with its number and an address beginning with `prefix`.
pub fn numbered(
    language: &str,
    numbers: &[(usize, String)],
    lines: &[Markup],
    prefix: &str,
) -> Markup {
    html! {
        pre tabindex="0" class="numbered" {
            code class={ "language-" (language) } {
                @for ((number, _), line) in numbers.iter().zip(lines) {
                    @let id = format!("{prefix}-L{number}");
                    span class="line" id=(id) {
                        a class="n" href={ "#" (id) } data-n=(number) aria-hidden="true"
                            tabindex="-1" {}
                        // The line's end is inside: copied text has it, and a block of its own
                        // adds none.
                        (line) "\n"
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_colored_by_what_its_words_are() {
        let colored = |language, code| {
            let lines = Colors::default().lines(language, code).into_iter();
            let lines = lines.map(Markup::into_string);
            lines.collect::<Vec<String>>().join("\n")
        };
        insta::assert_snapshot!(colored(
            "rust",
            "/// Adds <one>.\nfn add(x: u64) -> u64 {\n    x + 1 // \"so\"\n}\n"
        ));
        insta::assert_snapshot!(colored(
            "python",
            "def add(x):\n    return f\"{x}\" + 'a'  # so\n"
        ));
    }

    #[test]
    fn colors_are_kept_for_the_next_build() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept/colors.json");
        let html =
            |colors: &Colors| colors.lines("rust", "fn f() {}\n")[0].clone().into_string();
        let colors = Colors::read(file.clone());
        let fresh = html(&colors);
        colors.keep();
        // What is kept is what is shown, so another text shows that it was read.
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("\"fn \"", "\"<f> \"")).unwrap();
        let kept = html(&Colors::read(file.clone()));
        assert_eq!(kept, fresh.replace(">fn <", ">&lt;f&gt; <"));
        assert_ne!(kept, fresh);
        // What is older than the press may be another press's, and what is broken is nobody's.
        let press = fs::metadata(std::env::current_exe().unwrap()).unwrap().modified().unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_modified(press).unwrap();
        assert_eq!(html(&Colors::read(file.clone())), fresh);
        fs::write(&file, "{").unwrap();
        assert_eq!(html(&Colors::read(file)), fresh);
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

    #[test]
    fn a_long_piece_is_cut_where_something_new_begins_and_nowhere_else() {
        let piece = |text: &str| Piece {
            lines: text.lines().enumerate().map(|(i, line)| (i + 1, line.into())).collect(),
        };
        let function = |lines: usize| format!("fn f() {{\n{}}}\n", "    x();\n".repeat(lines));
        let long = format!("{}\n{}\n{}", function(5), function(8), function(12));
        assert_eq!(heart(&piece(&long)), Some(18), "the second end that is in sight");
        assert_eq!(heart(&piece(&function(40))), None, "all of one piece");
        let inside =
            format!("fn f() {{\n{}\n{}}}\n", "    x();\n".repeat(9), "    y();\n".repeat(20));
        assert_eq!(heart(&piece(&inside)), None, "a blank line in the middle of a function");
        let short = format!("{}\n{}", function(8), function(8));
        assert_eq!(heart(&piece(&short)), None, "short enough");
    }

    #[test]
    fn a_piece_has_lines_that_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let text = "a\n// ANCHOR: open\nb\n// ANCHOR: none\n\n// ANCHOR_END: none\n";
        fs::write(folder.path().join("f.rs"), text).unwrap();
        fs::write(folder.path().join("empty.rs"), "\n").unwrap();
        let of = |file: &str, anchor| super::piece(folder.path(), file, anchor);
        for (range, first, last) in [("1:6", 1, 6), ("3:3", 3, 3), ("5:", 5, 6)] {
            let piece = of("f.rs", Some(range)).unwrap();
            assert_eq!((piece.first(), piece.last()), (first, last), "{range}");
        }
        for range in ["50:10", "3:2", "0:0", "0:3", "9999:", "7:", "1:7"] {
            let text = format!("{:#}", of("f.rs", Some(range)).unwrap_err());
            assert!(text.contains("f.rs:") && text.contains("lines 1 to 6"), "{range}: {text}");
        }
        for (file, anchor, says) in [
            ("f.rs", Some(":"), "`` is not the number of a line"),
            ("f.rs", Some("a:3"), "`a` is not the number of a line"),
            ("f.rs", Some("1:-3"), "`-3` is not the number of a line"),
            ("f.rs", Some("open"), "has no end; write `ANCHOR_END: open`"),
            ("f.rs", Some("none"), "no line to show"),
            ("empty.rs", None, "no line to show"),
        ] {
            let text = format!("{:#}", of(file, anchor).unwrap_err());
            assert!(text.contains(says), "{anchor:?}: {text}");
        }
    }
}
