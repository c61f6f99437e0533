//! `{{#order name; caption="…"}}`: the order of steps in which a planted bug fails, from a file
//! of `book/orders/`.

use std::fs;

use anyhow::{Context, Result, bail};
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::Options;
use crate::ask::near::Unknown;
use crate::figure::order;

pub(super) const NAME: &str = "order";

/// In `book/`, since the script of a page asks for them.
const FOLDER: &str = "orders";

struct Order {
    name: String,
    caption: String,
    /// What it is called, where it is folded away.
    fold: Option<String>,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let mut options = Options::parse(rest)?;
    let (caption, fold) = (options.need("caption")?, options.take("fold"));
    match &options.items()?[..] {
        [name] => boxed(Order { name: name.clone(), caption, fold }),
        _ => bail!("one order is named; write `order name; caption=\"…\"`"),
    }
}

impl Directive for Order {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let Order { name, caption, fold } = self;
        let folder = pages.root.join("book").join(FOLDER);
        let files = fs::read_dir(&folder).into_iter().flatten().flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        let known: Vec<String> =
            names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
        // Found by its name, and not by a path, which could lead out of the folder.
        if !known.contains(name) {
            let text = format!("no order is called `{name}` in book/{FOLDER}");
            bail!(Unknown::new(text, name, known.iter().map(String::as_str)));
        }
        let file = format!("{FOLDER}/{name}.json");
        let text = fs::read_to_string(pages.root.join("book").join(&file))
            .with_context(|| file.clone())?;
        let code = |path: &str, line: usize| {
            let is_ours = !path.starts_with('/') && !path.contains("..");
            let text = is_ours.then(|| fs::read_to_string(pages.root.join(path)).ok())??;
            Some(text.lines().nth(line.checked_sub(1)?)?.trim().to_owned())
        };
        let order = order::Order::parse(&text, code).with_context(|| format!("book/{file}"))?;
        let online = |path: &str, line: usize| Some(format!("{}#L{line}", pages.online(path)?));
        let place = page.next_figure();
        let data = format!("{}{file}", "../".repeat(place.depth));
        let figure = order.figure(caption, place, &data, online);
        Ok(markdown::block(match fold {
            Some(title) => html! { details class="fold" { summary { (title) } (figure) } },
            None => figure,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_order_that_is_kept_stands_on_one_page() {
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book");
        let pages = fs::read_dir(&book).unwrap().flatten().map(|file| file.path());
        let pages = pages.filter(|path| path.extension().is_some_and(|ext| ext == "md"));
        let pages: String = pages.map(|path| fs::read_to_string(path).unwrap()).collect();
        let mut count = 0;
        for file in fs::read_dir(book.join(FOLDER)).unwrap().flatten() {
            let path = file.path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let asked = format!("{{{{#order {name}; ");
            assert_eq!(pages.matches(&asked).count(), 1, "{asked}");
            count += 1;
        }
        assert!(count > 0, "there are orders");
    }
}
