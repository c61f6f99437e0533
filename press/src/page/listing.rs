//! Directives about code and about what is on trial.

use std::fmt::Write;

use anyhow::{Context, Result, bail};

use super::{Page, Pages, block, code_blocks, none_left, options};
use crate::ask::claims::Verdict;
use crate::ask::near::nearest;
use crate::cmd::check;
use crate::figure::html::escape;
use crate::page::code;

/// Where a claim's verdict stands on a page.
pub(super) fn claim_address(page: &Page, id: &str) -> String {
    format!("claim-{}-{id}", page.slug)
}

/// A command, to be copied.
pub(super) fn command(line: &str) -> String {
    format!(
        "<pre class=\"run\" tabindex=\"0\"><code class=\"sh\">{}\n</code></pre>",
        escape(line)
    )
}

/// A file that a listing is taken from.
struct Source {
    path: String,
    /// What runs it.
    command: Option<String>,
}

impl Source {
    fn language(&self) -> &'static str {
        match self.path.rsplit_once('.') {
            Some((_, "rs")) => "rust",
            Some((_, "py")) => "python",
            Some((_, "toml")) => "toml",
            _ => "text",
        }
    }

    fn title(&self) -> &'static str {
        match self.language() {
            "rust" => "Rust",
            "python" => "Python",
            _ => "File",
        }
    }
}

impl Pages {
    /// A piece of a compiled file, with its place and the command that runs it.
    pub(super) fn listing(&self, rest: &str, page: &mut Page) -> Result<String> {
        // Without an anchor the options follow the file's name.
        let end = rest.find([':', ';']).unwrap_or(rest.len());
        let (what, body) = (rest[..end].trim(), rest[end..].trim_start_matches(':'));
        let (anchors, mut options) = options(body)?;
        let python = options.remove("python");
        let wrong = options.remove("wrong");
        let run = options.remove("run");
        none_left(&options, &["python", "run", "wrong"])?;
        let anchor = match &anchors[..] {
            [] => None,
            [anchor] => Some(anchor.as_str()),
            _ => bail!("a listing shows one anchor; write one listing for each"),
        };
        let mut source = self.source(what)?;
        source.command = run.or(source.command);
        let mut inner = self.one(&source, anchor, wrong.as_deref(), page)?;
        if let Some(python) = python {
            // `anchor`, or `experiment: anchor` where the Rust code is in a file of its own.
            let (name, anchor) = python.split_once(':').unwrap_or((what, &python));
            let peer = self.source(&format!("python/{}", name.trim()))?;
            inner.push_str(&self.one(&peer, Some(anchor.trim()), wrong.as_deref(), page)?);
            inner = format!("<div class=\"tabs\">\n\n{inner}\n\n</div>");
        }
        Ok(block(&inner))
    }

    /// `threads_cpu`, `python/threads_cpu`, or a path below the root.
    fn source(&self, what: &str) -> Result<Source> {
        let (is_python, name) = match what.strip_prefix("python/") {
            Some(name) => (true, name),
            None => (false, what),
        };
        if let Some(path) = self.files.get(name) {
            let is_bench = path.starts_with("benches");
            return Ok(match is_python {
                true => {
                    let path = path.replace(".rs", ".py");
                    Source { command: Some(format!("python {path}")), path }
                }
                false if is_bench => Source {
                    path: path.clone(),
                    command: Some(format!("cargo bench -p benches --bench {name}")),
                },
                false => Source {
                    path: path.clone(),
                    command: Some(format!("cargo run --example {name}")),
                },
            });
        }
        if what.contains('/') && what.contains('.') && !what.contains("..") {
            return Ok(Source { path: what.to_owned(), command: None });
        }
        let near = nearest(name, self.files.keys().map(String::as_str));
        bail!("no experiment is called `{name}`{near}; a file is named from the root on")
    }

