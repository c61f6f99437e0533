//! A stranger's record: whatever its texts hold, the book shows them as they are, or refuses
//! the record. Built by mdBook itself, whose own directives run after ours. `PRESS_FUZZ=20`
//! tries twenty times as many.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab::random::Random;
use lab::timeline::{Lane, Span, State};
use press::ask::plain::acts;
use press::cmd::{build, check};
use press::outside::project::Project;
use press::store::record::{Record, RunnerInfo, Sitting, Variant, Warning};
use scraper::{Html, Node};

/// What Markdown, HTML, mdBook or a terminal would act upon.
const PIECES: [&str; 70] = [
    "{",
    "{{",
    "}}",
    "{{#include ../secret.txt}}",
    "{{#include secret.txt}}",
    "{{ #rustdoc_include ../secret.txt }}",
    "{{#playground ../secret.txt editable}}",
    "\\{{#include ../secret.txt}}",
    "{{#title Taken over}}",
    "{{#measured threads_cpu: chain/threads.wall}}",
    "#include ../secret.txt}}",
    "<",
    ">",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<b>",
    "</b>",
    "</span></button>",
    "</td></tr></table>",
    "</div></figure>",
    "</svg>",
    "</pre></code>",
    "<style>*{display:none}</style>",
    "<!--",
    "-->",
    "&amp;",
    "&#123;",
    "&lt;b&gt;",
    "&",
    "\"",
    "'",
    "\" onload=\"alert(1)\" x=\"",
    "`",
    "```",
    "~~~",
    "*",
    "**",
    "_",
    "__init__",
    "~~",
    "[a](javascript:alert(1))",
    "![b](https://example.org/x.png)",
    "[c]: https://example.org",
    "[^1]",
    "<https://example.org>",
    "|",
    "|-|",
    "\\",
    "\n",
    "\n\n",
    "\n \n\n",
    "\r",
    "\r\n\r\n",
    "\t",
    "    ",
    "# h",
    "- i",
    "> q",
    "1. ",
    "---",
    "===",
    "...",
    " -- ",
    ": d",
    "é",
    "日本 🦀",
    "\u{202e}",
    "\u{1b}[2J",
    "\u{9b}31m",
    "\u{0}",
];

/// A few of the pieces, with a word before them by which the text is found again. Every other
/// is a line that a record may have by any rule.
fn hostile(random: &mut Random, seen: &mut Vec<String>) -> String {
    let mut text = format!("w{}w", seen.len());
    let is_line = seen.len().is_multiple_of(2);
    for _ in 0..random.below(5) + 1 {
        let piece = PIECES[random.below(PIECES.len())];
        if !is_line || !piece.contains(acts) {
            text.push_str(piece);
        }
        if random.below(3) == 0 {
            text.push_str(&format!("v{}", random.below(10)));
        }
    }
    text.push('z');
    seen.push(text.clone());
    text
}

