//! The book builds, twice the same, and stays as it was when something is wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use press::cmd::{build, check};
use press::outside::project::Project;
use taking_turns::{press, root, run};

#[test]
fn the_book_builds_without_a_warning_and_is_sound() {
    check::check(&Project::find(root()).unwrap()).unwrap();
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(
                    path.strip_prefix(folder).unwrap().to_owned(),
                    fs::read(&path).unwrap(),
                );
            }
        }
    }
    found
}

#[test]
fn plain_mdbook_would_give_the_same_pages() {
    // What `mdbook build` does: the same driver, with the preprocessor as a command.
    let folder = tempfile::tempdir_in(taking_turns::target()).unwrap();
    let project = Project::find(root()).unwrap();
    let ours = build::build_into(&project, &folder.path().join("ours")).unwrap();
    let mut book = mdbook_driver::MDBook::load(root()).unwrap();
    book.config.build.build_dir = folder.path().join("plain");
    book.config
        .set("preprocessor.measured.command", format!("{} preprocess", press().display()))
        .unwrap();
    mdbook_driver::MDBook::load_with_config(root(), book.config).unwrap().build().unwrap();
    let (mut ours, mut plain) = (files(&ours), files(&folder.path().join("plain")));
    // What only search engines read, what is searched in, and what lies beside the pages.
    assert!(ours.remove(Path::new("sitemap.xml")).is_some());
    assert!(ours.remove(Path::new("search.json")).is_some());
    assert!(ours.remove(Path::new("feed.xml")).is_some());
    let with_data = ours.len();
    ours.retain(|name, _| !name.starts_with("data"));
    assert!(ours.len() < with_data, "no data were published");
    // Pages in other languages: below a folder of theirs.
    let with_editions = ours.len();
    let is_translation = |name: &Path| {
        name.components().count() > 1 && name.extension().is_some_and(|end| end == "html")
    };
    ours.retain(|name, _| !is_translation(name));
    assert!(ours.len() < with_editions, "no page is translated");
    // Ours is told which files the build has; without that it keeps nothing.
    let worker = ours.get_mut(Path::new("sw.js")).unwrap();
    let told = worker.iter().position(|byte| *byte == b'\n').unwrap();
    assert!(worker.drain(..=told).as_slice().starts_with(b"self.BOOK={"));
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&plain));
    for (name, bytes) in &mut ours {
        let plain = plain.get_mut(name).expect("they have the same names");
        if name.extension().is_some_and(|end| end == "html") {
            without_card(bytes);
            without_card(plain);
        }
        assert!(plain == bytes, "{} differs", name.display());
    }
}

/// Takes away what a page tells of itself to others, which is ours alone.
fn without_card(page: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(page);
    let is_told = |line: &&str| {
        let starts =
            ["<meta name=\"description\"", "<meta property=\"og:", "<link rel=\"canonical\""];
        let others = ["<link rel=\"alternate\" hreflang", "<a class=\"language\""];
        starts
            .iter()
            .chain(&others)
            .chain(&["<meta name=\"twitter:"])
            .any(|start| line.starts_with(start))
    };
    let kept: String = text.split_inclusive('\n').filter(|line| !is_told(line)).collect();
    *page = kept.into_bytes();
}

#[test]
fn each_page_has_a_description_of_its_own_and_one_address() {
    let project = Project::find(root()).unwrap();
    let site = project.settings.site.clone().expect("an address");
    let folder = tempfile::tempdir_in(taking_turns::target()).unwrap();
    let html = build::build_into(&project, &folder.path().join("html")).unwrap();
    let mut seen = BTreeMap::new();
    for (name, page) in files(&html) {
        let name = name.display().to_string();
        if !name.ends_with(".html") || ["404.html", "print.html", "toc.html"].contains(&&*name)
        {
            continue;
        }
        let page = String::from_utf8(page).unwrap();
        let told = |start: &str| {
            let all: Vec<_> =
                page.lines().filter_map(|line| line.strip_prefix(start)).collect();
            let [one] = all[..] else { panic!("{name}: {start} is there {} times", all.len()) };
            one.trim_end_matches("\">").to_owned()
        };
        let description = told("<meta name=\"description\" content=\"");
        let length = description.chars().count();
        assert!((50..=160).contains(&length), "{name}: {length} characters: {description}");
        assert_eq!(told("<meta property=\"og:description\" content=\""), description);
        if let Some(other) = seen.insert(description, name.clone()) {
            panic!("{name} and {other} have one description");
        }
        let address = format!("{site}{}", if name == "index.html" { "" } else { &name });
        assert_eq!(told("<link rel=\"canonical\" href=\""), address);
        assert_eq!(told("<meta property=\"og:url\" content=\""), address);
        let picture = told("<meta property=\"og:image\" content=\"");
        let picture = picture.strip_prefix(&site).expect("a whole address of ours");
        assert!(html.join(picture).is_file(), "{name}: there is no {picture}");
    }
    assert!(seen.len() > 15, "{} pages", seen.len());
}

