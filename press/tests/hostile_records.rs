//! Records as a stranger could send them: the book's own with something changed, and sealed
//! anew. None makes press panic, none that says something impossible is read; and one that is
//! read reads back the same, answers every question, and is text on every page.
//!
//! A thousand each time, and fewer where nothing is optimized. `HOSTILE_SEED=7` tries others,
//! `HOSTILE_RECORDS=100000 cargo test -p press --test hostile_records` more.

mod mutate;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use lab::random::Random;
use mdbook_markdown::{MarkdownOptions, new_cmark_parser, pulldown_cmark};
use press::ask::claims::Claims;
use press::ask::condition::Condition;
use press::ask::metric::Metric;
use press::ask::replication::{Asking, Comparison, Pairs};
use press::ask::selector::Expression;
use press::ask::together::{Spread, Together};
use press::ask::{doubt, planted, value};
use press::cmd::{build, check};
use press::outside::project::Project;
use press::page::Pages;
use press::page::code::Colors;
use press::page::elsewhere::Elsewhere;
use press::store::record::{Record, Sitting, Variant};
use press::store::results::Results;
use rayon::prelude::*;
use scraper::{Html, Selector};
use serde_json::{Value, json};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// What a stranger's record is made of: some of the book's own, of every kind.
fn seeds() -> Vec<Value> {
    // Curves, timelines, several Pythons, observed answers, Criterion's, many metrics.
    let names = [
        "threads_cpu",
        "who_ran_when",
        "loop_many",
        "process_crash",
        "timeline_cost",
        "gil_counts",
        "work_matrix",
        "calibration",
        "lock_contended",
    ];
    let reference = fs::read_to_string(root().join("book.toml")).unwrap();
    let reference =
        reference.split("reference = \"").nth(1).unwrap().split('"').next().unwrap();
    let read = |name: &str| {
        let path = root().join(format!("results/{reference}/{name}.json"));
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    names.map(read).into()
}

/// The profile of the book's tool is quick to build, and its tests are slow; it has no debug
/// assertions.
const USUAL: u64 = if cfg!(debug_assertions) { 1_000 } else { 250 };

fn asked_for(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// The record as JSON with the seal that fits it, if it is one at all.
fn sealed(mut value: Value) -> String {
    if let Ok(record) = serde_json::from_value::<Record>(value.clone()) {
        value["seal"] = json!(record.seal());
    }
    value.to_string()
}

#[test]
fn a_record_that_was_changed_and_sealed_anew_is_refused_or_harmless() {
    let (count, seed) = (asked_for("HOSTILE_RECORDS", USUAL), asked_for("HOSTILE_SEED", 1));
    let (seeds, folder) = (seeds(), tempfile::tempdir().unwrap());
    let (mut elements, mut links) = (BTreeSet::new(), BTreeSet::new());
    for seed in &seeds {
        let shown = shown(seed, folder.path());
        elements.extend(shown.elements);
        links.extend(shown.links);
    }
    assert!(elements.contains("rect") && !elements.contains("script"), "{elements:?}");
    let known = (elements, links);
    let tried: Vec<Result<bool, String>> = (0..count)
        .into_par_iter()
        .map(|trial| {
            let mut random = Random::new(seed.wrapping_mul(1 << 32).wrapping_add(trial));
            let mut record = seeds[random.below(seeds.len())].clone();
            let name = record["experiment"].as_str().unwrap().to_owned();
            let how = mutate::mutate(&mut record, &mut random);
            let folder = tempfile::tempdir_in(folder.path()).unwrap();
            let path = folder.path().join(format!("{name}.json"));
            fs::write(&path, sealed(record)).unwrap();
            let harmless = || match Record::read(&path) {
                Ok(record) => {
                    is_possible(&record)?;
                    is_the_same_again(&record, folder.path())?;
                    is_text(&record, &known, &mut random)?;
                    Ok(true)
                }
                Err(e) => is_a_message(&format!("{e:#}"), &name).map(|()| false),
            };
            let harmless = catch_unwind(AssertUnwindSafe(harmless)).unwrap_or_else(|panic| {
                let why = panic.downcast_ref::<String>();
                Err(format!("it panics: {}", why.map_or("", String::as_str)))
            });
            harmless.map_err(|why| format!("{trial}: {name}: {how:?}: {why}"))
        })
        .collect();
    let faults: Vec<&str> =
        tried.iter().filter_map(|one| Some(one.as_ref().err()?.as_str())).collect();
    assert!(faults.is_empty(), "{} of {count}:\n{}", faults.len(), faults.join("\n"));
    let read = tried.iter().filter(|one| **one == Ok(true)).count() as u64;
    println!("{read} of {count} were read");
    assert!(read > count / 10, "{read} of {count} were read, so little was tried");
}

type Fault = Result<(), String>;

fn is_a_message(said: &str, name: &str) -> Fault {
    let is_one = said.contains(&format!("{name}.json: "))
        && said.len() < 2_000
        && !said.contains(|c: char| c.is_control() || c == '\u{202e}');
    is_one.then_some(()).ok_or_else(|| format!("no message: {said:?}"))
}

/// What no measurement can come to. Written without a look at what press checks.
fn is_possible(record: &Record) -> Fault {
    let no = |what: &str| Err(what.to_owned());
    let rounds: u64 = record.sittings.iter().map(|s| u64::from(s.rounds.kept)).sum();
    if record.machine.hardware_threads == 0 || record.threads == 0 || rounds == 0 {
        return no("nobody, or nowhere, or never");
    }
    let mut said: BTreeMap<Option<&str>, BTreeSet<&str>> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for variant in &record.variants {
        if !ids.insert(variant.id()) || variant.id().matches('/').count() > 2 {
            return no("two of one name");
        }
    }
    for variant in record.variants.iter().chain(&record.controls) {
        if variant.answers.values().map(|n| u64::from(*n)).sum::<u64>() != rounds {
            return no("answers for other rounds");
        }
        if !variant.observed {
            let answers = variant.answers.keys().map(String::as_str);
            said.entry(variant.case.as_deref()).or_default().extend(answers);
        }
        for (samples, sitting) in variant.samples.iter().zip(&record.sittings) {
            let length = sitting.rounds.kept as usize;
            let counted = samples.counted();
            if counted.iter().any(|(_, list)| list.is_some_and(|list| list.len() != length)) {
                return no("samples of other rounds");
            }
            if samples.wall_ns.iter().any(|ns| *ns == 0 || *ns > 1 << 53) {
                return no("a time that is none");
            }
            for (name, list) in &samples.metrics {
                let is_time = ["_ns", "_us", "_ms"].iter().any(|unit| name.ends_with(unit));
                let least = if is_time && !name.contains("late") { 0.0 } else { -1e30 };
                if list.len() != length || !list.iter().all(|x| (least..=1e30).contains(x)) {
                    return no("a metric that is none");
                }
            }
        }
        for lane in &variant.timeline {
            let spans = lane.spans.windows(2).all(|pair| pair[0].to_ns <= pair[1].from_ns);
            if !spans || lane.spans.iter().any(|span| span.from_ns >= span.to_ns) {
                return no("a timeline that runs backwards");
            }
        }
    }
    if said.values().any(|answers| answers.len() != 1) {
        return no("answers that disagree");
    }
    let mut seen = BTreeSet::new();
    for sitting in &record.sittings {
        if sitting.seed.is_some() && !seen.insert((&sitting.date, sitting.seed)) {
            return no("a sitting that counts twice");
        }
        let first = &record.sittings[0].sources;
        if first.iter().any(|(part, digest)| sitting.sources.get(part) != Some(digest)) {
            return no("sittings of other programs");
        }
        let rounds = &sitting.rounds;
        let shares = [&rounds.foreign, &rounds.stolen, &rounds.pressure].into_iter().flatten();
        if shares.chain(sitting.known.values()).any(|share| !share.is_finite() || *share < 0.0)
        {
            return no("less than nothing");
        }
        if sitting.date.len() > 40 || !sitting.date.ends_with('Z') {
            return no("a day that is none");
        }
    }
    // An answer may have lines; nothing else may, and nothing acts.
    let mut record = record.clone();
    for variant in record.variants.iter_mut().chain(&mut record.controls) {
        let answers = std::mem::take(&mut variant.answers).into_iter();
        variant.answers = answers.map(|(text, n)| (text.replace('\n', " "), n)).collect();
    }
    let text = serde_json::to_string(&record).expect("it is plain data");
    match text.contains("\\n") || text.contains("\\u00") || text.contains('\u{202e}') {
        true => no("a text that acts"),
        false => Ok(()),
    }
}

fn is_the_same_again(record: &Record, folder: &Path) -> Fault {
    let folder = folder.join("again");
    let again = |record: &Record| -> Result<(Record, Vec<u8>), String> {
        let path = record.clone().write(&folder).map_err(|e| format!("not written: {e:#}"))?;
        let bytes = fs::read(&path).map_err(|e| e.to_string())?;
        Ok((Record::read(&path).map_err(|e| format!("not read again: {e:#}"))?, bytes))
    };
    let (once, bytes) = again(record)?;
    let (twice, same) = again(&once)?;
    match once == *record && twice == once && bytes == same {
        true => Ok(()),
        false => Err("it reads back as another".into()),
    }
}

/// The record as that of each machine.
fn results(record: &Record) -> Results {
    let of = |machine: &str| {
        let records = BTreeMap::from([(record.experiment.clone(), record.clone())]);
        (machine.to_owned(), records)
    };
    Results {
        reference: "ref".into(),
        machines: ["ref", "local", "far"].map(of).into(),
        ..Results::default()
    }
}

/// The page has no element and no link that those of the book's own records have not.
fn is_text(
    record: &Record,
    (elements, links): &(BTreeSet<String>, BTreeSet<String>),
    random: &mut Random,
) -> Fault {
    let results = results(record);
    ask(record, &results, random);
    let shown = Shown::of(results, random, 12);
    if let Some(new) = shown.elements.difference(elements).next() {
        return Err(format!("an element of its own: {new}"));
    }
    if let Some(link) = shown.links.iter().find(|link| !is_ours(link) && !links.contains(*link))
    {
        return Err(format!("a link of its own: {link}"));
    }
    match shown.size > 40 << 20 {
        true => Err(format!("{} bytes of HTML", shown.size)),
        false => Ok(()),
    }
}

fn is_ours(link: &str) -> bool {
    let is_name = |name: &str| {
        name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) && name != ".."
    };
    link.starts_with("method.html#")
        || link.starts_with("#claim-")
        || link.strip_prefix("data/").is_some_and(|path| path.split('/').all(is_name))
}

/// Everything that a page or a claim can ask of a record. It has an answer or says why not.
fn ask(record: &Record, results: &Results, random: &mut Random) {
    for _ in 0..4 {
        let variant = &record.variants[random.below(record.variants.len())];
        let lane = variant.id();
        for metric in metrics(variant) {
            if let Ok(value) = value::value(record, variant, &metric) {
                let texts = [value.text(), value.interval(), value.with_interval()];
                assert!(texts.iter().all(|text| text.len() < 400), "{texts:?}");
                value.parts(&value);
            }
            let name = metric.name();
            for condition in [
                format!("{lane}.{name} > 1"),
                format!("{lane}.{name} < 1 ms and {lane}.answer contains a"),
                format!("{lane}.{name} / {lane}.wall >= 1"),
            ] {
                let _ = Condition::parse(&condition).and_then(|asked| asked.judge(record));
            }
            let ratio = format!("{lane}.wall / {lane}.{name}");
            let _ = Expression::parse(&ratio).and_then(|ratio| ratio.value(record));
        }
    }
    planted::ALL.iter().for_each(|planted| drop(planted.found(record)));
    let shows: Vec<_> = record
        .variants
        .iter()
        .filter_map(|variant| Some((variant.id(), value::wall(record, variant)?)))
        .collect();
    doubt::warnings(record, &shows);
    doubt::unfit(record);
    // All records together, which costs the most and is asked by few pages.
    if random.below(4) > 0 {
        return;
    }
    let together = Together::of(results);
    let _ = (together.count("sittings", "times"), together.count("controls", "hold"));
    Spread::of(results, "ref", &Metric::Speedup).quantile(0.9);
    for pairs in [Pairs::of_sittings(results, "ref"), Pairs::of_machines(results, "ref", "far")]
    {
        Comparison::of(&pairs).total(press::ask::replication::What::Times).middle_move();
        Asking::of_claims(ledger(), &pairs);
    }
    ledger().ledger(results, "ref", &["far", "local"]);
}

fn metrics(variant: &Variant) -> Vec<Metric> {
    let own = variant.samples.iter().flat_map(|samples| samples.metrics.keys()).take(30);
    Metric::names().chain(own.map(String::as_str)).map(Metric::parse).collect()
}

fn ledger() -> &'static Claims {
    static LEDGER: OnceLock<Claims> = OnceLock::new();
    LEDGER.get_or_init(|| Claims::read(&root().join("book/claims.toml")).unwrap())
}

