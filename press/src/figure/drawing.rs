//! Drawings: what nobody can measure, a mechanism, drawn by hand as SVG.
//!
//! A drawing comes from a file of the book's own, and is checked like one of a stranger's: it
//! has the few elements that are listed here, and of their attributes only places and sizes.
//! Its colors and its type are those of `theme/figures.css`, by classes, so that it follows
//! the theme and tells threads, tasks and locks apart as every figure does. What it says is in
//! `<title>` and `<desc>`, and comes onto the page as text.

use anyhow::{Result, anyhow, bail};
use maud::{Markup, html};
use roxmltree::{Document, Node};

use crate::ask::near::Unknown;

/// The elements of a picture, each with the attributes that say where it lies.
const ELEMENTS: [(&str, &[&str]); 9] = [
    ("svg", &["viewBox"]),
    ("title", &[]),
    ("desc", &[]),
    ("g", &[]),
    ("rect", &["x", "y", "width", "height", "rx"]),
    ("circle", &["cx", "cy", "r"]),
    ("line", &["x1", "y1", "x2", "y2"]),
    ("path", &["d"]),
    ("text", &["x", "y"]),
];

/// The classes that `theme/figures.css` knows in a drawing: whose color, how it is drawn, how
/// it is written, and the number of a step.
const CLASSES: [&str; 20] = [
    "alone", "thread", "process", "task", "lock", "waiting", "fails", "box", "full", "faint",
    "wire", "dash", "point", "head", "note", "code", "on", "mid", "end", "step",
];

/// So wide that letters of 12 are legible on a phone.
const WIDEST: f64 = 360.0;

/// A page has many things to carry.
const MOST_BYTES: usize = 12 * 1024;

/// What a file said, checked.
pub struct Drawing {
    /// What is to be seen, in a few words.
    title: String,
    /// How it is arranged, for who does not see it.
    words: String,
    /// What happens, in the order of the numbers in the picture.
    steps: Vec<String>,
    view_box: String,
    picture: Markup,
}

impl Drawing {
    /// Reads an SVG file.
    ///
    /// # Errors
    /// When it is not well-formed, has anything that a drawing has not, or lacks its text.
    pub fn parse(file: &str) -> Result<Drawing> {
        if file.len() > MOST_BYTES {
            bail!("it has {} bytes, and a drawing at most {MOST_BYTES}", file.len());
        }
        let document = Document::parse(file)?;
        let root = document.root_element();
        let mut drawn = Vec::new();
        for node in document.descendants() {
            check(&node, &mut drawn).map_err(|e| {
                let line = document.text_pos_at(node.range().start).row;
                e.context(format!("line {line}"))
            })?;
        }
        let (title, words) = (said(root, "title")?, said(root, "desc")?);
        let (steps, words) = apart(words)?;
        drawn.sort_unstable();
        drawn.dedup();
        if drawn != (1..=steps.len()).collect::<Vec<_>>() {
            bail!("the picture has the steps {drawn:?}, and <desc> tells {}", steps.len());
        }
        Ok(Drawing {
            title: title.to_owned(),
            words,
            steps,
            view_box: root.attribute("viewBox").unwrap_or_default().to_owned(),
            picture: picture(root),
        })
    }

    /// The drawing with its caption, its steps beside it, and a fold that says it in words.
    pub fn figure(&self, caption: &str) -> Markup {
        html! {
            figure class="drawing" {
                figcaption { b { "Drawing." } " " (caption) }
                div class="drawn" {
                    svg viewBox=(self.view_box) role="img" aria-label=(self.title) {
                        (self.picture)
                    }
                    @if !self.steps.is_empty() {
                        ol { @for step in &self.steps { li { (step) } } }
                    }
                }
                details { summary { "In words" } p { (self.words) } }
            }
        }
    }
}

/// What the one element of this name says.
fn said<'d>(root: Node<'d, '_>, name: &str) -> Result<&'d str> {
    let mut all = root.children().filter(|node| node.tag_name().name() == name);
    let text = all.next().and_then(|node| node.text()).unwrap_or_default().trim();
    if text.is_empty() {
        bail!("a <{name}> is missing, which says what is drawn");
    }
    if all.next().is_some() {
        bail!("<{name}> is there twice");
    }
    Ok(text)
}

