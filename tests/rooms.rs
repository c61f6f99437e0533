//! A chapter is a room: the folders' names say where everything is, and `examples/README.md`
//! leads from a page to its programs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use press::cmd::exercises;
use press::outside::project::Project;
use serde_json::Value;
use taking_turns::{metadata, root};

/// What may lie below a chapter's programs.
const FOLDERS: [&str; 6] = ["src", "common", "exercises", "broken", "model", "tests"];

/// What the book's tool reads of the chapter on choosing: the model of cost, its constants, and
/// the jobs that it is tried on.
const OF_CHOOSING: [&str; 3] = ["cost", "costs.toml", "jobs.csv"];

/// Names in a folder, without what git ignores.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "__pycache__").collect()
}

/// The programs of each package, in its manifest's order, as paths from the root.
fn programs() -> Vec<Vec<String>> {
    let metadata = metadata(&["--no-deps"]);
    let of_package = |package: &Value| {
        let targets = package["targets"].as_array().unwrap().iter();
        let programs = targets
            .filter(|target| ["example", "bench"].iter().any(|k| target["kind"][0] == *k));
        let from_root = |target: &Value| {
            let path = fs::canonicalize(target["src_path"].as_str().unwrap()).unwrap();
            let path = path.strip_prefix(root().canonicalize().unwrap()).unwrap();
            path.to_str().unwrap().replace('\\', "/")
        };
        programs.map(from_root).collect()
    };
    metadata["packages"].as_array().unwrap().iter().map(of_package).collect()
}

#[test]
fn at_the_top_of_a_chapter_lie_its_programs_and_nothing_else() {
    let programs: BTreeSet<String> = programs().concat().into_iter().collect();
    let mut strays = Vec::new();
    for chapter in names(&root().join("examples")) {
        let folder = root().join("examples").join(&chapter);
        if !folder.is_dir() {
            if !["README.md", "rustfmt.toml"].contains(&&*chapter) {
                strays.push(format!("examples/{chapter}"));
            }
            continue;
        }
        for name in names(&folder) {
            let path = format!("examples/{chapter}/{name}");
            let fits = match folder.join(&name).is_dir() {
                _ if chapter == "choosing" && OF_CHOOSING.contains(&&*name) => true,
                true => FOLDERS.contains(&&*name),
                false => name == "Cargo.toml" || programs.contains(&path.replace(".py", ".rs")),
            };
            if !fits {
                strays.push(path);
            }
        }
    }
    assert!(strays.is_empty(), "no room for {strays:#?}");
}

/// A row of the map: the page's name, the folder, and the programs as paths from the root.
struct Row {
    page: String,
    folder: String,
    programs: Vec<String>,
}

fn map() -> Vec<Row> {
    let text = fs::read_to_string(root().join("examples/README.md")).unwrap();
    let row = |line: &str| {
        let mut links = line.split("](").skip(1).map(|link| link.split(')').next().unwrap());
        let page = links.next()?.strip_prefix("../book/")?.to_owned();
        let from_root = |link: &str| match link.strip_prefix("../") {
            Some(path) => path.to_owned(),
            None => format!("examples/{link}"),
        };
        let folder = from_root(links.next()?);
        Some(Row { page, folder, programs: links.map(from_root).collect() })
    };
    text.lines().filter_map(row).collect()
}

/// `threads_cpu`, for its path.
fn name_of(program: &str) -> &str {
    Path::new(program).file_stem().unwrap().to_str().unwrap()
}

/// Whether the reference machine has a record of it.
fn is_recorded(program: &str) -> bool {
    let settings = Project::find(root()).unwrap().settings;
    let record = format!("results/{}/{}.json", settings.reference, name_of(program));
    root().join(record).is_file()
}

/// The programs that a page tells the reader to run.
fn runs(page: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("book").join(page)).unwrap();
    let runs = text.lines().filter_map(|line| line.strip_prefix("{{#run ")?.strip_suffix("}}"));
    // Behind a colon stands what of its output the page shows.
    let name = |run: &str| run.split(':').next().unwrap_or_default().trim().to_owned();
    runs.map(name).collect()
}

