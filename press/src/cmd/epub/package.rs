//! What an e-book is besides its chapters: what it tells of itself, its contents, the order in
//! which it is read, and the archive that all of it is in (EPUB 3.3, with what readers of
//! EPUB 2 look for).

use std::io::{Cursor, Write};

use anyhow::Result;
use maud::{Markup, PreEscaped, html};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::chapter;

/// What the book tells of itself.
pub(super) struct Meta {
    pub(super) identifier: String,
    pub(super) title: String,
    pub(super) authors: Vec<String>,
    pub(super) language: String,
    pub(super) description: Option<String>,
    /// `2026-11-27`.
    pub(super) date: String,
    pub(super) site: Option<String>,
}

/// A chapter that is written.
pub(super) struct Item {
    /// Its file.
    pub(super) name: String,
    pub(super) title: String,
    pub(super) body: String,
}

/// A line of the contents, with those below it.
pub(super) struct Entry {
    /// The page as it is built: `threads.html`.
    pub(super) page: String,
    pub(super) title: String,
    /// `4. `, or nothing.
    pub(super) number: String,
    pub(super) below: Vec<Entry>,
}

impl Entry {
    /// Its page and those below it.
    pub(super) fn pages(&self) -> Vec<&str> {
        self.titles().into_iter().map(|(page, _)| page).collect()
    }

    /// The same with their titles.
    pub(super) fn titles(&self) -> Vec<(&str, &str)> {
        let own = (self.page.as_str(), self.title.as_str());
        std::iter::once(own).chain(self.below.iter().flat_map(Entry::titles)).collect()
    }
}

const RIGHTS: &str = "Text, figures and records: CC BY 4.0. Code: MIT or Apache-2.0.";
const LICENSE: &str = "https://creativecommons.org/licenses/by/4.0/";

/// For who chooses books by whether they can read them (schema.org's words for it).
const ACCESSIBLE: [(&str, &str); 12] = [
    ("schema:accessMode", "textual"),
    ("schema:accessMode", "visual"),
    ("schema:accessModeSufficient", "textual"),
    ("schema:accessModeSufficient", "textual,visual"),
    ("schema:accessibilityFeature", "alternativeText"),
    ("schema:accessibilityFeature", "displayTransformability"),
    ("schema:accessibilityFeature", "readingOrder"),
    ("schema:accessibilityFeature", "structuralNavigation"),
    ("schema:accessibilityFeature", "tableOfContents"),
    ("schema:accessibilityFeature", "ARIA"),
    ("schema:accessibilityHazard", "none"),
    (
        "schema:accessibilitySummary",
        "Each figure says in words what it shows, and has its numbers as a table at its \
         chapter's end. Nothing moves, flashes or sounds. Colors are never the only sign.",
    ),
];

/// The files that no page of the book is.
const COVER: &str = "cover.xhtml";
const COLOPHON: &str = "colophon.xhtml";
const ABOUT: &str = "About this edition";

