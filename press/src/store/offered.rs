//! What is asked of records that somebody gives to the book, beyond what is asked of all that
//! are read: that they were measured whole, from sources that others have, by this format, on
//! one machine, and that nothing in them was written for a browser.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use regex::Regex;

use crate::store::read::{LOCAL, again};
use crate::store::record::{Record, Variant};
use crate::store::{form, limits, results};

/// How far a clock may be ahead of ours.
const AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// How much CPU time may be counted beyond what the machine has: a kernel that counts by ticks
/// rounds up, and what a child used before is counted when it ends.
const ROUNDED: f64 = 1.25;
const ROUNDED_NS: f64 = 100e6;

/// How many sittings tell how far sittings differ.
const SITTINGS: usize = 3;

/// The records of one machine, as they are given.
#[derive(Debug, Default)]
pub struct Offered {
    /// Those that are fit, by experiment.
    pub records: BTreeMap<String, Record>,
    /// Why the others are not: a message for each, with the file and how to mend it.
    pub refused: Vec<String>,
    /// What whoever takes them should know.
    pub notes: Vec<String>,
}

impl Offered {
    /// Reads what is given in the folder of a machine: all of it, or the experiments that are
    /// `named`. `experiments` tells which there are.
    ///
    /// # Errors
    /// When the folder cannot be read, or an experiment that is named is not in it.
    pub fn read(
        folder: &Path,
        named: &[String],
        experiments: impl Fn(&str) -> bool,
    ) -> Result<Offered> {
        let mut offered = Offered::default();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Err(e) = limits::machine(&name) {
            offered.refused.push(format!("{}: rename this folder: {e}", shown(folder)));
        }
        let entries = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
        let mut paths: Vec<_> =
            entries.with_context(|| format!("there are no records in {}", folder.display()))?;
        paths.sort();
        let mut found = Vec::new();
        for path in paths {
            let is_json = path.extension().is_some_and(|end| end == "json");
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let is_asked = named.is_empty() || named.contains(&stem);
            found.push(stem);
            match is_json {
                false if name == LOCAL || !named.is_empty() => {}
                false => offered.refused.push(format!(
                    "{}: a machine's folder has records and nothing else; take it away",
                    shown(&path)
                )),
                true if !is_asked => {}
                true => match fit(&path, &experiments) {
                    Ok(record) => {
                        drop(offered.records.insert(record.experiment.clone(), record))
                    }
                    Err(e) => offered.refused.push(e.to_string()),
                },
            }
        }
        if let Some(missing) = named.iter().find(|one| !found.contains(one)) {
            bail!(
                "{}: there is no record of `{}`; measure it with `cargo book measure {0}`",
                shown(folder),
                limits::printable(missing)
            );
        }
        // The known answers of the reader's own may be of different days, until they are given.
        if let Err(e) = results::is_of_one_machine(folder, &offered.records, true) {
            offered.refused.push(format!("{e:#}"));
        }
        offered.notes = notes(&offered.records);
        Ok(offered)
    }

    /// The messages about what is refused, together.
    ///
    /// # Errors
    /// When there are any.
    pub fn is_fit(&self) -> Result<()> {
        match self.refused.len() {
            0 => Ok(()),
            1 => bail!("refused: {}", self.refused[0]),
            n => bail!("{n} are refused:\n{}", self.refused.join("\n")),
        }
    }
}

fn shown(path: &Path) -> String {
    limits::printable(&path.display().to_string())
}

/// The record in this file.
///
/// # Errors
/// One message, in one line.
fn fit(path: &Path, experiments: &impl Fn(&str) -> bool) -> Result<Record> {
    // What a link leads to is another file wherever it is opened.
    if fs::symlink_metadata(path).is_ok_and(|about| about.file_type().is_symlink()) {
        bail!("{}: a link; put the record itself in its place", shown(path));
    }
    let record = Record::read(path)?;
    let text = fs::read_to_string(path)
        .with_context(|| format!("{}: cannot be read again", shown(path)))?;
    if let Some((what, mend)) = unfit(&record, &text, path, experiments) {
        bail!("{}: {}; {mend}", shown(path), limits::printable(&what));
    }
    Ok(record)
}

