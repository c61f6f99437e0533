//! `cargo book serve`: builds, serves on loopback, and builds and reloads on every change.
//!
//! A port of this machine is everybody's: the next project has it tomorrow, and a page of any
//! site may ask it under a name of its own that leads here. So nothing is kept in the browser
//! (a worker that an earlier press left there goes), and only who names this machine is
//! answered.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, IF_MODIFIED_SINCE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use notify_debouncer_mini::{new_debouncer, notify::RecursiveMode};
use tower_http::services::{ServeDir, ServeFile};
use tower_livereload::LiveReloadLayer;

use super::{build, editions, say};
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
        axum::serve(listener, site(&project.root, &folder, address.port(), live)).await?;
        Ok(())
    })
}

/// The book in `folder`, as it is answered on `port`.
fn site(root: &Path, folder: &Path, port: u16, live: LiveReloadLayer) -> Router {
    let missing = ServeFile::new(folder.join("404.html"));
    let files = ServeDir::new(folder).not_found_service(missing);
    Router::new()
        // Without the list of a build it keeps nothing, and takes away what was kept.
        .route_service("/sw.js", ServeFile::new(root.join("book/sw.js")))
        .fallback_service(files)
        .layer(live)
        .layer(middleware::from_fn_with_state(port, guarded))
}

/// Answers only who asks for this machine, and so that no answer is taken for a later one.
async fn guarded(State(port): State<u16>, mut request: Request, next: Next) -> Response {
    let mut response = if is_here(request.headers(), port) {
        // It is exact to the second, and a page may be built twice in one.
        request.headers_mut().remove(IF_MODIFIED_SINCE);
        next.run(request).await
    } else {
        let text = format!("the book is at http://127.0.0.1:{port}, and under no other name\n");
        (StatusCode::FORBIDDEN, text).into_response()
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whether a request names this machine and the port. Another name that leads here is some
/// site's, whose pages would then read the book, and the reader's records with it.
fn is_here(headers: &HeaderMap, port: u16) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next())
    else {
        return false;
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        host.eq_ignore_ascii_case(&format!("{name}:{port}"))
            // Browsers leave out the one that is understood.
            || (port == 80 && host.eq_ignore_ascii_case(name))
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
fn the_page(root: &Path, before: &Files, now: &Files) -> Option<PathBuf> {
    let mut changed = now.iter().filter(|(path, about)| before.get(*path) != Some(about));
    let (path, _) = changed.next()?;
    let is_alone = changed.next().is_none() && before.keys().eq(now.keys());
    let page = path.strip_prefix(root.join("book")).ok()?;
    let is_page = page.extension().is_some_and(|e| e == "md") && page != "SUMMARY.md";
    let html = root.join("target/book").join(page.with_extension("html"));
    // A translation is no page by itself.
    let is_page = is_page && !editions::is_translation(path);
    (is_alone && is_page && html.is_file()).then(|| page.to_owned())
}

type Files = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// When each watched file was changed last, and how long it is.
fn state(root: &Path) -> Files {
    let mut state = Files::new();
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
    use std::io::{Read, Write};
    use std::net::TcpStream;

    /// A book of one page, served, and its port.
    fn served() -> (tempfile::TempDir, u16) {
        let root = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("book/sw.js", "the worker of the sources"),
            ("html/sw.js", "the worker of a build"),
            ("html/index.html", "<html><body>one</body></html>"),
            ("html/404.html", "not there"),
        ] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (sender, port) = mpsc::channel();
        let (sources, html) = (root.path().to_owned(), root.path().join("html"));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener =
                    tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                let port = listener.local_addr().unwrap().port();
                sender.send(port).unwrap();
                let site = site(&sources, &html, port, LiveReloadLayer::new());
                axum::serve(listener, site).await.unwrap();
            });
        });
        (root, port.recv().unwrap())
    }

    /// What is answered to a request for `path` with these lines of a header.
    fn answer(port: u16, path: &str, head: &[String]) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        let head: String = head.iter().map(|line| format!("{line}\r\n")).collect();
        write!(stream, "GET {path} HTTP/1.1\r\n{head}Connection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn only_who_names_this_machine_and_its_port_is_answered() {
        let (_root, port) = served();
        let asked = |host: &str| answer(port, "/", &[format!("Host: {host}")]);
        for name in ["127.0.0.1", "localhost", "LocalHost", "[::1]"] {
            let text = asked(&format!("{name}:{port}"));
            assert!(text.starts_with("HTTP/1.1 200") && text.contains("one"), "{name}: {text}");
        }
        for host in [
            format!("evil.example:{port}"),
            format!("127.0.0.1.evil.example:{port}"),
            format!("localhost.evil.example:{port}"),
            format!("evil.example@127.0.0.1:{port}"),
            format!("127.0.0.1:{}", port ^ 1),
            "127.0.0.1".into(),
            "localhost".into(),
            String::new(),
        ] {
            let text = asked(&host);
            assert!(
                text.starts_with("HTTP/1.1 403") && !text.contains("one"),
                "{host}: {text}"
            );
            assert!(
                text.contains(&format!("the book is at http://127.0.0.1:{port}")),
                "{text}"
            );
        }
        let ours = format!("Host: 127.0.0.1:{port}");
        for head in [vec![ours.clone(), "Host: evil.example".into()], vec![]] {
            let text = answer(port, "/", &head);
            assert!(!text.starts_with("HTTP/1.1 200"), "{head:?}: {text}");
        }
        // The stream of reloads, too, and a page that is not there.
        for path in ["/_tower-livereload/event-stream", "/gone.html", "/sw.js"] {
            let text = answer(port, path, &["Host: evil.example".into()]);
            assert!(text.starts_with("HTTP/1.1 403"), "{path}: {text}");
        }
    }

    #[test]
    fn no_answer_is_kept_without_asking_again_and_a_second_build_in_a_second_is_seen() {
        let (root, port) = served();
        let host = format!("Host: 127.0.0.1:{port}");
        let first = answer(port, "/index.html", std::slice::from_ref(&host));
        for path in ["/", "/gone.html", "/sw.js"] {
            let text = answer(port, path, std::slice::from_ref(&host)).to_lowercase();
            assert!(text.contains("\r\ncache-control: no-cache\r\n"), "{path}: {text}");
        }
        let date = first.lines().find_map(|line| line.strip_prefix("last-modified: ")).unwrap();
        std::fs::write(root.path().join("html/index.html"), "<html>two</html>").unwrap();
        let again = answer(port, "/index.html", &[host, format!("If-Modified-Since: {date}")]);
        assert!(again.starts_with("HTTP/1.1 200") && again.contains("two"), "{again}");
    }

    #[test]
    fn the_worker_that_is_served_is_the_one_that_keeps_nothing() {
        let (root, port) = served();
        let host = [format!("Host: 127.0.0.1:{port}")];
        let worker = answer(port, "/sw.js", &host);
        assert!(worker.contains("the worker of the sources"), "{worker}");
        assert!(worker.to_lowercase().contains("content-type: text/javascript"), "{worker}");
        std::fs::remove_file(root.path().join("book/sw.js")).unwrap();
        assert!(answer(port, "/sw.js", &host).starts_with("HTTP/1.1 404"));
    }

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
