//! How long an author waits: for the book to be built again, and under `serve` from saving a
//! page until it can be loaded.
//!
//! ```text
//! cargo bench --profile tool -p press --bench author_loop
//! ```
//!
//! Another commit's tool is measured in the same run when its checkout and program are named,
//! as `BOOK=../elsewhere PRESS=../elsewhere/target/debug/press`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};

fn author_loop(c: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("press has a parent");
    let mut tools = vec![("this", root.to_owned(), PathBuf::from(env!("CARGO_BIN_EXE_press")))];
    if let (Some(book), Some(press)) = (std::env::var_os("BOOK"), std::env::var_os("PRESS")) {
        let whole = |path| fs::canonicalize(PathBuf::from(path)).expect("BOOK and PRESS exist");
        tools.push(("other", whole(book), whole(press)));
    }
    let mut group = c.benchmark_group("author_loop");
    group.sample_size(10);
    for (whose, root, press) in &tools {
        let book = Book::copy(root);
        assert!(book.build(press), "the book builds");
        group.bench_function(format!("build again, {whose}"), |b| b.iter(|| book.build(press)));
    }
    for (whose, root, press) in &tools {
        let book = Book::copy(root);
        let mut server = book.serve(press);
        let mut edits = 0;
        group.bench_function(format!("save to reload, {whose}"), |b| {
            b.iter_custom(|times| (0..times).map(|_| book.edit(&mut edits)).sum());
        });
        server.kill().expect("it runs until now");
        server.wait().expect("it has ended");
    }
}

criterion_group!(benches, author_loop);
criterion_main!(benches);

/// A copy of the book and of what it shows, which can be edited.
struct Book(tempfile::TempDir);

impl Book {
    fn copy(root: &Path) -> Book {
        let copy = Book(tempfile::tempdir().expect("a folder for the copy"));
        for name in [
            "book",
            "book.toml",
            "theme",
            "results",
            "examples",
            "benches",
            "lab",
            "orders",
            "press",
        ] {
            copy_all(&root.join(name), &copy.0.path().join(name));
        }
        copy
    }

    fn run(&self, press: &Path, verb: &[&str]) -> Command {
        let mut command = Command::new(press);
        command.args(verb).current_dir(self.0.path()).stdout(Stdio::null());
        command
    }

    fn build(&self, press: &Path) -> bool {
        self.run(press, &["build"]).status().is_ok_and(|status| status.success())
    }

    /// Starts a server on the first free port from 3100 on, and waits for its first build.
    fn serve(&self, press: &Path) -> Child {
        let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let port = (3100..3200).find(free).expect("a free port").to_string();
        let child = self.run(press, &["serve", "--port", &port]).spawn().expect("it starts");
        while !self.page().is_file() {
            sleep(Duration::from_millis(20));
        }
        sleep(Duration::from_secs(1));
        child
    }

    fn page(&self) -> PathBuf {
        self.0.path().join("target/book/threads.html")
    }

    /// Adds a line to a page; the time until the page has it. Then waits as an author would,
    /// until the rest of the book is there, too.
    fn edit(&self, edits: &mut u32) -> Duration {
        *edits += 1;
        let (file, line) = (self.0.path().join("book/threads.md"), format!("Edit {edits}!"));
        let text = fs::read_to_string(&file).expect("a page");
        let began = Instant::now();
        fs::write(&file, format!("{text}\n{line}\n")).expect("a page to write to");
        while !fs::read_to_string(self.page()).is_ok_and(|page| page.contains(&line)) {
            sleep(Duration::from_millis(2));
            assert!(began.elapsed() < Duration::from_secs(60), "the page does not come");
        }
        let took = began.elapsed();
        sleep(Duration::from_secs(3));
        took
    }
}

fn copy_all(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).expect("a file to copy");
        return;
    }
    fs::create_dir_all(to).expect("a folder to copy to");
    for entry in fs::read_dir(from).expect("a folder to copy").flatten() {
        copy_all(&entry.path(), &to.join(entry.file_name()));
    }
}
