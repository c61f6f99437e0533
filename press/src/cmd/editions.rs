//! The book in other languages: pages that are translated, below a folder of the language's
//! name, beside the book's own.
//!
//! An edition is the book built once more, in which those pages stand in the place of their
//! originals. Only they are kept: whatever else a reader is led to, and all that pages are
//! drawn with, is the book's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use maud::html;
use mdbook_driver::config::Config;
use mdbook_preprocessor::book::{Book, BookItem};

use super::card;
use crate::page::translation::{self, Composed, Left};
use crate::page::words::Words;

/// The catalog of a language, in its folder.
const WORDS: &str = "words.toml";

/// The book in another language.
pub struct Edition {
    /// The language: its folder below the pages, and what HTML calls it.
    code: String,
    /// The tool's own words.
    pub(super) words: Arc<Words>,
    /// The translations, by the file of their originals.
    texts: BTreeMap<String, String>,
    /// The pages as they were put together, once they were.
    composed: Mutex<BTreeMap<String, Composed>>,
    /// What the book's other pages are called.
    titles: Mutex<Vec<String>>,
}

/// Every edition there are translations of.
///
/// # Errors
/// When a catalog is not understood, or a page cannot be read.
pub(super) fn all(root: &Path) -> Result<Vec<Arc<Edition>>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(root.join("book")).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.join(WORDS).is_file()) {
        let mut texts = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "md") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                texts.insert(name, fs::read_to_string(&path)?);
            }
        }
        found.push(Arc::new(Edition {
            code: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            words: Arc::new(Words::read(&folder.join(WORDS))?),
            texts,
            composed: Mutex::default(),
            titles: Mutex::default(),
        }));
    }
    Ok(found)
}

/// Whether a file is a translation, which is no page by itself.
pub(super) fn is_translation(file: &Path) -> bool {
    file.parent().is_some_and(|folder| folder.join(WORDS).is_file())
}

impl Edition {
    /// What mdBook is told otherwise than of the book itself.
    pub(super) fn configure(&self, config: &mut Config) {
        config.book.language = Some(self.code.clone());
        config.book.description = Some(self.words.description.clone());
    }

