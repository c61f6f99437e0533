//! Pages that chance has written: code is text, a directive is replaced or refused, and nothing
//! panics. Built by mdBook, with our preprocessor and without.
//!
//! The same few each time; `PRESS_FUZZ=20` tries twenty times as many, and others.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::Result;
use lab::random::Random;
use mdbook_driver::MDBook;
use press::ask::claims::{Claims, Condition};
use press::ask::selector::Expression;
use press::cmd::{build, preprocess};
use press::outside::project::Project;
use press::page::markdown::Code;
use press::page::{Pages, cited, expectations};
use press::store::record::Record;
use scraper::{Html, Selector};

/// What pages are made of: code of every kind, what is near to it, and what it stands in.
const PROSE: [&str; 54] = [
    "a ",
    "b\n",
    "word",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "  ",
    "    ",
    "\t",
    "\r\n",
    "# h\n",
    "x\n---\n",
    "> ",
    "\n> ",
    "- ",
    "\n- ",
    "\n  ",
    "1. ",
    "\n    ",
    "* ",
    "***\n",
    "| a | b |\n|---|---|\n| ",
    " | ",
    "`",
    "``",
    "```",
    "````",
    "\n```\n",
    "\n```text\n",
    "\n```\n",
    "\n```console\n",
    "\n~~~\n",
    "~~~",
    "\n~~~~ toml\n",
    "\n   ```\n",
    "\\`",
    "\\",
    "*i*",
    "**b**",
    "_",
    "[l](#x)",
    " <b>c</b>",
    "<br>",
    "<!-- c -->",
    "\n<div>\n\nd\n\n</div>\n",
    "&amp;",
    "\"q\"",
    "'",
    "...",
    "--",
    "é",
    "日本",
    "🦀",
];

/// What looks like a directive; in code it is text.
const LOOKS: [&str; 12] = [
    "{{#measured threads_cpu: chain/threads.wall}}",
    "{{#expect a: b.c > 1}}",
    "{{#none}}",
    "{{ #expect a}}",
    "{{expect}}",
    "{{#chart a; caption=\"}}\"}}",
    "{{#",
    "{{",
    "}}",
    "{",
    "fn main() {}",
    "{\"a\": {\"b\": 1}}",
];

/// Directives, whole and broken.
const DIRECTIVES: [&str; 36] = [
    "{{#measured threads_cpu: chain/threads.wall}}",
    "{{#measured threads_cpu: chain/threads.answer}}",
    "{{#measured threads_cpu: python/chain/threads.wall / chain/threads.wall}}",
    "{{#measured threads_cpu: chain/thread.wall}}",
    "{{#expect threads_cpu: chain/threads.speedup > 1}}",
    "{{#expect threads_cpu: chain/threads.speedup > 9}}",
    "{{#expect threads_cpu: chain/threads.speedup > 1; except=x}}",
    "{{#expect threads_cpu: chain/threads.answer contains \"1\"}}",
    "{{#table threads_cpu: chain/*; columns=wall (`t`), answer; caption=\"a } b\"}}",
    "{{#table threads_cpu}}",
    "{{#chart threads_cpu: chain/*; caption=\"a ` b\"}}",
    "{{#chart threads_cpu: chain/*; caption=\"a\nb\"}}",
    "{{#chart threads_cpu: chain/*; form=curve; caption=\"a\"}}",
    "{{#matrix threads_cpu: */*; caption=\"}} ; <b> |\"}}",
    "{{#ladder threads_cpu: chain/threads.wall as *one*; caption=\"_a_\"}}",
    "{{#predict threads_cpu: chain/threads.wall; question=\"How?\"}}",
    "{{#timeline threads_cpu: chain/*; from_ms=1; caption=\"a\"}}",
    "{{#listing book.toml: 1:2}}",
    "{{#listing ./book.toml: 9:2}}",
    "{{#listing results/../book.toml}}",
    "{{#run threads_cpu}}",
    "{{#machines}}",
    "{{#data}}",
    "{{#replication sittings}}",
    "{{#opener c}}",
    "{{#verdict c}}",
    "{{#claims}}",
    "{{#planted}}",
    "{{#symptom \"a; b\"; kind=slow; says=\"It is\"}}",
    "{{#symptoms}}",
    "{{#table threads_cpu: ",
    "; caption=\"",
    "{{#",
    "}}",
    "\"",
    "\\{{#data}}",
];

/// How much more than usual is tried.
fn more() -> usize {
    std::env::var("PRESS_FUZZ").map_or(1, |n| n.parse().expect("PRESS_FUZZ is a number"))
}

fn random(seed: u64) -> Random {
    Random::new(seed + 10 * (more() as u64 - 1))
}

fn write(random: &mut Random, kinds: &[&[&str]]) -> String {
    let mut page = String::new();
    for _ in 0..random.below(14) + 1 {
        let pieces = kinds[random.below(kinds.len())];
        page.push_str(pieces[random.below(pieces.len())]);
    }
    page
}