/// All of it as one archive.
///
/// # Errors
/// When it cannot be packed.
pub(super) fn packed(
    meta: &Meta,
    chapters: &[Item],
    mut contents: Vec<Entry>,
    style: &str,
    cover: Option<Vec<u8>>,
) -> Result<Vec<u8>> {
    contents.push(Entry {
        page: COLOPHON.replace(".xhtml", ".html"),
        title: ABOUT.to_owned(),
        number: String::new(),
        below: Vec::new(),
    });
    let colophon = Item {
        name: COLOPHON.to_owned(),
        title: ABOUT.to_owned(),
        body: colophon(meta).into_string(),
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // A day of no meaning, so that the same book has the same bytes.
    let plain = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .compression_method(CompressionMethod::Stored);
    let small = plain.compression_method(CompressionMethod::Deflated);
    let mut put = |name: &str, bytes: &[u8], how: SimpleFileOptions| -> Result<()> {
        zip.start_file(name, how)?;
        zip.write_all(bytes)?;
        Ok(())
    };
    // The first file, and as it is: readers know an e-book by it.
    put("mimetype", b"application/epub+zip", plain)?;
    put("META-INF/container.xml", CONTAINER.as_bytes(), small)?;
    let mut text =
        |name: &str, text: &str| put(&format!("book/{name}"), text.as_bytes(), small);
    let files: Vec<&Item> = chapters.iter().chain([&colophon]).collect();
    text("package.opf", &package(meta, &files, cover.is_some()))?;
    text("nav.xhtml", &nav(meta, &contents, cover.is_some()))?;
    text("toc.ncx", &ncx(meta, &contents))?;
    text("book.css", style)?;
    if cover.is_some() {
        let alt = format!("Cover: {}", meta.title);
        let body = html! { div class="cover" { img src="cover.png" alt=(alt); } };
        let body = closed(&body.into_string());
        text(COVER, &page(meta, COVER, "Cover", "cover", &body))?;
    }
    for item in &files {
        let kind = match item.name.as_str() {
            "glossary.xhtml" => "bodymatter glossary",
            COLOPHON => "backmatter colophon",
            _ => "bodymatter chapter",
        };
        text(&item.name, &page(meta, &item.name, &item.title, kind, &item.body))?;
    }
    if let Some(cover) = cover {
        put("book/cover.png", &cover, plain)?;
    }
    Ok(zip.finish()?.into_inner())
}

const CONTAINER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\">\n\
    <rootfiles><rootfile full-path=\"book/package.opf\" \
    media-type=\"application/oebps-package+xml\"/></rootfiles>\n</container>\n";

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// maud writes HTML; in XML what has no end tag ends itself.
fn closed(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<img ") {
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end);
        out.push_str(&rest[..end]);
        out.push('/');
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// A file of text: a chapter, the cover, the contents.
fn page(meta: &Meta, name: &str, title: &str, kind: &str, body: &str) -> String {
    let up = "../".repeat(name.matches('/').count());
    let title = html! { (title) }.into_string();
    format!(
        "{XML}<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" \
         xmlns:epub=\"http://www.idpf.org/2007/ops\" lang=\"{0}\" xml:lang=\"{0}\">\n<head>\n\
         <meta charset=\"utf-8\"/>\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" type=\"text/css\" href=\"{up}book.css\"/>\n</head>\n\
         <body epub:type=\"{kind}\">\n{body}\n</body>\n</html>\n",
        meta.language
    )
}

fn colophon(meta: &Meta) -> Markup {
    html! {
        h1 { (ABOUT) }
        p { (meta.title) ", as of " (meta.date) "." }
        p {
            "This is the book for reading away from a computer, made of the same records and \
             pages as the one for browsers. What is there on demand stands at each chapter's \
             end: answers, solutions, data, and where each number comes from."
        }
        p {
            "It leaves out what needs a browser or more room: figures of further machines, the \
             form for a job of your own, the search, timelines that play"
            @if let Some(site) = &meta.site {
                ". They are, with all records as files, at " a href=(site) { (site) }
            }
            "."
        }
        p {
            "Whoever has measured a machine of their own gets the same book with its numbers by "
            code { "cargo book epub" } "."
        }
        p { (RIGHTS) " " a href=(LICENSE) { (LICENSE) } }
    }
}

/// An id of the list of files, for a file's name.
fn id(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("f-{}", name.chars().map(plain).collect::<String>())
}

/// What there is, in which order it is read, and what the book tells of itself.
fn package(meta: &Meta, files: &[&Item], has_cover: bool) -> String {
    let text = |text: &str| html! { (text) }.into_string();
    let mut out = format!(
        "{XML}<package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" \
         unique-identifier=\"id\" xml:lang=\"{}\">\n\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n",
        meta.language
    );
    let mut dc = |name: &str, id: &str, value: &str| {
        let id = if id.is_empty() { String::new() } else { format!(" id=\"{id}\"") };
        out.push_str(&format!("<dc:{name}{id}>{}</dc:{name}>\n", text(value)));
    };
    dc("identifier", "id", &meta.identifier);
    dc("title", "", &meta.title);
    dc("language", "", &meta.language);
    for author in &meta.authors {
        dc("creator", "", author);
    }
    if let Some(description) = &meta.description {
        dc("description", "", description);
    }
    if let Some(site) = &meta.site {
        dc("source", "", site);
    }
    dc("date", "", &meta.date);
    dc("rights", "", RIGHTS);
    let mut property = |name: &str, value: &str| {
        out.push_str(&format!("<meta property=\"{name}\">{}</meta>\n", text(value)));
    };
    property("dcterms:modified", &format!("{}T12:00:00Z", meta.date));
    property("dcterms:license", LICENSE);
    for (name, value) in ACCESSIBLE {
        property(name, value);
    }
    if has_cover {
        out.push_str("<meta name=\"cover\" content=\"cover-image\"/>\n");
    }
    out.push_str(
        "</metadata>\n<manifest>\n\
         <item id=\"nav\" href=\"nav.xhtml\" media-type=\"application/xhtml+xml\" \
         properties=\"nav\"/>\n\
         <item id=\"ncx\" href=\"toc.ncx\" media-type=\"application/x-dtbncx+xml\"/>\n\
         <item id=\"style\" href=\"book.css\" media-type=\"text/css\"/>\n",
    );
    if has_cover {
        out.push_str(&format!(
            "<item id=\"cover-image\" href=\"cover.png\" media-type=\"image/png\" \
             properties=\"cover-image\"/>\n\
             <item id=\"{}\" href=\"{COVER}\" media-type=\"application/xhtml+xml\"/>\n",
            id(COVER)
        ));
    }
    for item in files {
        let drawn = item.body.contains("<svg");
        out.push_str(&format!(
            "<item id=\"{}\" href=\"{}\" media-type=\"application/xhtml+xml\"{}/>\n",
            id(&item.name),
            item.name,
            if drawn { " properties=\"svg\"" } else { "" }
        ));
    }
    out.push_str("</manifest>\n<spine toc=\"ncx\">\n");
    let cover = has_cover.then(|| COVER.to_owned());
    let order = cover.into_iter().chain(["nav".to_owned()]);
    for name in order.chain(files.iter().map(|item| item.name.clone())) {
        let of = if name == "nav" { name } else { id(&name) };
        out.push_str(&format!("<itemref idref=\"{of}\"/>\n"));
    }
    out.push_str("</spine>\n</package>\n");
    out
}

/// The contents, and where the parts of the book begin.
fn nav(meta: &Meta, contents: &[Entry], has_cover: bool) -> String {
    fn list(contents: &[Entry]) -> Markup {
        html! {
            ol {
                @for entry in contents {
                    li {
                        a href=(chapter::file(&entry.page)) { (entry.number) (entry.title) }
                        @if !entry.below.is_empty() { (list(&entry.below)) }
                    }
                }
            }
        }
    }
    let first = contents.first().map(|entry| chapter::file(&entry.page));
    let glossary = contents.iter().find(|entry| entry.page == "glossary.html");
    // maud knows no attribute with a colon of a name space; it takes it as it is.
    let body = html! {
        nav epub:type="toc" id="toc" role="doc-toc" {
            h1 { "Contents" }
            (list(contents))
        }
        nav epub:type="landmarks" id="landmarks" hidden="hidden" {
            h2 { "Places" }
            ol {
                @if has_cover { li { a epub:type="cover" href=(COVER) { "Cover" } } }
                li { a epub:type="toc" href="#toc" { "Contents" } }
                @if let Some(first) = &first {
                    li { a epub:type="bodymatter" href=(first) { "Beginning" } }
                }
                @if let Some(glossary) = glossary {
                    li {
                        a epub:type="glossary" href=(chapter::file(&glossary.page)) {
                            (glossary.title)
                        }
                    }
                }
            }
        }
    };
    let PreEscaped(body) = body;
    page(meta, "nav.xhtml", &format!("Contents of {}", meta.title), "frontmatter", &body)
}

/// The contents once more, for readers that know EPUB 2 only.
fn ncx(meta: &Meta, contents: &[Entry]) -> String {
    fn points(contents: &[Entry], order: &mut usize) -> String {
        let mut out = String::new();
        for entry in contents {
            *order += 1;
            let own = *order;
            let title = html! { (entry.number) (entry.title) }.into_string();
            out.push_str(&format!(
                "<navPoint id=\"n-{own}\" playOrder=\"{own}\"><navLabel><text>{title}</text>\
                 </navLabel><content src=\"{}\"/>{}</navPoint>\n",
                chapter::file(&entry.page),
                points(&entry.below, order)
            ));
        }
        out
    }
    let title = html! { (meta.title) }.into_string();
    format!(
        "{XML}<ncx xmlns=\"http://www.daisy.org/z3986/2005/ncx/\" version=\"2005-1\" \
         xml:lang=\"{}\">\n<head><meta name=\"dtb:uid\" content=\"{}\"/></head>\n\
         <docTitle><text>{title}</text></docTitle>\n<navMap>\n{}</navMap>\n</ncx>\n",
        meta.language,
        meta.identifier,
        points(contents, &mut 0)
    )
}
