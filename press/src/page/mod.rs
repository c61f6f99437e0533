//! The preprocessor: replaces what the directives ask for by what the records say.
//!
//! It runs before mdBook's own `{{#include}}`, so that lines in messages are the author's.
//! All mistakes of all pages are collected and reported together; with any, nothing is
//! rendered.

pub mod code;
mod figures;
mod listing;

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::LazyLock;

use anyhow::{Context, Result, anyhow, bail};
use regex::Regex;

use crate::ask::claims::{Claim, Claims, Condition, Reason, Verdict};
use crate::ask::metric::Metric;
use crate::ask::near::nearest;
use crate::ask::select::{Expression, Value, full_lane, value};
use crate::figure::html::{self, escape};
use crate::store::record::{LOCAL, Record, Results, Variant};

/// Everything that pages may ask for, as it was read.
pub struct Sources {
    /// The folder of the book's repository.
    pub root: PathBuf,
    /// Where the sources can be read online, if anywhere.
    pub repository: Option<String>,
    /// Every experiment there is code for, and its Rust file below the root, with slashes.
    pub files: HashMap<String, String>,
    /// All records.
    pub results: Results,
    /// The ledger.
    pub claims: Claims,
}

/// What pages are rendered with.
pub struct Pages {
    results: Results,
    claims: Claims,
    experiments: Vec<String>,
    files: HashMap<String, String>,
    repository: Option<String>,
    root: PathBuf,
}

/// Directives that are mdBook's.
const THEIRS: [&str; 5] = ["include", "rustdoc_include", "playground", "title", "shiftinclude"];
/// Directives that are ours.
const OURS: [&str; 14] = [
    "measured", "table", "chart", "ladder", "matrix", "timeline", "expect", "predict",
    "opener", "verdict", "claims", "listing", "run", "machines",
];

static DIRECTIVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{#(?<name>\w+)(?<rest>[^}]*)\}\}").expect("a pattern"));

/// What has been seen so far on a page.
#[derive(Default)]
struct Page {
    slug: String,
    figures: usize,
    popovers: usize,
    /// Claims whose verdict stands on the page already.
    judged: HashSet<String>,
    /// Listings, by what their lines' addresses begin with.
    listings: HashMap<String, usize>,
}

impl Pages {
    /// What the pages of a book may ask for.
    pub fn new(sources: Sources) -> Pages {
        let Sources { root, repository, files, results, claims } = sources;
        let mut experiments: Vec<String> = files.keys().cloned().collect();
        experiments.extend(
            results
                .machines
                .get(&results.reference)
                .into_iter()
                .flat_map(|r| r.keys().cloned()),
        );
        experiments.sort();
        experiments.dedup();
        Pages { results, claims, experiments, files, repository, root }
    }

    /// Replaces the directives of one page.
    ///
    /// # Errors
    /// Every mistake of the page, a line each, with page and line.
    pub fn render(&self, page: &str, content: &str) -> Result<String, Vec<String>> {
        let code = code_blocks(content);
        let mut out = String::new();
        let mut mistakes = Vec::new();
        let mut state = Page {
            slug: page.trim_end_matches(".md").replace(|c: char| !c.is_alphanumeric(), "-"),
            ..Page::default()
        };
        let mut done = 0;
        for found in DIRECTIVE.captures_iter(content) {
            let whole = found.get(0).expect("a match");
            let name = &found["name"];
            if THEIRS.contains(&name) || code.iter().any(|code| code.contains(&whole.start())) {
                continue;
            }
            let line = content[..whole.start()].lines().count().max(1)
                + usize::from(content[..whole.start()].ends_with('\n'));
            out.push_str(&content[done..whole.start()]);
            done = whole.end();
            match self.directive(name, found["rest"].trim(), &mut state) {
                Ok(html) => out.push_str(&html),
                Err(e) => {
                    mistakes.push(format!("book/{page}:{line}: {}: {e:#}", whole.as_str()));
                }
            }
        }
        out.push_str(&content[done..]);
        if mistakes.is_empty() {
            self.colored(&out).map_err(|e| vec![format!("book/{page}: {e:#}")])
        } else {
            Err(mistakes)
        }
    }

    fn directive(&self, name: &str, rest: &str, page: &mut Page) -> Result<String> {
        match name {
            "measured" => self.measured(rest, page),
            "table" => self.table(rest, page),
            "chart" => self.chart(rest, page),
            "ladder" => self.ladder(rest, page),
            "matrix" => self.matrix(rest, page),
            "timeline" => self.timeline(rest, page),
            "claims" => self.ledger(),
            "expect" => self.expect(rest),
            "predict" => self.predict(rest, page),
            "opener" => self.opener(rest, page),
            "verdict" => self.verdict(rest, page),
            "listing" => self.listing(rest, page),
            "run" => self.run(rest),
            "machines" => self.machines(),
            _ => bail!("no directive is called `{name}`{}", nearest(name, OURS)),
        }
    }

    /// The reference record of `experiment`.
    fn record(&self, experiment: &str) -> Result<&Record> {
        if let Some(record) = self.results.reference(experiment) {
            return Ok(record);
        }
        let reference = &self.results.reference;
        if self.files.contains_key(experiment) {
            bail!(
                "`{experiment}` has no record on the reference machine: results/{reference}/\
                 {experiment}.json is missing; bring it back with git, or measure it with \
                 `cargo book measure {experiment} --as {reference}`"
            );
        }
        let near = nearest(experiment, self.experiments.iter().map(String::as_str));
        bail!("no experiment is called `{experiment}`{near}")
    }

    fn measured(&self, rest: &str, page: &mut Page) -> Result<String> {
        let (experiment, body) = split(rest)?;
        let record = self.record(experiment)?;
        if let Some(lane) = body.strip_suffix(".answer") {
            let ours = crate::ask::select::find(record, lane)?.answer();
            let theirs = html::shown(&self.results, experiment)
                .into_iter()
                .filter(|(machine, _)| *machine == LOCAL)
                .find_map(|(_, record)| {
                    Some(crate::ask::select::find(record, lane).ok()?.answer())
                });
            return Ok(html::observed(&self.results.reference, &ours, theirs.as_deref()));
        }
        let expression = Expression::parse(body)?;
        expression.value(record)?;
        let values = self.values(experiment, &expression);
        page.popovers += 1;
        let id = format!("about-{}-{}", page.slug, page.popovers);
        let reference = &self.results.reference;
        Ok(html::measured(&id, reference, self.results.machines.contains_key(LOCAL), &values))
    }

    /// What was measured on each machine that has it, the reader's own first.
    fn values(&self, experiment: &str, expression: &Expression) -> Vec<(&str, &Record, Value)> {
        html::shown(&self.results, experiment)
            .into_iter()
            .filter_map(|(machine, record)| {
                Some((machine, record, expression.value(record).ok()?))
            })
            .collect()
    }

    fn table(&self, rest: &str, page: &mut Page) -> Result<String> {
        let (experiment, body) = split(rest)?;
        let (lanes, mut options) = options(body)?;
        let columns = options.remove("columns").unwrap_or("wall,speedup,utilization".into());
        let columns = columns.split(',').map(Column::parse).collect::<Result<Vec<_>>>()?;
        let caption = options.remove("caption");
        none_left(&options, &["columns", "caption"])?;
        let reference = self.record(experiment)?;
        choose(reference, &lanes)?;
        let mut body = String::new();
        let shown = html::shown(&self.results, experiment);
        for (i, (machine, record)) in shown.iter().enumerate() {
            let is_reference = *machine == self.results.reference;
            let variants = match choose(record, &lanes) {
                Ok(variants) => variants,
                Err(_) if !is_reference => continue,
                Err(e) => return Err(e),
            };
            let rows = rows(record, &variants, &columns, is_reference)?;
            let inner = format!(
                "{}<p class=\"provenance\">{}</p>{}",
                html::table(&heads(&columns, &variants), &rows),
                escape(&html::provenance(machine, record)),
                html::warnings(record)
            );
            body.push_str(&self.machine_block(i, shown.len(), machine, &inner));
        }
        let caption = match caption {
            Some(caption) => {
                page.figures += 1;
                format!(
                    "<figcaption><b>Figure {}.</b> {}</figcaption>",
                    page.figures,
                    escape(&caption)
                )
            }
            None => String::new(),
        };
        Ok(block(&format!(
            "<figure class=\"measured-table\">{caption}<div class=\"machines\">{body}</div></figure>"
        )))
    }

    /// Invisible when it is so. On the reference record a contradiction stops the book; on
    /// the reader's own it is told beside the sentence.
    fn expect(&self, rest: &str) -> Result<String> {
        let (experiment, body) = split(rest)?;
        let record = self.record(experiment)?;
        let condition = Condition::parse(body)?;
        let (verdict, measured) = condition.judge(record)?;
        if verdict != Verdict::Holds {
            bail!(
                "the text is contradicted by results/{}/{experiment}.json, which has {measured}; \
                 rewrite the sentence",
                self.results.reference
            );
        }
        let Some(local) = self.results.local(experiment) else { return Ok(String::new()) };
        Ok(match condition.judge(local) {
            Ok((Verdict::Holds, _)) | Err(_) => String::new(),
            Ok((verdict, measured)) => format!(
                "<span class=\"margin-note\" data-machine=\"{LOCAL}\">On your machine this {} \
                 <code>{}</code>: {}.</span>",
                if verdict == Verdict::Fails { "does not hold" } else { "is undecided" },
                escape(body),
                escape(&measured)
            ),
        })
    }

    fn predict(&self, rest: &str, page: &mut Page) -> Result<String> {
        let (experiment, body) = split(rest)?;
        let (lanes, mut options) = options(body)?;
        let question = options.remove("question").context("a question=\"…\" is missing")?;
        none_left(&options, &["question"])?;
        let [selector] = &lanes[..] else { bail!("one selector is needed") };
        let answer = self.measured(&format!("{experiment}: {selector}"), page)?;
        let expression = Expression::parse(selector)?;
        let ours = expression.value(self.record(experiment)?)?;
        let (_, _, _, unit) = ours.parts(&ours);
        let values: Vec<String> = self
            .values(experiment, &expression)
            .iter()
            .map(|(machine, _, value)| {
                let (median, low, high, _) = value.parts(&ours);
                format!("{machine} {median} {low:.4} {high:.4}")
            })
            .collect();
        let values = values.join(";");
        Ok(block(&format!(
            "<div class=\"predict\" data-key=\"{experiment}-{}\" data-values=\"{values}\" \
             data-unit=\"{unit}\">\
             <p><b>Predict.</b> {}</p>\
             <details><summary>Show the measurement</summary><p>{answer}</p></details></div>",
            page.popovers,
            escape(&question)
        )))
    }

    fn verdict(&self, id: &str, page: &mut Page) -> Result<String> {
        let claim = self.claims.get(id)?;
        let judged = claim.judge(&self.results, &self.results.reference);
        if judged.verdict == Verdict::Open {
            bail!("claim `{id}` is open: it has neither a test nor an argument yet");
        }
        if let Some(untried) = judged.reasons.iter().find(|r| r.verdict == Verdict::Untried) {
            bail!(
                "claim `{id}` cannot be judged on the reference machine: {}",
                untried.measured
            );
        }
        let address = page
            .judged
            .insert(id.to_owned())
            .then(|| format!(" id=\"{}\"", listing::claim_address(page, id)));
        self.judged(claim, false, &address.unwrap_or_default())
    }

    /// A claim, its verdict on the machines that pages show (or on all), and the reasons.
    fn judged(&self, claim: &Claim, on_all: bool, address: &str) -> Result<String> {
        let reference = self.results.reference.as_str();
        let is_local = |name: &&str| *name == LOCAL;
        let names = || self.results.machines.keys().map(String::as_str);
        let mut machines: Vec<&str> = names().filter(is_local).collect();
        machines.push(reference);
        machines.extend(names().filter(|name| on_all && ![reference, LOCAL].contains(name)));
        let mut out = format!(
            "<div class=\"verdict\"{address}><p class=\"claim\"><span class=\"claim-id\">{}</span> {}{}</p>",
            claim.id,
            escape(&claim.claim),
            match claim.articles.as_str() {
                "" => String::new(),
                articles if on_all => format!(" <span class=\"test\">({articles})</span>"),
                _ => String::new(),
            }
        );
        for machine in machines {
            let judged = claim.judge(&self.results, machine);
            let _ = write!(
                out,
                "<div class=\"machine\" data-machine=\"{machine}\"><p><b class=\"is-{}\">{}</b>{}</p>",
                judged.verdict.to_string().replace(' ', "-"),
                judged.verdict,
                match judged.verdict {
                    Verdict::Argued => String::new(),
                    _ => format!(" on {}", html::machine_title(machine)),
                }
            );
            if !judged.reasons.is_empty() {
                out.push_str("<ul>");
                for reason in &judged.reasons {
                    out.push_str(&self.reason(reason));
                }
                out.push_str("</ul>");
            }
            out.push_str("</div>");
            if judged.verdict == Verdict::Argued {
                break;
            }
        }
        if let Some(argued) = &claim.argued {
            // Markdown, with its links, so it stands in lines of its own.
            let _ = write!(out, "\n\n{argued}\n\n");
        }
        out.push_str("</div>");
        Ok(block(&out))
    }

    fn reason(&self, reason: &Reason) -> String {
        let when = match reason.when.as_str() {
            "" => String::new(),
            when => format!("{}: ", escape(when)),
        };
        format!(
            "<li>{when}{} <span class=\"test\">({} asks <code>{}</code>)</span></li>",
            html::words(&reason.found()),
            escape(&reason.experiment),
            escape(&reason.holds)
        )
    }

    /// Every claim with its verdict on every machine. Claims still open are not shown: the
    /// book promises nothing that it does not have.
    fn ledger(&self) -> Result<String> {
        let mut out = String::new();
        let mut topic = "";
        for claim in &self.claims.all {
            let judged = claim.judge(&self.results, &self.results.reference);
            if judged.verdict == Verdict::Open {
                continue;
            }
            if claim.topic != topic {
                topic = &claim.topic;
                let _ = write!(out, "\n\n## {topic}\n\n");
            }
            out.push_str(&self.judged(claim, true, "")?);
        }
        Ok(out)
    }

    /// The command that runs an experiment, and links to its files.
    fn run(&self, experiment: &str) -> Result<String> {
        let Some(path) = self.files.get(experiment) else {
            let near = nearest(experiment, self.files.keys().map(String::as_str));
            bail!("no experiment is called `{experiment}`{near}");
        };
        let link = |path: &str| match &self.repository {
            Some(repository) => format!("[`{path}`]({repository}/blob/main/{path})"),
            None => format!("`{path}`"),
        };
        let (command, files) = if path.starts_with("benches") {
            (format!("cargo bench -p benches --bench {experiment}"), link(path))
        } else {
            let python = path.replace(".rs", ".py");
            (
                format!("cargo run --example {experiment}"),
                format!("{} · {}", link(path), link(&python)),
            )
        };
        Ok(format!(
            "\n\n{}\n\n<div class=\"files\">\n\n{files}\n\n</div>\n",
            listing::command(&command)
        ))
    }

    /// Every machine there are records of.
    fn machines(&self) -> Result<String> {
        let head =
            ["machine", "processor", "cores", "memory", "system", "experiments", "measured"];
        let mut rows = Vec::new();
        for (name, records) in &self.results.machines {
            let Some(record) = records.values().next() else { continue };
            let machine = &record.machine;
            let cores = match machine.cores {
                Some(cores) if cores != machine.hardware_threads => {
                    format!("{cores} ({} hardware threads)", machine.hardware_threads)
                }
                _ => machine.hardware_threads.to_string(),
            };
            let guest =
                if machine.virtual_machine == Some(true) { ", virtual machine" } else { "" };
            let mut days: Vec<&str> =
                records.values().filter_map(|r| r.date.split('T').next()).collect();
            days.sort_unstable();
            rows.push(vec![
                html::machine_title(name).to_owned(),
                format!("{}{guest}", machine.cpu.clone().unwrap_or("not told".into())),
                cores,
                machine.memory_bytes.map_or("not told".into(), html::memory),
                format!("{} {}", machine.os, machine.kernel.clone().unwrap_or_default()),
                records.len().to_string(),
                days.last().copied().unwrap_or_default().to_owned(),
            ]);
        }
        Ok(block(&html::table(&head.map(str::to_owned), &rows)))
    }
}

/// An HTML block stands alone, between blank lines.
fn block(html: &str) -> String {
    format!("\n\n{html}\n\n")
}

/// `experiment: body`.
fn split(rest: &str) -> Result<(&str, &str)> {
    let (experiment, body) = rest.split_once(':').unwrap_or((rest, ""));
    if experiment.trim().is_empty() {
        bail!("an experiment is missing; write `experiment: selector`");
    }
    Ok((experiment.trim(), body.trim()))
}

type Options = HashMap<String, String>;

/// `lane, lane; key=value; key="value; with anything"`.
fn options(body: &str) -> Result<(Vec<String>, Options)> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in body.chars() {
        match c {
            '"' => quoted = !quoted,
            ';' if !quoted => parts.push(String::new()),
            c => parts.last_mut().expect("one").push(if c == '\n' { ' ' } else { c }),
        }
    }
    if quoted {
        bail!("a quotation mark is not closed");
    }
    let mut parts = parts.into_iter();
    let lanes = parts.next().unwrap_or_default();
    let lanes = lanes.split(',').map(|lane| lane.trim().to_owned()).filter(|l| !l.is_empty());
    let mut options = Options::new();
    for part in parts.filter(|part| !part.trim().is_empty()) {
        let (key, value) = part
            .split_once('=')
            .ok_or_else(|| anyhow!("`{}` is no option; write `key=value`", part.trim()))?;
        // "…", say, that somebody meant to come back to.
        if !value.contains(char::is_alphanumeric) {
            bail!("`{}` says nothing", part.trim());
        }
        options.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    Ok((lanes.collect(), options))
}

fn none_left(options: &Options, known: &[&str]) -> Result<()> {
    match options.keys().next() {
        Some(key) => {
            bail!("no option is called `{key}`{}", nearest(key, known.iter().copied()))
        }
        None => Ok(()),
    }
}

/// The variants that patterns like `chain/*` or `python/chain/threads` name, in their order;
/// all without a pattern. A pattern that names none is a mistake.
fn choose<'r>(record: &'r Record, patterns: &[String]) -> Result<Vec<&'r Variant>> {
    if patterns.is_empty() {
        return Ok(record.variants.iter().collect());
    }
    let mut chosen = Vec::new();
    for pattern in patterns {
        let full = full_lane(record, pattern);
        let parts: Vec<&str> = full.split('/').collect();
        let before = chosen.len();
        for variant in &record.variants {
            let id = variant.id();
            let id: Vec<&str> = id.split('/').collect();
            let matches = id.len() == parts.len()
                && parts.iter().zip(&id).all(|(part, id)| *part == "*" || part == id);
            if matches && !chosen.iter().any(|v: &&Variant| v.id() == variant.id()) {
                chosen.push(variant);
            }
        }
        if chosen.len() == before {
            let ids: Vec<String> = record.variants.iter().map(Variant::id).collect();
            bail!(
                "`{}` has no variant like `{pattern}`{}",
                record.experiment,
                nearest(&full, ids.iter().map(String::as_str))
            );
        }
    }
    Ok(chosen)
}