/// A book of these pages, with a record.
fn book(pages: &[String]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("book")).unwrap();
    let mut summary = String::new();
    for (i, page) in pages.iter().enumerate() {
        summary.push_str(&format!("- [{i}](p{i}.md)\n"));
        fs::write(root.join(format!("book/p{i}.md")), page).unwrap();
    }
    fs::write(root.join("book/SUMMARY.md"), summary).unwrap();
    fs::write(
        root.join("book.toml"),
        "[book]\nsrc = 'book'\n[build]\nbuild-dir = 'target/book'\n[output.html.search]\n\
         enable = false\n[output.html.print]\nenable = false\n\
         [preprocessor.measured]\nreference = 'here'\nbefore = ['links']\n",
    )
    .unwrap();
    fs::write(root.join("book/claims.toml"), CLAIM).unwrap();
    let home = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let home = Project::find(home).unwrap();
    let record = home.results_folder().join(&home.settings.reference).join("threads_cpu.json");
    Record::read(&record).unwrap().write(&root.join("results/here")).unwrap();
    folder
}

const CLAIM: &str = "[[claim]]\nid = \"c\"\ntopic = \"*T* <b> {{#include x}} #\"\nclaim = \"C\"\n\
                     decides = \"d\"\narticles = \"A\"\n[[claim.test]]\nexperiment = \"threads_cpu\"\n\
                     holds = \"chain/threads.speedup > 1\"\n";

/// What each page shows: all of it, and of that what is code.
fn shown(html: &Path, count: usize) -> Vec<(String, Vec<String>)> {
    let [main, code] = ["main", "main code"].map(|css| Selector::parse(css).unwrap());
    let page = |i| {
        let page = fs::read_to_string(html.join(format!("p{i}.html"))).unwrap();
        let page = Html::parse_document(&page);
        let text = |css: &Selector| -> Vec<String> {
            page.select(css).map(|element| element.text().collect()).collect()
        };
        // Blanks between blocks are nobody's text.
        let words = text(&main).concat();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let code = text(&code).into_iter().map(|code| code.trim_end_matches('\n').to_owned());
        (words, code.collect())
    };
    (0..count).map(page).collect()
}

fn ours(book: &Path) -> Result<()> {
    build::build(&Project::find(book)?).map(drop)
}

/// mdBook by itself.
fn plain(book: &Path) -> Result<()> {
    let mut config = fs::read_to_string(book.join("book.toml"))?;
    config.truncate(config.find("[preprocessor").unwrap());
    let mut config: mdbook_driver::config::Config = config.parse()?;
    config.build.build_dir = "target/plain".into();
    MDBook::load_with_config(book, config)?.build()
}

#[test]
fn what_is_code_is_text_and_a_page_without_directives_is_the_page_of_mdbook() {
    let mut random = random(1);
    let pages: Vec<String> =
        std::iter::repeat_with(|| write(&mut random, &[&PROSE, &PROSE, &LOOKS]))
            // Outside of code what looks like a directive is a mistake.
            .filter(|page| {
                let code = Code::of(page);
                let is_text = page.match_indices(['{', '}']).all(|(at, _)| code.has(at));
                // mdBook takes away the backslash, also in code; of a block of code we do not.
                is_text && !page.contains("\\{{#")
            })
            .take(150 * more())
            .collect();
    let with_looks = pages.iter().filter(|page| page.contains("{{")).count();
    assert!(with_looks > 20, "{with_looks} pages have it in code");
    let folder = book(&pages);
    ours(folder.path()).unwrap();
    plain(folder.path()).unwrap();
    let made =
        ["target/book", "target/plain"].map(|to| shown(&folder.path().join(to), pages.len()));
    for (page, (ours, plain)) in pages.iter().zip(made[0].iter().zip(&made[1])) {
        assert_eq!(ours, plain, "{page:?}");
    }
}

fn rendered(pages: &Pages, page: &str) -> Result<String, Vec<String>> {
    let made = catch_unwind(AssertUnwindSafe(|| {
        drop((cited(page), expectations(page)));
        pages.render("page.md", page)
    }));
    made.unwrap_or_else(|_| panic!("it panics: {page:?}"))
}

#[test]
fn a_page_of_directives_is_whole_or_refused_and_mdbook_takes_what_we_make() {
    let folder = book(&[]);
    let pages = preprocess::pages(&Project::find(folder.path()).unwrap()).unwrap();
    let mut random = random(2);
    let (mut taken, mut refused) = (Vec::new(), 0);
    for _ in 0..1_200 * more() {
        let page = write(&mut random, &[&PROSE, &PROSE, &DIRECTIVES]);
        match rendered(&pages, &page) {
            Ok(out) => {
                let code = Code::of(&out);
                let odd = out.match_indices("{{").find(|(at, _)| !code.has(*at));
                assert_eq!(odd, None, "{page:?} becomes {out:?}");
                if page.contains("{{") {
                    taken.push(page);
                }
            }
            Err(mistakes) => {
                refused += 1;
                for mistake in mistakes {
                    assert!(mistake.starts_with("book/page.md:"), "{mistake}");
                }
            }
        }
    }
    assert!(taken.len() > 100 && refused > 200, "{} taken, {refused} refused", taken.len());

    for taken in taken.chunks(200) {
        if let Err(why) = whole(taken) {
            let alone = taken.iter().find(|page| whole(std::slice::from_ref(page)).is_err());
            panic!("{why}\n{alone:?}");
        }
    }
}

