//! What changed, as a feed (Atom): `CHANGELOG.md`, an entry for each of its dated headings.
//!
//! A feed needs whole addresses, so a book that is published nowhere has none. Plain mdBook
//! makes no such file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use mdbook_driver::config::Config;
use mdbook_markdown::{MarkdownOptions, new_cmark_parser, pulldown_cmark};
use pulldown_cmark::{Event, Tag};

use super::card;
use crate::outside::project::Project;

/// The file, beside the pages; `theme/head.hbs` has the same name.
pub(super) const FILE: &str = "feed.xml";

/// What it is made of, at the root.
pub(super) const CHANGES: &str = "CHANGELOG.md";

/// An entry, as it is read.
#[derive(Debug, PartialEq)]
struct Entry<'t> {
    /// `2026-11-27`.
    date: &'t str,
    title: &'t str,
    /// Markdown.
    text: &'t str,
    /// Where its heading stands.
    line: usize,
}

/// Puts the feed beside the pages in `html`, where the book has an address and says what
/// changed.
///
/// # Errors
/// When a heading or a link is not understood, with its line.
pub(super) fn publish(project: &Project, html: &Path) -> Result<()> {
    let path = project.root.join(CHANGES);
    let Some(site) = project.settings.site.as_deref().filter(|_| path.is_file()) else {
        return Ok(());
    };
    let text = fs::read_to_string(&path)?;
    let config = Config::from_disk(project.root.join("book.toml"))?;
    let title = config.book.title.as_deref().unwrap_or("A book");
    let author = config.book.authors.first().map_or(title, String::as_str);
    let is_page = |name: &str| html.join(name).is_file();
    let feed = feed(&text, title, author, site.trim_end_matches('/'), &is_page)?;
    fs::write(html.join(FILE), feed).with_context(|| format!("cannot write {FILE}"))
}

/// The day of the newest entry.
///
/// # Errors
/// As for [`publish`].
pub(super) fn newest(text: &str) -> Result<String> {
    let entries = entries(text)?;
    Ok(entries[0].date.to_owned())
}

/// The entries, the newest first.
///
/// # Errors
/// When a heading has no date and title, or they are not in order.
fn entries(text: &str) -> Result<Vec<Entry<'_>>> {
    let mut found: Vec<Entry<'_>> = Vec::new();
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .filter(|at| text[*at..].starts_with("## "))
        .collect();
    for (i, start) in starts.iter().enumerate() {
        let section = &text[*start..starts.get(i + 1).copied().unwrap_or(text.len())];
        let (heading, body) = section.split_once('\n').unwrap_or((section, ""));
        let line = text[..*start].matches('\n').count() + 1;
        let wrong = || anyhow!("{CHANGES}:{line}: write `## 2026-11-27: What it is about`");
        let (date, title) = heading[3..].split_once(": ").ok_or_else(wrong)?;
        let is_date = date.len() == "2026-11-27".len();
        if !is_date || humantime::parse_rfc3339(&noon(date)).is_err() || title.trim().is_empty()
        {
            return Err(wrong());
        }
        if let Some(newer) = found.last().filter(|newer| newer.date <= date) {
            bail!(
                "{CHANGES}:{line}: {date} does not come before {}: the newest is first, and a \
                 day has one heading, by which its entry is known",
                newer.date
            );
        }
        found.push(Entry { date, title: title.trim(), text: body.trim(), line });
    }
    match found.is_empty() {
        true => bail!("{CHANGES}: it has no heading like `## 2026-11-27: What it is about`"),
        false => Ok(found),
    }
}

/// An hour of that day, which a feed needs and nobody knows.
fn noon(date: &str) -> String {
    format!("{date}T12:00:00Z")
}

/// The whole feed.
fn feed(
    text: &str,
    title: &str,
    author: &str,
    site: &str,
    is_page: &dyn Fn(&str) -> bool,
) -> Result<String> {
    let entries = entries(text)?;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n\
         <title>{title}: what changed</title>\n\
         <id>{site}/</id>\n\
         <link rel=\"self\" type=\"application/atom+xml\" href=\"{site}/{FILE}\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{site}/\"/>\n\
         <updated>{updated}</updated>\n\
         <author><name>{author}</name></author>\n",
        title = escaped(title),
        site = escaped(site),
        updated = noon(entries[0].date),
        author = escaped(author),
    );
    for entry in &entries {
        let (html, first) = content(entry, site, is_page)?;
        out.push_str(&format!(
            "<entry>\n<title>{title}</title>\n<id>{site}/#changes-{date}</id>\n\
             <link rel=\"alternate\" type=\"text/html\" href=\"{first}\"/>\n\
             <updated>{updated}</updated>\n<content type=\"html\">{html}</content>\n</entry>\n",
            title = escaped(entry.title),
            site = escaped(site),
            date = entry.date,
            first = escaped(&first.unwrap_or_else(|| format!("{site}/"))),
            updated = noon(entry.date),
            html = escaped(&html),
        ));
    }
    out.push_str("</feed>\n");
    Ok(out)
}