/// The numbered lines of a description, and the others as one paragraph.
fn apart(text: &str) -> Result<(Vec<String>, String)> {
    let (mut steps, mut words) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let numbered =
            line.split_once(". ").and_then(|(n, step)| Some((n.parse::<usize>().ok()?, step)));
        match numbered {
            Some((n, step)) if n == steps.len() + 1 => steps.push(step.to_owned()),
            Some((n, _)) => bail!("step {n} of <desc> comes after step {}", steps.len()),
            None => words.push(line),
        }
    }
    if words.is_empty() {
        bail!("<desc> tells only steps; say how the picture is arranged, too");
    }
    Ok((steps, words.join(" ")))
}

/// Refuses what a drawing has not. Notes the steps that it meets.
fn check(node: &Node<'_, '_>, steps: &mut Vec<usize>) -> Result<()> {
    let parent = node.parent();
    let inside = parent.map_or("", |parent| parent.tag_name().name());
    if node.is_pi() {
        bail!("it asks for something to be processed");
    }
    if node.is_text() {
        let text = node.text().unwrap_or_default().trim();
        if !text.is_empty() && !["text", "title", "desc"].contains(&inside) {
            bail!("`{text}` is not in a <text>");
        }
    }
    if !node.is_element() {
        return Ok(());
    }
    let name = node.tag_name().name();
    let is_root = parent.is_some_and(|parent| parent.is_root());
    let Some((_, places)) = ELEMENTS.iter().find(|(known, _)| *known == name) else {
        let text = format!("a drawing has no <{name}>");
        bail!(Unknown::new(text, name, ELEMENTS.map(|(known, _)| known)));
    };
    let belongs = match name {
        "svg" => is_root,
        "title" | "desc" => inside == "svg",
        _ => ["svg", "g"].contains(&inside),
    };
    if !belongs {
        let inside = if is_root { "the file" } else { inside };
        bail!("<{name}> does not belong into {inside}");
    }
    for attribute in node.attributes() {
        let (key, value) = (attribute.name(), attribute.value());
        match key {
            "class" if name != "svg" => classes(value)?,
            "viewBox" if name == "svg" => view_box(value)?,
            "d" if name == "path" => path(value)?,
            _ if places.contains(&key) && attribute.namespace().is_none() => {
                number(key, value)?
            }
            "id" => bail!("an id would be there twice, on its page and in the print view"),
            "style" | "fill" | "stroke" | "color" | "opacity" => bail!(
                "`{key}` does not follow the theme; colors are classes of theme/figures.css"
            ),
            _ => {
                let text = format!("<{name}> has no `{key}` in a drawing");
                let known = places.iter().copied().chain(["class"]);
                bail!(Unknown::new(text, key, known));
            }
        }
    }
    if name == "svg" && node.attribute("viewBox").is_none() {
        bail!("<svg> has no `viewBox`");
    }
    if name == "g" && node.attribute("class").is_some_and(|class| class == "step") {
        let text =
            node.children().find_map(|child| child.text().filter(|_| child.is_element()));
        let text = text.unwrap_or_default().trim();
        steps.push(text.parse().map_err(|_| anyhow!("`{text}` is not the number of a step"))?);
    }
    Ok(())
}

fn classes(value: &str) -> Result<()> {
    match value.split_whitespace().find(|class| !CLASSES.contains(class)) {
        Some(class) => bail!(Unknown::new(
            format!("theme/figures.css has no `{class}` for drawings"),
            class,
            CLASSES
        )),
        None => Ok(()),
    }
}

/// From the corner on, and not wider than a phone.
fn view_box(value: &str) -> Result<()> {
    let numbers: Vec<f64> = value.split(' ').filter_map(|n| n.parse().ok()).collect();
    match numbers[..] {
        [0.0, 0.0, width, height] if (1.0..=WIDEST).contains(&width) && height > 0.0 => Ok(()),
        _ => bail!("viewBox is `0 0 WIDTH HEIGHT`, WIDTH at most {WIDEST}, not `{value}`"),
    }
}

fn number(key: &str, value: &str) -> Result<()> {
    match value.parse::<f64>() {
        Ok(n) if n.is_finite() => Ok(()),
        _ => bail!("{key} is a number, not `{value}`"),
    }
}