/// `wall`, or `first_us (first line)` where the metric's name makes a poor heading.
struct Column {
    metric: String,
    heading: String,
}

impl Column {
    fn parse(text: &str) -> Result<Column> {
        let text = text.trim();
        let Some((metric, heading)) = text.split_once('(') else {
            return Ok(Column { metric: text.to_owned(), heading: heading(text) });
        };
        let heading = heading.strip_suffix(')').map(str::trim).filter(|h| !h.is_empty());
        let heading = heading.ok_or_else(|| {
            anyhow!("`{text}` is no column; write `metric`, or `metric (its heading)`")
        })?;
        Ok(Column { metric: metric.trim().to_owned(), heading: heading.to_owned() })
    }
}

fn heading(metric: &str) -> String {
    match metric {
        "answer" => "observed".into(),
        other => Metric::parse(other).heading(),
    }
}

/// A case says something only where there are two.
fn has_cases(variants: &[&Variant]) -> bool {
    variants.iter().any(|v| v.case != variants[0].case)
}

fn heads(columns: &[Column], variants: &[&Variant]) -> Vec<String> {
    let mut head = vec!["variant".to_owned()];
    if has_cases(variants) {
        head.push("case".into());
    }
    head.extend(columns.iter().map(|column| column.heading.clone()));
    head
}