/// What pages show of a record.
struct Shown {
    elements: BTreeSet<String>,
    links: BTreeSet<String>,
    /// All texts and the values of all attributes.
    texts: String,
    size: usize,
}

/// What pages show of one of the book's own.
fn shown(seed: &Value, folder: &Path) -> Shown {
    let path = folder.join(format!("{}.json", seed["experiment"].as_str().unwrap()));
    fs::write(&path, seed.to_string()).unwrap();
    let record = Record::read(&path).unwrap();
    Shown::of(results(&record), &mut Random::new(1), usize::MAX)
}

impl Shown {
    /// Of some directives, drawn from all there are. Each is rendered by itself: one without
    /// an answer says so, and hides nothing of the others.
    fn of(results: Results, random: &mut Random, some: usize) -> Shown {
        let record = results.machines["ref"].values().next().unwrap().clone();
        let name = &record.experiment;
        let mut page = String::new();
        let pages = pages(results);
        let mut directives = directives(&record, random);
        random.shuffle(&mut directives);
        for directive in directives.into_iter().take(some) {
            let text = format!("a {{{{#{directive}}}}} b\n\n");
            let made = pages.render("p.md", &text).or_else(|faults| match faults.len() {
                1 if !faults[0].contains('\n') => Ok::<_, String>(String::new()),
                _ => panic!("{name}: {faults:?}"),
            });
            page.push_str(&made.unwrap());
        }
        assert!(!page.contains("{{"), "a directive is left for mdBook: {name}");
        let mut html = String::new();
        let parser = new_cmark_parser(&page, &MarkdownOptions::default());
        pulldown_cmark::html::push_html(&mut html, parser);
        let document = Html::parse_document(&html);
        let mut shown = Shown {
            elements: BTreeSet::new(),
            links: BTreeSet::new(),
            texts: document.root_element().text().collect(),
            size: html.len(),
        };
        for element in document.select(&Selector::parse("*").expect("it is valid CSS")) {
            shown.elements.insert(element.value().name().to_owned());
            for (attribute, value) in element.value().attrs() {
                assert!(!attribute.starts_with("on"), "{}", element.html());
                if ["href", "src", "action", "formaction", "data", "style"].contains(&attribute)
                {
                    let is_style = attribute == "style";
                    assert!(!is_style || !value.contains("url"), "{}", element.html());
                    shown.links.extend((!is_style).then(|| value.to_owned()));
                }
                shown.texts.push('\n');
                shown.texts.push_str(value);
            }
        }
        shown
    }
}