fn path(value: &str) -> Result<()> {
    let is_known = |c: char| "MmLlHhVvCcSsQqTtAaZz -.,".contains(c) || c.is_ascii_digit();
    match value.chars().all(is_known) {
        true => Ok(()),
        false => bail!("d has letters, numbers and blanks of a path, not `{value}`"),
    }
}

/// What was checked, written anew: nothing else of the file gets onto the page.
fn picture(node: Node<'_, '_>) -> Markup {
    html! {
        @for node in node.children() { (element(node)) }
    }
}

fn element(node: Node<'_, '_>) -> Markup {
    let a = |name| node.attribute(name);
    let class = a("class");
    html! {
        @match node.tag_name().name() {
            "g" => g class=[class] { (picture(node)) },
            "rect" => rect class=[class] x=[a("x")] y=[a("y")] width=[a("width")]
                height=[a("height")] rx=[a("rx")] {},
            "circle" => circle class=[class] cx=[a("cx")] cy=[a("cy")] r=[a("r")] {},
            "line" => line class=[class] x1=[a("x1")] y1=[a("y1")] x2=[a("x2")] y2=[a("y2")] {},
            "path" => path class=[class] d=[a("d")] {},
            "text" => text class=[class] x=[a("x")] y=[a("y")] { (node.text().unwrap_or_default().trim()) },
            _ => {},
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    const TITLE: &str = "<title>A task</title>";
    const DESC: &str = "<desc>A box.\n1. It runs.</desc>";
    const STEP: &str = "<g class=\"step\"><circle r=\"8\"/><text>1</text></g>";

    fn around(view_box: &str, inside: &str) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" {view_box}>{inside}</svg>")
    }

    fn mistake_of(file: &str) -> String {
        match Drawing::parse(file) {
            Ok(_) => panic!("taken: {file}"),
            Err(e) => format!("{e:#}"),
        }
    }

    /// What is wrong with a drawing that has `inside`, too.
    fn mistake(inside: &str) -> String {
        let inside = format!("{TITLE}{DESC}{STEP}\n{inside}");
        mistake_of(&around("viewBox=\"0 0 360 90\"", &inside))
    }

    #[test]
    fn a_drawing_has_its_caption_its_steps_and_its_words() {
        let inside = format!(
            "{TITLE}<!-- not for the page --><desc>\n  A box &amp; an arrow,\n  no more.\n  \
             1. It runs.\n</desc>\n{STEP}\n<rect class=\"box task\" x=\"1\" y=\"2\" \
             width=\"30\" height=\"20\"/><line x1=\"1\" y1=\"2\" x2=\"3\" y2=\"4\"/>\
             <path class=\"wire\" d=\"M1 2 L3.5-4 Z\"/><text x=\"4\" y=\"9\">a &lt; b</text>"
        );
        let drawing = Drawing::parse(&around("viewBox=\"0 0 360 90\"", &inside)).unwrap();
        insta::assert_snapshot!(drawing.figure("One & all.").into_string());
    }

    #[test]
    fn what_acts_or_loads_is_not_drawn() {
        for (inside, why) in [
            ("<script>1</script>", "has no <script>"),
            ("<style>*{}</style>", "has no <style>"),
            ("<a href=\"x\"><rect/></a>", "has no <a>"),
            ("<image href=\"x.png\"/>", "has no <image>"),
            ("<use href=\"#x\"/>", "has no <use>"),
            ("<foreignObject/>", "has no <foreignObject>"),
            ("<animate/>", "has no <animate>"),
            ("<rect onclick=\"x\"/>", "<rect> has no `onclick`"),
            ("<rect xlink:href=\"x\" xmlns:xlink=\"y\"/>", "<rect> has no `href`"),
            ("<rect q:x=\"1\" xmlns:q=\"y\"/>", "<rect> has no `x`"),
            ("<path d=\"url(x)\"/>", "d has letters, numbers and blanks of a path"),
            ("<rect x=\"calc(1px)\"/>", "x is a number, not `calc(1px)`"),
            ("<rect width=\"inf\"/>", "width is a number"),
            ("<text>a<g/></text>", "<g> does not belong into text"),
            ("<text>a<title>b</title></text>", "<title> does not belong into text"),
            ("<svg viewBox=\"0 0 1 1\"/>", "<svg> does not belong into svg"),
            ("<?php x?>", "asks for something to be processed"),
        ] {
            assert!(mistake(inside).contains(why), "{inside}: {}", mistake(inside));
        }
        let file = around("viewBox=\"0 0 9 9\"", TITLE);
        let file = format!("<!DOCTYPE svg [<!ENTITY a \"aaaa\">]>{file}");
        assert!(mistake_of(&file).contains("DTD"), "{}", mistake_of(&file));
        let html = "<html><title>a</title><desc>b</desc></html>";
        assert!(mistake_of(html).contains("has no <html>"), "{}", mistake_of(html));
        assert!(mistake_of("<g/>").contains("<g> does not belong into the file"));
    }

    #[test]
    fn what_does_not_follow_the_theme_is_not_drawn() {
        for (inside, why) in [
            ("<rect fill=\"red\"/>", "colors are classes of theme/figures.css"),
            ("<rect stroke=\"#000\"/>", "colors are classes of theme/figures.css"),
            ("<rect style=\"fill: red\"/>", "colors are classes of theme/figures.css"),
            ("<rect class=\"box tread\"/>", "no `tread` for drawings; did you mean `thread`?"),
            ("<rect id=\"a\"/>", "an id would be there twice"),
            ("<rekt/>", "a drawing has no <rekt>; did you mean `rect`?"),
            (
                "<rect widths=\"1\"/>",
                "<rect> has no `widths` in a drawing; did you mean `width`?",
            ),
            ("words", "`words` is not in a <text>"),
        ] {
            let mistake = mistake(inside);
            assert!(mistake.contains(why), "{inside}: {mistake}");
            assert!(mistake.starts_with("line 3: ") || inside == "words", "{mistake}");
        }
        for wide in ["0 0 361 9", "0 0 360", "1 0 360 9", "0 0 360 0", "0 0 a 9", "0 0 NaN 9"] {
            let file = around(&format!("viewBox=\"{wide}\""), TITLE);
            assert!(mistake_of(&file).contains("WIDTH at most 360"), "{wide}");
        }
        assert!(mistake_of(&around("", TITLE)).contains("<svg> has no `viewBox`"));
    }

    #[test]
    fn a_drawing_says_what_it_shows_step_by_step() {
        let whole = |inside: &str| mistake_of(&around("viewBox=\"0 0 9 9\"", inside));
        let missing = |name: &str| format!("a <{name}> is missing, which says what is drawn");
        assert_eq!(whole(DESC), missing("title"));
        assert_eq!(whole("<title> </title>"), missing("title"));
        assert_eq!(whole(TITLE), missing("desc"));
        assert_eq!(whole(&format!("{TITLE}{TITLE}{DESC}")), "<title> is there twice");
        let told = |desc: &str| whole(&format!("{TITLE}<desc>{desc}</desc>{STEP}"));
        assert!(told("1. It runs.").contains("say how the picture is arranged"));
        assert_eq!(told("A.\n2. It runs."), "step 2 of <desc> comes after step 0");
        assert_eq!(told("A."), "the picture has the steps [1], and <desc> tells 0");
        assert_eq!(
            told("A.\n1. It runs.\n2. It stops."),
            "the picture has the steps [1], and <desc> tells 2"
        );
        let step = mistake("<g class=\"step\"><text>one</text></g>");
        assert_eq!(step, "line 3: `one` is not the number of a step");
    }

    #[test]
    fn a_drawing_is_small_and_well_formed() {
        let blanks = " ".repeat(MOST_BYTES);
        assert!(mistake(&blanks).contains("a drawing at most 12288"), "{}", mistake(&blanks));
        let open = mistake("<rect");
        assert!(open.contains("3:"), "{open}");
    }

    #[test]
    fn the_style_sheet_knows_every_class_of_a_drawing() {
        let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../theme/figures.css");
        let css = fs::read_to_string(theme).unwrap();
        for class in CLASSES {
            let begins = format!(".drawing svg .{class} ");
            assert!(css.contains(&begins), "{begins}");
        }
    }
}