/// A text without regard to blanks, and to what may be shown as one.
fn shown(text: &str) -> String {
    let is_blank = |c: char| c.is_whitespace() || acts(c) || c == '\u{fffd}';
    let words: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// A book with a record of a stranger's beside the reference's, and a file that no page may
/// show.
struct Tiny(tempfile::TempDir);

/// Its reasons are answers.
const CLAIM: &str = "[[claim]]\nid = \"c\"\ntopic = \"T\"\nclaim = \"C\"\ndecides = \"d\"\n\
                     [[claim.test]]\nexperiment = \"threads_cpu\"\n\
                     holds = \"chain/threads.answer contains \\\"x\\\"\"\n";

const SECRET: &str = "<script>leaked()</script> nobody is to read this";

impl Tiny {
    fn new() -> Tiny {
        let folder = tempfile::tempdir().unwrap();
        let tiny = Tiny(folder);
        fs::create_dir_all(tiny.path("book")).unwrap();
        fs::create_dir_all(tiny.path("results/there")).unwrap();
        for place in ["secret.txt", "book/secret.txt"] {
            fs::write(tiny.path(place), SECRET).unwrap();
        }
        fs::write(
            tiny.path("book.toml"),
            "[book]\nsrc = 'book'\n[build]\nbuild-dir = 'target/book'\n\
             [preprocessor.measured]\nreference = 'here'\nbefore = ['links']\n",
        )
        .unwrap();
        tiny.write("here", record());
        tiny
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn write(&self, machine: &str, mut record: Record) {
        let folder = self.path("results").join(machine);
        fs::create_dir_all(&folder).unwrap();
        record.write(&folder).unwrap();
    }

    fn pages(&self, pages: &[(&str, String)]) {
        let mut summary = String::new();
        for (name, text) in pages {
            summary.push_str(&format!("- [{name}]({name}.md)\n"));
            fs::write(self.path("book").join(format!("{name}.md")), text).unwrap();
        }
        fs::write(self.path("book/SUMMARY.md"), summary).unwrap();
    }

    fn project(&self) -> Project {
        Project::find(self.0.path()).unwrap()
    }

    /// Each page of the built book.
    fn html(&self) -> BTreeMap<String, Html> {
        let folder = self.path("target/book");
        build::build_into(&self.project(), &folder).unwrap();
        let pages = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let pages = pages.filter(|path| path.extension().is_some_and(|e| e == "html"));
        let page = |path: PathBuf| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, Html::parse_document(&fs::read_to_string(&path).unwrap()))
        };
        pages.map(page).collect()
    }
}

/// A record of the book's, with a timeline and a warning.
fn record() -> Record {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let project = Project::find(root).unwrap();
    let file = project.results_folder().join(&project.settings.reference);
    let mut record = Record::read(&file.join("threads_cpu.json")).unwrap();
    record.sittings.truncate(2);
    record.controls.clear();
    let rounds: u32 = record.sittings.iter().map(|sitting| sitting.rounds.kept).sum();
    for variant in &mut record.variants {
        let span = Span { state: State::Running, from_ns: 0, to_ns: 9, core: Some(1) };
        let lane = Lane { name: "T0".into(), spans: vec![span], ..Lane::default() };
        variant.timeline = vec![lane];
        variant.samples.truncate(2);
        variant.answers.values_mut().for_each(|n| *n = rounds);
    }
    record
}

/// Puts a text into a record, in one place.
type Spoil = fn(&mut Record, usize, String);

/// Every text that a record has, but for those by which the page asks for it. Those of
/// variants, sittings and runners are of the one of that number.
const SPOILS: [Spoil; 19] = [
    |record, _, text| record.question = text,
    |record, _, text| record.machine.os = text,
    |record, _, text| record.machine.arch = text,
    |record, _, text| record.machine.kernel = Some(text),
    |record, _, text| record.machine.cpu = Some(text),
    |record, i, text| sitting(record, i).commit = Some(text),
    |record, i, text| sitting(record, i).warnings.push(Warning::new(&text, "x")),
    |record, i, text| sitting(record, i).warnings.push(Warning::new("noisy", text)),
    |record, i, text| drop(sitting(record, i).state.insert(text, "x".into())),
    |record, i, text| drop(sitting(record, i).state.insert("x".into(), text)),
    |record, i, text| runner(record, i).implementation = text,
    |record, i, text| runner(record, i).version = text,
    |record, i, text| runner(record, i).profile = text,
    |record, i, text| variant(record, i).label = text,
    |record, i, text| variant(record, i).case_label = Some(text),
    |record, i, text| {
        let variant = variant(record, i);
        let rounds = variant.answers.values().sum();
        (variant.answers, variant.observed) = (BTreeMap::from([(text, rounds)]), true);
    },
    |record, i, text| variant(record, i).timeline[0].name = text,
    |record, i, text| {
        if variant(record, i).runner != "rust" {
            variant(record, i).name = text;
        }
    },
    |record, i, text| {
        if variant(record, i).runner != "rust" {
            variant(record, i).case = Some(text);
        }
    },
];

fn sitting(record: &mut Record, i: usize) -> &mut Sitting {
    let count = record.sittings.len();
    &mut record.sittings[i % count]
}