#[test]
fn a_page_built_alone_is_the_page_of_the_whole_book() {
    let folder = tempfile::tempdir_in(taking_turns::target()).unwrap();
    let project = Project::find(root()).unwrap();
    let book = build::build_into(&project, &folder.path().join("book")).unwrap();
    let whole = files(&book);
    let summary = fs::read_to_string(root().join("book/SUMMARY.md")).unwrap();
    let pages = summary.split("](").skip(1).filter_map(|link| link.split(')').next());
    for page in pages {
        build::build_page(&project, &book, Path::new(page)).unwrap();
        assert!(files(&book) == whole, "{page} differs");
    }
}

#[test]
fn the_sitemap_says_where_the_book_is() {
    let site = Project::find(root()).unwrap().settings.site.expect("an address");
    let folder = tempfile::tempdir_in(taking_turns::target()).unwrap();
    let html = build::build_into(&Project::find(root()).unwrap(), &folder.path().join("html"))
        .unwrap();
    let sitemap = fs::read_to_string(html.join("sitemap.xml")).unwrap();
    assert!(sitemap.contains(&format!("<loc>{site}threads.html</loc>")), "{sitemap}");
    assert!(!sitemap.contains("print.html"), "{sitemap}");
}

#[test]
fn the_sources_are_still_there_after_a_build() {
    // With `src = "book"`, mdBook's default build folder is the source folder.
    let config = fs::read_to_string(root().join("book.toml")).unwrap();
    assert!(config.contains("build-dir = \"target/book\""));
    assert!(root().join("book/SUMMARY.md").is_file());
}

/// A book of one page, with the real records, that `press` is run on.
struct Tiny(tempfile::TempDir);

impl Tiny {
    fn with(page: &str) -> Tiny {
        let folder = tempfile::tempdir_in(taking_turns::target()).unwrap();
        let to = |below: &str| folder.path().join(below);
        fs::create_dir_all(to("book")).unwrap();
        fs::write(to("book/SUMMARY.md"), "[Page](page.md)\n").unwrap();
        fs::write(to("book/page.md"), page).unwrap();
        fs::write(
            to("book.toml"),
            "[book]\nsrc = 'book'\n[build]\nbuild-dir = 'target/book'\n\
             [preprocessor.measured]\nreference = 'here'\nbefore = ['links']\n",
        )
        .unwrap();
        fs::create_dir_all(to("results/here")).unwrap();
        let record = Path::new("results").join(Self::reference()).join("threads_cpu.json");
        fs::copy(root().join(record), to("results/here/threads_cpu.json")).unwrap();
        Tiny(folder)
    }

