//! A page of the built book as a chapter for e-readers: XHTML in which nothing acts.
//!
//! E-readers know neither popovers nor folds, and run no scripts. So where a page has something
//! on demand, the chapter has a link to its end, and there one back: answers to predictions,
//! solutions, the data of figures, what the colors mean, and of each number where it comes
//! from. What is left out altogether is said in the colophon.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::mem;

use scraper::{ElementRef, Html, Node, Selector};

/// What a chapter may lead to.
pub(super) struct Around<'a> {
    /// Where the book is published.
    pub(super) site: Option<&'a str>,
    /// The pages that become chapters.
    pub(super) pages: &'a BTreeSet<&'a str>,
    /// The places that the chapters have, once they have been written.
    pub(super) places: BTreeMap<&'a str, BTreeSet<String>>,
}

/// What becomes of a page.
pub(super) struct Chapter {
    /// What stands in its body.
    pub(super) body: String,
    /// The places in it that links may lead to.
    pub(super) ids: BTreeSet<String>,
}

/// The file of what is built as `page`: `threads.xhtml`.
pub(super) fn file(page: &str) -> String {
    format!("{}.xhtml", page.strip_suffix(".html").unwrap_or(page))
}

/// Writes the page called `name`.
pub(super) fn chapter(name: &str, page: &Html, around: &Around<'_>) -> Chapter {
    let css = |css: &str| Selector::parse(css).expect("it is valid CSS");
    let opened = css("[popover][id]");
    let mut writer = Writer {
        name,
        around,
        popovers: page
            .select(&opened)
            .map(|one| (one.attr("id").unwrap_or_default(), one))
            .collect(),
        ids: BTreeSet::new(),
        led_to: HashSet::new(),
        ends: Vec::new(),
        notes: String::new(),
        count: 0,
        is_at_end: false,
        out: String::new(),
    };
    if let Some(main) = page.select(&css("main")).next() {
        writer.children(main);
    }
    writer.end();
    Chapter { body: writer.out.trim().to_owned(), ids: writer.ids }
}

/// What stands at a chapter's end, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Answer,
    Solution,
    More,
    Data,
    Colors,
}

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Kind::Answer => "Answers",
            Kind::Solution => "Solutions",
            Kind::More => "More",
            Kind::Data => "Data of the figures",
            Kind::Colors => "Colors",
        }
    }
}

/// Elements that act, or that only a script fills.
const ACTS: [&str; 20] = [
    "script", "style", "template", "noscript", "input", "select", "option", "textarea",
    "canvas", "iframe", "object", "embed", "dialog", "progress", "meter", "output", "video",
    "audio", "link", "meta",
];

/// What only a screen with a script can use, what is drawn for wide ones, what repeats.
const LEFT_OUT: [&str; 12] = [
    "scoreboard",
    "on-screen",
    "copy",
    "player",
    "veil",
    "cursor",
    "scale",
    "machine-choice",
    "ends",
    "dishes",
    "guess-bar",
    "slides-start",
];

/// Elements without an end tag.
const EMPTY: [&str; 5] = ["br", "hr", "img", "wbr", "col"];

/// What elements other than those of drawings may have.
const ATTRIBUTES: [&str; 25] = [
    "id",
    "class",
    "src",
    "alt",
    "title",
    "lang",
    "dir",
    "colspan",
    "rowspan",
    "scope",
    "headers",
    "start",
    "value",
    "reversed",
    "type",
    "role",
    "datetime",
    "cite",
    "width",
    "height",
    "aria-label",
    "aria-hidden",
    "aria-labelledby",
    "aria-describedby",
    "style",
];

struct Writer<'a> {
    name: &'a str,
    around: &'a Around<'a>,
    /// What buttons open, by its id.
    popovers: HashMap<&'a str, ElementRef<'a>>,
    ids: BTreeSet<String>,
    /// What a link to the end was written for already.
    led_to: HashSet<&'a str>,
    ends: Vec<(Kind, String)>,
    notes: String,
    count: usize,
    /// Whether what is written stands at the end: there all is open.
    is_at_end: bool,
    out: String,
}