    fn one(
        &self,
        source: &Source,
        anchor: Option<&str>,
        wrong: Option<&str>,
        page: &mut Page,
    ) -> Result<String> {
        let piece = code::piece(&self.root, &source.path, anchor)?;
        let stem = source.path.rsplit('/').next().unwrap_or_default().replace('.', "-");
        let base = format!("{}-{stem}", page.slug);
        let count = page.listings.entry(base.clone()).or_default();
        *count += 1;
        let prefix = if *count == 1 { base } else { format!("{base}-{count}") };
        let lines = match (piece.first(), piece.last()) {
            (first, last) if first == last => format!("line {first}"),
            (first, last) => format!("lines {first}–{last}"),
        };
        let place = format!("<code>{}</code>, {lines}", escape(&source.path));
        let place = match &self.repository {
            Some(repository) => format!(
                "<a href=\"{repository}/blob/main/{}#L{}-L{}\">{place}</a>",
                source.path,
                piece.first(),
                piece.last()
            ),
            None => place,
        };
        let mut out = format!(
            "<div class=\"listing{}\" data-language=\"{}\">\n",
            if wrong.is_some() { " is-wrong" } else { "" },
            source.title()
        );
        if let Some(wrong) = wrong {
            let _ = writeln!(
                out,
                "<p class=\"wrong\"><b>Wrong on purpose.</b> {}</p>",
                escape(wrong)
            );
        }
        let run = source.command.as_ref().map_or(String::new(), |line| {
            format!("<span class=\"run-line\"><code>{}</code></span>", escape(line))
        });
        let numbered = code::numbered(source.language(), &piece, &prefix);
        let _ = write!(
            out,
            "<p class=\"listing-file\"><span>{place}</span>{run}</p>\n\n{numbered}\n\n"
        );
        out.push_str("</div>\n\n");
        Ok(out)
    }

    /// What is on trial in this chapter, at a glance.
    pub(super) fn opener(&self, rest: &str, page: &mut Page) -> Result<String> {
        let (ids, options) = options(rest)?;
        none_left(&options, &[])?;
        let mut out = String::from("<div class=\"opener\"><p>On trial here</p><ul>");
        for id in &ids {
            let claim = self.claims.get(id)?;
            let judged = claim.judge(&self.results, &self.results.reference);
            if judged.verdict == Verdict::Open {
                bail!("claim `{id}` is open: it has neither a test nor an argument yet");
            }
            let verdict = judged.verdict.to_string();
            let _ = write!(
                out,
                "<li><a href=\"#{}\">{}</a> <span class=\"chip is-{}\">{verdict}</span></li>",
                claim_address(page, id),
                escape(&claim.claim),
                verdict.replace(' ', "-"),
            );
        }
        out.push_str("</ul></div>");
        Ok(block(&out))
    }

    /// Colors the fenced blocks of a page. One that is taken from a file is read here.
    pub(super) fn colored(&self, page: &str) -> Result<String> {
        let mut out = String::new();
        let mut done = 0;
        for range in code_blocks(page) {
            let text = &page[range.clone()];
            // Inside a list or a quotation it would fall out of it.
            if text.starts_with([' ', '\t', '>']) {
                continue;
            }
            let found = check::blocks(text);
            let [one] = &found[..] else { continue };
            let language = one.attributes.first().map_or("text", String::as_str);
            let code = if one.is_included() {
                let inside = one.code.trim();
                let path = inside
                    .trim_start_matches("{{#include ")
                    .trim_start_matches("{{#rustdoc_include ")
                    .trim_end_matches("}}")
                    .trim();
                let (path, anchor) = match path.split_once(':') {
                    Some((path, anchor)) => (path, Some(anchor)),
                    None => (path, None),
                };
                let below = path.trim_start_matches("../");
                let piece = code::piece(&self.root, below, anchor)
                    .with_context(|| format!("{{{{#include {path}}}}}"))?;
                let lines: Vec<String> = piece.lines.into_iter().map(|(_, l)| l).collect();
                lines.join("\n")
            } else {
                one.code.clone()
            };
            out.push_str(&page[done..range.start]);
            done = range.end;
            let html = code::block(language, &code).replace("{{#", "&#123;&#123;#");
            let wrong = one.error_code().map(|code| {
                format!(
                    "<p class=\"wrong\"><b>Does not compile.</b> <a \
                     href=\"https://doc.rust-lang.org/error_codes/{code}.html\">{code}</a></p>"
                )
            });
            match wrong {
                Some(wrong) => {
                    let _ = write!(
                        out,
                        "\n<div class=\"listing is-wrong\">\n{wrong}\n\n{html}\n\n</div>\n\n"
                    );
                }
                None => {
                    let _ = write!(out, "\n{html}\n\n");
                }
            }
        }
        out.push_str(&page[done..]);
        Ok(out)
    }
}
