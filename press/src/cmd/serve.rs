//! `cargo book serve`: builds, serves on loopback, and builds and reloads on every change.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use axum::Router;
use notify_debouncer_mini::{new_debouncer, notify::RecursiveMode};
use tower_http::services::{ServeDir, ServeFile};
use tower_livereload::LiveReloadLayer;

use super::{build, say};
use crate::outside::project::Project;

/// What a page may depend on: its text and frame, the records, and the code it shows.
const WATCHED: [&str; 8] =
    ["book", "book.toml", "theme", "results", "examples", "lab", "press", "benches"];

/// Serves until interrupted. A mistake in a later edit is printed, and the last good book
/// stays up.
///
/// # Errors
/// When the first build fails or the port is not free.
pub fn serve(project: &Project, port: u16) -> Result<()> {
    let folder = build::build(project)?;
    let live = LiveReloadLayer::new();
    let reloader = live.reloader();
    let missing = ServeFile::new(folder.join("404.html"));
    let files = ServeDir::new(&folder).not_found_service(missing);
    let app = Router::new().fallback_service(files).layer(live);

    let watched = project.clone();
    std::thread::Builder::new()
        .spawn(move || {
            if let Err(e) = watch(&watched, || reloader.reload()) {
                say::note(&format!("cannot watch for changes: {e:#}"));
            }
        })
        .context("cannot start a thread")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("port {port} is not free; try --port with another"))?;
        let address = listener.local_addr()?;
        say::say(&format!("The book is at http://{address} (Ctrl-C ends it)"));
        axum::serve(listener, app).await?;
        Ok(())
    })
}

fn watch(project: &Project, mut reload: impl FnMut()) -> Result<()> {
    let (sender, changes) = mpsc::channel();
    let mut debouncer = new_debouncer(Duration::from_millis(50), sender)?;
    for path in WATCHED.map(|name| project.root.join(name)) {
        if path.exists() {
            debouncer.watcher().watch(&path, RecursiveMode::Recursive)?;
        }
    }
    let mut seen = state(&project.root);
    // Whether pages were built one by one, and the book as a whole is still to come.
    let mut behind = false;
    loop {
        match if behind { changes.recv_timeout(PAUSE) } else { Ok(changes.recv()?) } {
            Ok(change) => {
                change?;
                // Reading a file is an event too, and a build reads them all.
                let now = state(&project.root);
                if now == seen {
                    continue;
                }
                let page = the_page(&project.root, &seen, &now);
                seen = now;
                let built = match &page {
                    Some(page) => {
                        build::build_page(project, &project.root.join("target/book"), page)
                    }
                    None => whole(project),
                };
                behind = page.is_some() && built.is_ok();
                match built {
                    Ok(()) => {
                        say::say("built");
                        reload();
                    }
                    Err(e) => {
                        say::note(&format!("{e:#}\nnot built; the last good book stays"));
                    }
                }
            }
            // The page is there; what search and print say of it follows in silence.
            Err(RecvTimeoutError::Timeout) => {
                behind = false;
                if let Err(e) = whole(project) {
                    say::note(&format!("{e:#}\nonly the page was built"));
                }
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// How long nothing changes before the whole book is built after one of its pages.
const PAUSE: Duration = Duration::from_secs(1);

/// `book.toml` may have changed, so it is read anew.
fn whole(project: &Project) -> Result<()> {
    build::build(&Project::find(&project.root)?)?;
    Ok(())
}

/// The page, below the folder of all, that is the only difference between two states, and is
/// there to be replaced: a draft that the book leaves out is not.
fn the_page(root: &Path, before: &State, now: &State) -> Option<PathBuf> {
    let mut changed = now.iter().filter(|(path, about)| before.get(*path) != Some(about));
    let (path, _) = changed.next()?;
    let is_alone = changed.next().is_none() && before.keys().eq(now.keys());
    let page = path.strip_prefix(root.join("book")).ok()?;
    let is_page = page.extension().is_some_and(|e| e == "md") && page != "SUMMARY.md";
    let html = root.join("target/book").join(page.with_extension("html"));
    (is_alone && is_page && html.is_file()).then(|| page.to_owned())
}

type State = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// When each watched file was changed last, and how long it is.
fn state(root: &Path) -> State {
    let mut state = State::new();
    let mut left: Vec<PathBuf> = WATCHED.map(|name| root.join(name)).to_vec();
    while let Some(path) = left.pop() {
        let Ok(about) = path.metadata() else { continue };
        if about.is_dir() {
            let below = std::fs::read_dir(&path).into_iter().flatten().flatten();
            left.extend(below.map(|entry| entry.path()));
        } else if !is_noise(&path) {
            state.insert(path, (about.modified().ok(), about.len()));
        }
    }
    state
}

/// Editors' and interpreters' own files.
fn is_noise(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.')
        || name.ends_with('~')
        || path.components().any(|c| c.as_os_str() == "__pycache__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_changed_file_is_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let book = folder.path().join("book");
        std::fs::create_dir(&book).unwrap();
        std::fs::write(book.join("page.md"), "one").unwrap();
        let before = state(folder.path());
        std::fs::read(book.join("page.md")).unwrap();
        std::fs::write(book.join(".page.md.swp"), "an editor's").unwrap();
        assert_eq!(state(folder.path()), before);
        std::fs::write(book.join("page.md"), "one more").unwrap();
        assert_ne!(state(folder.path()), before);
    }

    #[test]
    fn a_page_that_changed_alone_is_built_alone() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |file: &str, text: &str| {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), text).unwrap();
        };
        let changed = |files: &[&str]| {
            let before = state(root);
            files.iter().for_each(|file| write(file, &format!("{before:?}")));
            the_page(root, &before, &state(root))
        };
        let pages = ["book/a.md", "book/b.md", "book/draft.md", "book/SUMMARY.md"];
        let others = ["book/claims.toml", "results/x/y.json", "target/book/a.html"];
        pages.iter().chain(&others).for_each(|file| write(file, "one"));
        assert_eq!(changed(&["book/a.md"]), Some("a.md".into()));
        for more in [
            &["book/a.md", "book/b.md"][..],
            &["book/new.md"],
            &["book/draft.md"],
            &["book/SUMMARY.md"],
            &["book/claims.toml"],
            &["results/x/y.json"],
            &["book/a.md", "results/x/y.json"],
        ] {
            assert_eq!(changed(more), None, "{more:?}");
        }
        let before = state(root);
        std::fs::remove_file(root.join("book/b.md")).unwrap();
        assert_eq!(the_page(root, &before, &state(root)), None);
    }

    #[test]
    fn the_frame_of_the_pages_and_the_code_they_show_are_watched_too() {
        let folder = tempfile::tempdir().unwrap();
        for file in
            ["theme/head.hbs", "theme/css/general.css", "lab/src/lib.rs", "benches/a.rs"]
        {
            let before = state(folder.path());
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "one").unwrap();
            assert_ne!(state(folder.path()), before, "{file}");
        }
    }
}
