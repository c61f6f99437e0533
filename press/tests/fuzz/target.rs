//! What is tried: each target takes a text to where it would be read, and further.
//!
//! A target refuses a text or takes it. Whatever it takes must do what it promises; a panic is
//! a fault, wherever it comes from.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cost::{Costs, Job, Language};
use mdbook_markdown::pulldown_cmark::html::push_html;
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use press::ask::claims::{Claims, Condition};
use press::ask::jobs::{Decided, Jobs};
use press::ask::selector::{Expression, Selector};
use press::cmd::build;
use press::cmd::preprocess::pages;
use press::outside::project::Project;
use press::page;
use press::store::record::Record;
use scraper::Html;
use tempfile::TempDir;

use crate::edit::{self, Edit};

/// How a text is made of one that is kept.
type Write = fn(&str, &[Edit], &[String]) -> String;

pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// Folders of its texts; what is found goes to the first.
    pub(crate) corpora: &'static [&'static str],
    /// How their files' names end.
    pub(crate) ending: &'static str,
    pub(crate) write: Write,
    /// Whether it takes the text.
    pub(crate) check: fn(&str) -> bool,
}

pub(crate) const ALL: [&Target; 7] =
    [&RECORDS, &SELECTORS, &CLAIMS, &JOBS, &RUNNER_LINES, &PAGES, &BUILDS];

/// A stranger's record, with a right seal: read, asked everything, and shown.
pub(crate) const RECORDS: Target = Target {
    name: "records",
    corpora: &["records"],
    ending: "json",
    write: |from, edits, others| edit::json(from, edits, others, &RECORD_WORDS),
    check: |text| {
        let text = sealed(text);
        // A record is the reference's, or of a machine beside it.
        let here = if text.len().is_multiple_of(2) { "here" } else { "there" };
        with_house(|house| {
            house.furnish(&BTreeMap::from([(here, &*text)]), CLAIMS_AS_KEPT);
            let Ok(all) = pages(&house.project) else { return false };
            let path = house.path(&format!("results/{here}/demo.json"));
            reads_back(&Record::read(&path).unwrap());
            for paragraph in PAGE_AS_KEPT.split("\n\n") {
                if let Ok(markdown) = all.render("page.md", paragraph) {
                    assert!(!markdown.contains("{{#"), "a directive is left:\n{markdown}");
                    no_markup(&html(&markdown));
                }
            }
            all.claims.ledger(&all.results, here, &["here"]);
            true
        })
    },
};

/// What a page or a claim asks for.
pub(crate) const SELECTORS: Target = Target {
    name: "selectors",
    corpora: &["selectors"],
    ending: "txt",
    write: |from, edits, others| edit::text(from, edits, others, &SELECTOR_WORDS),
    check: |text| {
        static RECORD: LazyLock<Record> =
            LazyLock::new(|| serde_json::from_str(RECORD_AS_KEPT).unwrap());
        let record = &*RECORD;
        let mut is_taken = false;
        if let Ok(selector) = Selector::parse(text) {
            is_taken |= selector.value(record).is_ok();
        }
        if let Ok(expression) = Expression::parse(text) {
            is_taken = true;
            if let Ok(value) = expression.value(record) {
                assert!(value.estimate.low <= value.estimate.high, "{value:?}");
                assert!(value.estimate.median.is_finite(), "{value:?}");
                let text = [value.text(), value.with_interval(), value.interval()].concat();
                assert!(!text.contains("NaN") && text.len() < 1000, "{text}");
            }
        }
        if let Ok(condition) = Condition::parse(text) {
            is_taken = true;
            assert_eq!(condition.to_string(), text);
            condition.judge(record).ok();
        }
        is_taken
    },
};

/// A ledger: read, judged, printed and shown.
pub(crate) const CLAIMS: Target = Target {
    name: "claims",
    corpora: &["claims"],
    ending: "toml",
    write: |from, edits, others| edit::text(from, edits, others, &CLAIM_WORDS),
    check: |text| {
        with_house(|house| {
            house.furnish(&BTreeMap::from([("here", &*sealed(RECORD_AS_KEPT))]), text);
            let Ok(claims) = Claims::read(&house.path("book/claims.toml")) else {
                return false;
            };
            let Ok(all) = pages(&house.project) else { return false };
            claims.ledger(&all.results, "here", &["there"]);
            for claim in &claims.all {
                let there = claim.judge(&all.results, "there");
                claim.judge(&all.results, "here").differs(&there);
                all.render("page.md", &format!("{{{{#verdict {}}}}}", claim.id)).ok();
            }
            all.render("page.md", "{{#claims}}\n\n{{#opener threads, open}}").ok();
            true
        })
    },
};