/// An entry as HTML whose links are whole addresses, and the first of them.
fn content(
    entry: &Entry<'_>,
    site: &str,
    is_page: &dyn Fn(&str) -> bool,
) -> Result<(String, Option<String>)> {
    let (mut first, mut wrong) = (None, None);
    let events = new_cmark_parser(entry.text, &MarkdownOptions::default()).map(|event| {
        let Event::Start(Tag::Link { link_type, dest_url, title, id }) = event else {
            return event;
        };
        let address = match whole(&dest_url, site, is_page) {
            Ok(address) => address,
            Err(why) => {
                wrong.get_or_insert(why);
                String::new()
            }
        };
        first.get_or_insert_with(|| address.clone());
        Event::Start(Tag::Link { link_type, dest_url: address.into(), title, id })
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    match wrong {
        Some(why) => Err(anyhow!("{CHANGES}: below line {}: {why}", entry.line)),
        None => Ok((html.trim().to_owned(), first)),
    }
}

/// The address of what `CHANGELOG.md` links to, as one finds it in the repository.
fn whole(link: &str, site: &str, is_page: &dyn Fn(&str) -> bool) -> Result<String, String> {
    if link.starts_with("https://") {
        return Ok(link.to_owned());
    }
    let (path, place) = link.split_once('#').map_or((link, ""), |(path, place)| (path, place));
    let name = path.strip_prefix("book/").and_then(|name| name.strip_suffix(".md"));
    let page = name.map(|name| format!("{name}.html")).filter(|page| is_page(page));
    let Some(page) = page else {
        return Err(format!("`{link}` is neither a page, as book/threads.md, nor https"));
    };
    let place = if place.is_empty() { String::new() } else { format!("#{place}") };
    Ok(format!("{}{place}", card::address(site, &page)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://there.example/book";

    fn of(text: &str) -> Result<String> {
        feed(text, "A & B", "We", SITE, &|page| page == "threads.html")
    }

    fn fault(text: &str) -> String {
        of(text).unwrap_err().to_string()
    }

    #[test]
    fn a_heading_becomes_an_entry_with_whole_addresses_the_newest_first() {
        let text = "# What changed\n\nWords.\n\n## 2026-11-27: Two & more\n\n### Added\n\n\
                    - [Threads](book/threads.md#join): `x < y`\n\n\
                    ## 2026-11-21: The first\n\nAll.\n";
        let feed = of(text).unwrap();
        let atom = roxmltree::Document::parse(&feed).unwrap();
        let ns = "http://www.w3.org/2005/Atom";
        assert_eq!(atom.root_element().tag_name().namespace(), Some(ns));
        let texts = |name| {
            let of_name = atom.descendants().filter(move |node| node.has_tag_name((ns, name)));
            of_name.map(|node| node.text().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts("title"), ["A & B: what changed", "Two & more", "The first"]);
        // RFC 4287: a feed and each entry have an id, which no two share, and a date.
        let ids = texts("id");
        assert_eq!(ids.len(), 3);
        assert!(ids.iter().all(|id| ids.iter().filter(|other| *other == id).count() == 1));
        assert_eq!(
            texts("updated"),
            ["2026-11-27T12:00:00Z", "2026-11-27T12:00:00Z", "2026-11-21T12:00:00Z"]
        );
        assert!(atom.descendants().any(|node| node.attribute("rel") == Some("self")));
        let content = &texts("content")[0];
        assert!(content.contains("<a href=\"https://there.example/book/threads.html#join\">"));
        assert!(content.contains("<code>x &lt; y</code>"), "{content}");
    }

    #[test]
    fn what_is_no_heading_no_order_or_no_page_is_a_mistake_with_its_line() {
        assert!(fault("# What changed\n").contains("no heading like"));
        for heading in ["Unreleased", "2026-11-27", "2026-13-27: X", "27 November: X"] {
            let said = fault(&format!("# C\n\n## {heading}\n"));
            assert!(said.starts_with("CHANGELOG.md:3: write `## 2026"), "{heading}: {said}");
        }
        let order = fault("## 2026-11-21: A\n\n## 2026-11-27: B\n");
        assert!(order.contains("CHANGELOG.md:3: 2026-11-27 does not come before"), "{order}");
        assert!(fault("## 2026-11-21: A\n## 2026-11-21: B\n").contains("a day has one"));
        for link in ["book/gone.md", "threads.html", "http://x.example", "javascript:x"] {
            let said = fault(&format!("## 2026-11-21: A\n\n[x]({link})\n"));
            assert!(said.contains(&format!("`{link}` is neither a page")), "{said}");
        }
    }
}
