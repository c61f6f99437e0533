//! Imports in press run down only, floor by floor, and nowhere in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use regex::Regex;

/// From the top to the bottom.
const FLOORS: [&str; 5] = ["cmd", "page", "figure", "ask", "store"];

/// Whether a module of the floor `from` may import one of the floor `to`.
fn may(from: &str, to: &str) -> bool {
    let floor = |name: &str| FLOORS.iter().position(|floor| *floor == name);
    match (floor(from), floor(to)) {
        (Some(from), Some(to)) => from <= to,
        // What is outside is cmd's business, and asks and stores.
        (Some(_), None) => (from, to) == ("cmd", "outside"),
        (None, Some(_)) => from == "outside" && ["ask", "store"].contains(&to),
        (None, None) => from == to,
    }
}

/// A module's path: `["ask", "claims"]`.
type Module = Vec<String>;

/// The text of each module below `folder`, without its comments and tests.
fn modules(folder: &Path, path: &Module, found: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let mut path = path.clone();
        if file.is_dir() {
            path.push(stem);
            modules(&file, &path, found);
        } else if file.extension().is_some_and(|e| e == "rs") {
            if !["lib", "main", "mod"].contains(&stem.as_str()) {
                path.push(stem);
            }
            let text = fs::read_to_string(&file).unwrap();
            let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
            let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            *found.entry(path).or_default() += &code.collect::<Vec<_>>().join("\n");
        }
    }
}

/// The paths that a `use` names: `a::{b, c::d}` names `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inside = rest.rsplit_once('}').map_or(rest, |(inside, _)| inside);
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in inside.chars() {
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().unwrap().push(c);
            }
        }
    }
    let paths =
        parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| expand(part));
    paths.map(|path| format!("{}{path}", head.trim())).collect()
}

/// The modules that `module` imports.
fn imports(module: &Module, text: &str, all: &BTreeMap<Module, String>) -> BTreeSet<Module> {
    let uses = Regex::new(r"(?s)\buse ([^;]+);").unwrap();
    let paths = Regex::new(r"\b(?:crate|super)(?:::\w+)+|\b[a-z_]+::\w+").unwrap();
    let in_uses = uses.captures_iter(text).flat_map(|found| expand(&found[1]));
    let rest = uses.replace_all(text, "");
    let in_code = paths.find_iter(&rest).map(|found| found.as_str().to_owned());
    let mut found = BTreeSet::new();
    for path in in_uses.chain(in_code) {
        let mut at = module.clone();
        let mut names = path.split("::").map(str::trim).peekable();
        match names.peek() {
            Some(&"crate") => {
                at.clear();
                names.next();
            }
            Some(&"super") => {
                while names.next_if_eq(&"super").is_some() {
                    at.pop();
                }
            }
            _ => {}
        }
        for name in names {
            at.push(name.to_owned());
            if !all.contains_key(&at) {
                at.pop();
                break;
            }
        }
        if at != *module && !at.is_empty() {
            found.insert(at);
        }
    }
    found
}

/// Imports that run upward, and circles, a line each.
fn faults(source: &Path) -> Vec<String> {
    let mut all = BTreeMap::new();
    modules(source, &Vec::new(), &mut all);
    let graph: BTreeMap<&Module, BTreeSet<Module>> =
        all.iter().map(|(module, text)| (module, imports(module, text, &all))).collect();
    let mut faults = Vec::new();
    for (from, imports) in graph.iter().filter(|(from, _)| !from.is_empty()) {
        for to in imports.iter().filter(|to| !may(&from[0], &to[0])) {
            faults.push(format!("{} imports {}", from.join("::"), to.join("::")));
        }
    }
    // What imports none of the rest is in no circle, nor what none of the rest imports.
    let mut left: BTreeSet<&Module> = graph.keys().copied().collect();
    loop {
        let before = left.len();
        let rest = left.clone();
        left.retain(|module| graph[module].iter().any(|to| rest.contains(to)));
        let rest = left.clone();
        left.retain(|module| rest.iter().any(|from| graph[from].contains(*module)));
        if left.len() == before {
            break;
        }
    }
    for module in &left {
        let to = graph[module].iter().filter(|to| left.contains(to)).map(|to| to.join("::"));
        let to: Vec<String> = to.collect();
        faults.push(format!(
            "a circle goes through {} and {}",
            module.join("::"),
            to.join(", ")
        ));
    }
    faults
}

#[test]
fn imports_run_down_and_not_in_a_circle() {
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let faults = faults(source);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn faults_of(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    faults(folder.path())
}

#[test]
fn an_import_that_runs_upward_is_refused() {
    let floors = |store: &str| {
        faults_of(&[
            ("lib.rs", "pub mod ask; pub mod store; pub mod outside; pub mod page;"),
            ("ask/mod.rs", "pub mod near;"),
            ("ask/near.rs", "use crate::store::{self, record::{Record, Variant}};"),
            ("store/mod.rs", "pub mod record;"),
            ("store/record.rs", store),
            ("outside/mod.rs", "fn f() -> crate::ask::near::Near {}"),
            ("page/mod.rs", "// use crate::outside;\nuse crate::ask;"),
        ])
    };
    assert_eq!(floors("use std::fs;"), [""; 0]);
    let upward = floors("fn f() { crate::page::render() }");
    assert_eq!(upward, ["store::record imports page"]);
    let outside = floors("use crate::outside::run;");
    assert!(outside.contains(&"store::record imports outside".to_owned()), "{outside:?}");
}

#[test]
fn a_circle_within_a_floor_is_refused() {
    let faults = faults_of(&[
        ("ask/mod.rs", "pub mod a;\npub mod b;\npub mod c;"),
        (
            "ask/a.rs",
            "use super::b::{\n    B,\n};\n#[cfg(test)]\nmod tests { use crate::cmd; }",
        ),
        ("ask/b.rs", "use crate::ask::c;"),
        ("ask/c.rs", "use super::a::A;\nuse super::d;"),
        ("ask/d.rs", ""),
    ]);
    assert_eq!(
        faults,
        [
            "a circle goes through ask::a and ask::b",
            "a circle goes through ask::b and ask::c",
            "a circle goes through ask::c and ask::a",
        ]
    );
    let parent = faults_of(&[
        ("page/mod.rs", "mod table;\nfn all() { table::parse() }\nstruct Page;"),
        ("page/table.rs", "use super::Page;"),
    ]);
    assert_eq!(parent.len(), 2, "{parent:?}");
}