    fn reference() -> String {
        Project::find(root()).unwrap().settings.reference
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn build(&self) -> (bool, String) {
        run(Command::new(press()).arg("build").current_dir(self.0.path()))
    }

    fn html(&self) -> String {
        fs::read_to_string(self.path("target/book/index.html")).unwrap()
    }
}

const GOOD: &str = "# Page\n\n{{#measured threads_cpu: chain/threads.speedup}}\n";

#[test]
fn a_claim_may_wait_for_its_first_record_but_not_for_an_experiment() {
    let tiny = Tiny::with("{{#measured threads_cpu: chain/threads.speedup}}\n");
    fs::create_dir_all(tiny.path("examples/chapter")).unwrap();
    fs::write(
        tiny.path("examples/chapter/Cargo.toml"),
        "[[example]]\nname = \"to_come\"\npath = \"to_come.rs\"\n",
    )
    .unwrap();
    let claim = |experiment: &str| {
        format!(
            "[[claim]]\nid = \"{experiment}-claim\"\ntopic = \"T\"\nclaim = \"C\"\n\
             decides = \"d\"\n[[claim.test]]\nexperiment = \"{experiment}\"\n\
             holds = \"a.wall < 1 s\"\n"
        )
    };
    fs::write(tiny.path("book/claims.toml"), claim("to_come") + &claim("nowhere")).unwrap();
    let found = check::check(&Project::find(&tiny.path("")).unwrap()).unwrap_err().to_string();
    assert!(found.contains("`nowhere-claim` cannot be judged"), "{found}");
    assert!(!found.contains("to_come"), "{found}");
}

#[test]
fn a_mistake_on_a_page_leaves_the_last_good_book_standing() {
    for (page, says) in [
        (
            "{{#measured thread_cpu: chain/threads.speedup}}",
            "no experiment is called `thread_cpu`; did you mean `threads_cpu`?",
        ),
        (
            "{{#measured threads_cpu: chain/thread.speedup}}",
            "did you mean `rust/chain/threads`?",
        ),
        ("{{#mesured threads_cpu: chain/threads.speedup}}", "did you mean `measured`?"),
        (
            "{{#expect threads_cpu: chain/sequential.speedup > 7}}",
            "contradicted by results/here/threads_cpu.json",
        ),
    ] {
        let book = Tiny::with(GOOD);
        assert!(book.build().0);
        let before = book.html();
        fs::write(book.path("book/page.md"), format!("# Page\n\nx\n\n{page}\n")).unwrap();
        let (ok, text) = book.build();
        assert!(!ok, "{page} passed");
        assert!(text.contains("book/page.md:5: ") && text.contains(says), "{text}");
        assert_eq!(book.html(), before);
    }
}

#[test]
fn a_damaged_or_missing_record_gives_one_message_with_file_and_field() {
    let number = |text: &str| {
        let start = text.find("\"wall_ns\": [").unwrap() + "\"wall_ns\": [".len();
        start..start + text[start..].find(',').unwrap()
    };
    type Damage = Box<dyn Fn(&str) -> String>;
    let replaced = |by: &'static str| -> Damage {
        Box::new(move |text| {
            let mut text = text.to_owned();
            text.replace_range(number(&text), by);
            text
        })
    };
    let damages: Vec<(Damage, &str)> = vec![
        (Box::new(|text| text[..text.len() / 2].to_owned()), "EOF while parsing"),
        (replaced("\"fast\""), "wall_ns[0]: invalid type: string \"fast\""),
        (replaced("NaN"), "wall_ns: expected value at line"),
        (replaced("-5"), "wall_ns[0]: invalid value: integer `-5`"),
        (replaced("12345678"), "seal: the file was changed after it was written"),
        (
            Box::new(|text| text.replacen("\"format\": ", "\"format\": 9", 1)),
            "is unknown, this press reads 1 and 2",
        ),
    ];
    for (damage, says) in damages {
        let book = Tiny::with(GOOD);
        assert!(book.build().0);
        let before = book.html();
        let path = book.path("results/here/threads_cpu.json");
        fs::write(&path, damage(&fs::read_to_string(&path).unwrap())).unwrap();
        let (ok, text) = book.build();
        assert!(!ok, "{says}");
        assert!(text.contains("threads_cpu.json") && text.contains(says), "{text}");
        assert!(text.contains("cargo book measure threads_cpu"), "no way to fix it: {text}");
        assert_eq!(book.html(), before);
    }
    let book = Tiny::with(GOOD);
    fs::remove_file(book.path("results/here/threads_cpu.json")).unwrap();
    let (ok, text) = book.build();
    assert!(!ok && text.contains("here: there are no records of the machine"), "{text}");
    assert_eq!(text.matches("there are no records").count(), 1, "one message: {text}");
}

#[test]
fn data_are_a_link_away_from_pages_in_folders_and_from_the_page_of_all_pages() {
    let tiny = Tiny::with(GOOD);
    fs::create_dir_all(tiny.path("book/part/one")).unwrap();
    let figure = "{{#table threads_cpu: chain/*}}\n";
    fs::write(tiny.path("book/part/one/deep.md"), format!("# Deep\n\n{GOOD}{figure}")).unwrap();
    fs::write(tiny.path("book/SUMMARY.md"), "[Page](page.md)\n\n- [Deep](part/one/deep.md)\n")
        .unwrap();
    fs::create_dir_all(tiny.path("results/local")).unwrap();
    let record = "results/here/threads_cpu.json";
    fs::copy(tiny.path(record), tiny.path("results/local/threads_cpu.json")).unwrap();
    // It follows every link.
    check::check(&Project::find(&tiny.path("")).unwrap()).unwrap();
    assert!(tiny.build().0);
    let deep = fs::read_to_string(tiny.path("target/book/part/one/deep.html")).unwrap();
    assert_eq!(deep.matches("\"../../data/here/threads_cpu.csv\"").count(), 2, "{deep}");
    let print = fs::read_to_string(tiny.path("target/book/print.html")).unwrap();
    assert!(print.matches("data/here/threads_cpu.csv\"").count() >= 3, "{print}");
    assert!(!tiny.path("target/book/data/local").exists() && !print.contains("data/local"));
}

