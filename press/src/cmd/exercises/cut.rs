//! Cuts the test of one exercise out of a chapter's `exercises.rs`, which tries that every
//! starter fails and every solution passes. What is left tries one file: the reader's.
//!
//! It reads by lines and rests on rustfmt's layout: a piece begins at the left margin, and ends
//! with the first line there that ends in a semicolon or a brace.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::sync::LazyLock;

use anyhow::{Result, bail};
use regex::Regex;

/// What is cut out for one exercise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The pieces of a module `tests`, which calls the reader's file `exercise`.
    pub(super) tests: String,
    /// Modules that lie beside the exercise, at the top: what it is built on.
    pub(super) beside: String,
}

/// Cuts out what tries the exercise `name`, of the text of `exercises.rs`; `around` is the text
/// of its files, and `read` reads another file, by its path from there. `None` where the
/// exercise is not for this system.
///
/// # Errors
/// When nothing tries it.
pub(super) fn cut(
    text: &str,
    name: &str,
    around: &str,
    read: impl Fn(&str) -> Result<String>,
) -> Result<Option<Cut>> {
    let solution = format!("{name}_solution");
    let mut all = flat(text);
    for piece in &mut all {
        if let Some((name, Some(path))) = module(piece)
            && !["_starter", "_solution"].iter().any(|end| name.ends_with(end))
        {
            let text = read(path)?;
            let inside = text.lines().map(|line| match line {
                "" => "\n".to_owned(),
                line => format!("    {line}\n"),
            });
            *piece = format!("mod {name} {{\n{}}}\n", inside.collect::<String>());
        }
    }
    // What the tests have is the reader's own file.
    let is_file = |piece: &str| module(piece).is_some_and(|(_, path)| path.is_some());
    let is_it = |piece: &&String| defined(piece).is_some_and(|name| name == solution);
    let Some(declared) = all.iter().find(is_it) else { bail!("nothing names {solution}") };
    if !is_here(declared) {
        return Ok(None);
    }
    let of_others = |piece: &String| {
        words(piece).any(|word| {
            word.ends_with("_starter") || (word.ends_with("_solution") && word != solution)
        })
    };

    // Which pieces are needed: tests of it, and whatever those name, again and again.
    let mut needed = BTreeSet::new();
    let mut tests = BTreeMap::new();
    for (n, piece) in all.iter().enumerate() {
        if is_test(piece) && has(piece, &solution) {
            tests.insert(n, without_starters(piece));
        } else if !is_test(piece) && defined(piece).is_none() && has(piece, &solution) {
            needed.insert(n); // a macro is called for it, or a trait is implemented
        }
    }
    if tests.is_empty() {
        bail!("nothing tries {solution}");
    }
    let names: BTreeSet<&str> = all.iter().filter_map(|piece| defined(piece)).collect();
    loop {
        let kept = needed.iter().map(|n| all[*n].as_str());
        let kept: Vec<&str> = kept.chain(tests.values().map(String::as_str)).collect();
        let known: BTreeSet<&str> = kept.iter().flat_map(|piece| words(piece)).collect();
        let more: Vec<usize> = (0..all.len())
            .filter(|n| !needed.contains(n) && !tests.contains_key(n))
            .filter(|n| {
                let piece = &all[*n];
                let is_named = match (of_impl(piece), defined(piece)) {
                    (Some(header), _) => {
                        words(header).any(|word| names.contains(word) && known.contains(word))
                    }
                    // Its name may be a word of the tests' own, too.
                    (None, Some(name)) if piece.contains("macro_rules! ") => {
                        kept.iter().any(|other| other.contains(&format!("{name}!")))
                    }
                    (None, Some(name)) => {
                        known.contains(name) || (module(piece).is_some() && has(around, name))
                    }
                    (None, None) => false,
                };
                is_named && !is_test(piece) && !is_file(piece) && !of_others(piece)
            })
            .collect();
        if more.is_empty() {
            break;
        }
        needed.extend(more);
    }

    let (mut inside, mut beside, mut built_on) = (String::new(), String::new(), Vec::new());
    for (n, piece) in all.iter().enumerate() {
        let piece = tests.get(&n).or_else(|| needed.contains(&n).then_some(piece));
        let Some(piece) = piece else { continue };
        match module(piece) {
            Some((name, _)) => {
                // One of the exercises may need less of it than another.
                let is_shared = piece.contains("pub(crate) use ");
                let allow = if is_shared { "#[allow(unused_imports)]\n" } else { "" };
                beside.push_str(&format!("\n{allow}{piece}"));
                built_on.push(name);
            }
            None => inside.push_str(&format!("\n{piece}")),
        }
    }
    let inside = with_name(&inside, &solution, "exercise");
    let built_on = built_on.into_iter().filter(|name| has(&inside, name));
    let built_on: String = built_on.map(|name| format!("use crate::{name};\n")).collect();
    let tests = format!("{}{built_on}{inside}", imports(&all, &inside));
    Ok(Some(Cut { tests, beside }))
}