fn directives(record: &Record, random: &mut Random) -> Vec<String> {
    let name = &record.experiment;
    let mut all: Vec<String> = vec![
        format!("table {name}: ; columns=wall,cpu,speedup,utilization,switches,peak,answer"),
        format!("chart {name}: ; caption=\"x\"; axis=both"),
        format!("chart {name}: ; caption=\"x\"; form=curve; axis=both"),
        format!("matrix {name}: ; caption=\"x\""),
        format!("matrix {name}: ; caption=\"x\"; metric=wall"),
        format!("timeline {name}: ; caption=\"x\""),
        "machines".into(),
        "data".into(),
        "claims".into(),
        "replication sittings".into(),
        "replication machines".into(),
        "replication controls".into(),
        "planted".into(),
    ];
    let with_timeline = record.variants.iter().filter(|variant| !variant.timeline.is_empty());
    for variant in with_timeline.take(2) {
        let id = variant.id();
        all.push(format!("timeline {name}: {id}; caption=\"x\"; from_ms=0.01; to_ms=1e9"));
    }
    for claim in &ledger().all {
        if claim.tests.iter().any(|test| test.experiment == *name) {
            all.push(format!("verdict {}", claim.id));
            all.push(format!("opener {}", claim.id));
        }
    }
    for _ in 0..3 {
        let variant = &record.variants[random.below(record.variants.len())];
        let id = variant.id();
        all.push(format!("measured {name}: {id}.answer"));
        all.push(format!("expect {name}: {id}.wall < 5 ms"));
        let metrics = metrics(variant);
        for _ in 0..4 {
            let metric = metrics[random.below(metrics.len())].name();
            all.push(format!("measured {name}: {id}.{metric}"));
            all.push(format!("measured {name}: {id}.{metric} / {id}.wall"));
            all.push(format!("predict {name}: {id}.{metric}; question=\"x\""));
            all.push(format!("ladder {name}: {id}.{metric}; caption=\"x\""));
            all.push(format!("chart {name}: {id}; metric={metric}; caption=\"x\""));
            all.push(format!("table {name}: ; columns={metric}"));
        }
    }
    all
}

