//! The book for e-readers is whole, and nothing in it acts: what `epubcheck` asks of any book,
//! and what only this one's tests can know, that each page is there and each link leads
//! somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read};
use std::sync::LazyLock;

use press::cmd::epub;
use press::outside::project::Project;
use roxmltree::{Document, Node, ParsingOptions};
use taking_turns::{root, target};

/// The files of an e-book, by their names.
type Files = BTreeMap<String, String>;

/// The book's own, made once for all tests.
static MADE: LazyLock<Vec<u8>> = LazyLock::new(made);

/// The same, made now.
fn made() -> Vec<u8> {
    let folder = tempfile::tempdir_in(target()).unwrap();
    let path = folder.path().join("book.epub");
    epub::epub_into(&Project::find(root()).unwrap(), &path).unwrap();
    fs::read(path).unwrap()
}

fn unpacked(bytes: &[u8]) -> Files {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Files::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(
            file.name().unwrap().into_owned(),
            String::from_utf8_lossy(&bytes).into_owned(),
        );
    }
    files
}

fn parsed(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|e| e.to_string())
}

fn all<'d>(document: &'d Document<'d>, name: &'d str) -> impl Iterator<Item = Node<'d, 'd>> {
    document.descendants().filter(move |node| node.tag_name().name() == name)
}

/// What an e-reader would stumble over, a line each.
fn faults(files: &Files) -> Vec<String> {
    let mut faults = Vec::new();
    let mut documents = BTreeMap::new();
    for (name, text) in files {
        let is_xml = [".xhtml", ".opf", ".ncx", ".xml"].iter().any(|end| name.ends_with(end));
        match is_xml.then(|| parsed(text)) {
            Some(Ok(document)) => drop(documents.insert(name.as_str(), document)),
            Some(Err(e)) => faults.push(format!("{name}: {e}")),
            None => {}
        }
    }
    let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, document) in &documents {
        for id in document.descendants().filter_map(|node| node.attribute("id")) {
            if !ids.entry(name).or_default().insert(id) {
                faults.push(format!("{name}: `{id}` is there twice"));
            }
        }
    }
    for (name, document) in documents.iter().filter(|(name, _)| name.ends_with(".xhtml")) {
        for node in document.descendants().filter(Node::is_element) {
            let tag = node.tag_name().name();
            if ["script", "form", "input", "button", "details", "iframe"].contains(&tag) {
                faults.push(format!("{name}: <{tag}>"));
            }
            if tag == "svg"
                && node.attribute("role") == Some("img")
                && node.attribute("aria-label").is_none()
                && !node.children().any(|child| child.tag_name().name() == "title")
            {
                faults.push(format!("{name}: a figure without words"));
            }
            for attribute in node.attributes() {
                let (key, value) = (attribute.name(), attribute.value());
                if key.starts_with("on") || value.contains("--") && key == "style" {
                    faults.push(format!("{name}: {key}=\"{value}\""));
                }
                if key == "src" && value.contains(':') {
                    faults.push(format!("{name}: it loads {value}"));
                }
            }
            let href = node.attribute("href").filter(|href| !href.contains("://"));
            let Some((page, id)) = href.map(|to| to.split_once('#').unwrap_or((to, ""))) else {
                continue;
            };
            let page =
                if page.is_empty() { (*name).to_owned() } else { format!("book/{page}") };
            let is_there = files.contains_key(&page)
                && (id.is_empty() || ids.get(&*page).is_some_and(|ids| ids.contains(id)));
            if !is_there {
                faults.push(format!("{name}: nothing is at {page}#{id}"));
            }
        }
    }
    let style = &files["book/book.css"];
    if style.contains("var(") || style.contains("url(") {
        faults.push("book.css: a value that old e-readers do not know".to_owned());
    }
    let package = &documents["book/package.opf"];
    let listed: BTreeSet<String> = all(package, "item")
        .filter_map(|item| item.attribute("href"))
        .map(|href| format!("book/{href}"))
        .collect();
    let beside = ["mimetype", "META-INF/container.xml", "book/package.opf"];
    let there: BTreeSet<String> =
        files.keys().filter(|name| !beside.contains(&name.as_str())).cloned().collect();
    faults.extend(listed.symmetric_difference(&there).map(|one| format!("{one}: not listed")));
    faults
}