/// The pieces of a file, with those of modules of tests among them; without its header.
fn flat(text: &str) -> Vec<String> {
    let is_header = |line: &&str| line.starts_with("//!") || line.starts_with("#![");
    let text: Vec<&str> = text.lines().filter(|line| !is_header(line)).collect();
    let mut all = Vec::new();
    for piece in pieces(&text.join("\n")) {
        match module(&piece) {
            Some((_, None)) if piece.contains("#[test]") => all.extend(flat(&body(&piece))),
            _ if piece.strip_prefix("use ") == Some("super::*;\n") => {}
            _ => all.push(piece),
        }
    }
    all
}

/// What begins at the left margin, each with the comments and attributes before it.
fn pieces(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut piece = String::new();
    for line in text.lines() {
        if line.is_empty() && piece.lines().all(|line| line.starts_with("// ")) {
            piece.clear(); // a comment that stands alone, or nothing
            continue;
        }
        if piece.is_empty() && line.starts_with('.') {
            piece = all.pop().unwrap_or_default(); // a chain goes on below a brace
        }
        piece.push_str(line);
        piece.push('\n');
        let code = line.split(" // ").next().unwrap_or(line);
        let is_note = ["//", "#["].iter().any(|start| line.starts_with(start));
        if !line.starts_with(' ') && !is_note && code.ends_with([';', '}']) {
            all.push(take(&mut piece));
        }
    }
    if !piece.is_empty() {
        all.push(piece);
    }
    all
}

/// What stands between the braces of a piece, at the left margin.
fn body(piece: &str) -> String {
    let inside = piece.lines().skip_while(|line| !line.ends_with('{')).skip(1);
    let mut lines: Vec<&str> =
        inside.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    lines.pop(); // the last brace
    lines.join("\n")
}

fn is_test(piece: &str) -> bool {
    piece.lines().any(|line| line == "#[test]")
}

/// A test without what it does with starters.
fn without_starters(test: &str) -> String {
    let head = test.lines().take_while(|line| !line.ends_with('{')).map(|line| line.to_owned());
    let opening = test.lines().find(|line| line.ends_with('{')).unwrap_or_default();
    let is_of_starter = |piece: &String| {
        words(piece).any(|word| word.ends_with("_starter") || word == "is_found_in_child")
    };
    let kept: String =
        pieces(&body(test)).into_iter().filter(|piece| !is_of_starter(piece)).collect();
    let head: String = head.map(|line| line + "\n").collect();
    format!("{head}{opening}\n{kept}}}\n")
}

/// What a piece defines, if it has a name.
fn defined(piece: &str) -> Option<&str> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        let text = r"(?m)^(?:pub(?:\(\w+\))? )?(?:async |unsafe )*(?:const fn|fn|struct|enum|trait|type|const|static|mod|macro_rules!) (\w+)";
        Regex::new(text).expect("it is valid")
    });
    NAME.captures(piece).map(|found| found.get(1).expect("it has one").as_str())
}

/// The header of an `impl`.
fn of_impl(piece: &str) -> Option<&str> {
    let start = piece.find("impl")?;
    let is_first = start == 0 || piece[..start].ends_with('\n');
    is_first.then(|| piece[start..].split('{').next().unwrap_or_default())
}

/// The name of a module, and the path of its file, if it has one.
fn module(piece: &str) -> Option<(&str, Option<&str>)> {
    static MODULE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?m)^mod (\w+)(?: \{|;)").expect("it is valid"));
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?m)^#\[path = "(.+)"\]$"#).expect("it is valid"));
    let name = MODULE.captures(piece)?.get(1).expect("it has one").as_str();
    Some((name, PATH.captures(piece).map(|found| found.get(1).expect("it has one").as_str())))
}

