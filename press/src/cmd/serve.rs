//! `cargo book serve`: builds, serves on loopback, and builds and reloads on every change.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use axum::Router;
use notify_debouncer_mini::{new_debouncer, notify::RecursiveMode};
use tower_http::services::{ServeDir, ServeFile};
use tower_livereload::LiveReloadLayer;

use super::build;
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
    std::thread::spawn(move || {
        if let Err(e) = watch(&watched, || reloader.reload()) {
            eprintln!("cannot watch for changes: {e:#}");
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("port {port} is not free; try --port with another"))?;
        println!("The book is at http://{} (Ctrl-C ends it)", listener.local_addr()?);
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
    for change in changes {
        change?;
        // Reading a file is an event too, and a build reads them all.
        let now = state(&project.root);
        if now == seen {
            continue;
        }
        seen = now;
        // `book.toml` may have changed, so it is read anew.
        match Project::find(&project.root).and_then(|project| build::build(&project)) {
            Ok(_) => {
                println!("built");
                reload();
            }
            Err(e) => eprintln!("{e:#}\nnot built; the last good book stays"),
        }
    }
    Ok(())
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