/// The pages in the order in which they are read.
fn spine(files: &Files) -> Vec<String> {
    let package = parsed(&files["book/package.opf"]).unwrap();
    let of: BTreeMap<_, _> = all(&package, "item")
        .map(|item| (item.attribute("id").unwrap(), item.attribute("href").unwrap().to_owned()))
        .collect();
    all(&package, "itemref").map(|one| of[one.attribute("idref").unwrap()].clone()).collect()
}

#[test]
fn each_page_is_read_in_the_books_order_and_nothing_in_it_acts_or_leads_nowhere() {
    let bytes = &*MADE;
    assert_eq!(&bytes[30..38], b"mimetype", "readers know an e-book by its first file");
    assert_eq!(&bytes[38..58], b"application/epub+zip");
    let files = unpacked(bytes);
    assert_eq!(faults(&files), Vec::<String>::new());

    let summary = fs::read_to_string(root().join("book/SUMMARY.md")).unwrap();
    let pages = summary.split("](").skip(1).map(|link| link.split(".md)").next().unwrap());
    let pages: Vec<String> = pages.map(|page| format!("{page}.xhtml")).collect();
    let mut read = spine(&files);
    read.retain(|name| !["cover.xhtml", "nav.xhtml", "colophon.xhtml"].contains(&&**name));
    assert_eq!(read, pages);
    let contents = &files["book/nav.xhtml"];
    let ncx = &files["book/toc.ncx"];
    for page in &pages {
        assert!(contents.contains(&format!("href=\"{page}\"")), "the contents lack {page}");
        assert!(ncx.contains(&format!("src=\"{page}\"")), "the older contents lack {page}");
    }

    // Each figure of the built pages is drawn, but for those of further machines.
    let kitchens = files["book/index.xhtml"].matches("role=\"img\"").count();
    assert_eq!(kitchens, 4, "the first page has four kitchens");
    let threads = &files["book/threads.xhtml"];
    assert!(threads.matches("role=\"img\"").count() >= 3, "figures are drawn");
    for part in ["Answers", "Solutions", "Data of the figures", "Where the numbers come from"] {
        assert!(threads.contains(&format!("<h2>{part}</h2>")), "{part}");
    }
    let package = &files["book/package.opf"];
    for told in ["schema:accessMode", "schema:accessibilitySummary", "dcterms:modified"] {
        assert!(package.contains(told), "{told}");
    }
}

#[test]
fn the_same_pages_make_the_same_bytes() {
    assert!(made() == *MADE);
}

#[test]
fn what_an_e_reader_would_stumble_over_is_found() {
    let page = |body: &str| {
        format!(
            "<!DOCTYPE html><html xmlns=\"http://www.w3.org/1999/xhtml\"><body>{body}</body></html>"
        )
    };
    let package = "<package><manifest><item id=\"a\" href=\"a.xhtml\"/>\
                   <item id=\"c\" href=\"book.css\"/></manifest></package>";
    let with = |body: &str, style: &str| {
        let files = [
            ("book/package.opf", package.to_owned()),
            ("book/a.xhtml", page(body)),
            ("book/book.css", style.to_owned()),
        ];
        faults(&files.map(|(name, text)| (name.to_owned(), text)).into())
    };
    assert_eq!(with("<p id=\"x\"><a href=\"a.xhtml#x\">x</a></p>", ""), Vec::<String>::new());
    for (body, fault) in [
        ("<p>", "expected 'p' tag"),
        ("<script></script>", "<script>"),
        ("<p onclick=\"x()\"></p>", "onclick"),
        ("<p style=\"--a: 1\"></p>", "style"),
        ("<a href=\"#y\">y</a>", "nothing is at book/a.xhtml#y"),
        ("<a href=\"b.xhtml\">b</a>", "nothing is at book/b.xhtml"),
        ("<p id=\"x\"/><p id=\"x\"/>", "twice"),
        ("<img src=\"https://there.example/a.png\"/>", "it loads"),
        ("<svg role=\"img\"/>", "without words"),
    ] {
        let found = with(body, "");
        assert!(found.iter().any(|one| one.contains(fault)), "{body}: {found:?}");
    }
    assert!(with("", "a { color: var(--b) }")[0].contains("book.css"));
}
