//! `cargo book build`: HTML under `target/book`, whole or not at all.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use tempfile::TempDir;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};

use super::editions::{self, Edition};
use super::preprocess::Directives;
use super::{card, data, feed, offline, say, search};
use crate::outside::lock::Lock;
use crate::outside::project::Project;

/// Builds the book and puts it where the last one was. Returns the folder.
///
/// # Errors
/// On any mistake in pages or records, and on any warning of mdBook's, some of which mean
/// that a whole section was dropped. The last good HTML then stays.
pub fn build(project: &Project) -> Result<PathBuf> {
    build_into(project, &project.root.join("target/book"))
}

/// Like [`build`], into any folder.
///
/// # Errors
/// As for [`build`].
pub fn build_into(project: &Project, target: &Path) -> Result<PathBuf> {
    let _lock = one_at_a_time(project)?;
    let mut fresh = fresh(project, target, Directives::default())?;
    let html = fresh.path().join("html");
    let editions = add_editions(project, fresh.path())?;
    finish(project, &html, &editions)?;
    let put = put(&html, target, &fresh.path().join(OLD));
    // What cannot go back to its place yet is put there by the next build.
    fresh.disable_cleanup(!target.exists());
    put?;
    Ok(target.to_owned())
}

/// A book that nobody reads but who asked for it, gone with this value.
pub(super) struct Aside {
    fresh: TempDir,
    /// The editions in other languages.
    pub(super) editions: Vec<Arc<Edition>>,
    _lock: Lock,
}

impl Aside {
    /// Its folder.
    pub(super) fn html(&self) -> PathBuf {
        self.fresh.path().join("html")
    }
}

/// Builds the book aside.
///
/// # Errors
/// As for [`build`].
pub(super) fn build_aside(project: &Project) -> Result<Aside> {
    let lock = one_at_a_time(project)?;
    let fresh =
        fresh(project, &project.root.join("target/press/aside"), Directives::default())?;
    let editions = add_editions(project, fresh.path())?;
    finish(project, &fresh.path().join("html"), &editions)?;
    Ok(Aside { fresh, editions, _lock: lock })
}

/// What pages tell of themselves, and what lies beside them.
fn finish(project: &Project, html: &Path, editions: &[Arc<Edition>]) -> Result<()> {
    data::publish(project, html)?;
    let mut pages = pages(html)?;
    let site = project.settings.site.as_deref();
    search::publish(&project.root, html, &pages)?;
    pages.extend(editions.iter().flat_map(|edition| edition.addresses()));
    for name in &pages {
        let path = html.join(name);
        let page = card::with_card(&fs::read_to_string(&path)?, name, site);
        fs::write(&path, editions::linked(&page, name, editions, site))?;
    }
    feed::publish(project, html)?;
    if let Some(site) = site {
        let path = html.join("sitemap.xml");
        fs::write(&path, sitemap(site, &pages))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    offline::publish(html)
}

/// The names of those pages that are found by their addresses.
fn pages(html: &Path) -> Result<Vec<String>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(html)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_page = name.ends_with(".html")
            && !["404.html", "print.html", "toc.html"].contains(&name.as_str());
        if is_page {
            pages.push(name);
        }
    }
    pages.sort_by_key(|name| (name != "index.html", name.clone()));
    Ok(pages)
}

/// Two builds at once would clear away each other's halves. Now that it is alone, this one
/// clears away those of what was killed.
fn one_at_a_time(project: &Project) -> Result<Lock> {
    let folder = project.root.join("target/press");
    let lock = Lock::wait(&folder.join("building.lock"), || {
        say::note("another build is going on here; waiting for its end");
    })?;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(".tmp") {
            fs::remove_file(entry.path()).ok();
        }
    }
    Ok(lock)
}

/// Where the last book lies until the new one has its place.
const OLD: &str = "old";

/// Puts the book `new` at `target`. The last one is put to `old`, and back if that fails.
fn put(new: &Path, target: &Path, old: &Path) -> Result<()> {
    let put = || -> std::io::Result<()> {
        let had_one = target.exists();
        if had_one {
            fs::rename(target, old)?;
        }
        fs::rename(new, target).inspect_err(|_| {
            if had_one {
                fs::rename(old, target).ok();
            }
        })
    };
    put().with_context(|| format!("cannot put the book at {}", target.display()))
}

/// Builds one page of the book at `target` and puts it where it was: in a fraction of the time
/// that the whole takes, which is to follow. `page` is its Markdown, below the folder of all.
///
/// # Errors
/// As for [`build`], by mistakes on this page.
pub fn build_page(project: &Project, target: &Path, page: &Path) -> Result<()> {
    let _lock = one_at_a_time(project)?;
    let only = Directives { only: Some(page.to_owned()), edition: None };
    let fresh = fresh(project, target, only)?;
    let name = page.with_extension("html");
    let new = fs::read_to_string(fresh.path().join("html").join(&name))?;
    let (name, site) = (name.to_string_lossy(), project.settings.site.as_deref());
    let page = card::with_card(&new, &name, site);
    let page = editions::linked(&page, &name, &editions::all(&project.root)?, site);
    let half = fresh.path().join("page");
    fs::write(&half, page)?;
    fs::rename(half, target.join(&*name))?;
    Ok(())
}