/// Whether mdBook builds a book of these without a panic or a warning, and nothing is left.
fn whole(pages: &[String]) -> Result<(), String> {
    let folder = book(pages);
    let built = catch_unwind(AssertUnwindSafe(|| ours(folder.path())));
    match built {
        Err(_) => return Err("mdBook panics".into()),
        Ok(Err(e)) => return Err(format!("{e:#}").chars().take(2_000).collect()),
        Ok(Ok(())) => {}
    }
    for (page, (text, code)) in
        pages.iter().zip(shown(&folder.path().join("target/book"), pages.len()))
    {
        let in_code: usize = code.iter().map(|code| code.matches("{{#").count()).sum();
        // The topic of the claim is a text of its own.
        let of_topics = text.matches("*T* <b> {{#include x}} #").count();
        if text.matches("{{#").count() > in_code + of_topics {
            return Err(format!("a directive is left: {page:?}: {text}"));
        }
    }
    Ok(())
}

#[test]
fn a_page_over_which_mdbook_panics_is_named() {
    let folder = book(&["fine".into(), "x</p><dt></script>\n\n</code>".into()]);
    let text = format!("{:#}", ours(folder.path()).unwrap_err());
    assert!(text.contains("mdBook panicked") && text.contains("p1.md"), "{text}");
}

/// A text with a few of its characters, or of others', changed, cut out or doubled.
fn mutated(random: &mut Random, text: &str, others: &[&str]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..random.below(6) + 1 {
        let at = random.below(chars.len() + 1);
        let other: Vec<char> = others[random.below(others.len())].chars().collect();
        let end = (at + random.below(4)).min(chars.len());
        match random.below(4) {
            0 => drop(chars.drain(at..end)),
            1 => drop(chars.splice(at..at, other)),
            2 => drop(chars.splice(at..end, other)),
            _ => {
                let again = chars[at..end].to_vec();
                chars.splice(at..at, again);
            }
        }
    }
    chars.into_iter().collect()
}

const SIGNS: [&str; 40] = [
    ".",
    "/",
    " / ",
    " and ",
    "<",
    "<=",
    "==",
    ">",
    "\"",
    "'",
    " ",
    "\n",
    "%",
    "ms",
    "µs",
    "×",
    "1e9",
    "9",
    "999999999999999999999999",
    "-",
    "inf",
    "nan",
    "contains",
    "answer",
    "*",
    "all/",
    "python/",
    "wall",
    "é",
    "日本",
    "🦀",
    "\0",
    "\u{202e}",
    "[[claim]]",
    "[",
    "]",
    "=",
    "\\",
    "#",
    "",
];

#[test]
fn no_selector_condition_or_ledger_panics() {
    let home = Project::find(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))).unwrap();
    let results = home.results_folder().join(&home.settings.reference);
    let record = Record::read(&results.join("threads_cpu.json")).unwrap();
    let good = [
        "chain/threads.wall",
        "python/chain/threads.wall / chain/threads.wall",
        "chain/threads.speedup > 1.5 and chain/threads.wall < 20 ms",
        "chain/threads.answer contains \"1 and 2\"",
        "chain/threads.voluntary == 2",
    ];
    let mut random = random(3);
    let mut judged = 0;
    for _ in 0..8_000 * more() {
        let one = good[random.below(good.len())];
        let text = mutated(&mut random, one, &SIGNS);
        let asked = catch_unwind(AssertUnwindSafe(|| {
            let value = Expression::parse(&text).and_then(|asked| asked.value(&record));
            let verdict = Condition::parse(&text).and_then(|asked| asked.judge(&record));
            value.is_ok() || verdict.is_ok()
        }));
        judged += usize::from(asked.unwrap_or_else(|_| panic!("it panics: {text:?}")));
    }
    assert!(judged > 100, "{judged} were understood");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("claims.toml");
    let results = BTreeMap::from([("threads_cpu".to_owned(), record)]);
    let results = press::store::results::Results {
        reference: "here".into(),
        machines: BTreeMap::from([("here".to_owned(), results)]),
        ..press::store::results::Results::default()
    };
    let mut read = 0;
    for _ in 0..800 * more() {
        let text = mutated(&mut random, CLAIM, &SIGNS);
        fs::write(&file, &text).unwrap();
        let ledger = catch_unwind(AssertUnwindSafe(|| {
            Claims::read(&file).map(|claims| claims.ledger(&results, "here", &["gone"]))
        }));
        read += usize::from(ledger.unwrap_or_else(|_| panic!("it panics: {text:?}")).is_ok());
    }
    assert!(read > 20, "{read} were understood");
}