/// Jobs that people have: read, and answered in every model.
pub(crate) const JOBS: Target = Target {
    name: "jobs",
    corpora: &["jobs"],
    ending: "toml",
    write: |from, edits, others| edit::text(from, edits, others, &JOB_WORDS),
    check: |text| {
        let jobs = match Jobs::parse(text) {
            Ok(jobs) => jobs,
            Err(why) => {
                let why = format!("{why:#}");
                assert!(!why.contains(['\n', '\u{1b}']), "{why}");
                return false;
            }
        };
        let costs = Costs::from(|_| Some(1_000.0)).unwrap();
        for job in &jobs.all {
            let numbers = match &job.decided {
                Decided::Computed(numbers) => numbers,
                Decided::Argued(argued) => {
                    assert!(argued.link.starts_with("https://"), "{argued:?}");
                    continue;
                }
            };
            for language in Language::ALL {
                let job = Job { language, ..*numbers };
                let answer = cost::answer(&job, &costs).expect("it was checked when read");
                for row in &answer.rows {
                    let e = row.estimate;
                    let all = [e.time_ns, e.cpu_ns, e.memory_bytes];
                    assert!(all.iter().all(|x| x.is_finite() && *x >= 0.0), "{job:?}: {e:?}");
                }
                let json = answer.to_json();
                assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
            }
        }
        true
    },
};

/// What a runner answers, a line a request.
pub(crate) const RUNNER_LINES: Target = Target {
    name: "runner lines",
    corpora: &["runner"],
    ending: "txt",
    write: |from, edits, others| {
        let mut lines: Vec<String> = from.lines().map(str::to_owned).collect();
        // Most edits are of a line's tree, so that the line is still one.
        let (first, rest) = edits.split_first().unwrap();
        let which = lines.len();
        let line = &mut lines[first.number() % which];
        *line = edit::json(line, rest, others, &RUNNER_WORDS).replace('\n', "");
        match first.number() % 4 {
            0 => edit::text(&lines.join("\n"), &edits[..1], others, &RUNNER_WORDS),
            _ => lines.join("\n"),
        }
    },
    check: runner_lines,
};

#[cfg(unix)]
fn runner_lines(text: &str) -> bool {
    use lab::rounds::{Failure, Runner};
    use press::outside::runner::ChildRunner;
    use std::process::Command;
    use std::time::Duration;

    with_house(|house| {
        let lines = house.path("lines");
        fs::write(&lines, text).unwrap();
        // Answers with a line whatever it is asked.
        let script = r#"exec 3<"$1"
            while IFS= read -r line <&3; do
                read -r request && [ "$request" != quit ] || exit
                printf '%s\n' "$line"
            done"#;
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(&lines);
        let mut runner = ChildRunner::start("demo", command, Duration::from_secs(20)).unwrap();
        let Ok(offer) = runner.list() else { return false };
        for variant in offer.variants.iter().take(8) {
            match runner.run(&variant.id_in_runner()) {
                Ok(sample) => assert!(sample.metrics.values().all(|value| value.is_finite())),
                Err(Failure::Runner(_)) => break,
                Err(_) => {}
            }
        }
        true
    })
}

#[cfg(not(unix))]
fn runner_lines(_: &str) -> bool {
    true
}

/// A page, with directives.
pub(crate) const PAGES: Target = Target {
    name: "pages",
    corpora: &["pages"],
    ending: "md",
    write: |from, edits, others| edit::text(from, edits, others, &PAGE_WORDS),
    check: |text| {
        with_house(|house| {
            house
                .furnish(&BTreeMap::from([("here", &*sealed(RECORD_AS_KEPT))]), CLAIMS_AS_KEPT);
            let all = pages(&house.project).unwrap();
            page::cited(text);
            page::expectations(text);
            all.render("page.md", text).map(|markdown| html(&markdown)).is_ok()
        })
    },
};