/// What is wrong with a record that can be read, and how to mend it.
fn unfit(
    record: &Record,
    text: &str,
    path: &Path,
    experiments: &impl Fn(&str) -> bool,
) -> Option<(String, String)> {
    let anew = || again(path);
    let version = form::version(text);
    if version != form::FORMAT {
        let what = format!("format {version}, which is read and no longer given");
        return Some((what, anew()));
    }
    if form::write(record) != text {
        let what = "not as `cargo book measure` writes it, though its seal fits".to_owned();
        return Some((what, format!("give the file as it was written, or {}", anew())));
    }
    if let Some((field, what)) = markup(record) {
        return Some((format!("{field}: `{what}` is markup, not text"), anew()));
    }
    if !experiments(&record.experiment) {
        let what = format!("no experiment is called `{}`", record.experiment);
        return Some((what, "give the program with it, or leave it out".into()));
    }
    if record.quick {
        return Some(("made with --quick, which proves nothing".into(), anew()));
    }
    if let Some(variant) = impossible(record) {
        let what = format!(
            "{variant}: more CPU time than {} hardware threads have in its wall-clock time",
            record.machine.hardware_threads
        );
        return Some((what, anew()));
    }
    for (s, sitting) in record.sittings.iter().enumerate() {
        let at = |what: &str| format!("sittings[{s}]: {what}");
        if sitting.modified || sitting.commit.is_none() {
            let mend = format!("commit or stash the changes, then {}", anew());
            return Some((at("measured from sources that no commit has"), mend));
        }
        if sitting.warnings.iter().any(|warning| warning.kind == "unoptimized") {
            let mend = format!("take away what changes the build, then {}", anew());
            return Some((at("built without the optimizer"), mend));
        }
        let ended = humantime::parse_rfc3339(&sitting.date).ok()?;
        if ended > SystemTime::now() + AHEAD {
            let mend = format!("set the machine's clock, then {}", anew());
            return Some((
                at(&format!("it ended on {}, which is to come", sitting.date)),
                mend,
            ));
        }
    }
    None
}

/// The variant that used more than there is.
fn impossible(record: &Record) -> Option<String> {
    let most = f64::from(record.machine.hardware_threads) * ROUNDED;
    let uses_more = |variant: &&Variant| {
        variant.samples.iter().any(|samples| {
            let cpu = samples.cpu_ns.iter().flatten();
            let mut rounds = samples.wall_ns.iter().zip(cpu);
            rounds.any(|(&wall, &cpu)| cpu as f64 > wall as f64 * most + ROUNDED_NS)
        })
    };
    let all = record.variants.iter().chain(&record.controls);
    all.into_iter().find(uses_more).map(Variant::id)
}

/// What is worth knowing of records that are fit, a line for each kind of thing.
fn notes(records: &BTreeMap<String, Record>) -> Vec<String> {
    let mut notes = Vec::new();
    let few = |(_, record): &(&String, &Record)| record.sittings.len() < SITTINGS;
    let few: Vec<&str> = records.iter().filter(few).map(|(name, _)| name.as_str()).collect();
    if !few.is_empty() {
        notes.push(format!(
            "fewer than {SITTINGS} sittings, so that less is decided: {}; `cargo book measure \
             {} --add` makes more",
            few.join(", "),
            few[0]
        ));
    }
    let mut warned: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, record) in records {
        for warning in record.warnings() {
            let names = warned.entry(warning.kind).or_default();
            if names.last() != Some(&name.as_str()) {
                names.push(name);
            }
        }
    }
    notes.extend(
        warned
            .iter()
            .map(|(kind, names)| format!("warn of themselves, {kind}: {}", names.join(", "))),
    );
    notes
}

