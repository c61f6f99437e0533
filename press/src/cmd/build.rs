//! `cargo book build`: HTML under `target/book`, whole or not at all.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use tempfile::TempDir;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};

use super::data;
use super::preprocess::Directives;
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
    let fresh = fresh(project, target, Directives::default())?;
    data::publish(project, &fresh.path().join("html"))?;
    if let Some(site) = &project.settings.site {
        let html = fresh.path().join("html");
        fs::write(html.join("sitemap.xml"), sitemap(site, &html)?)?;
    }
    let old = fresh.path().join("old");
    if target.exists() {
        fs::rename(target, &old)?;
    }
    fs::rename(fresh.path().join("html"), target)
        .with_context(|| format!("cannot put the book at {}", target.display()))?;
    Ok(target.to_owned())
}

/// Builds one page of the book at `target` and puts it where it was: in a fraction of the time
/// that the whole takes, which is to follow. `page` is its Markdown, below the folder of all.
///
/// # Errors
/// As for [`build`], by mistakes on this page.
pub fn build_page(project: &Project, target: &Path, page: &Path) -> Result<()> {
    let only = Directives { only: Some(page.to_owned()) };
    let fresh = fresh(project, target, only)?;
    let name = page.with_extension("html");
    let new = fs::read_to_string(fresh.path().join("html").join(&name))?;
    let old = fs::read_to_string(target.join(&name))?;
    // The index to search in is made of all pages, and its name is made of the index.
    let page = match (search_index(&new), search_index(&old)) {
        (Some(of_one), Some(of_all)) => new.replace(of_one, of_all),
        _ => new.clone(),
    };
    let half = fresh.path().join("page");
    fs::write(&half, page)?;
    fs::rename(half, target.join(name))?;
    Ok(())
}

fn search_index(page: &str) -> Option<&str> {
    let from = page.find("searchindex-")?;
    let length = page[from..].find(".js")?;
    Some(&page[from..from + length])
}

/// Has mdBook make the HTML in a folder of its own beside `target`, which is gone when the
/// result is dropped.
fn fresh(project: &Project, target: &Path, preprocessor: Directives) -> Result<TempDir> {
    let parent = target.parent().context("a folder needs a parent")?;
    fs::create_dir_all(parent)?;
    let fresh = tempfile::Builder::new().prefix("book-").tempdir_in(parent)?;
    let complaints = Complaints::default();
    let subscriber = tracing_subscriber::registry().with(complaints.clone());
    tracing::subscriber::with_default(subscriber, || -> Result<()> {
        let mut book = MDBook::load(&project.root)?;
        book.config.build.build_dir = fresh.path().join("html");
        // The same preprocessor that plain mdBook would start as a command.
        book.with_preprocessor(preprocessor);
        caught(|| book.build())
    })?;
    let complaints = complaints.all();
    if !complaints.is_empty() {
        bail!("mdBook is not content:\n{}", complaints.join("\n"));
    }
    Ok(fresh)
}

/// mdBook panics over tags that are not balanced, and says on which page.
fn caught(build: impl FnOnce() -> Result<()>) -> Result<()> {
    // What it has made until then is thrown away.
    panic::catch_unwind(AssertUnwindSafe(build)).unwrap_or_else(|why| {
        let why = why.downcast_ref::<String>().map_or("for no reason", String::as_str);
        bail!("mdBook panicked: {why}; are all tags of this page closed, in their order?")
    })
}

/// The pages' addresses, for search engines. Plain mdBook has no such file.
fn sitemap(site: &str, html: &Path) -> Result<String> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(html)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let is_page = name.ends_with(".html")
            && !["404.html", "print.html", "toc.html"].contains(&name.as_str());
        if is_page {
            pages.push(if name == "index.html" { String::new() } else { name });
        }
    }
    pages.sort();
    let site = site.trim_end_matches('/');
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n",
    );
    for page in pages {
        out.push_str(&format!("<url><loc>{site}/{page}</loc></url>\n"));
    }
    out.push_str("</urlset>\n");
    Ok(out)
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
