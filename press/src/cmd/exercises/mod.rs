//! `cargo book exercises`: what the chapters give to do, how far the reader is, and the same as
//! a folder that [rustlings](https://rustlings.rust-lang.org) runs.
//!
//! Nothing is stored for it. What an exercise is says its page; starter, solution and hint lie
//! in the chapter's `exercises/`; and its test is cut out of the chapter's, which tries both.

mod cut;
mod folder;
mod found;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

pub use found::{Exercise, exercises};

use super::say;
use crate::ask::near::Unknown;
use crate::outside::cargo;
use crate::outside::manifest::normal;
use crate::outside::project::Project;
use folder::Folder;

/// The version of rustlings that `.ci/run` checks the folder with.
const RUSTLINGS: &str = "6";

/// What is asked for; by default, the list.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: Option<What>,
    /// The folder of your own that you solve them in; by default `rustlings` beside the book's.
    #[arg(long, value_name = "FOLDER", global = true)]
    into: Option<PathBuf>,
}

#[derive(Subcommand)]
enum What {
    /// Make the folder, or bring it up to date. What you have changed in it stays.
    Start,
    /// Run the test of an exercise, as you have solved it so far.
    Run {
        /// `threads_survive`, or `survive` where only one is called so.
        name: String,
    },
    /// Help with an exercise.
    Hint {
        /// As with `run`.
        name: String,
    },
}

/// Does what is asked for.
///
/// # Errors
/// When an exercise lacks a part, there is none of this name, or its test does not pass.
pub fn answer(project: &Project, options: &Options) -> Result<()> {
    let all = exercises(&project.root)?;
    let folder = match &options.into {
        Some(folder) => normal(&std::env::current_dir()?.join(folder)),
        None => project.root.join("rustlings"),
    };
    let folder = Folder::at(&folder);
    let shown = shown(project, folder.path());
    match &options.what {
        None => say::answer(&listed(&all, &folder.solved()?, &shown)),
        Some(What::Start) => {
            let made = folder.make(project, &all)?;
            say::say(&made.told(&shown));
            Ok(())
        }
        Some(What::Hint { name }) => say::answer(&format!("{}\n", one(&all, name)?.hint)),
        Some(What::Run { name }) => {
            let exercise = one(&all, name)?;
            if !folder.has(exercise) {
                let made = folder.make(project, &all)?;
                say::note(&made.told(&shown));
            }
            if !folder.has(exercise) {
                bail!("{} is not for this system", exercise.id);
            }
            let passes = cargo::test_bin(folder.path(), &exercise.id)?;
            folder.note(&all, exercise, passes)?;
            let file = folder.shown(&shown, exercise);
            if !passes {
                bail!("not solved yet: {file}");
            }
            say::say(&format!(
                "Solved: {file}\nA solution to compare with: {}",
                folder.solution(&shown, exercise)
            ));
            Ok(())
        }
    }
}

/// The folder as it is shown: below the book's, without what is above.
fn shown(project: &Project, folder: &Path) -> String {
    let below = folder.strip_prefix(&project.root).unwrap_or(folder);
    below.display().to_string().replace('\\', "/")
}

/// The exercise that is called so.
fn one<'e>(all: &'e [Exercise], name: &str) -> Result<&'e Exercise> {
    if let Some(exercise) = all.iter().find(|exercise| exercise.id == name) {
        return Ok(exercise);
    }
    let called: Vec<&Exercise> = all.iter().filter(|exercise| exercise.name == name).collect();
    match called[..] {
        [exercise] => Ok(exercise),
        [] => {
            let text = format!("no exercise is called `{name}`");
            bail!(Unknown::new(text, name, all.iter().map(|exercise| exercise.id.as_str())))
        }
        _ => {
            let ids: Vec<&str> = called.iter().map(|exercise| exercise.id.as_str()).collect();
            bail!("`{name}` is one of {}", ids.join(", "))
        }
    }
}

/// All of them, page by page, and which are solved.
fn listed(all: &[Exercise], solved: &BTreeSet<String>, folder: &str) -> String {
    let mut out = String::new();
    let width = all.iter().map(|exercise| exercise.id.len()).max().unwrap_or(0);
    for page in all.chunk_by(|a, b| a.page == b.page) {
        out.push_str(&format!("{}: {}\n", page[0].page_title, page[0].place));
        for Exercise { id, number, title, .. } in page {
            let mark = if solved.contains(id) { 'x' } else { ' ' };
            out.push_str(&format!("  [{mark}] {id:width$}  {number}. {title}\n"));
        }
        out.push('\n');
    }
    let done = all.iter().filter(|exercise| solved.contains(&exercise.id)).count();
    out.push_str(&format!("{done} of {} solved.\n", all.len()));
    let next = all.iter().find(|exercise| !solved.contains(&exercise.id));
    if let Some(Exercise { id, .. }) = next {
        out.push_str(&format!(
            "One by one:  cargo book exercises run {id}    (or: hint {id})\n\
             With a guide: cargo book exercises start, and then `rustlings` in {folder}/\n\
             \x20             (version {RUSTLINGS}: cargo install rustlings --locked)\n"
        ));
    }
    out
}

/// The files that rustlings would be given, by their paths in its folder: the book is tested
/// by them.
///
/// # Errors
/// When an exercise lacks a part.
pub fn files(root: &Path) -> Result<Vec<(PathBuf, String)>> {
    let project = Project::find(root)?;
    folder::files(&project, &exercises(root)?, root).context("the exercises for rustlings")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo(id: &str, name: &str, page: &str) -> Exercise {
        Exercise {
            id: id.into(),
            chapter: "a".into(),
            name: name.into(),
            page: page.into(),
            page_title: page.into(),
            place: format!("book/{page}"),
            number: 1,
            title: "Do it".into(),
            hint: "Look.".into(),
        }
    }

    #[test]
    fn an_exercise_is_found_by_its_whole_name_or_by_its_own_where_that_is_one() {
        let all =
            [demo("a_b", "b", "a.md"), demo("a_c", "c", "a.md"), demo("d_c", "c", "d.md")];
        assert_eq!(one(&all, "a_b").unwrap().id, "a_b");
        assert_eq!(one(&all, "b").unwrap().id, "a_b");
        assert_eq!(one(&all, "d_c").unwrap().id, "d_c");
        assert_eq!(format!("{}", one(&all, "c").unwrap_err()), "`c` is one of a_c, d_c");
        let unknown = format!("{}", one(&all, "a_d").unwrap_err());
        assert!(unknown.starts_with("no exercise is called `a_d`"), "{unknown}");
    }

    #[test]
    fn the_list_has_each_page_once_and_tells_what_is_solved_and_what_comes_next() {
        let all =
            [demo("a_b", "b", "a.md"), demo("a_c", "c", "a.md"), demo("d_c", "c", "d.md")];
        let text = listed(&all, &["a_b".to_owned()].into(), "rustlings");
        assert_eq!(text.matches("a.md: book/a.md").count(), 1, "{text}");
        assert!(text.contains("  [x] a_b  1. Do it\n  [ ] a_c  1. Do it\n"), "{text}");
        assert!(text.contains("1 of 3 solved.") && text.contains("run a_c"), "{text}");
        let ids = all.iter().map(|exercise| exercise.id.clone()).collect();
        assert!(listed(&all, &ids, "rustlings").ends_with("3 of 3 solved.\n"));
    }
}