    /// Takes its pages out of the book that was built in its language, in the folder `built`,
    /// and puts them to the book's in `html`.
    ///
    /// # Errors
    /// When a page cannot be read or written.
    pub(super) fn take(&self, built: &Path, html: &Path) -> Result<()> {
        let own: Vec<String> = self.lock().values().map(|page| page.title.clone()).collect();
        for name in self.addresses() {
            let (from, to) = (built.join(&name), html.join(&name));
            let page = fs::read_to_string(&from).with_context(|| from.display().to_string())?;
            fs::create_dir_all(to.parent().context("a page has a folder")?)?;
            fs::write(&to, self.framed(&page, &own))
                .with_context(|| format!("cannot write {}", to.display()))?;
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Composed>> {
        self.composed.lock().expect("nothing panics while it is held")
    }

    /// Puts the translations in the place of their originals.
    ///
    /// # Errors
    /// Every mistake in them, a line each.
    pub(super) fn enter(&self, book: &mut Book) -> Result<(), Vec<String>> {
        let pages: BTreeSet<String> = self.texts.keys().cloned().collect();
        let mut left = pages.clone();
        let mut mistakes = Vec::new();
        book.for_each_mut(|item| {
            let BookItem::Chapter(chapter) = item else { return };
            let Some(page) =
                chapter.source_path.as_ref().map(|path| path.display().to_string())
            else {
                return;
            };
            let Some(text) = self.texts.get(&page) else {
                let mut titles = self.titles.lock().expect("nothing panics while it is held");
                titles.push(chapter.name.clone());
                return;
            };
            left.remove(&page);
            let composed = translation::compose(
                &page,
                &self.code,
                &chapter.content,
                text,
                &pages,
                &self.words,
            );
            match composed {
                Ok(composed) => {
                    let path = Path::new(&self.code).join(&page);
                    chapter.content.clone_from(&composed.text);
                    chapter.name.clone_from(&composed.title);
                    chapter.path = Some(path.clone());
                    chapter.source_path = Some(path);
                    self.lock().insert(page, composed);
                }
                Err(all) => mistakes.extend(all),
            }
        });
        let of_none =
            |page| format!("book/{}/{page}:1: the book has no page {page}", self.code);
        mistakes.extend(left.iter().map(of_none));
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
    }

    /// Whether a page is one of this edition.
    pub(super) fn has(&self, page: &str) -> bool {
        let below =
            page.strip_prefix(&self.code).map(|page| page.trim_start_matches(['/', '\\']));
        below.is_some_and(|page| self.texts.contains_key(page))
    }

    /// A mistake with the place in the file where it was written.
    pub(super) fn placed(&self, mistake: &str) -> String {
        let placed = || {
            let rest = mistake.strip_prefix("book/")?.strip_prefix(&self.code)?;
            let (page, rest) = rest.strip_prefix(['/', '\\'])?.split_once(':')?;
            let (line, rest) = rest.split_once(':')?;
            let composed = self.lock();
            let (is_translation, line) = composed.get(page)?.origin(line.parse().ok()?);
            let folder = if is_translation { format!("{}/", self.code) } else { String::new() };
            Some(format!("book/{folder}{page}:{line}:{rest}"))
        };
        placed().unwrap_or_else(|| mistake.to_owned())
    }

    /// The HTML files of its pages, below the book's folder.
    pub(super) fn addresses(&self) -> Vec<String> {
        let html = |page: &String| format!("{}/{}", self.code, page.replace(".md", ".html"));
        self.texts.keys().map(html).collect()
    }

    /// What stands around a page in its language, and links that leave the edition marked.
    fn framed(&self, page: &str, own: &[String]) -> String {
        let (before, rest) = page.split_once("<main").unwrap_or((page, ""));
        let (main, after) = rest.split_once("</main>").unwrap_or((rest, ""));
        let before = &self.with_contents(before);
        let foreign = self.titles.lock().expect("nothing panics while it is held").clone();
        let framed = format!(
            "{}<main{main}</main>{}",
            self.words.localized(before, own, &foreign),
            self.words.localized(after, own, &foreign)
        );
        let home = "class=\"book-title\" href=\"";
        let framed = match self.texts.contains_key("index.md") {
            true => framed.replacen(
                &format!("{home}../index.html"),
                &format!("{home}index.html"),
                1,
            ),
            false => framed,
        };
        let words = serde_json::to_string(&self.words.script).expect("it is plain data");
        let words = html!(i data-words=(words) {}).into_string();
        let words = words.trim_start_matches("<i ").trim_end_matches("></i>");
        marked(&framed.replacen("<html ", &format!("<html {words} "), 1))
    }

    /// The contents, whose links mdBook writes for pages that lie in no folder.
    fn with_contents(&self, frame: &str) -> String {
        let contents = frame.split_once("<nav id=\"contents\"").and_then(|(before, rest)| {
            let (contents, after) = rest.split_once("</nav>")?;
            Some((before, contents, after))
        });
        let Some((before, contents, after)) = contents else { return frame.to_owned() };
        let (link, own) = ("href=\"", format!("href=\"{}/", self.code));
        let mut led = String::new();
        for (i, part) in contents.split(link).enumerate() {
            if i > 0 {
                led.push_str(link);
                let is_led = part.starts_with("../") || part.starts_with(&own[link.len()..]);
                led.push_str(if is_led { "" } else { "../" });
            }
            led.push_str(part);
        }
        let led = led.replace(&own, link);
        format!("{before}<nav id=\"contents\"{led}</nav>{after}")
    }

    /// What of it is not translated: a fault each.
    pub(super) fn faults(&self) -> Vec<String> {
        let code = &self.code;
        let told = |page: &str, left: &Left| match left {
            Left::Changed(line, there, words) => format!(
                "book/{page}:{line}: `{words}` was changed, and book/{code}/{page}:{there} \
                 translates what stood there before; `cargo book translate {code}/{page}` makes \
                 a place for it"
            ),
            Left::Untranslated(line, words) => format!(
                "book/{page}:{line}: `{words}` is not in book/{code}/{page}; `cargo book \
                 translate {code}/{page}` makes a place for it"
            ),
            Left::Gone(line, words) => format!(
                "book/{code}/{page}:{line}: `{words}` translates what is not on the page any \
                 more; remove it"
            ),
        };
        let composed = self.lock();
        let all = composed.iter();
        all.flat_map(|(page, composed)| composed.left.iter().map(move |left| told(page, left)))
            .collect()
    }

    /// What of the tool's own words it lacks, in a line or in all.
    pub(super) fn told(&self) -> String {
        let count = self.words.missing().len();
        let texts = if count == 1 { "text is" } else { "texts are" };
        format!(
            "{}: {} pages, where {count} {texts} English that the tool or a record has \
             (`cargo book translate` lists them)",
            self.code,
            self.texts.len()
        )
    }

    /// What the catalog lacks, as its lines would be.
    pub(super) fn lacking(&self) -> String {
        let quoted = |text: &String| format!("{text:?} = \"\"\n");
        self.words.missing().iter().map(quoted).collect()
    }
}

/// A page on which links to pages outside of its folder say that they are English.
fn marked(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<a ") {
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let leads = tag.split_once("href=\"../").and_then(|(_, to)| to.split_once('"'));
        let is_page = leads.is_some_and(|(to, _)| {
            to.split('#').next().is_some_and(|file| file.ends_with(".html"))
        });
        out.push_str(before);
        out.push_str("<a ");
        out.push_str(tag);
        out.push_str(if is_page && !tag.contains("hreflang") {
            " hreflang=\"en\">"
        } else {
            ">"
        });
        rest = after;
    }
    out + rest
}

/// The page `name` with links to itself in other languages: for readers in the bar, and for
/// search engines, where the book has an address. Each is a line of its own.
pub(super) fn linked(
    page: &str,
    name: &str,
    editions: &[Arc<Edition>],
    site: Option<&str>,
) -> String {
    let of = |edition: &&Arc<Edition>| name.starts_with(&format!("{}/", edition.code));
    let here = editions.iter().find(of);
    let stem = name.rsplit('/').next().unwrap_or(name);
    let in_others = editions
        .iter()
        .filter(|edition| edition.texts.contains_key(&stem.replace(".html", ".md")));
    // The language, what it calls itself, and the page's address below the book's folder.
    let mut all = vec![("en".to_owned(), "English".to_owned(), stem.to_owned())];
    all.extend(in_others.map(|edition| {
        let address = format!("{}/{stem}", edition.code);
        (edition.code.clone(), edition.words.name.clone(), address)
    }));
    if all.len() == 1 || (here.is_none() && name.contains('/')) {
        return page.to_owned();
    }
    let mut heads = String::new();
    if let Some(site) = site {
        let site = site.trim_end_matches('/');
        for (code, _, address) in &all {
            let address = card::address(site, address);
            let link = html!(link rel="alternate" hreflang=(code) href=(address););
            heads += &format!("{}\n", link.into_string());
        }
    }
    let up = if here.is_some() { "../" } else { "" };
    let others = all.iter().filter(|(.., address)| address != name);
    let switch: String = others
        .map(|(code, language, address)| {
            let link = html! {
                a class="language" lang=(code) hreflang=(code) href={ (up) (address) } {
                    span class="whole" { (language) }
                    span class="short" { (code.to_uppercase()) }
                }
            };
            format!("{}\n", link.into_string())
        })
        .collect();
    let mut out = String::with_capacity(page.len() + 1024);
    for line in page.split_inclusive('\n') {
        out.push_str(line);
        if line.starts_with("<meta property=\"og:description\"") {
            out.push_str(&heads);
        } else if line.trim() == "<div class=\"controls\">" {
            out.push_str(&switch);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edition() -> (tempfile::TempDir, Vec<Arc<Edition>>) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("book/de");
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(root.path().join("book/part")).unwrap();
        let catalog = "name = \"Deutsch\"\ndescription = \"d\"\nsame = []\n[words]\n\
                       \"Next\" = \"Weiter\"\n[script]\n\"Copy\" = \"Kopieren\"\n";
        fs::write(folder.join(WORDS), catalog).unwrap();
        fs::write(folder.join("work.md"), "").unwrap();
        let all = all(root.path()).unwrap();
        (root, all)
    }

    const PAGE: &str = "<meta property=\"og:description\" content=\"a\">\n\
                        <div class=\"controls\">\n<main>Next</main>Next\n";

    #[test]
    fn a_page_and_its_translation_lead_to_each_other_and_other_pages_nowhere() {
        let (_root, all) = edition();
        let site = Some("https://there.example/book/");
        let english = linked(PAGE, "work.html", &all, site);
        let german = linked(PAGE, "de/work.html", &all, site);
        for page in [&english, &german] {
            for (code, at) in [("en", "work.html"), ("de", "de/work.html")] {
                let line = format!(
                    "<link rel=\"alternate\" hreflang=\"{code}\" \
                     href=\"https://there.example/book/{at}\">\n"
                );
                assert!(page.contains(&line), "{page}");
            }
        }
        let switch = |code: &str, at, name| {
            format!(
                "<a class=\"language\" lang=\"{code}\" hreflang=\"{code}\" href=\"{at}\">\
                 <span class=\"whole\">{name}</span><span class=\"short\">{}</span></a>\n",
                code.to_uppercase()
            )
        };
        assert!(english.contains(&switch("de", "de/work.html", "Deutsch")), "{english}");
        assert!(german.contains(&switch("en", "../work.html", "English")), "{german}");
        assert_eq!(linked(PAGE, "threads.html", &all, site), PAGE);
        assert!(!linked(PAGE, "work.html", &all, None).contains("alternate"));
    }

    #[test]
    fn a_frame_is_in_the_pages_language_and_links_out_of_it_say_so() {
        let (_root, all) = edition();
        let page = "<html lang=\"de\">Next<main>Next <a href=\"../a.html#b\">a</a> <a href=\"c.html\">c</a></main>";
        assert_eq!(
            all[0].framed(page, &[]),
            "<html data-words=\"{&quot;Copy&quot;:&quot;Kopieren&quot;}\" lang=\"de\">\
             Weiter<main>Next <a href=\"../a.html#b\" hreflang=\"en\">a</a> \
             <a href=\"c.html\">c</a></main>"
        );
        let contents = "<nav id=\"contents\"><a href=\"a.html\">a</a><a href=\"de/work.html\">w</a>\
                        <a href=\"../b.html\">b</a></nav><a href=\"c.html\">c</a>";
        assert_eq!(
            all[0].with_contents(contents),
            "<nav id=\"contents\"><a href=\"../a.html\">a</a><a href=\"work.html\">w</a>\
             <a href=\"../b.html\">b</a></nav><a href=\"c.html\">c</a>"
        );
    }

    #[test]
    fn a_translation_is_no_page_by_itself() {
        let (root, all) = edition();
        assert!(is_translation(&root.path().join("book/de/work.md")));
        assert!(!is_translation(&root.path().join("book/work.md")));
        assert!(all[0].has("de/work.md") && !all[0].has("work.md") && !all[0].has("de/a.md"));
        let mut nothing = Book::default();
        let mistakes = all[0].enter(&mut nothing).unwrap_err();
        assert_eq!(mistakes, ["book/de/work.md:1: the book has no page work.md"]);
    }
}