/// A book of one page: a page, a ledger or a record is another, and the whole is built of it.
pub(crate) const BUILDS: Target = Target {
    name: "builds",
    corpora: &["builds", "pages", "claims", "records"],
    ending: "txt",
    write: |from, edits, others| match from.trim_start().chars().next() {
        Some('{') if !from.starts_with("{{") => edit::json(from, edits, others, &RECORD_WORDS),
        Some('[') => edit::text(from, edits, others, &CLAIM_WORDS),
        _ => edit::text(from, edits, others, &PAGE_WORDS),
    },
    check: |text| {
        let is_record = text.starts_with('{') && !text.starts_with("{{");
        let is_ledger = text.starts_with("[[");
        // A stranger's machine, of which a page asks what it has.
        let record = sealed(if is_record { text } else { RECORD_AS_KEPT });
        let claims = if is_ledger { text } else { CLAIMS_AS_KEPT };
        let page = if is_record || is_ledger { PAGE_AS_KEPT } else { text };
        with_house(|house| {
            house.furnish(&BTreeMap::from([("there", &*record)]), claims);
            fs::write(house.path("book/page.md"), page).unwrap();
            let target = house.path("target/book");
            let before = files(&target);
            let is_built = build::build(&house.project).is_ok();
            match is_built {
                false => assert!(files(&target) == before, "the old book was changed"),
                true => {
                    let html = fs::read_to_string(target.join("index.html")).unwrap();
                    let is_named = page.contains("secret.txt");
                    assert!(
                        is_named || !html.contains(SECRET),
                        "a file of the builder's is in it"
                    );
                    assert!(is_record || html.contains("</html>"), "no page");
                }
            }
            let left = fs::read_dir(house.path("target")).unwrap().count();
            assert!(left <= 2, "the build left a folder");
            is_built
        })
    },
};

const RECORD_AS_KEPT: &str = include_str!("../corpus/records/demo.json");
const CLAIMS_AS_KEPT: &str = include_str!("../corpus/claims/three.toml");
const PAGE_AS_KEPT: &str = include_str!("../corpus/pages/all.md");
/// What no record may show.
const SECRET: &str = "whoever-builds-the-book-alone-knows-this";

const RECORD_WORDS: [&str; 16] = [
    "rust",
    "cpython-3.11",
    "demo",
    "10",
    "100",
    "threads",
    "sequential",
    "start_up_us",
    "wall_ns",
    "local",
    "noisy",
    "running",
    "alone",
    "2026-11-21T07:25:02Z",
    "-",
    "",
];
const SELECTOR_WORDS: [&str; 24] = [
    ".",
    "/",
    " / ",
    " and ",
    ".wall",
    ".speedup",
    ".answer contains ",
    "\"",
    " > ",
    " >= ",
    " == ",
    " < ",
    "all/",
    "*",
    "python/",
    "rust/",
    "10/",
    "threads",
    " ms",
    " %",
    " MiB",
    " × ",
    "-",
    "",
];
const CLAIM_WORDS: [&str; 16] = [
    "[[claim]]\n",
    "[[claim.test]]\n",
    "id = \"threads\"\n",
    "argued = \"\"\n",
    "articles = \"ABCDE\"\n",
    "needs-cores = 4294967295\n",
    "experiment = \"demo\"\n",
    "holds = \"10/threads.wall < 1 s\"\n",
    "holds = \"sittings.times >= 1 %\"\n",
    "when = \"always\"\n",
    "\"\"\"",
    "'''",
    " and ",
    "=",
    "\n",
    "",
];
const JOB_WORDS: [&str; 20] = [
    "[[job]]\n",
    "[[job.bound]]\n",
    "id = \"other\"\n",
    "items = 1e9\n",
    "items = 1\n",
    "items = nan\n",
    "items = -0.0\n",
    "at-once = 1000000\n",
    "cores = 0.01\n",
    "cores = inf\n",
    "cpu = \"3600s\"\n",
    "cpu = \"1ns\"\n",
    "wait = \"0\"\n",
    "bytes-in = \"1TB\"\n",
    "memory = \"1\"\n",
    "memory = \"18446744073709551616\"\n",
    "because = \"\"\n",
    "\u{1b}[2J",
    "\"",
    "\n",
];
const RUNNER_WORDS: [&str; 12] = [
    "{\"error\": \"no\"}",
    "{\"answer\": \"42\", \"wall_ns\": 1}",
    "NaN",
    "Infinity",
    "null",
    "sequential",
    "small/threads",
    "rust",
    "alone",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":{\"a\":",
    "",
];
const PAGE_WORDS: [&str; 40] = [
    "{{#measured demo: 10/threads.wall}}",
    "{{#expect demo: 10/threads.wall < 1 s}}",
    "{{#table demo: */*; columns=wall,answer}}",
    "{{#chart demo: all/*; axis=log; caption=\"A\"}}",
    "{{#timeline demo: 10/threads; from_ms=1e300; to_ms=1e-300; caption=\"A\"}}",
    "{{#listing demo: main}}",
    "{{#listing demo: 2:1}}",
    "{{#listing demo: 0:}}",
    "{{#ladder demo: 10/threads.wall | ; caption=\"A\"}}",
    "{{#verdict threads}}",
    "{{#",
    "{{ #",
    "{{",
    "}}",
    "}",
    ";",
    ":",
    ",",
    "=",
    "\"",
    " | ",
    "*",
    "all/",
    "caption=",
    "columns=",
    "metric=",
    "form=curve",
    "axis=both",
    "from_ms=",
    "to_ms=",
    "crossing=",
    "question=",
    "except=there",
    "\n",
    "\n\n",
    "    ",
    "```\n",
    "~~~",
    "> ",
    "",
];