#[test]
fn the_map_leads_from_every_page_in_the_books_order_to_every_program() {
    let map = map();
    let summary = fs::read_to_string(root().join("book/SUMMARY.md")).unwrap();
    let pages: Vec<&str> =
        summary.split("](").skip(1).map(|link| link.split(')').next().unwrap()).collect();
    let with_programs: Vec<&str> =
        pages.into_iter().filter(|page| !runs(page).is_empty()).collect();
    assert_eq!(
        map.iter().map(|row| row.page.as_str()).collect::<Vec<_>>(),
        with_programs,
        "examples/README.md has a row for each page that runs something, in the book's order"
    );

    let mapped: Vec<&String> = map.iter().flat_map(|row| &row.programs).collect();
    let programs = programs().concat();
    for program in &mapped {
        assert!(programs.contains(program), "examples/README.md: no manifest has {program}");
    }
    // One that nothing was recorded of yet has no page either.
    for program in programs.iter().filter(|program| is_recorded(program)) {
        let rows = mapped.iter().filter(|other| **other == program).count();
        assert_eq!(rows, 1, "examples/README.md: rows with {program}");
    }

    for row in &map {
        let text = fs::read_to_string(root().join("book").join(&row.page)).unwrap();
        let runs = runs(&row.page);
        let mut names: Vec<&str> =
            row.programs.iter().map(|program| name_of(program)).collect();
        assert!(names.iter().all(|name| text.contains(name)), "{}: {names:?}", row.page);
        names.retain(|name| runs.iter().any(|run| run == name));
        assert_eq!(names, runs, "{} in its own order", row.page);
        for program in row.programs.iter().filter(|program| !program.starts_with("benches/")) {
            assert_eq!(Path::new(program).parent(), Some(Path::new(&row.folder)));
        }
    }
}

#[test]
fn a_manifest_names_its_programs_in_the_order_of_the_map() {
    let map: Vec<String> = map().into_iter().flat_map(|row| row.programs).collect();
    let place = |program: &String| map.iter().position(|other| other == program);
    for mut programs in programs() {
        programs.retain(|program| place(program).is_some());
        let mut in_order = programs.clone();
        in_order.sort_by_key(place);
        assert_eq!(programs, in_order, "in the order of examples/README.md");
    }
}

#[test]
fn a_chapter_has_at_least_three_exercises() {
    let exercises = exercises::exercises(root()).unwrap();
    let summary = fs::read_to_string(root().join("book/SUMMARY.md")).unwrap();
    let is_chapter = |page: &str| {
        let mut lines = summary.lines().map(str::trim_start);
        lines.any(|line| line.starts_with("- [") && line.ends_with(&format!("]({page})")))
    };
    // Pages that share a folder share its exercises.
    let folders: BTreeSet<String> =
        map().into_iter().filter(|row| is_chapter(&row.page)).map(|row| row.folder).collect();
    assert!(folders.len() > 20, "{folders:?}");
    for folder in folders {
        let chapter = folder.strip_prefix("examples/").unwrap();
        let count = exercises.iter().filter(|exercise| exercise.chapter == chapter).count();
        assert!(count >= 3, "{folder} has {count}");
    }
}

/// What `rustlings dev check` looks at before it runs anything; that runs in `.ci/run`.
#[test]
fn each_exercise_is_a_file_that_rustlings_takes() {
    let files = exercises::files(root()).unwrap();
    let of = |part: &str| {
        let of_part = files.iter().filter(|(name, _)| name.starts_with(part));
        of_part.map(|(name, text)| (name.strip_prefix(part).unwrap(), text)).collect()
    };
    let given: Vec<(&Path, &String)> = of("exercises");
    let solved: Vec<(&Path, &String)> = of("solutions");
    assert!(given.len() > 70, "{}", given.len());
    for ((name, given), (other, solved)) in given.iter().zip(&solved) {
        assert_eq!(name, other);
        let id = name.file_stem().unwrap().to_str().unwrap();
        assert!(id.len() <= 32 && id.chars().all(|c| c.is_alphanumeric() || c == '_'), "{id}");
        assert!(given.contains("\n// TODO: "), "{id}");
        assert_ne!(given, solved, "{id}");
        for text in [given, solved] {
            assert!(text.contains("\nfn main() {}\n") && text.contains("#[test]\n"), "{id}");
            for left in ["_starter", "_solution", "// ANCHOR", "\nuse super::"] {
                assert!(!text.contains(left), "{id} has {left}");
            }
        }
    }
    let info = &files.iter().find(|(name, _)| name == Path::new("info.toml")).unwrap().1;
    let info: toml::Table = info.parse().unwrap();
    assert_eq!(info["format_version"].as_integer(), Some(1));
    assert_eq!(info["exercises"].as_array().unwrap().len(), given.len());
}