fn pages(results: Results) -> Pages {
    Pages {
        root: PathBuf::from("."),
        repository: None,
        files: HashMap::new(),
        results,
        together: OnceLock::new(),
        choosing: Default::default(),
        claims: ledger().clone(),
        colors: Colors::default(),
        elsewhere: Elsewhere::default(),
        words: None,
        titles: Vec::new(),
        glossary: Default::default(),
    }
}

#[test]
fn a_text_of_any_field_is_shown_as_it_is() {
    const TEXT: &str = "zq<b onload=x>{{#include x}}[a](javascript:b)![c](d) `e` *f* __g__ \
                        ~~h~~ | \\* &lt; \"i\" </td></p></figure># jqz";
    let folder = tempfile::tempdir().unwrap();
    let mut seen = BTreeSet::new();
    for seed in seeds() {
        let mut harmless = shown(&seed, folder.path());
        let mut record = seed.clone();
        let texts = Cell::new(0);
        replace(&mut record, "", &|at, text| {
            let field = at.rsplit('/').find(|part| part.parse::<usize>().is_err());
            let may_be_any = matches!(
                field,
                Some(
                    "question"
                        | "label"
                        | "case_label"
                        | "kernel"
                        | "cpu"
                        | "vendor"
                        | "version"
                        | "profile"
                        | "implementation"
                        | "text"
                        | "lane"
                )
            ) || at.contains("/state/")
                || at.ends_with("/answers");
            if may_be_any {
                *text = TEXT.into();
                texts.set(texts.get() + 1);
            }
        });
        assert!(texts.get() > 50, "{}", texts.get());
        let path = folder.path().join(format!("{}.json", seed["experiment"].as_str().unwrap()));
        fs::write(&path, sealed(record)).unwrap();
        let record = Record::read(&path).unwrap_or_else(|e| panic!("{e:#}"));
        let mut shown = Shown::of(results(&record), &mut Random::new(1), usize::MAX);
        // Cases that are all called the same are called so above their table, once.
        shown.elements.remove("caption");
        harmless.elements.remove("caption");
        assert_eq!(shown.elements, harmless.elements, "{}", record.experiment);
        let (whole, begun) =
            (shown.texts.matches(TEXT).count(), shown.texts.matches("zq").count());
        assert_eq!(whole, begun, "{}: a text is cut or read as markup", record.experiment);
        assert!(whole > 20, "{}: {whole}", record.experiment);
        seen.insert(record.experiment);
    }
    assert_eq!(seen.len(), seeds().len());
}

