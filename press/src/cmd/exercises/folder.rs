//! The folder that the reader solves exercises in: a package that rustlings runs, and that is
//! an ordinary one without it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::cut::cut;
use super::found::Exercise;
use crate::outside::project::Project;
use crate::outside::{cargo, git};

/// As rustlings writes it; who changes it by hand is in for a surprise.
const STATE: &str = ".rustlings-state.txt";
const STATE_HEADER: &str = "DON'T EDIT THIS FILE!\n\n";

/// Where the exercises lie once more as they were given, so that it is known which of them the
/// reader has changed.
const GIVEN: &str = ".given";

/// The reader's folder.
pub(super) struct Folder(PathBuf);

/// What was made of it.
pub(super) struct Made {
    count: usize,
    /// Exercises that the reader has changed, and that have changed in the book since.
    kept: Vec<String>,
    /// Exercises that are not for this system.
    missing: Vec<String>,
}

impl Made {
    pub(super) fn told(&self, folder: &str) -> String {
        let mut out = format!("{folder}/: {} exercises. Run `rustlings` in it.", self.count);
        if !self.missing.is_empty() {
            out.push_str(&format!("\nNot for this system: {}.", self.missing.join(", ")));
        }
        if !self.kept.is_empty() {
            out.push_str(&format!(
                "\nYou have begun these, and they are other in the book by now; yours have \
                 stayed: {}.",
                self.kept.join(", ")
            ));
        }
        out
    }
}

