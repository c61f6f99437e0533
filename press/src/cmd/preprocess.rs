//! The preprocessor, as `mdbook build` starts it and as [`build`](super::build) has it in its
//! own process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{io, iter};

use anyhow::{Context, Result, anyhow, bail};
use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use rayon::prelude::*;

use super::editions::Edition;
use crate::ask::plain::plain;
use crate::ask::quiz::Quiz;
use crate::outside::project::Project;
use crate::page::code::Colors;
use crate::page::elsewhere::{Elsewhere, Written};
use crate::page::glossary::{self, Glossary};
use crate::page::{self, Pages};

/// Speaks to mdBook over standard input and output.
///
/// # Errors
/// On any mistake in pages or records.
pub fn preprocess() -> Result<()> {
    let (context, book) = mdbook_preprocessor::parse_input(io::stdin())
        .context("this is mdBook's to call; readers use `cargo book build`")?;
    let book = Directives::default().run(&context, book)?;
    serde_json::to_writer(io::stdout(), &book)?;
    Ok(())
}

/// Everything that the pages of `project` may ask for.
///
/// # Errors
/// When a record or the ledger is damaged.
pub fn pages(project: &Project) -> Result<Pages> {
    let files = project
        .experiments()?
        .into_iter()
        .map(|(name, path)| (name, path.to_string_lossy().replace('\\', "/")))
        .collect();
    let results = project.results()?;
    for (machine, records) in &results.machines {
        for name in iter::once(machine).chain(records.keys()) {
            is_name(name).with_context(|| format!("results/{}", plain(machine)))?;
        }
    }
    Ok(Pages {
        root: project.root.clone(),
        repository: project.repository.clone(),
        files,
        results,
        together: OnceLock::new(),
        claims: project.claims()?,
        choosing: project.choosing()?,
        colors: Colors::read(project.root.join("target/press/colors.json")),
        elsewhere: Elsewhere::default(),
        titles: Vec::new(),
        glossary: Glossary::default(),
        words: None,
        quiz: Quiz::read(&project.root)?,
    })
}

/// Machines and experiments are named in addresses, in lists that a script takes apart, and by
/// directives.
fn is_name(name: &str) -> Result<()> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.starts_with(['.', '-']) || !name.chars().all(is_part) {
        let name = plain(name);
        bail!(
            "`{name}` is not a name; it takes letters, digits, dashes, underscores and points"
        );
    }
    Ok(())
}

/// The preprocessor, as mdBook knows it.
#[derive(Default)]
pub struct Directives {
    /// The only page that is wanted, below the folder of the pages; the others are left empty.
    pub only: Option<PathBuf>,
    /// The edition whose pages are wanted, in place of the book's own.
    pub edition: Option<Arc<Edition>>,
}

impl Preprocessor for Directives {
    fn name(&self) -> &str {
        "measured"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let project = Project::with_config(&context.root, &context.config)?;
        let mut pages = pages(&project)?;
        if let Some(edition) = &self.edition {
            edition.enter(&mut book).map_err(|mistakes| anyhow!("{}", told(mistakes)))?;
            pages.words = Some(edition.words.clone());
        }
        let mut written = Vec::new();
        for_each_page(&mut book.items, &mut |page, title, content| {
            let (page, title) = (page.display().to_string(), title.to_owned());
            written.push((page, title, std::mem::take(content)));
        });
        // Of all pages, also where only one is wanted, which may lead to them.
        let all = written.iter().map(|(page, title, text)| Written { page, title, text });
        pages.elsewhere = page::elsewhere(all, &pages.results);
        pages.titles =
            written.iter().map(|(page, title, _)| (page.clone(), title.clone())).collect();
        // Its words are the book's own language's.
        if self.edition.is_none()
            && let Some((.., text)) = written.iter().find(|(page, ..)| page == glossary::PAGE)
        {
            pages.glossary = Glossary::read(text)?;
        }
        let is_wanted = |page: &str| {
            self.only.as_ref().is_none_or(|only| only.as_path() == Path::new(page))
                && self.edition.as_ref().is_none_or(|edition| edition.has(page))
        };
        // Side by side; what they say comes in the order of the book all the same.
        let rendered: Vec<Result<String, Vec<String>>> = written
            .par_iter()
            .map(|(page, _, content)| match is_wanted(page) {
                true => pages.render(page, content),
                false => Ok(String::new()),
            })
            .collect();
        if self.only.is_none() && self.edition.is_none() {
            pages.colors.keep();
        }
        let mut mistakes = Vec::new();
        let mut rendered = rendered.into_iter();
        for_each_page(&mut book.items, &mut |_, _, content| match rendered
            .next()
            .expect("one for each page")
        {
            Ok(page) => *content = page,
            Err(all) => mistakes.extend(match &self.edition {
                Some(edition) => all.iter().map(|one| edition.placed(one)).collect(),
                None => all,
            }),
        });
        if mistakes.is_empty() { Ok(book) } else { Err(anyhow!("{}", told(mistakes))) }
    }
}

/// How many mistakes are told of. More have few causes, such as a folder that is not there.
const TOLD: usize = 40;

fn told(mut mistakes: Vec<String>) -> String {
    let more = mistakes.len().saturating_sub(TOLD);
    mistakes.truncate(TOLD);
    if more > 0 {
        mistakes.push(format!("and {more} more, perhaps for the same reason"));
    }
    mistakes.join("\n")
}

/// In the order of the book: mdBook's own way through it comes to a chapter after its parts.
fn for_each_page(items: &mut [BookItem], act: &mut impl FnMut(&Path, &str, &mut String)) {
    for item in items {
        if let BookItem::Chapter(chapter) = item {
            if let Some(path) = &chapter.source_path {
                act(path, &chapter.name, &mut chapter.content);
            }
            for_each_page(&mut chapter.sub_items, act);
        }
    }
}

#[cfg(test)]
mod tests {
    use mdbook_preprocessor::book::Chapter;

    use super::*;

    #[test]
    fn a_chapter_comes_before_its_parts() {
        let chapter =
            |name: &str| Chapter::new(name, String::new(), format!("{name}.md"), Vec::new());
        let mut first = chapter("first");
        first.sub_items.push(BookItem::Chapter(chapter("part")));
        let mut items = [first, chapter("second")].map(BookItem::Chapter);
        let mut seen = Vec::new();
        for_each_page(&mut items, &mut |_, title, _| seen.push(title.to_owned()));
        assert_eq!(seen, ["first", "part", "second"]);
    }

    #[test]
    fn of_very_many_mistakes_the_first_are_told_and_the_others_counted() {
        let mistakes =
            |count: usize| (1..=count).map(|n| format!("page.md:{n}: wrong")).collect();
        let few = told(mistakes(TOLD));
        assert!(few.lines().count() == TOLD && few.ends_with("page.md:40: wrong"), "{few}");
        let many = told(mistakes(785));
        assert_eq!(many.lines().count(), TOLD + 1);
        assert!(many.ends_with("and 745 more, perhaps for the same reason"), "{many}");
    }
}