/// Hands every text of a record to `change`, with its place; answers are keys, and as many as
/// there are become one.
fn replace(value: &mut Value, at: &str, change: &dyn Fn(&str, &mut String)) {
    match value {
        Value::String(text) => change(at, text),
        Value::Array(all) => {
            let all = all.iter_mut().enumerate();
            all.for_each(|(i, one)| replace(one, &format!("{at}/{i}"), change));
        }
        Value::Object(all) if at.ends_with("/answers") => {
            let rounds: u64 = all.values().filter_map(Value::as_u64).sum();
            let mut text = all.keys().next().unwrap().clone();
            change(at, &mut text);
            *all = serde_json::Map::from_iter([(text, json!(rounds))]);
        }
        Value::Object(all) => {
            all.iter_mut().for_each(|(key, one)| replace(one, &format!("{at}/{key}"), change));
        }
        _ => {}
    }
}

#[test]
fn bytes_that_were_changed_are_refused_or_change_nothing() {
    let (count, seed) = (asked_for("HOSTILE_RECORDS", USUAL), asked_for("HOSTILE_SEED", 1));
    let (seeds, folder) = (seeds(), tempfile::tempdir().unwrap());
    let originals: Vec<(String, Vec<u8>)> = seeds
        .iter()
        .map(|seed| {
            (seed["experiment"].as_str().unwrap().to_owned(), sealed(seed.clone()).into())
        })
        .collect();
    for trial in 0..count {
        let mut random = Random::new(!seed.wrapping_mul(1 << 32).wrapping_add(trial));
        let (name, original) = &originals[random.below(originals.len())];
        let mut bytes = original.clone();
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes.truncate(at),
            1 => bytes[at] = random.below(256) as u8,
            2 => drop(bytes.splice(at..at, [b"\"{}[],:09e-\xff\0\\"[random.below(14)]; 3])),
            _ => drop(bytes.drain(at..(at + 1 + random.below(200)).min(original.len()))),
        }
        let path = folder.path().join(format!("{name}.json"));
        fs::write(&path, original).unwrap();
        let known = Record::read(&path).unwrap();
        fs::write(&path, &bytes).unwrap();
        match Record::read(&path) {
            Ok(record) => assert!(record == known, "trial {trial}: another record was read"),
            Err(e) => is_a_message(&format!("{e:#}"), name).unwrap(),
        }
    }
}

