//! What a page tells of itself to those who only link to it: its own description, and where the
//! book is published, its one address and its card.
//!
//! mdBook's template knows the book's description only, so plain mdBook's pages have that.

use maud::html;
use scraper::{ElementRef, Html, Node, Selector};

/// The picture of every card, beside the pages.
const PICTURE: &str = "preview.png";

/// As little as says something, and as much as is shown of it.
const LEAST: usize = 50;
const MOST: usize = 160;

/// The page `name` with its own card in place of the book's.
pub(super) fn with_card(page: &str, name: &str, site: Option<&str>) -> String {
    // The first page is described as the book is.
    let own = (name != "index.html").then(|| description(&Html::parse_document(page)));
    let own = own.filter(|own| !own.is_empty());
    let mut out = String::with_capacity(page.len() + 1024);
    for line in page.split_inclusive('\n') {
        let is = |start: &str| line.starts_with(start);
        match &own {
            Some(own) if is("<meta name=\"description\"") => {
                out.push_str(&html!(meta name="description" content=(own);).into_string());
                out.push('\n');
            }
            Some(own) if is("<meta property=\"og:description\"") => {
                out.push_str(
                    &html!(meta property="og:description" content=(own);).into_string(),
                );
                out.push('\n');
            }
            _ => out.push_str(line),
        }
        if is("<meta property=\"og:description\"") {
            out.push_str(&addresses(name, site));
        }
    }
    out
}

/// The lines that need whole addresses, each ended.
fn addresses(name: &str, site: Option<&str>) -> String {
    let mut lines = Vec::new();
    if let Some(site) = site {
        let site = site.trim_end_matches('/');
        let address = address(site, name);
        lines.push(html!(link rel="canonical" href=(address);));
        lines.push(html!(meta property="og:url" content=(address);));
        let picture = format!("{site}/{PICTURE}");
        lines.push(html!(meta property="og:image" content=(picture);));
        lines.push(html!(meta name="twitter:card" content="summary_large_image";));
    }
    lines.into_iter().map(|line| format!("{}\n", line.into_string())).collect()
}

/// Where the page `name` is, once the book is published.
pub(super) fn address(site: &str, name: &str) -> String {
    format!("{site}/{}", if name == "index.html" { "" } else { name })
}

/// The first sentences of its text, as many as there is room for.
fn description(page: &Html) -> String {
    let paragraphs = Selector::parse("main > p").expect("it is valid CSS");
    let mut description = String::new();
    for paragraph in page.select(&paragraphs) {
        let text = said(paragraph);
        for sentence in sentences(&text) {
            let longer = description.chars().count() + 1 + sentence.chars().count();
            if longer > MOST {
                if description.chars().count() < LEAST {
                    description = cut(&format!("{description} {sentence}"));
                }
                return description;
            }
            description = format!("{description} {sentence}").trim().to_owned();
        }
        if description.chars().count() >= LEAST {
            break;
        }
    }
    description
}

/// What is seen of a paragraph at once.
fn said(paragraph: ElementRef<'_>) -> String {
    let is_hidden = |element: &scraper::node::Element| {
        ["popover", "hidden"].iter().any(|name| element.attr(name).is_some())
    };
    let mut text = String::new();
    for node in paragraph.descendants() {
        let Node::Text(said) = node.value() else { continue };
        let above = node.ancestors().filter_map(ElementRef::wrap);
        if !above.into_iter().any(|above| is_hidden(above.value())) {
            text.push_str(said);
        }
    }
    text.replace('\u{2060}', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Split where one ends and another begins.
fn sentences(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = text;
    let ends = |at: usize, text: &str| {
        let before = text[..at].trim_end_matches(['”', '"', ')']);
        before.ends_with(['.', '?', '!', ':'])
            && text[at..].trim_start().chars().next().is_some_and(|c| !c.is_lowercase())
    };
    while let Some(at) = rest.match_indices(' ').map(|(at, _)| at).find(|at| ends(*at, rest)) {
        all.push(&rest[..at]);
        rest = rest[at..].trim_start();
    }
    all.push(rest);
    all.retain(|sentence| !sentence.is_empty());
    all
}

/// Its first words, as many as there is room for, and a sign that there are more.
fn cut(text: &str) -> String {
    let text = text.trim();
    let room: usize = text.chars().take(MOST - 2).map(char::len_utf8).sum();
    let end = text[..room].rfind(' ').unwrap_or(room);
    format!("{} …", text[..end].trim_end_matches([',', ';', ':', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(main: &str) -> String {
        description(&Html::parse_document(&format!("<main>{main}</main>")))
    }

    #[test]
    fn a_page_is_described_by_its_first_sentences() {
        let first = "A thread is what most people reach for first. ";
        let long = "It says more than fits, and so it is left out, ".repeat(3);
        assert_eq!(
            of(&format!("<h1>T</h1><p>{first}What then? {long}</p>")),
            format!("{first}What then?")
        );
        // Too little goes on in the next paragraph; no popover is told.
        let two = "<p><em>Measured.</em></p><p>In <b>9</b><i popover>why</i> ms, it is done at \
                   last, by two threads.</p><p>More.</p>";
        assert_eq!(of(two), "Measured. In 9 ms, it is done at last, by two threads.");
        let cut = of(&format!("<p>{}</p>", "word, ".repeat(60)));
        assert!(cut.ends_with("word …") && cut.chars().count() <= MOST, "{cut}");
    }

    #[test]
    fn addresses_are_given_where_the_book_has_one() {
        let page = "<head>\n<meta name=\"description\" content=\"The book\">\n\
                    <meta property=\"og:description\" content=\"The book\">\n</head>\n\
                    <main><p>A page says &quot;so&quot;, and it says it in many words.</p></main>";
        let with = with_card(page, "page.html", Some("https://there.example/book/"));
        assert!(!with.contains("The book"), "{with}");
        let says = "content=\"A page says &quot;so&quot;, and it says it in many words.\">";
        assert_eq!(with.matches(says).count(), 2, "{with}");
        for line in [
            "<link rel=\"canonical\" href=\"https://there.example/book/page.html\">",
            "<meta property=\"og:image\" content=\"https://there.example/book/preview.png\">",
        ] {
            assert!(with.contains(line), "{with}");
        }
        let first = with_card(page, "index.html", Some("https://there.example/book/"));
        assert!(first.contains("href=\"https://there.example/book/\""), "{first}");
        let nowhere = with_card(page, "page.html", None);
        assert!(!nowhere.contains("http") && nowhere.contains(says), "{nowhere}");
    }
}