/// Has mdBook make the HTML in a folder of its own beside `target`, which is gone when the
/// result is dropped. Only one build at a time may do so.
fn fresh(project: &Project, target: &Path, preprocessor: Directives) -> Result<TempDir> {
    let fresh = cleared(target)?;
    without_complaint(|| {
        let mut book = MDBook::load(&project.root)?;
        book.config.build.build_dir = fresh.path().join("html");
        // The same preprocessor that plain mdBook would start as a command.
        book.with_preprocessor(preprocessor);
        caught(|| book.build())
    })?;
    Ok(fresh)
}

/// Builds every edition in another language beside the book in `fresh`, and puts its pages to
/// the book's.
fn add_editions(project: &Project, fresh: &Path) -> Result<Vec<Arc<Edition>>> {
    let editions = editions::all(&project.root)?;
    for (i, edition) in editions.iter().enumerate() {
        let aside = fresh.join(format!("edition-{i}"));
        without_complaint(|| {
            let mut config = Config::from_disk(project.root.join("book.toml"))?;
            config.update_from_env()?;
            edition.configure(&mut config);
            config.build.build_dir.clone_from(&aside);
            let mut book = MDBook::load_with_config(&project.root, config)?;
            book.with_preprocessor(Directives { only: None, edition: Some(edition.clone()) });
            caught(|| book.build())
        })?;
        edition.take(&aside, &fresh.join("html"))?;
    }
    Ok(editions)
}

/// Has mdBook do something, of which it may say nothing at `WARN` and `ERROR`.
fn without_complaint(build: impl FnOnce() -> Result<()>) -> Result<()> {
    let complaints = Complaints::default();
    let subscriber = tracing_subscriber::registry().with(complaints.clone());
    tracing::subscriber::with_default(subscriber, build)?;
    let complaints = complaints.all();
    if !complaints.is_empty() {
        bail!("mdBook complained:\n{}", complaints.join("\n"));
    }
    Ok(())
}

/// An empty folder beside `target`. It always has the same name, so that what a build left
/// that was killed is cleared by the next.
fn cleared(target: &Path) -> Result<TempDir> {
    let parent = target.parent().context("a folder needs a parent")?;
    let name = format!("{}-new", target.file_name().unwrap_or_default().to_string_lossy());
    let folder = parent.join(&name);
    let clear = || -> std::io::Result<TempDir> {
        fs::create_dir_all(parent)?;
        // Killed when the last book was away and the new one not yet there.
        if !target.exists() && folder.join(OLD).exists() {
            fs::rename(folder.join(OLD), target)?;
        }
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        tempfile::Builder::new().prefix(&name).rand_bytes(0).tempdir_in(parent)
    };
    clear().with_context(|| format!("cannot build in {}", folder.display()))
}

/// mdBook panics over tags that are not balanced, and says on which page.
pub(super) fn caught(build: impl FnOnce() -> Result<()>) -> Result<()> {
    // What it has made until then is thrown away.
    panic::catch_unwind(AssertUnwindSafe(build)).unwrap_or_else(|why| {
        let why = why.downcast_ref::<String>().map_or("for no reason", String::as_str);
        bail!("mdBook panicked: {why}; are all tags of this page closed, in their order?")
    })
}

/// The pages' addresses, for search engines. Plain mdBook has no such file.
fn sitemap(site: &str, pages: &[String]) -> String {
    let site = site.trim_end_matches('/');
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for page in pages {
        out.push_str(&format!("<url><loc>{}</loc></url>\n", card::address(site, page)));
    }
    out.push_str("</urlset>\n");
    out
}

/// What mdBook says at `WARN` and `ERROR`, before it goes on.
#[derive(Clone, Default)]
struct Complaints(Arc<Mutex<Vec<String>>>);

impl Complaints {
    fn all(&self) -> Vec<String> {
        self.0.lock().expect("nothing panics while it is held").clone()
    }
}

impl<S: Subscriber> Layer<S> for Complaints {
    fn on_event(&self, event: &Event<'_>, _: LayerContext<'_, S>) {
        let level = *event.metadata().level();
        if level <= Level::WARN {
            let mut text = format!("{level}");
            event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                if field.name() == "message" {
                    text.push_str(&format!(" {value:?}"));
                }
            });
            self.0.lock().expect("nothing panics while it is held").push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_that_cannot_be_put_in_its_place_leaves_the_last_one_there() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("book")).unwrap();
        fs::write(at("book/index.html"), "the last").unwrap();
        let failed = put(&at("gone"), &at("book"), &at("old")).unwrap_err();
        assert!(format!("{failed:#}").contains("cannot put the book at"), "{failed:#}");
        assert_eq!(fs::read_to_string(at("book/index.html")).unwrap(), "the last");
        fs::create_dir(at("new")).unwrap();
        put(&at("new"), &at("book"), &at("old")).unwrap();
        assert!(at("book").exists() && !at("book/index.html").exists());
    }

    #[test]
    fn what_a_killed_build_left_is_cleared_and_the_last_book_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("book-new/html")).unwrap();
        fs::create_dir_all(at("book-new/old")).unwrap();
        fs::write(at("book-new/old/index.html"), "the last").unwrap();
        let fresh = cleared(&at("book")).unwrap();
        assert_eq!(fs::read_to_string(at("book/index.html")).unwrap(), "the last");
        assert_eq!(fs::read_dir(fresh.path()).unwrap().count(), 0);
        drop(fresh);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "only the book is left");
    }
}