/// A text that was written for a browser or for the book's own directives, and its field.
fn markup(record: &Record) -> Option<(String, String)> {
    let machine = &record.machine;
    let mut texts = vec![
        ("question".to_owned(), record.question.as_str()),
        ("machine.os".to_owned(), machine.os.as_str()),
        ("machine.arch".to_owned(), machine.arch.as_str()),
    ];
    let told =
        [("kernel", &machine.kernel), ("cpu", &machine.cpu), ("vendor", &machine.vendor)];
    let told = told.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
    texts.extend(told.map(|(name, text)| (format!("machine.{name}"), text)));
    for (i, runner) in record.runners.iter().enumerate() {
        for (name, text) in [
            ("implementation", &runner.implementation),
            ("version", &runner.version),
            ("profile", &runner.profile),
        ] {
            texts.push((format!("runners[{i}].{name}"), text));
        }
        let packages = runner.packages.values();
        texts.extend(packages.map(|text| (format!("runners[{i}].packages"), text.as_str())));
    }
    for (s, sitting) in record.sittings.iter().enumerate() {
        let states = sitting.state.values().map(String::as_str);
        texts.extend(states.map(|text| (format!("sittings[{s}].state"), text)));
        let warnings = sitting.warnings.iter().map(|warning| warning.text.as_str());
        texts.extend(warnings.map(|text| (format!("sittings[{s}].warnings"), text)));
    }
    let mut answers = Vec::new();
    for (list, variants) in [("variants", &record.variants), ("controls", &record.controls)] {
        for (i, variant) in variants.iter().enumerate() {
            texts.push((format!("{list}[{i}].label"), &variant.label));
            let label = variant.case_label.iter().map(String::as_str);
            texts.extend(label.map(|text| (format!("{list}[{i}].case_label"), text)));
            let lanes = variant.timeline.iter().map(|lane| lane.name.as_str());
            texts.extend(lanes.map(|text| (format!("{list}[{i}].timeline"), text)));
            let said = variant.answers.keys().map(String::as_str);
            answers.extend(said.map(|text| (format!("{list}[{i}].answers"), text)));
        }
    }
    let texts = texts.into_iter().filter_map(|(field, text)| Some((field, any_sign(text)?)));
    let answers = answers.into_iter().filter_map(|(field, text)| Some((field, element(text)?)));
    texts.chain(answers).next()
}

/// Elements that act, load or lay out. A Rust type in angle brackets is none of them, nor is
/// what Python calls `<locals>` or `<module>`.
const ELEMENT: &str = r"(?i)</?(?:a|abbr|audio|b|base|body|br|button|code|details|dialog|div|em|embed|font|form|frame|h[1-6]|head|hr|html|i|iframe|img|input|link|marquee|math|meta|noscript|object|p|picture|pre|script|source|span|strong|style|svg|table|template|textarea|title|u|video)(?:[\s/>]|$)";

fn element(text: &str) -> Option<String> {
    static IS: OnceLock<Regex> = OnceLock::new();
    let is = IS.get_or_init(|| Regex::new(ELEMENT).expect("it is a valid expression"));
    Some(is.find(text)?.as_str().to_owned())
}