#[test]
fn the_readers_record_stands_beside_the_reference() {
    let book = Tiny::with(GOOD);
    fs::create_dir_all(book.path("results/local")).unwrap();
    fs::copy(
        book.path("results/here/threads_cpu.json"),
        book.path("results/local/threads_cpu.json"),
    )
    .unwrap();
    assert!(book.build().0);
    let html = book.html();
    assert!(html.contains("your machine"), "{html}");
    assert!(html.contains(r#"<span class="whose">ours</span>"#), "{html}");
}

#[test]
fn the_preprocessor_supports_every_renderer() {
    // If it said no, mdBook would skip it and ship the raw directives.
    for renderer in ["html", "markdown", "anything"] {
        assert!(run(Command::new(press()).args(["preprocess", "supports", renderer])).0);
    }
}

#[test]
fn a_translation_is_built_beside_its_page_and_what_is_wrong_with_it_is_one_message() {
    let expect = "{{#expect threads_cpu: chain/threads.speedup > 1}}";
    let number = "{{#measured threads_cpu: chain/threads.speedup}}";
    let page = format!("# Page\n\nIt is {number} as fast.{expect}\n");
    let tiny = Tiny::with(&page);
    fs::create_dir_all(tiny.path("book/de")).unwrap();
    let catalog = "name = 'Deutsch'\ndescription = 'd'\nsame = []\n[words]\n";
    fs::write(tiny.path("book/de/words.toml"), catalog).unwrap();
    let press =
        |verb: &[&str]| run(Command::new(press()).args(verb).current_dir(tiny.0.path()));
    // Not even its title is translated.
    let (ok, text) = press(&["translate", "de/page.md"]);
    assert!(ok && text.contains("2 paragraphs to do"), "{text}");
    let (ok, text) = tiny.build();
    assert!(
        !ok && text.contains("book/de/page.md:1: the page's title is not translated"),
        "{text}"
    );

    let file = tiny.path("book/de/page.md");
    let places = fs::read_to_string(&file).unwrap().replace(": to do", "");
    let german = places.replace("# Page", "# Seite").replace("It is", "Das geht");
    fs::write(&file, &german).unwrap();
    let (ok, text) = tiny.build();
    assert!(ok, "{text}");
    let html = || fs::read_to_string(tiny.path("target/book/de/page.html")).unwrap();
    let good = html();
    assert!(good.contains(" lang=\"de\" ") && good.contains("<p>Das geht "), "{good}");
    assert!(!good.contains("class=\"untranslated\""), "{good}");
    // mdBook's own theme, which the book replaces, has a file of its own for each contents.
    let (_, text) = press(&["check"]);
    assert!(!text.contains("page.md:"), "{text}");

    // A lost directive, and another threshold.
    for (lost, count) in
        [(german.replace(expect, ""), 1), (german.replace("> 1}}", "> 0.1}}"), 2)]
    {
        fs::write(&file, lost).unwrap();
        let (ok, text) = tiny.build();
        assert!(!ok && text.contains(&format!("the translation has lost {expect}")), "{text}");
        assert_eq!(text.matches("book/de/page.md:").count(), count, "{text}");
        assert_eq!(html(), good, "the last good book stays");
    }

    // A sentence that the record contradicts, in both languages.
    let wrong = |text: &str| text.replace("speedup > 1}}", "speedup > 90}}");
    fs::write(tiny.path("book/page.md"), wrong(&page)).unwrap();
    fs::write(&file, wrong(&german)).unwrap();
    let (ok, text) = tiny.build();
    assert!(!ok && text.matches("is contradicted by").count() == 1, "{text}");
    assert_eq!(html(), good);

    // A paragraph that changed: its own language on the page, and a fault.
    fs::write(tiny.path("book/page.md"), page.replace("as fast", "as quick")).unwrap();
    fs::write(&file, &german).unwrap();
    assert!(tiny.build().0);
    let stale = html();
    assert!(stale.contains("<div class=\"untranslated\" lang=\"en\">"), "{stale}");
    assert!(stale.contains("as quick") && !stale.contains("Das geht"), "{stale}");
    let (ok, text) = press(&["check"]);
    assert!(!ok && text.matches("book/page.md:").count() == 1, "{text}");
    assert!(text.contains("book/de/page.md:5 translates what stood there before"), "{text}");
}