impl<'a> Writer<'a> {
    fn children(&mut self, element: ElementRef<'a>) {
        for child in element.children() {
            if let Node::Text(text) = child.value() {
                self.text(text);
            } else if let Some(child) = ElementRef::wrap(child) {
                self.element(child);
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(&escaped(text));
    }

    fn element(&mut self, element: ElementRef<'a>) {
        if is_left_out(element) {
            return;
        }
        match element.value().name() {
            "a" => self.link(element),
            "button" => self.button(element),
            "details" => self.details(element),
            // Elements of our own, and those of forms, whose fields are left out.
            "form" | "fieldset" => self.wrapped("div", element),
            "label" => self.wrapped("span", element),
            "legend" | "summary" => self.wrapped("p", element),
            name if name.contains('-') => self.wrapped("div", element),
            name => self.wrapped(name, element),
        }
    }

    fn wrapped(&mut self, tag: &str, element: ElementRef<'a>) {
        let attributes = self.attributes(element);
        if EMPTY.contains(&tag) {
            self.out.push_str(&format!("<{tag}{attributes}/>"));
            return;
        }
        self.out.push_str(&format!("<{tag}{attributes}>"));
        self.children(element);
        self.out.push_str(&format!("</{tag}>"));
        // The parts of a row are cells on a page, and words of one line here.
        let row = parent_ref(element).filter(|row| row.value().name() == "li");
        if row.and_then(parent_ref).is_some_and(|list| has(list, "trial")) {
            self.out.push(' ');
        }
    }

    /// Its attributes as they stand in a start tag.
    fn attributes(&mut self, element: ElementRef<'a>) -> String {
        let value = element.value();
        let is_drawn = value.name.ns.ends_with("svg");
        let mut out = String::new();
        if value.name() == "svg" && parent(element).is_none_or(|above| above.name() != "svg") {
            out.push_str(" xmlns=\"http://www.w3.org/2000/svg\"");
        }
        if let Some(width) = beside_lanes(element) {
            out.push_str(&format!(" style=\"width:{width}px\""));
        }
        for (name, value) in value.attrs() {
            let of_a_drawing = is_drawn
                && !name.starts_with("on")
                && !name.starts_with("data-")
                && !["tabindex", "xmlns"].contains(&name);
            let value = match name {
                "style" => match style(element, value) {
                    Some(style) => style,
                    None => continue,
                },
                "src" => self.target(value).unwrap_or_else(|| value.to_owned()),
                name if of_a_drawing || ATTRIBUTES.contains(&name) => value.to_owned(),
                _ => continue,
            };
            if name == "id" && !self.ids.insert(value.clone()) {
                continue;
            }
            out.push_str(&format!(" {name}=\"{}\"", escaped(&value)));
        }
        out
    }

    /// A link, if it leads anywhere from an e-book.
    fn link(&mut self, link: ElementRef<'a>) {
        if has(link, "header") {
            return self.children(link);
        }
        let href = link.attr("href").unwrap_or_default();
        let Some(to) = self.target(href) else { return self.wrapped("span", link) };
        let attributes = self.attributes(link);
        self.out.push_str(&format!("<a href=\"{}\"{attributes}>", escaped(&to)));
        self.children(link);
        self.out.push_str("</a>");
    }

    /// Where a link leads from this chapter.
    fn target(&self, href: &str) -> Option<String> {
        if ["https://", "http://", "mailto:"].iter().any(|scheme| href.starts_with(scheme)) {
            return Some(href.to_owned());
        }
        let (page, id) = match href.split_once('#') {
            Some((page, id)) => (page, Some(id)),
            None => (href, None),
        };
        let at = if page.is_empty() { self.name.to_owned() } else { below(self.name, page) };
        if !self.around.pages.contains(at.as_str()) {
            return self.around.site.map(|site| format!("{site}/{at}"));
        }
        // Until all are written, every place may be there. What is not was left out.
        let places = self.around.places.get(at.as_str());
        let id = id.filter(|id| places.is_none_or(|places| places.contains(*id)));
        match (page.is_empty(), id) {
            (true, None) => None,
            (true, Some(id)) => Some(format!("#{id}")),
            (false, None) => Some(file(page)),
            (false, Some(id)) => Some(format!("{}#{id}", file(page))),
        }
    }

    /// What opens something: a number, a word, a figure's key.
    fn button(&mut self, button: ElementRef<'a>) {
        let id = button.attr("popovertarget").unwrap_or_default();
        let Some(popover) = self.popovers.get(id).copied() else {
            if has(button, "measured") {
                self.wrapped("span", button);
            }
            return;
        };
        if has(button, "term") {
            let entry = Selector::parse("a[href]").expect("it is valid CSS");
            let entry = popover.select(&entry).next().and_then(|entry| entry.attr("href"));
            let to = entry.and_then(|href| self.target(href));
            return match to {
                Some(to) => self.led("term", &to, "", button),
                None => self.children(button),
            };
        }
        let is_first = self.led_to.insert(id);
        if has(button, "colors") {
            self.led("to-colors", &format!("#{id}"), "", button);
            if is_first {
                self.ids.insert(id.to_owned());
                let key = self.at_end(|writer| writer.children(popover));
                let key = format!("<div class=\"colors-key\" id=\"{id}\">{key}</div>");
                self.ends.push((Kind::Colors, key));
            }
            return;
        }
        if let Some(own) = button.attr("id") {
            self.ids.insert(own.to_owned());
            self.out.push_str(&format!("<span id=\"{own}\"></span>"));
        }
        let back = if is_first { format!(" id=\"from-{id}\"") } else { String::new() };
        let more = format!("{back} epub:type=\"noteref\" role=\"doc-noteref\"");
        self.led("measured", &format!("#{id}"), &more, button);
        if is_first {
            self.ids.extend([id.to_owned(), format!("from-{id}")]);
            let note = self.at_end(|writer| {
                for part in popover.children() {
                    if let Some(part) = ElementRef::wrap(part) {
                        writer.element(part);
                    } else if let Node::Text(text) = part.value() {
                        writer.text(text);
                    }
                    // Each is a line of its own where the style sheet says so.
                    writer.out.push(' ');
                }
            });
            self.notes.push_str(&format!(
                "<aside epub:type=\"footnote\" role=\"doc-footnote\" class=\"note\" id=\"{id}\">\
                 <p>{note}<a class=\"back\" role=\"doc-backlink\" href=\"#from-{id}\">Back</a>\
                 </p></aside>\n"
            ));
        }
    }

    /// What was a button, as a link.
    fn led(&mut self, class: &str, to: &str, more: &str, button: ElementRef<'a>) {
        let to = escaped(to);
        self.out.push_str(&format!("<a class=\"{class}\" href=\"{to}\"{more}>"));
        self.children(button);
        self.out.push_str("</a>");
    }

    /// What `write` writes, for the end of the chapter.
    fn at_end(&mut self, write: impl FnOnce(&mut Self)) -> String {
        let before = mem::take(&mut self.out);
        let was_at_end = mem::replace(&mut self.is_at_end, true);
        write(self);
        self.is_at_end = was_at_end;
        mem::replace(&mut self.out, before)
    }

    fn details(&mut self, details: ElementRef<'a>) {
        let parts = || details.children().filter_map(ElementRef::wrap);
        let summary = parts().find(|part| part.value().name() == "summary");
        let is_rest = has(details, "rest");
        let above = ancestors(details);
        let is_entry = above.clone().any(|above| has(above, "entry") || has(above, "late"));
        if self.is_at_end || is_rest || is_entry {
            self.out.push_str("<div class=\"opened\">");
            if let Some(summary) = summary.filter(|_| !is_rest) {
                self.out.push_str("<div class=\"opened-head\">");
                self.children(summary);
                self.out.push_str("</div>");
            }
            self.folded(details);
            self.out.push_str("</div>");
            return;
        }
        self.count += 1;
        let (id, back) = (format!("end-{}", self.count), format!("to-end-{}", self.count));
        let told = summary.map(said).unwrap_or_default();
        let mut around = above;
        let figure = around.find(|above| above.value().name() == "figure");
        let asked = parent_ref(details).filter(|above| has(*above, "predict"));
        let (kind, way, heading) = match (asked, figure) {
            (Some(asked), _) => {
                (Kind::Answer, "The answer is at the end of the chapter", question(asked))
            }
            (None, _) if has(details, "ask") => (Kind::Answer, "", told.clone()),
            (None, _) if told == "A solution" => {
                let of = exercise(details).map(|name| format!(": {name}"));
                let heading = format!("A solution{}", of.unwrap_or_default());
                (Kind::Solution, "A solution is at the end of the chapter", heading)
            }
            (None, Some(figure)) => {
                let of = number(figure).map(|number| format!(", {number}"));
                (Kind::Data, "", format!("{told}{}", of.unwrap_or_default()))
            }
            (None, None) => (Kind::More, "", told.clone()),
        };
        let way = match way {
            "" if kind == Kind::Answer => format!("{told} (The answer is at the end.)"),
            "" => format!("{told}: at the end of the chapter"),
            way => way.to_owned(),
        };
        self.ids.extend([id.clone(), back.clone()]);
        self.out.push_str(&format!(
            "<p class=\"to-end\"><a id=\"{back}\" href=\"#{id}\">{}</a></p>",
            escaped(&way)
        ));
        let inner = self.at_end(|writer| writer.folded(details));
        self.ends.push((
            kind,
            format!(
                "<section class=\"end\" id=\"{id}\"><h3>{} <a class=\"back\" \
                 href=\"#{back}\">Back</a></h3>{inner}</section>\n",
                escaped(&heading)
            ),
        ));
    }

    /// What is folded, with the address of the fold.
    fn folded(&mut self, details: ElementRef<'a>) {
        if let Some(id) = details.attr("id")
            && self.ids.insert(id.to_owned())
        {
            self.out.push_str(&format!("<span id=\"{}\"></span>", escaped(id)));
        }
        for child in details.children() {
            match (child.value(), ElementRef::wrap(child)) {
                (_, Some(part)) if part.value().name() == "summary" => {}
                (_, Some(part)) => self.element(part),
                (Node::Text(text), _) => self.text(text),
                _ => {}
            }
        }
    }

    /// What was put aside, at the chapter's end.
    fn end(&mut self) {
        let mut ends = mem::take(&mut self.ends);
        ends.sort_by_key(|(kind, _)| *kind);
        for of_kind in ends.chunk_by(|(a, _), (b, _)| a == b) {
            let title = of_kind[0].0.title();
            self.out.push_str(&format!("\n<section class=\"ends\">\n<h2>{title}</h2>\n"));
            of_kind.iter().for_each(|(_, html)| self.out.push_str(html));
            self.out.push_str("</section>\n");
        }
        if !self.notes.is_empty() {
            self.out.push_str(&format!(
                "\n<section class=\"ends\" epub:type=\"footnotes\">\n\
                 <h2>Where the numbers come from</h2>\n{}</section>\n",
                self.notes
            ));
        }
    }
}

fn has(element: ElementRef<'_>, class: &str) -> bool {
    element.value().classes().any(|its| its == class)
}

fn parent_ref(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    element.parent().and_then(ElementRef::wrap)
}

fn parent(element: ElementRef<'_>) -> Option<&scraper::node::Element> {
    parent_ref(element).map(|above| above.value())
}

fn ancestors(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> + Clone {
    element.ancestors().filter_map(ElementRef::wrap)
}

fn is_left_out(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let is_in = |class: &str| parent_ref(element).is_some_and(|above| has(above, class));
    let is_within = |class: &str| ancestors(element).any(|above| has(above, class));
    ACTS.contains(&value.name())
        || ["hidden", "popover"].iter().any(|name| value.attr(name).is_some())
        || value.classes().any(|class| LEFT_OUT.contains(&class))
        // Words of a drawing for which few screens have room.
        || (value.name() == "text" && has(element, "wide"))
        // Other machines are on the site; how it was asked is in the ledger.
        || (value.name() == "details" && has(element, "other"))
        || (has(element, "asked") && !is_within("entry"))
        // The ledger has its tests in words; drawn they are in the chapters, and some
        // e-readers give up on a chapter of a megabyte.
        || ((has(element, "trial") || has(element, "trial-note")) && is_within("entry"))
        // A verdict is not told before its trial.
        || (is_within("opener") && (value.name() == "details" || has(element, "note")))
        // Numbers of lines take the width that code needs.
        || (value.name() == "a" && has(element, "n"))
        // Ticks over a threshold have their places by positions that few e-readers know.
        || (is_within("trial-head") && is_in("plot") && value.name() != "span")
        // Of two scales one is shown at a time.
        || (has(element, "log") && ancestors(element).any(is_of_two_scales))
}

fn is_of_two_scales(figure: ElementRef<'_>) -> bool {
    let scale = Selector::parse(".scale").expect("it is valid CSS");
    figure.value().name() == "figure" && figure.select(&scale).next().is_some()
}

/// What a style says in words that every e-reader knows. Bars in cells have their places by
/// custom properties, which few do.
fn style(element: ElementRef<'_>, style: &str) -> Option<String> {
    let declared = || style.split(';').filter_map(|one| one.split_once(':'));
    let kept = |(name, value): (&str, &str)| {
        let (name, value) = (name.trim(), value.trim());
        match name {
            "--from" if has(element, "cell") => Some(format!("margin-left:{value}")),
            "--share" if has(element, "cell") => Some(format!("width:{value}")),
            name if name.starts_with("--") || value.contains("var(") => None,
            _ => Some(format!("{name}:{value}")),
        }
    };
    let kept: Vec<String> = declared().filter_map(kept).collect();
    (!kept.is_empty()).then(|| kept.join(";"))
}

/// How wide the names of lanes are, so that they are beside each other in all panels of a
/// figure. The figure says how many letters the longest has.
fn beside_lanes(element: ElementRef<'_>) -> Option<usize> {
    let is_beside = ["ul", "span"].contains(&element.value().name());
    parent_ref(element).filter(|above| is_beside && has(*above, "lanes"))?;
    let mut styles = ancestors(element).filter_map(|above| above.attr("style"));
    let letters = styles.find_map(|style| style.split("--names:").nth(1))?;
    let letters: usize = letters.split(';').next()?.trim().parse().ok()?;
    Some(letters * 7 + 8)
}

/// Its text, as one line, without what is there on demand.
fn said(element: ElementRef<'_>) -> String {
    fn read(element: ElementRef<'_>, out: &mut String) {
        for child in element.children() {
            if let Node::Text(text) = child.value() {
                out.push_str(text);
            } else if let Some(child) = ElementRef::wrap(child)
                && !is_left_out(child)
            {
                read(child, out);
            }
        }
    }
    let mut out = String::new();
    read(element, &mut out);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a prediction asks, without its first word, which is a label.
fn question(predict: ElementRef<'_>) -> String {
    let asks = Selector::parse("p").expect("it is valid CSS");
    let asked = predict.select(&asks).next().map(said).unwrap_or_default();
    asked.strip_prefix("Predict.").unwrap_or(&asked).trim().to_owned()
}

/// What an exercise is called whose solution this is.
fn exercise(solution: ElementRef<'_>) -> Option<String> {
    let strong = Selector::parse("p > strong:first-child").expect("it is valid CSS");
    let mut before = solution.prev_siblings().filter_map(ElementRef::wrap);
    before.find_map(|one| {
        if one.value().name() != "p" {
            return None;
        }
        let name = one.select(&strong).next().map(said)?;
        let is_numeral = |c: char| c.is_ascii_digit() || c == '.' || c == ' ';
        Some(name.trim_start_matches(is_numeral).trim_end_matches('.').to_owned())
    })
}

/// `Figure 2`.
fn number(figure: ElementRef<'_>) -> Option<String> {
    let number = Selector::parse("figcaption > b:first-child").expect("it is valid CSS");
    let number = figure.select(&number).next().map(said)?;
    Some(number.trim_end_matches('.').to_owned())
}

/// The page that `href` names on the page `from`.
fn below(from: &str, href: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in href.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Text as XML has it, without what e-readers have no letter for.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A blank that keeps together is in every font, the narrow one is not.
            '\u{202f}' => out.push('\u{a0}'),
            '\u{2060}' => {}
            '\t' | '\n' | '\r' => out.push(c),
            // XML has no place for these.
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chapter that a page with `main` becomes, beside `b.html`, which has the place
    /// `here`.
    fn written(main: &str) -> String {
        let pages = BTreeSet::from(["a.html", "b.html", "glossary.html"]);
        let mut around =
            Around { site: Some("https://there.example"), pages: &pages, places: [].into() };
        let page = Html::parse_document(&format!("<main>{main}</main>"));
        let ids = chapter("a.html", &page, &around).ids;
        around.places = BTreeMap::from([
            ("a.html", ids),
            ("b.html", BTreeSet::from(["here".to_owned()])),
            ("glossary.html", BTreeSet::from(["word".to_owned()])),
        ]);
        let body = chapter("a.html", &page, &around).body;
        let whole = format!("<body xmlns:epub=\"http://www.idpf.org/2007/ops\">{body}</body>");
        roxmltree::Document::parse(&whole).unwrap_or_else(|e| panic!("{e}: {whole}"));
        body
    }

    #[test]
    fn a_link_leads_to_the_chapter_to_the_site_or_nowhere() {
        let body = written(
            "<h1 id=x><a class=header href='#x'>A</a></h1><a href='b.html#here'>1</a>\
             <a href='b.html#gone'>2</a><a href='data/a.csv'>3</a><a href='#gone'>4</a>\
             <a href='#x'>5</a><a href='https://e.example/?a=1&amp;b'>6</a>",
        );
        assert_eq!(
            body,
            "<h1 id=\"x\">A</h1><a href=\"b.xhtml#here\">1</a><a href=\"b.xhtml\">2</a>\
             <a href=\"https://there.example/data/a.csv\">3</a><span>4</span>\
             <a href=\"#x\">5</a><a href=\"https://e.example/?a=1&amp;b\">6</a>"
        );
    }

    #[test]
    fn a_number_leads_to_its_note_and_the_note_back() {
        let body = written(
            "<p><button class=measured id=n popovertarget=about-1><span>2\u{202f}×</span>\
             <span hidden>3\u{202f}×</span></button><span popover id=about-1 class=about>\
             <span>Time.</span><a href='data/t.csv'>data</a></span>\u{2060}.</p>",
        );
        assert!(
            body.starts_with(
                "<p><span id=\"n\"></span><a class=\"measured\" href=\"#about-1\" \
                 id=\"from-about-1\" epub:type=\"noteref\" role=\"doc-noteref\">\
                 <span>2\u{a0}×</span></a>.</p>"
            ),
            "{body}"
        );
        assert!(body.contains("<h2>Where the numbers come from</h2>"), "{body}");
        assert!(body.contains("id=\"about-1\"><p><span>Time.</span> <a href="), "{body}");
        assert!(body.contains("href=\"#from-about-1\">Back</a>"), "{body}");
    }

    #[test]
    fn a_word_leads_to_its_entry() {
        let body = written(
            "<p>A <button class=term popovertarget=t>word</button><span popover id=t>\
             It is. <a href='glossary.html#word'>In the glossary</a></span></p>",
        );
        assert_eq!(body, "<p>A <a class=\"term\" href=\"glossary.xhtml#word\">word</a></p>");
    }

    #[test]
    fn an_answer_a_solution_and_data_are_at_the_end_and_the_rest_of_a_listing_is_not() {
        let body = written(
            "<div class=predict><p><b>Predict.</b> How much?</p><details><summary>Show</summary>\
             <p>Two.</p></details></div><p><strong>1. Count.</strong> Do it.</p>\
             <details class=fold><summary>A solution</summary><p>So.</p></details>\
             <figure><figcaption><b>Figure 1.</b> It is.</figcaption><details><summary>Data\
             </summary><p>1, 2</p><details><summary>More of it</summary><p>3</p></details>\
             </details></figure><div class=listing><pre>a</pre><details class=rest><summary>\
             The rest</summary><pre>b</pre></details></div>",
        );
        let (text, ends) = body.split_once("<section class=\"ends\">").unwrap();
        assert!(!text.contains("Two.") && !text.contains("So.") && !text.contains("1, 2"));
        assert!(text.contains("<pre>b</pre>") && !text.contains("The rest"), "{text}");
        let places: Vec<_> = [
            "<h2>Answers</h2>",
            "<h3>How much? <a class=\"back\" href=\"#to-end-1\">Back</a></h3><p>Two.</p>",
            "<h2>Solutions</h2>",
            "<h3>A solution: Count <a",
            "<h2>Data of the figures</h2>",
            "<h3>Data, Figure 1 <a",
            "<div class=\"opened-head\">More of it</div><p>3</p>",
        ]
        .map(|part| ends.find(part).unwrap_or_else(|| panic!("{part} is not in {ends}")))
        .to_vec();
        assert!(places.is_sorted(), "{places:?}: {ends}");
    }

    #[test]
    fn nothing_acts_and_nothing_of_a_form_is_left() {
        let body = written(
            "<script>alert(1)</script><form onsubmit='x()'><label>How? <input></label>\
             <button type=button>Go</button></form><p onclick='x()' data-a=b tabindex=0>A</p>\
             <timeline-player from-ms=0><svg viewbox='0 0 1 1' onload='x()'><rect x=1 /></svg>\
             </timeline-player>",
        );
        assert_eq!(
            body,
            "<div><span>How? </span></div><p>A</p><div><svg \
             xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><rect x=\"1\"></rect></svg>\
             </div>"
        );
    }

    #[test]
    fn a_figure_keeps_what_is_wide_and_a_drawing_not_its_words_for_wide_screens() {
        let body = written(
            "<figure><div class='machines wide'><svg><text class=wide>1 2</text></svg></div>\
             </figure><ul class=trial><li><span>CPU</span><span>Rust</span></li></ul>",
        );
        assert_eq!(
            body,
            "<figure><div class=\"machines wide\"><svg xmlns=\"http://www.w3.org/2000/svg\">\
             </svg></div></figure><ul class=\"trial\"><li><span>CPU</span> <span>Rust</span> </li>\
             </ul>"
        );
    }

    #[test]
    fn a_verdict_is_not_told_before_its_trial() {
        let body = written(
            "<div class=opener><ul><li><a href='#c'>Claim</a><details><summary>Verdict</summary>\
             <b>holds</b></details></li></ul></div><div class=verdict id=c>holds</div>",
        );
        assert_eq!(body.matches("holds").count(), 1, "{body}");
    }

    #[test]
    fn bars_in_cells_have_their_places_without_custom_properties() {
        let body = written("<span class=cell style='--from:10%;--share:20%;--x:1'></span>");
        assert_eq!(body, "<span class=\"cell\" style=\"margin-left:10%;width:20%\"></span>");
    }

    #[test]
    fn lanes_have_their_names_beside_them_as_wide_in_all_panels() {
        let body = written(
            "<figure style='--names:5'><div class=lanes><ul><li>T0</li></ul></div></figure>",
        );
        assert_eq!(
            body,
            "<figure><div class=\"lanes\"><ul style=\"width:43px\"><li>T0</li></ul></div></figure>"
        );
    }

    #[test]
    fn what_xml_has_no_place_for_is_left_out() {
        assert_eq!(escaped("a\u{1}\u{fffe}<\"&>"), "a&lt;&quot;&amp;&gt;");
    }
}