/// A sign of HTML, of Markdown's links, or of a directive. A name before `<` makes it a type.
fn any_sign(text: &str) -> Option<String> {
    const SIGNS: &str = r"(?i)(?:^|[^\w:])<[a-z/!?]|<[a-z]+[\s/]|&#?\w+;|\{\{|\]\(|javascript:";
    static ARE: OnceLock<Regex> = OnceLock::new();
    let are = ARE.get_or_init(|| Regex::new(SIGNS).expect("it is a valid expression"));
    element(text).or_else(|| Some(are.find(text)?.as_str().trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    /// The demo, fit to be given.
    fn good() -> Record {
        let mut record = demo();
        record.sittings[0].sources = BTreeMap::from([("program".into(), "1d".into())]);
        record
    }

    fn said(change: impl Fn(&mut Record)) -> Offered {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("big-16");
        let mut record = good();
        change(&mut record);
        record.write(&folder).unwrap();
        Offered::read(&folder, &[], |name| name == "demo").unwrap()
    }

    #[test]
    fn what_is_measured_by_the_rules_is_fit_and_few_sittings_are_noted() {
        let offered = said(|_| ());
        assert_eq!(offered.refused, [""; 0]);
        assert_eq!(offered.records.len(), 1);
        assert!(offered.notes[0].contains("fewer than 3 sittings"), "{:?}", offered.notes);
    }

    #[test]
    fn each_way_of_being_unfit_has_one_message_that_says_how_to_mend_it() {
        type Change = fn(&mut Record);
        let cases: [(Change, &str, &str); 8] = [
            (|r| r.quick = true, "--quick", "measure it again with `cargo book measure demo"),
            (|r| r.sittings[0].modified = true, "no commit has", "commit or stash"),
            (|r| r.sittings[0].commit = None, "no commit has", "commit or stash"),
            (|r| r.sittings[0].date = "2999-01-01T00:00:00Z".into(), "is to come", "clock"),
            (
                |r| {
                    let text = crate::store::record::Warning::new("unoptimized", "x");
                    r.sittings[0].warnings.push(text);
                },
                "without the optimizer",
                "take away",
            ),
            (
                |r| r.variants[1].samples[0].cpu_ns = Some(vec![80_000_000, 1 << 40, 1]),
                "rust/chain/threads: more CPU time than 2 hardware threads",
                "measure it again",
            ),
            (
                |r| r.variants[0].label = "<img src=x onerror=alert(1)>".into(),
                "variants[0].label: `<img ` is markup",
                "measure it again",
            ),
            (
                |r| r.machine.cpu = Some("{{#include /etc/passwd}}".into()),
                "machine.cpu",
                "again",
            ),
        ];
        for (change, what, mend) in cases {
            let refused = said(change).refused;
            let [message] = &refused[..] else { panic!("{what}: {refused:?}") };
            assert!(message.contains("demo.json: ") && message.contains(what), "{message}");
            assert!(message.contains(mend) && message.contains("--as big-16"), "{message}");
            assert_eq!(message.lines().count(), 1, "{message}");
        }
    }

    #[test]
    fn a_type_in_angle_brackets_is_text_and_an_element_is_markup() {
        for text in ["Mutex<Vec>", "a < b", "Vec<Vec<u8>>", "1 & 2", "R&D", "a[0] (b)", "<"] {
            assert_eq!(any_sign(text), None, "{text}");
        }
        for text in ["<b>x</b>", "a<img src=x>", "&lt;", "[x](y)", "</p>", "<!--", "{{#x}}"] {
            assert!(any_sign(text).is_some(), "{text}");
        }
        // What programs print is theirs, but for what acts.
        for text in ["blocked.<locals>.reads (ills.py:60)", "<module>", "`UnsafeCell`"] {
            assert_eq!(element(text), None, "{text}");
        }
        assert!(element("x<ScRiPt>").is_some() && element("<svg/onload=x>").is_some());
    }

    #[test]
    fn a_folder_has_records_of_experiments_that_there_are_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let machine = folder.path().join("big-16");
        good().write(&machine).unwrap();
        fs::write(machine.join("index.html"), "<script>").unwrap();
        let read = |named: &[String]| Offered::read(&machine, named, |name| name == "demo");
        let refused = read(&[]).unwrap().refused;
        assert!(
            refused[0].contains("index.html: a machine's folder has records"),
            "{refused:?}"
        );
        assert_eq!(read(&["demo".into()]).unwrap().refused, [""; 0]);
        let missing = read(&["gone".into()]).unwrap_err().to_string();
        assert!(missing.contains("no record of `gone`"), "{missing}");
        let none = Offered::read(&machine, &["demo".into()], |_| false).unwrap().refused;
        assert!(none[0].contains("no experiment is called `demo`"), "{none:?}");
        let odd = folder.path().join("<b>");
        if good().write(&odd).is_ok() {
            let refused = Offered::read(&odd, &[], |_| true).unwrap().refused;
            assert!(refused[0].contains("rename this folder"), "{refused:?}");
        }
    }

    #[test]
    fn a_file_that_something_has_formatted_anew_is_refused_although_its_seal_fits() {
        let folder = tempfile::tempdir().unwrap();
        let machine = folder.path().join("big-16");
        let path = good().write(&machine).unwrap();
        let value: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        fs::write(&path, serde_json::to_string_pretty(&value).unwrap()).unwrap();
        assert!(Record::read(&path).is_ok());
        let refused = Offered::read(&machine, &[], |_| true).unwrap().refused;
        assert!(refused[0].contains("not as `cargo book measure` writes it"), "{refused:?}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_records_place_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let machine = folder.path().join("big-16");
        let path = good().write(&machine).unwrap();
        let elsewhere = folder.path().join("demo.json");
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let refused = Offered::read(&machine, &[], |_| true).unwrap().refused;
        assert!(refused[0].contains("demo.json: a link"), "{refused:?}");
    }
}