fn runner(record: &mut Record, i: usize) -> &mut RunnerInfo {
    let count = record.runners.len();
    &mut record.runners[i % count]
}

fn variant(record: &mut Record, i: usize) -> &mut Variant {
    let count = record.variants.len();
    &mut record.variants[i % count]
}

/// Every text is another, where such a record is one at all. How many were refused.
fn spoil(record: &mut Record, mut text: impl FnMut() -> String) -> usize {
    let (mut refused, aside) = (0, tempfile::tempdir().unwrap());
    for spoil in SPOILS {
        for i in 0..record.variants.len() {
            let mut spoiled = record.clone();
            spoil(&mut spoiled, i, text());
            match spoiled.write(aside.path()) {
                Ok(_) => *record = spoiled,
                Err(_) => refused += 1,
            }
        }
    }
    refused
}

/// A page that shows all there is of a record, and its answers wherever a sentence may be.
fn everything() -> String {
    let answer = "{{#measured threads_cpu: chain/threads.answer}}";
    let figures = [
        "table threads_cpu: *, all/*/*; columns=wall,answer",
        "chart threads_cpu: *, all/*/*; caption=\"x\"",
        "matrix threads_cpu: */*; caption=\"x\"",
        "timeline threads_cpu: *, all/*/*; caption=\"x\"",
        "ladder threads_cpu: chain/threads.wall, chain/sequential.wall; caption=\"x\"",
        "predict threads_cpu: chain/threads.wall; question=\"x\"",
        "replication machines",
        "replication sittings",
        "machines",
        "data",
        "verdict c",
        "claims",
    ];
    let figures = figures.map(|figure| format!("{{{{#{}}}}}\n\n", figure.replace("*, ", "")));
    format!(
        "# A heading of {answer}\n\nA sentence of {answer}, *as {answer} is*, a \
         [link {answer}](#x) and {{{{#measured threads_cpu: chain/threads.wall}}}}.\n\n\
         {answer}\n{answer} begins a line\n\n- an item {answer}\n- {answer}\n\n> {answer}\n> \
         and so on\n\n| a | b |\n|---|---|\n| {answer} | c |\n\nA term\n: {answer}\n\n{}",
        figures.concat()
    )
}

/// What a page has in its middle: its text, and whatever would run or be fetched.
fn middle(page: &Html) -> (String, Vec<String>) {
    let (mut text, mut faults) = (String::new(), Vec::new());
    let main = scraper::Selector::parse("main").unwrap();
    for node in page.select(&main).flat_map(|main| main.descendants()) {
        match node.value() {
            Node::Text(part) => text.push_str(part),
            Node::Comment(comment) => faults.push(format!("a comment {comment:?}")),
            Node::Element(element) => {
                let is_odd = ["script", "img", "style", "em", "strong", "del", "b", "sup"];
                let is_ours = |name: &str| match name {
                    // A number in its box, a caption, a warning, a word about a number.
                    "b" => element.attrs().all(|(name, _)| name == "class"),
                    "em" => true,
                    _ => false,
                };
                if is_odd.contains(&element.name()) && !is_ours(element.name()) {
                    faults.push(format!("<{}>", element.name()));
                }
                for (name, value) in element.attrs() {
                    let is_run = name.starts_with("on") || value.contains("javascript:");
                    let is_link =
                        ["href", "src"].contains(&name) && value.contains("example.org");
                    if (is_run && !["data-values", "aria-label"].contains(&name)) || is_link {
                        faults.push(format!("{name}={value:?}"));
                    }
                }
            }
            _ => {}
        }
    }
    (text, faults)
}