impl Folder {
    pub(super) fn at(path: &Path) -> Folder {
        Folder(path.to_owned())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Whether the exercise lies in it.
    pub(super) fn has(&self, exercise: &Exercise) -> bool {
        self.0.join("Cargo.toml").is_file()
            && self.0.join(file("exercises", exercise)).is_file()
    }

    pub(super) fn shown(&self, folder: &str, exercise: &Exercise) -> String {
        format!("{folder}/{}", slashed(&file("exercises", exercise)))
    }

    pub(super) fn solution(&self, folder: &str, exercise: &Exercise) -> String {
        format!("{folder}/{}", slashed(&file("solutions", exercise)))
    }

    /// Makes it, or brings it up to date. What the reader has changed stays.
    pub(super) fn make(&self, project: &Project, all: &[Exercise]) -> Result<Made> {
        let files = formatted(files(project, all, &self.0)?)?;
        let (mut made, written) = self.put(&files)?;
        let is_there = |exercise: &&Exercise| {
            files.iter().any(|(name, _)| *name == file("exercises", exercise))
        };
        let missing = all.iter().filter(|exercise| !is_there(exercise));
        made.missing = missing.map(|exercise| exercise.id.clone()).collect();
        // `rustlings reset` asks git for what was there. Without git all the rest works.
        git::keep(&self.0, &written);
        Ok(made)
    }

    /// Writes what is not the reader's; returns which files these are, but for the lockfile,
    /// which git is not told of.
    fn put(&self, files: &[(PathBuf, String)]) -> Result<(Made, Vec<PathBuf>)> {
        let mut made = Made { count: 0, kept: Vec::new(), missing: Vec::new() };
        let mut written = Vec::new();
        for (name, text) in files {
            if name.starts_with("exercises") {
                made.count += 1;
                let given = self.0.join(GIVEN).join(name);
                let before = fs::read_to_string(&given).ok();
                let yours = fs::read_to_string(self.0.join(name)).ok();
                if yours.is_some() && yours != before {
                    if before.as_ref() != Some(text) {
                        made.kept.push(slashed(name));
                    }
                    continue;
                }
                write(&given, text)?;
            }
            write(&self.0.join(name), text)?;
            if name != Path::new("Cargo.lock") {
                written.push(name.clone());
            }
        }
        Ok((made, written))
    }

    /// The exercises that are solved, by rustlings' own account.
    pub(super) fn solved(&self) -> Result<BTreeSet<String>> {
        Ok(State::read(&self.0.join(STATE))?.solved)
    }

    /// Notes that an exercise is solved, or is not any more, as rustlings does.
    pub(super) fn note(&self, all: &[Exercise], exercise: &Exercise, is: bool) -> Result<()> {
        let path = self.0.join(STATE);
        let mut state = State::read(&path)?;
        match is {
            true => state.solved.insert(exercise.id.clone()),
            false => state.solved.remove(&exercise.id),
        };
        state.current.get_or_insert_with(|| exercise.id.clone());
        write(&path, &state.text(all))
    }
}

/// What rustlings knows of the reader.
#[derive(Default)]
struct State {
    current: Option<String>,
    solved: BTreeSet<String>,
}

impl State {
    fn read(path: &Path) -> Result<State> {
        match fs::read_to_string(path) {
            Ok(text) => {
                let mut lines = text.lines().skip(2);
                let current = lines.next().filter(|name| !name.is_empty()).map(str::to_owned);
                let solved = lines.filter(|name| !name.is_empty()).map(str::to_owned).collect();
                Ok(State { current, solved })
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(State::default()),
            Err(e) => Err(e).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    fn text(&self, all: &[Exercise]) -> String {
        let solved = all.iter().filter(|exercise| self.solved.contains(&exercise.id));
        let solved: String = solved.map(|exercise| format!("\n{}", exercise.id)).collect();
        format!("{STATE_HEADER}{}\n{solved}", self.current.as_deref().unwrap_or_default())
    }
}

/// The path of an exercise or its solution, as rustlings wants it.
fn file(part: &str, exercise: &Exercise) -> PathBuf {
    Path::new(part).join(&exercise.chapter).join(format!("{}.rs", exercise.id))
}

/// As a manifest, and a reader, has it on every system.
fn slashed(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// All files, by their paths in the folder, which lies at `into`.
pub(super) fn files(
    project: &Project,
    all: &[Exercise],
    into: &Path,
) -> Result<Vec<(PathBuf, String)>> {
    let root = &project.root;
    let mut files = Vec::new();
    let mut here = Vec::new();
    let mut code: BTreeMap<&str, String> = BTreeMap::new();
    for exercise in all {
        let Some([starter, solution]) = both(root, exercise)
            .with_context(|| format!("examples/{}: {}", exercise.chapter, exercise.name))?
        else {
            continue;
        };
        let of_chapter = code.entry(&exercise.chapter).or_default();
        *of_chapter += &format!("{starter}{solution}");
        files.push((file("exercises", exercise), starter));
        files.push((file("solutions", exercise), solution));
        here.push(exercise);
    }
    let read = |name: &str| {
        let path = root.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let dependencies = dependencies(root, into, &code)?;
    for (name, text) in [
        ("Cargo.toml", manifest(&here, &dependencies)),
        // The versions that the book was tested with.
        ("Cargo.lock", read("Cargo.lock")?),
        ("info.toml", info(&here)?),
        ("rustfmt.toml", read("examples/rustfmt.toml")?),
        ("rust-analyzer.toml", RUST_ANALYZER.into()),
        (".gitignore", "/target\n/.given\n/Cargo.lock\n/.rustlings-state.txt\n".into()),
        ("README.md", README.into()),
    ] {
        files.push((name.into(), text));
    }
    Ok(files)
}

const RUST_ANALYZER: &str = "check.command = \"clippy\"\n\
                             check.extraArgs = [\"--profile\", \"test\"]\n\
                             cargo.targetDir = true\n";

const README: &str = "# The exercises of *Taking Turns*\n\n\
    Install [rustlings](https://rustlings.rust-lang.org), version 6, and run it in this folder:\n\n\
    ```console\n$ cargo install rustlings --locked\n$ rustlings\n```\n\n\
    It opens one exercise after the other, tries what you have changed, gives a hint when you \
    ask for one, and names a solution to compare with when the tests pass. Without it, \
    `cargo test --bin threads_survive` tries one.\n\n\
    This folder is made by `cargo book exercises start`, which brings it up to date and leaves \
    alone what you have changed below `exercises/`.\n";

/// An exercise and its solution as files of their own; `None` where it is not for this system.
fn both(root: &Path, exercise: &Exercise) -> Result<Option<[String; 2]>> {
    let Exercise { chapter, name, .. } = exercise;
    let chapter = root.join("examples").join(chapter);
    let read = |path: &Path| -> Result<String> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        // By which pages show a part of it.
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("// ANCHOR"));
        Ok(lines.map(|line| format!("{line}\n")).collect())
    };
    // What needs the model checker lies with the model.
    let folders = ["tests", "model"].map(|folder| chapter.join(folder));
    let folder = folders.iter().find(|folder| folder.join("exercises.rs").is_file());
    let folder = folder.context("no exercises.rs in tests or model")?;
    let tests = read(&folder.join("exercises.rs"))?;
    let part = |part: &str| read(&chapter.join(format!("exercises/{name}_{part}.rs")));
    let parts = [part("starter")?, part("solution")?];
    let Some(cut) = cut(&tests, name, &parts.concat(), |path| read(&folder.join(path)))? else {
        return Ok(None);
    };
    let [(given, starter), (said, solution)] = [0, 1].map(|n| divided(&parts[n]));
    let end = |code: &str| {
        let beside = match cut.beside.is_empty() {
            true => String::new(),
            false => format!("\n// What the exercise is built on.\n{}", cut.beside),
        };
        let tests = &cut.tests;
        format!("{code}{beside}\nfn main() {{}}\n\n#[cfg(test)]\nmod tests {{\n{tests}}}\n")
    };
    let Exercise { page_title, number, title, place, .. } = exercise;
    let stop = if title.ends_with(['?', '!']) { "" } else { "." };
    let starter = format!(
        "//! {page_title}, exercise {number}: {title}{stop}\n//!\n{}//!\n\
         //! On its page: {place}\n\n\
         // TODO: change what follows until the tests at the end pass.\n\n{}",
        without_number(&given),
        end(&starter)
    );
    let solution = format!("{said}\n{}", end(&solution));
    Ok(Some([starter, solution]))
}

/// The header without what the new one says already: the exercise's number, or that it is one.
fn without_number(header: &str) -> String {
    let Some(rest) = header.strip_prefix("//! Exercise") else { return header.to_owned() };
    let Some((number, rest)) = rest.split_once(": ") else { return header.to_owned() };
    if !number.chars().all(|c| c == ' ' || c.is_ascii_digit()) {
        return header.to_owned();
    }
    let mut rest = rest.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    format!("//! {}{}", first.collect::<String>(), rest.as_str())
}

/// The header of a file, and its code as that of a crate of its own.
fn divided(text: &str) -> (String, String) {
    let is_header = |line: &&str| line.starts_with("//!");
    let header: String =
        text.lines().take_while(is_header).map(|line| format!("{line}\n")).collect();
    let code = text.lines().skip_while(is_header).skip_while(|line| line.is_empty());
    let line = |line: &str| match line
        .strip_prefix("use ")
        .and_then(|path| path.strip_prefix("super::"))
    {
        Some(rest) => format!("use crate::{rest}\n"),
        None => format!("{line}\n"),
    };
    (header, code.map(line).collect())
}

fn manifest(all: &[&Exercise], dependencies: &str) -> String {
    // Line by line as rustlings writes it, which compares.
    let bin = |exercise: &&Exercise| {
        let id = &exercise.id;
        let path = |part| slashed(&file(part, exercise));
        format!(
            "  {{ name = \"{id}\", path = \"{}\" }},\n  {{ name = \"{id}_sol\", path = \"{}\" }},\n",
            path("exercises"),
            path("solutions")
        )
    };
    let bins: String = all.iter().map(bin).collect();
    format!(
        "# Made by `cargo book exercises start`, which overwrites it.\n\
         bin = [\n{bins}]\n\n\
         [package]\nname = \"exercises\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{dependencies}\n\
         # What only tests call.\n[lints.rust]\ndead_code = \"allow\"\n\n\
         [lints.clippy]\nnew_without_default = \"allow\"\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n\
         # A model checker tries many orders.\n[profile.dev.package.\"*\"]\nopt-level = 1\n\n\
         # It is no part of the book's.\n[workspace]\n"
    )
}

fn info(all: &[&Exercise]) -> Result<String> {
    #[derive(Serialize)]
    struct Info<'e> {
        format_version: u8,
        welcome_message: &'static str,
        final_message: &'static str,
        exercises: Vec<Entry<'e>>,
    }
    #[derive(Serialize)]
    struct Entry<'e> {
        name: &'e str,
        dir: &'e str,
        test: bool,
        hint: &'e str,
    }
    let exercises = all.iter().map(|exercise| Entry {
        name: &exercise.id,
        dir: &exercise.chapter,
        test: true,
        hint: &exercise.hint,
    });
    let info = Info {
        format_version: 1,
        welcome_message: "The exercises of Taking Turns, in the order of the book. Each begins \
                          with code that compiles and does something wrong; its page says why \
                          one would write it so.",
        final_message: "That was the last one. What was unclear, or wrong? \
                        https://github.com/taking-turns/taking-turns/issues",
        exercises: exercises.collect(),
    };
    toml::to_string(&info).context("info.toml")
}

/// The lines of the manifest, for what the code of each chapter names.
fn dependencies(root: &Path, into: &Path, code: &BTreeMap<&str, String>) -> Result<String> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
        workspace_root: PathBuf,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        manifest_path: PathBuf,
        dependencies: Vec<Dependency>,
    }
    #[derive(Deserialize)]
    struct Dependency {
        name: String,
        req: String,
        path: Option<PathBuf>,
        features: Vec<String>,
        uses_default_features: bool,
    }
    let Metadata { packages, workspace_root } = serde_json::from_value(cargo::metadata(root)?)
        .context("cargo metadata is not understood")?;
    let mut needed: BTreeMap<String, Dependency> = BTreeMap::new();
    for (chapter, code) in code {
        let is_named = |name: &str| {
            let path = format!("{}::", name.replace('-', "_"));
            code.match_indices(&path).any(|(at, _)| {
                !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
            })
        };
        for Package { name, manifest_path, dependencies } in &packages {
            let Some(folder) = manifest_path.parent() else { continue };
            let chapter = workspace_root.join("examples").join(chapter);
            if folder != chapter && folder != chapter.join("model") {
                continue;
            }
            let own = (folder == chapter).then(|| Dependency {
                name: name.clone(),
                req: String::new(),
                path: Some(folder.to_owned()),
                features: Vec::new(),
                uses_default_features: true,
            });
            let named = dependencies.iter().filter(|dependency| is_named(&dependency.name));
            let own = own.filter(|own| is_named(&own.name));
            for Dependency { name, req, path, features, uses_default_features } in
                named.chain(&own)
            {
                let known = needed.entry(name.clone()).or_insert_with(|| Dependency {
                    name: name.clone(),
                    req: req.clone(),
                    path: path.clone(),
                    features: Vec::new(),
                    uses_default_features: false,
                });
                known.features.extend(features.iter().cloned());
                known.uses_default_features |= uses_default_features;
            }
        }
    }
    let line = |mut dependency: Dependency| {
        let mut table = toml::Table::new();
        match &dependency.path {
            Some(path) => {
                let below = path.strip_prefix(&workspace_root).unwrap_or(path);
                table.insert("path".into(), relative(root, into, below).into())
            }
            None => table.insert("version".into(), dependency.req.clone().into()),
        };
        if !dependency.uses_default_features {
            table.insert("default-features".into(), false.into());
        }
        dependency.features.sort();
        dependency.features.dedup();
        if !dependency.features.is_empty() {
            table.insert("features".into(), dependency.features.into());
        }
        format!("{} = {}\n", dependency.name, toml::Value::Table(table))
    };
    Ok(needed.into_values().map(line).collect())
}

