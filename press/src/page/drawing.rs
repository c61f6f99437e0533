//! `{{#drawing name; caption="…"}}`: a mechanism, drawn by hand, from a file of
//! `theme/drawings/`.

use std::fs;

use anyhow::{Context, Result, bail};

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::Options;
use crate::ask::near::Unknown;
use crate::figure::drawing;

pub(super) const NAME: &str = "drawing";

/// Beside `book/` and not in it, since mdBook copies what lies there.
const FOLDER: &str = "theme/drawings";

struct Drawing {
    name: String,
    caption: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let mut options = Options::parse(rest)?;
    let caption = options.need("caption")?;
    match &options.items()?[..] {
        [name] => boxed(Drawing { name: name.clone(), caption }),
        _ => bail!("one drawing is named; write `drawing name; caption=\"…\"`"),
    }
}

impl Directive for Drawing {
    fn render(&self, pages: &Pages, _: &mut Page) -> Result<String> {
        let Drawing { name, caption } = self;
        let folder = pages.root.join(FOLDER);
        let files = fs::read_dir(&folder).into_iter().flatten().flatten();
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        let known: Vec<String> =
            names.filter_map(|name| name.strip_suffix(".svg").map(str::to_owned)).collect();
        // Found by its name, and not by a path, which could lead out of the folder.
        if !known.contains(name) {
            let text = format!("no drawing is called `{name}` in {FOLDER}");
            bail!(Unknown::new(text, name, known.iter().map(String::as_str)));
        }
        let file = format!("{FOLDER}/{name}.svg");
        let text = fs::read_to_string(pages.root.join(&file)).with_context(|| file.clone())?;
        let drawing = drawing::Drawing::parse(&text).context(file)?;
        Ok(markdown::block(drawing.figure(caption)))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_drawing_is_in_order_and_stands_on_one_page() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let pages = fs::read_dir(root.join("book")).unwrap().flatten().map(|file| file.path());
        // A workshop shows on slides what the chapters have.
        let is_chapter = |path: &std::path::PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".md") && !name.starts_with("workshop-")
        };
        let pages = pages.filter(is_chapter);
        let pages: String = pages.map(|path| fs::read_to_string(path).unwrap()).collect();
        let mut count = 0;
        for file in fs::read_dir(root.join(FOLDER)).unwrap().flatten() {
            let path = file.path();
            let text = fs::read_to_string(&path).unwrap();
            drawing::Drawing::parse(&text).unwrap_or_else(|e| panic!("{path:?}: {e:#}"));
            let name = path.file_stem().unwrap().to_str().unwrap();
            let asked = format!("{{{{#drawing {name}; ");
            assert_eq!(pages.matches(&asked).count(), 1, "{asked}");
            count += 1;
        }
        assert!(count > 0, "there are drawings");
    }
}