/// A cell a column; on the reference machine every column must be there for some row.
fn rows(
    record: &Record,
    variants: &[&Variant],
    columns: &[Column],
    reference: bool,
) -> Result<Vec<Vec<String>>> {
    let cases = has_cases(variants);
    let mut rows: Vec<Vec<String>> = variants
        .iter()
        .map(|variant| {
            let mut row = vec![html::lane_title(record, variant)];
            if cases {
                row.push(variant.case.as_deref().unwrap_or_default().replace('_', " "));
            }
            row
        })
        .collect();
    for column in columns {
        let mut filled = false;
        let mut fault = None;
        for (row, variant) in rows.iter_mut().zip(variants) {
            let cell = match column.metric.as_str() {
                "answer" => Ok(variant.answer()),
                metric => value(record, variant, metric).map(|value| value.text()),
            };
            match cell {
                Ok(cell) => {
                    filled = true;
                    row.push(cell);
                }
                Err(e) => {
                    fault = Some(e);
                    row.push("–".into());
                }
            }
        }
        if let (true, false, Some(fault)) = (reference, filled, fault) {
            return Err(fault);
        }
    }
    Ok(rows)
}

/// Where fenced code blocks lie: a page may show a directive in one.
fn code_blocks(content: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    let mut at = 0;
    for line in content.split_inclusive('\n') {
        let text = line.trim_start();
        let fence: String = match text.chars().next() {
            Some(c @ ('`' | '~')) => text.chars().take_while(|d| *d == c).collect(),
            _ => String::new(),
        };
        match &open {
            None if fence.len() >= 3 => open = Some((at, fence)),
            Some((start, opening))
                if fence.starts_with(opening.as_str()) && text.trim_end() == fence =>
            {
                blocks.push(*start..at + line.len());
                open = None;
            }
            _ => {}
        }
        at += line.len();
    }
    if let Some((start, _)) = open {
        blocks.push(start..content.len());
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;
    use std::collections::BTreeMap;

    fn pages(local: Option<Record>) -> Pages {
        let mut machines =
            BTreeMap::from([("ref".to_owned(), BTreeMap::from([("demo".to_owned(), demo())]))]);
        if let Some(local) = local {
            machines.insert(LOCAL.into(), BTreeMap::from([("demo".to_owned(), local)]));
        }
        Pages {
            results: Results { reference: "ref".into(), machines },
            claims: Claims::default(),
            experiments: vec!["demo".into(), "unmeasured".into()],
            files: HashMap::from([("unmeasured".into(), "examples/demo/unmeasured.rs".into())]),
            repository: None,
            root: PathBuf::from("."),
        }
    }

    fn render(text: &str) -> Result<String, Vec<String>> {
        pages(None).render("page.md", text)
    }

    fn mistake(text: &str) -> String {
        render(text).unwrap_err().join("\n")
    }

    #[test]
    fn a_number_comes_with_its_interval_machine_and_date() {
        insta::assert_snapshot!(
            render("It is {{#measured demo: chain/threads.speedup}} here.").unwrap()
        );
    }

    #[test]
    fn a_table_has_the_columns_asked_for() {
        insta::assert_snapshot!(render(
            "{{#table demo: chain/*, python/chain/*; columns=wall,speedup,start_up_us,answer}}"
        )
        .unwrap());
    }

    #[test]
    fn a_chart_draws_the_lanes_asked_for() {
        insta::assert_snapshot!(render(
            "{{#chart demo: chain/*; metric=speedup; axis=both; caption=\"Two; are \nbetter\"}}"
        )
        .unwrap());
    }

    #[test]
    fn the_readers_numbers_stand_beside_the_references() {
        let mut local = demo();
        local.variants[1].samples.wall_ns = vec![80_000_000; 3];
        let pages = pages(Some(local));
        let page = pages.render("p.md", "{{#measured demo: chain/threads.speedup}}").unwrap();
        assert!(
            page.contains("1.00\u{202f}×</span>") && page.contains("ours</span> 2.00\u{202f}×"),
            "{page}"
        );
        let note =
            pages.render("p.md", "x{{#expect demo: chain/threads.speedup > 1.5}}").unwrap();
        assert!(note.contains("On your machine this does not hold"), "{note}");
    }

    #[test]
    fn what_only_the_reference_has_or_answers_is_marked_as_ours() {
        let mut local = demo();
        local.variants.retain(|variant| variant.runner == "rust");
        local.variants[0].answers = BTreeMap::from([("43".into(), 3)]);
        let pages = pages(Some(local));
        let page = |text| pages.render("p.md", text).unwrap();
        let missing = page("{{#measured demo: python/chain/threads.wall}}");
        assert!(missing.contains("ours</span> 820"), "{missing}");
        let answer = page("{{#measured demo: chain/sequential.answer}}");
        assert!(answer.contains("data-machine=\"local\">43<"), "{answer}");
        assert!(answer.contains("ours</span> 42"), "{answer}");
        let same = page("{{#measured demo: chain/threads.answer}}");
        assert_eq!(same, "<span class=\"observed\">42</span>");
    }

    #[test]
    fn a_table_says_what_its_rows_do_not_share() {
        let one = render("{{#table demo: chain/*; columns=start_up_us (to its start), wall}}")
            .unwrap();
        assert!(one.contains(">to its start<") && one.contains(">time<"), "{one}");
        assert!(!one.contains(">case<"), "all rows are of one case: {one}");
    }

    #[test]
    fn other_machines_are_offered_folded_away() {
        let mut pages = pages(None);
        let records = BTreeMap::from([("demo".to_owned(), demo())]);
        pages.results.machines.insert("big-16".into(), records);
        let page = pages.render("p.md", "{{#table demo: chain/*}}").unwrap();
        assert!(page.contains("<details class=\"machine other\" data-machine=\"big-16\">"));
        let page = pages.render("p.md", "{{#measured demo: chain/threads.wall}}").unwrap();
        let (button, about) = page.split_once("</button>").unwrap();
        assert!(button.contains("<span data-machine=\"big-16\" hidden>"), "{page}");
        assert!(about.contains("big-16"), "{page}");
    }

    #[test]
    fn an_expectation_is_invisible_unless_the_record_contradicts_it() {
        assert_eq!(render("a{{#expect demo: chain/threads.speedup > 1.5}}b").unwrap(), "ab");
        let text = mistake("a\n\nb{{#expect demo: chain/threads.speedup > 2.5}}");
        assert!(text.starts_with("book/page.md:3: {{#expect"), "{text}");
        assert!(text.contains("contradicted by results/ref/demo.json"), "{text}");
        // An interval that straddles the threshold does not carry the sentence either.
        assert!(render("{{#expect demo: chain/threads.speedup > 2.0}}").is_err());
    }

    #[test]
    fn every_mistake_is_reported_with_page_line_and_nearest_name() {
        let text = mistake(
            "{{#measure demo: a.b}}\n\n{{#measured demos: a.b}}\n{{#measured demo: chain/thread.wall}}\n\
             {{#measured unmeasured: a.wall}}\n{{#table demo: chain/*; colums=wall}}\n{{#measured demo}}\n\
             {{#chart demo: chain/*; caption=\"…\"}}\n{{#table demo: chain/*; columns=wall (time}}",
        );
        let lines: Vec<&str> = text.lines().collect();
        for (line, says) in [
            "book/page.md:1: {{#measure demo: a.b}}: no directive is called `measure`; did you mean `measured`?",
            "book/page.md:3: {{#measured demos: a.b}}: no experiment is called `demos`; did you mean `demo`?",
            "book/page.md:4: {{#measured demo: chain/thread.wall}}: `demo` has no variant `chain/thread`; did you mean `rust/chain/threads`?",
            "book/page.md:5: {{#measured unmeasured: a.wall}}: `unmeasured` has no record on the reference machine: results/ref/unmeasured.json is missing",
            "book/page.md:6: {{#table demo: chain/*; colums=wall}}: no option is called `colums`; did you mean `columns`?",
            "book/page.md:7: {{#measured demo}}: `` is not a selector",
            "book/page.md:8: {{#chart demo: chain/*; caption=\"…\"}}: `caption=…` says nothing",
            "book/page.md:9: {{#table demo: chain/*; columns=wall (time}}: `wall (time` is no column",
        ]
        .into_iter()
        .enumerate()
        {
            assert!(lines[line].starts_with(says), "{}", lines[line]);
        }
    }

    #[test]
    fn a_directive_in_a_code_block_is_text_and_mdbooks_own_are_left_alone() {
        let page = render("```text\n{{#measured no: no}}\n```\n{{#include a.rs}}\n").unwrap();
        assert_eq!(
            page,
            "\n<pre tabindex=\"0\"><code class=\"language-text\">&#123;&#123;#measured no: no}}\n\
             </code></pre>\n\n{{#include a.rs}}\n"
        );
        // A fence may hold a shorter one.
        let page = render("~~~~text\n{{#x}}\n~~~\n~~~~\n").unwrap();
        assert!(page.contains("&#123;&#123;#x}}\n~~~\n</code>"), "{page}");
    }

    #[test]
    fn a_block_that_must_not_compile_is_marked_with_its_error() {
        let page =
            render("```rust,compile_fail,E0373,noplayground\nfn main() {}\n```\n").unwrap();
        assert!(page.contains("is-wrong") && page.contains("error_codes/E0373.html"), "{page}");
    }

    /// Two files of an experiment below a root of their own.
    fn with_files(folder: &std::path::Path) -> Pages {
        let mut pages = pages(None);
        std::fs::create_dir_all(folder.join("examples/demo")).unwrap();
        for (name, mark) in [("demo.rs", "//"), ("demo.py", "#")] {
            let text = format!("{mark} ANCHOR: one\nadd\n{mark} ANCHOR_END: one\n");
            std::fs::write(folder.join("examples/demo").join(name), text).unwrap();
        }
        pages.files = HashMap::from([("demo".into(), "examples/demo/demo.rs".into())]);
        pages.root = folder.to_owned();
        pages.repository = Some("https://example.org/book".into());
        pages
    }

    #[test]
    fn a_listing_has_its_file_its_lines_and_its_command_in_both_languages() {
        let folder = tempfile::tempdir().unwrap();
        let pages = with_files(folder.path());
        insta::assert_snapshot!(
            pages.render("page.md", "{{#listing demo: one; python=one}}").unwrap()
        );
        // The same lines again have addresses of their own.
        let twice = "{{#listing demo: one; wrong=\"loses one\"}}{{#listing demo: one}}";
        let page = pages.render("page.md", twice).unwrap();
        assert!(page.contains("id=\"page-demo-rs-L2\""), "{page}");
        assert!(page.contains("id=\"page-demo-rs-2-L2\""), "{page}");
        assert!(page.contains("<b>Wrong on purpose.</b> loses one"), "{page}");
        let missing = pages.render("page.md", "{{#listing demo: two}}").unwrap_err();
        assert!(missing[0].contains("has no anchor `two`"), "{missing:?}");
    }

    #[test]
    fn a_ladder_is_sorted_by_cost_and_needs_one_unit() {
        insta::assert_snapshot!(
            render(
                "{{#ladder demo: chain/sequential.wall, chain/threads.wall as two threads; \
             caption=\"The least first\"}}"
            )
            .unwrap()
        );
        let text = mistake(
            "{{#ladder demo: chain/sequential.wall, chain/threads.speedup; caption=\"x\"}}",
        );
        assert!(text.contains("has another unit"), "{text}");
    }

    #[test]
    fn a_matrix_has_models_down_and_kinds_of_work_across() {
        insta::assert_snapshot!(
            render("{{#matrix demo: chain/*; caption=\"Two are better\"}}").unwrap()
        );
    }
}
