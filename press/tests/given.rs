//! Records that a stranger gives: what is fit is taken, and what is not is refused with one
//! message that names the file and how to mend it; nothing is copied then.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use press::store::record::Record;
use serde_json::{Value, json};

/// A book with a page, a claim, a reference, and the reader's own records.
struct Book(tempfile::TempDir);

impl Book {
    fn new() -> Book {
        let book = Book(tempfile::tempdir().unwrap());
        let write = |name: &str, text: &str| {
            let path = book.at(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "book.toml",
            "[book]\nsrc = 'book'\n[preprocessor.measured]\nreference = 'here'\n\
             [output.html]\ngit-repository-url = 'https://there.example/book'\n",
        );
        write("book/SUMMARY.md", "[Page](page.md)\n");
        write(
            "book/page.md",
            "# Page\n\nIt is so.{{#expect threads_cpu: chain/threads.speedup > 1.5}}\n",
        );
        write(
            "book/claims.toml",
            "[[claim]]\nid = 'two'\ntopic = 'T'\nclaim = 'c'\ndecides = 'd'\n\
             [[claim.test]]\nexperiment = 'threads_cpu'\n\
             holds = 'chain/threads.speedup > 1.5'\n",
        );
        write(
            "examples/threads/Cargo.toml",
            "[[example]]\nname = 'threads_cpu'\npath = 'threads_cpu.rs'\n\
             [[example]]\nname = 'threads_io'\npath = 'threads_io.rs'\n",
        );
        for name in ["threads_cpu", "threads_io"] {
            book.put("here", name, |_| ());
            book.put("local", name, |_| ());
        }
        book
    }

    fn at(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    /// The reference's record of the book, changed and sealed anew, as `machine`'s.
    fn put(&self, machine: &str, name: &str, change: impl Fn(&mut Record)) {
        let results = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../results"));
        let settings = fs::read_to_string(results.join("../book.toml")).unwrap();
        let reference = settings.split("reference = \"").nth(1).unwrap();
        let reference = results.join(reference.split('"').next().unwrap());
        let mut record = Record::read(&reference.join(format!("{name}.json"))).unwrap();
        change(&mut record);
        record.write(&self.at(&format!("results/{machine}"))).unwrap();
    }

    /// What `cargo book` says, and whether all went well.
    fn press(&self, arguments: &[&str]) -> (bool, String) {
        let out = Command::new(env!("CARGO_BIN_EXE_press"))
            .current_dir(self.0.path())
            .args(arguments)
            .output()
            .unwrap();
        let said = [&out.stdout[..], &out.stderr[..]].concat();
        (out.status.success(), String::from_utf8(said).unwrap())
    }

    fn machines(&self) -> Vec<String> {
        let entries = fs::read_dir(self.at("results")).unwrap();
        let mut names: Vec<String> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn good_records_are_copied_under_their_name_and_what_is_next_is_told() {
    let book = Book::new();
    let (ok, said) = book.press(&["submit"]);
    assert!(!ok && said.contains("`cargo book submit --as "), "{said}");
    let (ok, said) = book.press(&["submit", "--as", "big-16"]);
    assert!(ok, "{said}");
    for part in [
        "results/big-16: 2 records, checked and copied from results/local",
        "1 tests of claims compared, 0 with another verdict",
        "git add results/big-16",
        "target/press/give-big-16.md",
        "https://there.example/book/compare",
        "Nothing has been sent.",
        "these may be of the machine `here`",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    for name in ["threads_cpu.json", "threads_io.json"] {
        let read =
            |machine: &str| fs::read(book.at("results").join(machine).join(name)).unwrap();
        assert!(read("big-16") == read("local"), "{name} is not what was measured");
    }
    let body = fs::read_to_string(book.at("target/press/give-big-16.md")).unwrap();
    assert!(body.contains("Experiments: 2") && body.contains("Against `here`"), "{body}");
    let (ok, said) = book.press(&["validate", "results/big-16"]);
    assert!(ok && said.contains("2 records are fit to be given"), "{said}");
    let again = book.press(&["submit", "--as", "big-16"]);
    assert!(again.0, "the same once more does no harm: {}", again.1);
}

#[test]
fn what_is_contradicted_is_a_finding_and_no_fault() {
    let book = Book::new();
    book.put("local", "threads_cpu", |record| {
        for variant in record.variants.iter_mut().filter(|v| v.name == "threads") {
            for samples in &mut variant.samples {
                samples.wall_ns.iter_mut().for_each(|ns| *ns *= 3);
            }
        }
    });
    let (ok, said) = book.press(&["submit", "--as", "big-16"]);
    assert!(
        ok && said.contains("1 tests of claims compared, 1 with another verdict"),
        "{said}"
    );
    assert!(said.contains("Sentences that these records contradict: 1"), "{said}");
}

/// Changes the text of a record below the seal's notice, or above it.
fn edit(path: &Path, change: impl Fn(&mut Value), seal: bool) {
    let mut value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    change(&mut value);
    if seal && let Ok(record) = serde_json::from_value::<Record>(value.clone()) {
        value["seal"] = json!(record.seal());
    }
    fs::write(path, value.to_string()).unwrap();
}

#[test]
fn what_is_not_fit_is_refused_with_its_file_what_and_how_to_mend_it_and_nothing_is_copied() {
    type Spoil = fn(&Book);
    fn file(book: &Book) -> PathBuf {
        book.at("results/local/threads_cpu.json")
    }
    let cases: [(&str, Spoil); 9] = [
        ("seal: the file was changed after it was written", |book| {
            let text = fs::read_to_string(file(book)).unwrap();
            let at = text.find("\"wall_ns\": [").unwrap() + "\"wall_ns\": [".len();
            let digit = if text.as_bytes()[at] == b'9' { "8" } else { "9" };
            let tampered = format!("{}{digit}{}", &text[..at], &text[at + 1..]);
            fs::write(file(book), tampered).unwrap();
        }),
        ("seal: ", |book| edit(&file(book), |r| r["seal"] = json!("sha256:0"), false)),
        ("no time at all", |book| {
            let none = |r: &mut Value| r["variants"][0]["samples"][0]["wall_ns"][0] = json!(0);
            edit(&file(book), none, true);
        }),
        ("more CPU time than", |book| {
            book.put("local", "threads_cpu", |record| {
                let cpu = record.variants[0].samples[0].cpu_ns.as_mut().unwrap();
                cpu[0] = 1 << 50;
            });
        }),
        ("variants[0].label: `<script>` is markup", |book| {
            let label = "<script>alert(1)</script>";
            book.put("local", "threads_cpu", |record| record.variants[0].label = label.into());
        }),
        ("U+001B", |book| {
            edit(&file(book), |r| r["variants"][0]["label"] = json!("a\u{1b}[2J"), true);
        }),
        ("format: version 3 is unknown", |book| {
            edit(&file(book), |r| r["format"] = json!(3), true);
        }),
        ("made with --quick", |book| {
            book.put("local", "threads_cpu", |record| record.quick = true);
        }),
        ("made on another machine than", |book| {
            book.put("local", "threads_io", |record| record.machine.arch = "aarch64".into());
        }),
    ];
    for (what, spoil) in cases {
        let book = Book::new();
        spoil(&book);
        let (ok, said) = book.press(&["validate", "results/local"]);
        assert!(
            !ok && said.contains("error: refused: results/local/threads_"),
            "{what}: {said}"
        );
        assert!(said.contains(what) && said.contains("measure it again"), "{what}: {said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
        let (ok, said) = book.press(&["submit", "--as", "big-16"]);
        assert!(!ok && said.contains(what) && said.contains("nothing was copied"), "{said}");
        assert_eq!(book.machines(), ["here", "local"], "{what}");
    }
}

#[test]
fn a_record_of_the_first_format_is_read_and_not_given() {
    let old = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../results"));
    let old = fs::read_dir(old).unwrap().flatten().map(|e| e.path().join("threads_cpu.json"));
    let is_old = |path: &PathBuf| {
        fs::read_to_string(path).is_ok_and(|text| text.contains("\"format\": 1,"))
    };
    // Once nobody has one, nobody can give one.
    let Some(old) = old.into_iter().find(is_old) else { return };
    let book = Book::new();
    fs::create_dir(book.at("results/far")).unwrap();
    fs::copy(old, book.at("results/far/threads_cpu.json")).unwrap();
    let (ok, said) = book.press(&["validate", "results/far/threads_cpu.json"]);
    assert!(!ok && said.contains("format 1, which is read and no longer given"), "{said}");
}

#[test]
fn some_can_be_left_out_by_naming_those_to_give() {
    let book = Book::new();
    book.put("local", "threads_io", |record| record.quick = true);
    let (ok, said) = book.press(&["submit", "--as", "big-16"]);
    assert!(!ok && said.contains("threads_io.json: made with --quick"), "{said}");
    let (ok, said) = book.press(&["submit", "threads_cpu", "--as", "big-16"]);
    assert!(ok && said.contains("big-16: 1 records"), "{said}");
    assert!(!book.at("results/big-16/threads_io.json").exists());
    let (ok, said) = book.press(&["submit", "threads_gone", "--as", "big-16"]);
    assert!(!ok && said.contains("no record of `threads_gone`"), "{said}");
}

#[test]
fn a_name_is_one_machines_and_a_record_is_only_gone_on_with() {
    let book = Book::new();
    for (name, why) in [
        ("local", "every reader's own"),
        ("<b>", "letters, digits and dashes"),
        ("../x", "letters, digits and dashes"),
        ("HERE", "cannot tell them apart"),
    ] {
        let (ok, said) = book.press(&["submit", &format!("--as={name}")]);
        assert!(!ok && said.contains(why), "{name}: {said}");
    }
    book.put("other", "threads_io", |record| record.machine.arch = "aarch64".into());
    let (ok, said) = book.press(&["submit", "threads_cpu", "--as", "other"]);
    assert!(!ok && said.contains("this name is another machine's"), "{said}");
    // Another measurement does not take the place of the first.
    book.put("big-16", "threads_cpu", |record| {
        record.sittings[0].date = "2026-11-21T02:01:34Z".into();
    });
    let (ok, said) = book.press(&["submit", "threads_cpu", "--as", "big-16"]);
    assert!(!ok && said.contains("nobody picks the better of two"), "{said}");
    // One that has more sittings does.
    book.put("big-16", "threads_cpu", |record| {
        record.sittings.truncate(1);
        for variant in record.variants.iter_mut().chain(&mut record.controls) {
            variant.samples.truncate(1);
            let rounds = record.sittings[0].rounds.kept;
            let answer = variant.answers.keys().next().unwrap().clone();
            variant.answers = [(answer, rounds)].into();
        }
    });
    let (ok, said) = book.press(&["submit", "threads_cpu", "--as", "big-16"]);
    assert!(ok, "{said}");
}