/// The way from the folder `into` to what lies `below` the book's: short where both do.
fn relative(root: &Path, into: &Path, below: &Path) -> String {
    let way = match into.strip_prefix(root) {
        Ok(into) => into.components().map(|_| "..").collect::<PathBuf>().join(below),
        Err(_) => root.join(below),
    };
    slashed(&way)
}

/// Has rustfmt lay out what was cut together.
fn formatted(files: Vec<(PathBuf, String)>) -> Result<Vec<(PathBuf, String)>> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    for (name, text) in &files {
        write(&folder.path().join(name), text)?;
    }
    let code = |name: &Path| name.extension().is_some_and(|end| end == "rs");
    let names: Vec<&Path> =
        files.iter().map(|(name, _)| name.as_path()).filter(|name| code(name)).collect();
    cargo::format(folder.path(), &names)?;
    files
        .iter()
        .map(|(name, _)| Ok((name.clone(), fs::read_to_string(folder.path().join(name))?)))
        .collect()
}

fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo(name: &str) -> Exercise {
        Exercise {
            id: format!("a_{name}"),
            chapter: "a".into(),
            name: name.into(),
            page: "a.md".into(),
            page_title: "A".into(),
            place: "book/a.md".into(),
            number: 1,
            title: "Do it".into(),
            hint: "Look at `x`, \"there\".".into(),
        }
    }

    #[test]
    fn what_the_reader_has_changed_stays_and_all_else_follows_the_book() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::at(root.path());
        let given = |text: &str| {
            let named = |name: &str| (PathBuf::from(name), text.to_owned());
            ["exercises/a/a_b.rs", "exercises/a/a_c.rs", "info.toml"].map(named).to_vec()
        };
        let has = |name: &str| fs::read_to_string(root.path().join(name)).unwrap();
        let (made, written) = folder.put(&given("one")).unwrap();
        assert_eq!((made.count, written.len(), made.kept), (2, 3, vec![]));
        fs::write(root.path().join("exercises/a/a_b.rs"), "mine").unwrap();
        let (made, _) = folder.put(&given("one")).unwrap();
        assert_eq!(made.kept, Vec::<String>::new(), "there is nothing new to tell of");
        let (made, written) = folder.put(&given("two")).unwrap();
        assert_eq!(made.kept, ["exercises/a/a_b.rs"]);
        assert_eq!(written.len(), 2);
        assert!(made.told("x").contains("yours have stayed: exercises/a/a_b.rs"));
        let now = [has("exercises/a/a_b.rs"), has("exercises/a/a_c.rs"), has("info.toml")];
        assert_eq!(now, ["mine", "two", "two"]);
        fs::remove_file(root.path().join("exercises/a/a_b.rs")).unwrap();
        folder.put(&given("two")).unwrap();
        assert_eq!(has("exercises/a/a_b.rs"), "two", "who deletes it gets it anew");
    }

    #[test]
    fn what_is_solved_is_noted_as_rustlings_does() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::at(root.path());
        let all = ["b", "c", "d"].map(demo);
        assert!(folder.solved().unwrap().is_empty(), "there is no folder yet");
        folder.note(&all, &all[2], true).unwrap();
        folder.note(&all, &all[0], true).unwrap();
        let text = fs::read_to_string(root.path().join(STATE)).unwrap();
        assert_eq!(text, "DON'T EDIT THIS FILE!\n\na_d\n\na_b\na_d");
        folder.note(&all, &all[0], false).unwrap();
        assert!(folder.solved().unwrap().into_iter().eq(["a_d"]));
        // As rustlings leaves it before anything is solved.
        fs::write(root.path().join(STATE), "DON'T EDIT THIS FILE!\n\na_b\n").unwrap();
        assert!(folder.solved().unwrap().is_empty());
    }

    #[test]
    fn the_manifest_is_laid_out_as_rustlings_lays_it_out() {
        let (b, c) = (demo("b"), demo("c"));
        let text = manifest(&[&b, &c], "");
        let bins = "bin = [\n  { name = \"a_b\", path = \"exercises/a/a_b.rs\" },\n  \
                    { name = \"a_b_sol\", path = \"solutions/a/a_b.rs\" },\n  \
                    { name = \"a_c\", path = \"exercises/a/a_c.rs\" },\n  \
                    { name = \"a_c_sol\", path = \"solutions/a/a_c.rs\" },\n]\n";
        assert!(text.contains(bins), "{text}");
        assert_eq!(text.parse::<toml::Table>().unwrap()["bin"].as_array().unwrap().len(), 4);
        let info: toml::Table = info(&[&b]).unwrap().parse().unwrap();
        assert_eq!(info["exercises"][0]["hint"].as_str(), Some(b.hint.as_str()));
    }

    #[test]
    fn an_exercise_does_not_say_its_number_twice() {
        for (header, is) in [
            ("//! Exercise 1: all jobs\n//! at once.\n", "//! All jobs\n//! at once.\n"),
            ("//! Exercise: lend it on.\n", "//! Lend it on.\n"),
            ("//! Exercises: many.\n", "//! Exercises: many.\n"),
            ("//! A cache.\n", "//! A cache.\n"),
        ] {
            assert_eq!(without_number(header), is);
        }
    }

    #[test]
    fn a_dependency_is_found_from_within_the_books_folder_and_from_elsewhere() {
        let root = Path::new("/books/this");
        let below = Path::new("lab");
        assert_eq!(relative(root, Path::new("/books/this/x/y"), below), "../../lab");
        assert_eq!(relative(root, Path::new("/tmp/x"), below), "/books/this/lab");
    }
}