#[test]
fn a_reference_that_is_modified_or_disturbed_throughout_is_no_sound_book() {
    let folder = tempfile::tempdir().unwrap();
    let to = |below: &str| folder.path().join(below);
    fs::create_dir(to("book")).unwrap();
    fs::write(to("book/SUMMARY.md"), "[Page](page.md)\n[Method](method.md)\n").unwrap();
    // What is not well known leads there.
    fs::write(to("book/method.md"), "# Method\n\n## A core that is not all ours\n").unwrap();
    fs::write(to("book/page.md"), "# Page\n\n{{#table threads_cpu:}}\n").unwrap();
    let settings = "[book]\nsrc = 'book'\n[build]\nbuild-dir = 'target/book'\n\
                    [preprocessor.measured]\nreference = 'here'\nbefore = ['links']\n";
    fs::write(to("book.toml"), settings).unwrap();
    let check = |change: &dyn Fn(usize, &mut Sitting)| {
        let path = to("threads_cpu.json");
        fs::write(&path, seeds()[0].to_string()).unwrap();
        let mut record = Record::read(&path).unwrap();
        for (s, sitting) in record.sittings.iter_mut().enumerate() {
            change(s, sitting);
        }
        record.write(&to("results/here")).unwrap();
        // Another machine's is not what sentences rest on.
        record.write(&to("results/there")).unwrap();
        let project = Project::find(folder.path()).unwrap();
        let page = fs::read_to_string(build::build(&project).unwrap().join("page.html"));
        (check::check(&project).map_err(|e| e.to_string()), page.unwrap_or_default())
    };
    let (sound, page) = check(&|_, _| ());
    assert_eq!(sound, Ok(()));
    assert!(!page.contains("class=\"warnings\""), "{page}");
    let (sound, page) = check(&|s, sitting| sitting.modified = s > 0);
    assert_eq!(sound, Ok(()), "one sitting is enough");
    assert_eq!(page.matches("<b>modified</b>: sittings 2, 3").count(), 2, "{page}");
    type Change = fn(usize, &mut Sitting);
    let cases: [(Change, &str); 2] = [
        (|_, sitting| sitting.modified = true, "no commit has"),
        (|_, sitting| sitting.rounds.noisy = 1, "every sitting was disturbed"),
    ];
    for (change, why) in cases {
        let fault = check(&change).0.unwrap_err();
        assert!(fault.starts_with("1 fault:\nresults/here/threads_cpu.json: every"), "{fault}");
        assert!(fault.contains(why) && fault.ends_with("; measure it again"), "{fault}");
    }
}

#[test]
fn a_timelines_window_begins_before_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("who_ran_when.json");
    fs::write(&path, seeds()[1].to_string()).unwrap();
    let record = Record::read(&path).unwrap();
    let lane = record.variants[0].id();
    let pages = pages(results(&record));
    let rendered = |from: &str| {
        let text =
            format!("{{{{#timeline who_ran_when: {lane}; caption=\"x\"; from_ms={from}}}}}");
        pages.render("p.md", &text).map_err(|faults| faults.join("\n"))
    };
    assert!(rendered("1").is_ok());
    let fault = rendered("9e6").unwrap_err();
    assert!(fault.contains("from_ms comes after the end of the recording, at "), "{fault}");
}