#[test]
fn whatever_a_record_says_is_shown_as_it_is_and_nothing_of_it_acts() {
    let (mut texts, mut refused) = (0, 0);
    let more = std::env::var("PRESS_FUZZ").map_or(1, |n| n.parse().expect("a number"));
    for seed in 0..3 * more {
        let tiny = Tiny::new();
        let mut random = Random::new(seed);
        let mut seen = Vec::new();
        let mut theirs = record();
        refused += spoil(&mut theirs, || hostile(&mut random, &mut seen));
        // Such a reference, too: its texts stand in sentences.
        let mut ours = record();
        refused += spoil(&mut ours, || hostile(&mut random, &mut seen));
        let machines = [("there", theirs), ("here", ours)];
        // The reader's own may be from anywhere as well.
        tiny.write("local", machines[0].1.clone());
        for (machine, record) in machines {
            tiny.write(machine, record);
        }
        fs::write(tiny.path("book/claims.toml"), CLAIM).unwrap();
        tiny.pages(&[("page", everything())]);
        let pages = tiny.html();
        for (name, page) in &pages {
            let (text, faults) = middle(page);
            let text = shown(&text);
            assert!(faults.is_empty(), "seed {seed}, {name}: {faults:?}");
            assert!(!text.contains("nobody is to read"), "seed {seed}, {name}: {text}");
        }
        let (text, _) = middle(&pages["page"]);
        let text = shown(&text);
        for wanted in seen.iter().map(|text| shown(text)) {
            // Some were refused, and some are on no page.
            let count = text.matches(&wanted).count();
            let word = &wanted[..wanted[1..].find('w').unwrap() + 2];
            assert_eq!(count, text.matches(word).count(), "seed {seed}: {wanted:?}\n{text}");
            texts += count;
        }
        let index = fs::read_dir(tiny.path("target/book")).unwrap().flatten();
        for file in index.filter(|file| file.path().is_file()) {
            let bytes = fs::read(file.path()).unwrap();
            let has = String::from_utf8_lossy(&bytes).contains("nobody is to read");
            let is_it = file.file_name() == "secret.txt";
            assert_eq!(has, is_it, "seed {seed}: {:?} has the secret", file.file_name());
        }
    }
    assert!(texts > 100, "{texts} texts, {refused} refused");
}

#[test]
fn a_name_that_is_no_name_is_refused_before_it_is_part_of_an_address() {
    for name in ["a b", "a;b", "x\" onload=\"y", "{{#include b}}", "<b>", "-a"] {
        let tiny = Tiny::new();
        tiny.write(name, record());
        tiny.pages(&[("page", "{{#machines}}\n".into())]);
        let text = format!("{:#}", build::build(&tiny.project()).unwrap_err());
        assert!(text.contains("name") && text.contains("letters, digits"), "{name}: {text}");
    }
}

#[test]
fn a_terminal_gets_no_control_character_of_a_record() {
    let tiny = Tiny::new();
    let mut theirs = record();
    spoil(&mut theirs, || "a\u{1b}[2Jb\u{9b}1mc\u{7}d\re".to_owned());
    tiny.write("there", theirs);
    tiny.pages(&[(
        "page",
        "{{#expect threads_cpu: chain/threads.answer contains \"x\"}}".into(),
    )]);
    fs::write(tiny.path("book/claims.toml"), CLAIM).unwrap();
    for verb in [
        "machines",
        "claims --machine there",
        "claims",
        "replicate there --against here",
        "replicate there",
        "check",
        "build",
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_press"));
        let out = command.args(verb.split(' ')).current_dir(tiny.0.path()).output().unwrap();
        let out = [out.stdout, out.stderr].concat();
        let text = String::from_utf8(out).unwrap();
        let odd = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(odd, None, "{verb}: {text:?}");
        assert!(!text.is_empty(), "{verb}");
    }
}

#[test]
fn what_looks_like_a_directive_in_a_record_is_shown_and_told_by_check() {
    let tiny = Tiny::new();
    let mut theirs = record();
    theirs.variants[0].label = "{{#include ../secret.txt}}".into();
    tiny.write("there", theirs);
    tiny.pages(&[("page", "{{#table threads_cpu}}\n".into())]);
    let page = &tiny.html()["page"];
    assert!(middle(page).0.contains("{{#include ../secret.txt}}"));
    let text = check::check(&tiny.project()).unwrap_err().to_string();
    assert!(text.contains("page.html: a directive was left over, or a text looks"), "{text}");
}