/// A book's folder, in which each text gets its place.
struct House {
    folder: TempDir,
    project: Project,
}

/// One for each thread that tries something.
fn with_house<T>(act: impl FnOnce(&House) -> T) -> T {
    thread_local! {
        static HOUSE: House = House::new();
    }
    HOUSE.with(act)
}

impl House {
    fn new() -> House {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in [
            (
                "book.toml",
                "[book]\nsrc = 'book'\n[build]\nbuild-dir = 'target/book'\n\
                 [output.html]\ngit-repository-url = 'https://example.com/book'\n\
                 [preprocessor.measured]\nreference = 'here'\nbefore = ['links']\n",
            ),
            ("book/SUMMARY.md", "[Page](page.md)\n"),
            ("book/page.md", "# Page\n"),
            ("secret.txt", SECRET),
            ("book/secret.txt", SECRET),
            ("examples/demo/Cargo.toml", "[[example]]\nname = \"demo\"\npath = \"demo.rs\"\n"),
            (
                "examples/demo/demo.rs",
                "// ANCHOR: main\nfn main() {\n    // nothing\n}\n// ANCHOR_END: main\n",
            ),
        ] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let project = Project::find(folder.path()).unwrap();
        House { folder, project }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Puts these records and this ledger there, and the kept record where there is none for
    /// the reference.
    fn furnish(&self, records: &BTreeMap<&str, &str>, claims: &str) {
        let results = self.path("results");
        fs::remove_dir_all(&results).ok();
        let kept = sealed(RECORD_AS_KEPT);
        for (machine, text) in BTreeMap::from([("here", &*kept)]).iter().chain(records) {
            let folder = results.join(machine);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("demo.json"), text).unwrap();
        }
        fs::write(self.path("book/claims.toml"), claims).unwrap();
    }
}

/// The record with the seal that it would have; what is no record as it is.
fn sealed(text: &str) -> String {
    let Ok(mut record) = serde_json::from_str::<Record>(text) else { return text.into() };
    record.seal = record.seal();
    serde_json::to_string_pretty(&record).unwrap()
}

/// A record that was read is the same once it is written and read again.
fn reads_back(record: &Record) {
    let folder = tempfile::tempdir().unwrap();
    let mut again = record.clone();
    let path = again.write(folder.path()).expect("what was read can be written");
    assert!(Record::read(&path).expect("what was written can be read") == *record);
}

fn html(markdown: &str) -> String {
    let mut html = String::new();
    push_html(&mut html, new_cmark_parser(markdown, &MarkdownOptions::default()));
    html
}

/// Nothing that runs, loads or leads elsewhere, which only a label can have brought.
fn no_markup(html: &str) {
    for node in Html::parse_fragment(html).tree.nodes() {
        if let Some(comment) = node.value().as_comment() {
            panic!("a comment: {:?}", comment.comment);
        }
        let Some(element) = node.value().as_element() else { continue };
        let name = element.name();
        let bad =
            ["script", "img", "iframe", "style", "object", "embed", "link", "meta", "base"];
        assert!(!bad.contains(&name), "an element: {name}");
        for (name, value) in element.attrs() {
            assert!(!name.starts_with("on") && name != "autofocus", "an attribute: {name}");
            let value = value.trim_start().to_lowercase();
            let leads = ["href", "src", "action"].contains(&name);
            let elsewhere =
                value.contains("elsewhere.example") || value.contains("javascript:");
            assert!(!(leads && elsewhere), "an address: {value}");
        }
    }
}

pub(crate) fn markup_is_told_from_text() {
    no_markup("<p>&lt;script> [a](javascript:alert(1)) <a href='b.html'>onclick=</a></p>");
    for bad in [
        "<script>1</script>",
        "<p><img src='x'></p>",
        "<a onclick='1'>a</a>",
        "<a href=' JavaScript:alert(1)'>a</a>",
        "<a href='https://elsewhere.example/'>a</a>",
        "<!-- a -->",
    ] {
        assert!(std::panic::catch_unwind(|| no_markup(bad)).is_err(), "{bad}");
    }
}

/// Every file below a folder, whole.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => {
                found.insert(path.clone(), fs::read(&path).unwrap());
            }
        }
    }
    found
}