/// The words of the code.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter(|word| !word.is_empty())
}

fn has(text: &str, word: &str) -> bool {
    words(text).any(|other| other == word)
}

fn with_name(text: &str, from: &str, to: &str) -> String {
    let word = Regex::new(&format!(r"\b{from}\b")).expect("it is valid");
    word.replace_all(text, to).into_owned()
}

/// The imports that the tests need, sorted by where they come from.
fn imports(all: &[String], tests: &str) -> String {
    let mut by_parent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut may_be_unused = false;
    for piece in all {
        let Some(tree) = piece.lines().position(|line| line.starts_with("use ")) else {
            continue;
        };
        let tree: String = piece.lines().skip(tree).map(str::trim).collect();
        let tree = tree.trim_start_matches("use ").trim_end_matches(';');
        for path in leaves(tree) {
            let (parent, last) = path.rsplit_once("::").unwrap_or(("", &path));
            let name = match last.rsplit_once(" as ") {
                Some((_, name)) => name,
                None if last == "self" => parent.rsplit("::").next().unwrap_or(parent),
                None => last,
            };
            let is_named = has(tests, name);
            if is_named || is_called_by_methods(name) {
                may_be_unused |= !is_named;
                by_parent.entry(parent.to_owned()).or_default().push(last.to_owned());
            }
        }
    }
    let one = |(parent, names): (&String, &Vec<String>)| match &names[..] {
        [one] if one != "self" => format!("use {parent}::{one};\n"),
        several => format!("use {parent}::{{{}}};\n", several.join(", ")),
    };
    // An inner attribute is first in its module.
    let allow = if may_be_unused { "#![allow(unused_imports)]\n" } else { "" };
    let imports: String = by_parent.iter().map(one).collect();
    format!("{allow}use crate as exercise;\n{imports}")
}

/// Traits whose methods are called where nobody names them.
fn is_called_by_methods(name: &str) -> bool {
    name.ends_with("Ext") || ["Read", "Write", "BufRead", "Deref", "Wake"].contains(&name)
}

/// The paths of a tree: `a::{b, c::d}` names `a::b` and `a::c::d`.
fn leaves(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in inside.chars() {
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().expect("there is one").push(c);
            }
        }
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| leaves(part)).map(|path| format!("{}{path}", head.trim())).collect()
}

/// Whether what is declared is for this system, by its `cfg`.
fn is_here(piece: &str) -> bool {
    let conditions = piece.lines().filter_map(|line| line.strip_prefix("#[cfg("));
    conditions.filter_map(|line| line.strip_suffix(")]")).all(holds)
}

fn holds(condition: &str) -> bool {
    use std::env::consts::{ARCH, FAMILY, OS};
    let condition = condition.trim();
    let parts = |name: &str| {
        let inside = condition.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')?;
        Some(at_commas(inside))
    };
    if let Some(parts) = parts("all") {
        return parts.iter().all(|part| holds(part));
    }
    if let Some(parts) = parts("any") {
        return parts.iter().any(|part| holds(part));
    }
    if let Some(parts) = parts("not") {
        return !parts.iter().any(|part| holds(part));
    }
    match condition.split_once(" = ") {
        Some(("target_os", os)) => os.trim_matches('"') == OS,
        Some(("target_arch", arch)) => arch.trim_matches('"') == ARCH,
        _ => condition == FAMILY,
    }
}

/// Divided at commas that are in no parentheses.
fn at_commas(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in text.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => parts.last_mut().expect("there is one").push(c),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"//! Every starter fails its test.

// The exercises are small modules.
#![allow(unreachable_pub)]

use std::io::{self, Read};
use std::sync::{Arc, Mutex, atomic::AtomicBool};

use lab::testing::fails;

#[path = "../exercises/one_solution.rs"]
mod one_solution;
#[path = "../exercises/one_starter.rs"]
mod one_starter;
#[cfg(not(any(unix, windows)))]
#[path = "../exercises/two_solution.rs"]
mod two_solution;
#[path = "../exercises/two_starter.rs"]
mod two_starter;
#[path = "../src/part.rs"]
mod part;

mod sync {
    pub(crate) use loom::sync::Mutex;
}

/// How long.
const PATIENCE: u32 = 3;

/// Drips.
struct Drip(Mutex<u32>);

impl Drip {
    fn drip(&self) {}
}

impl one_starter::Connection for Drip {}

impl one_solution::Connection for Drip {}

struct Other;

macro_rules! one {
    ($exercise:ident) => {
        || {
            $exercise::ask(Drip(Mutex::new(PATIENCE)))
                .unwrap();
        }
    };
}

#[test]
fn one_is_asked() {
    fails(one!(one_starter)); // it should
    if true {
        fails(|| one_starter::ask(Other));
    }
    one!(one_solution)();
    let said = io::read(|| {
        one_solution::again()
    })
    .unwrap();
    is_found_in_child("as_it_starts", "deadlock");
    assert!(said, "{}", 1);
}

#[cfg(unix)]
mod more {
    use super::*;

    #[test]
    fn two_is_asked() {
        fails(|| two_starter::ask());
        two_solution::ask(Other);
    }
}
"#;

    fn read(path: &str) -> Result<String> {
        Ok(format!("//! Of {path}.\nuse super::sync::Mutex;\n"))
    }

    #[test]
    fn what_tries_a_solution_is_kept_and_what_tries_a_starter_is_not() {
        let cut = cut(TEXT, "one", "use super::part::Part;", read).unwrap().unwrap();
        let tests = "#![allow(unused_imports)]";
        assert!(cut.tests.contains(tests), "{}", cut.tests);
        for kept in [
            "use crate as exercise;\n",
            "use std::io::{self, Read};\n",
            "use std::sync::Mutex;\n",
            "/// How long.\nconst PATIENCE: u32 = 3;\n",
            "/// Drips.\nstruct Drip(Mutex<u32>);\n",
            "impl Drip {\n    fn drip(&self) {}\n}\n",
            "impl exercise::Connection for Drip {}\n",
            "#[test]\nfn one_is_asked() {\none!(exercise)();\nlet said = io::read(|| {\n    \
             exercise::again()\n})\n.unwrap();\nassert!(said, \"{}\", 1);\n}\n",
        ] {
            assert!(cut.tests.contains(kept), "{kept}: {}", cut.tests);
        }
        for gone in ["starter", "Other", "two", "fails", "AtomicBool", "Arc", "mod "] {
            assert!(!cut.tests.contains(gone), "{gone}: {}", cut.tests);
        }
        assert_eq!(
            cut.beside,
            "\nmod part {\n    //! Of ../src/part.rs.\n    use super::sync::Mutex;\n}\n\n#[allow(unused_imports)]\nmod sync {\n    \
             pub(crate) use loom::sync::Mutex;\n}\n"
        );
    }

    #[test]
    fn what_the_exercise_is_built_on_lies_beside_it() {
        let cut = cut(TEXT, "one", "use super::sync::Mutex;", read).unwrap().unwrap();
        assert_eq!(
            cut.beside,
            "\n#[allow(unused_imports)]\nmod sync {\n    pub(crate) use loom::sync::Mutex;\n}\n"
        );
    }

    #[test]
    fn what_is_not_for_this_system_is_left_out_and_what_nothing_tries_is_refused() {
        assert_eq!(cut(TEXT, "two", "", read).unwrap(), None);
        let text = TEXT.replace("#[cfg(not(any(unix, windows)))]\n", "");
        let two = cut(&text, "two", "", read).unwrap().unwrap();
        assert!(
            two.tests.contains("exercise::ask(Other);") && two.tests.contains("struct Other")
        );
        let said = format!("{}", cut(TEXT, "three", "", read).unwrap_err());
        assert_eq!(said, "nothing names three_solution");
        let text = TEXT.replace("two_solution::ask(Other)", "other()");
        let text = text.replace("#[cfg(not(any(unix, windows)))]\n", "");
        let said = format!("{}", cut(&text, "two", "", read).unwrap_err());
        assert_eq!(said, "nothing tries two_solution");
    }

    #[test]
    fn a_condition_of_this_system_holds() {
        use std::env::consts::{ARCH, OS};
        let os = format!("target_os = \"{OS}\"");
        let arch = format!("any(target_arch = \"{ARCH}\", target_arch = \"x\")");
        for (condition, is) in [
            (os.clone(), true),
            (format!("not({os})"), false),
            (format!("all({os}, {arch})"), true),
            (format!("all(not({os}), {arch})"), false),
            (format!("any(target_os = \"x\", {os})"), true),
            ("any(unix, windows)".into(), true),
        ] {
            assert_eq!(holds(&condition), is, "{condition}");
        }
    }
}
