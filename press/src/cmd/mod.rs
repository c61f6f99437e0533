//! The verbs of `cargo book`, one file each.

pub mod build;
pub mod calibrate;
mod card;
pub mod check;
pub mod choose;
pub mod claims;
mod data;
mod editions;
pub mod epub;
pub mod exercises;
mod feed;
pub mod links;
pub mod machines;
pub mod measure;
mod offline;
pub mod preprocess;
pub mod python;
pub mod quiz;
pub mod replicate;
mod say;
mod search;
pub mod serve;
pub mod submit;
pub mod translate;
pub mod validate;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::outside::ending::{self, Interrupted};
use crate::outside::project::Project;
use crate::outside::strays;
use crate::store::results::LOCAL;
use crate::store::schema;

/// Measures, builds, serves and checks the book.
#[derive(Parser)]
#[command(bin_name = "cargo book", version)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Measure experiments on this machine and record the results.
    Measure(measure::Options),
    /// Measure what is known beforehand, and say whether the lab finds it.
    Calibrate(measure::Options),
    /// Build the book into target/book.
    Build,
    /// Build the book for e-readers, into target/taking-turns.epub.
    Epub,
    /// Build and serve the book; build again and reload on every change.
    Serve {
        /// The port on 127.0.0.1.
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
    /// Check pages, snippets, records and links.
    Check,
    /// Make the environment of the Python peers, and list every interpreter found.
    Python {
        /// Only list.
        #[arg(long)]
        list: bool,
    },
    /// Report what is reproduced: between two machines, or between the sittings of one.
    Replicate {
        /// Whose records; your own by default.
        #[arg(default_value = LOCAL)]
        machine: String,
        /// The machine to compare with; without one, each sitting with the others.
        #[arg(long, value_name = "MACHINE")]
        against: Option<String>,
    },
    /// Print every claim with its verdict, or why it has none.
    Claims {
        /// Judge by the records of this machine alone; by default, by the reference's, and say
        /// where the others differ.
        #[arg(long)]
        machine: Option<String>,
    },
    /// Say what a job would take in each model: time, CPU, memory, and what binds.
    Choose(choose::Options),
    /// List the exercises, by chapter, and which you have solved; have them run by rustlings.
    Exercises(exercises::Options),
    /// Ask questions whose keys the records have, and say which answer is right and why.
    Quiz(quiz::Options),
    /// Check your machine's records, name them, and say how to give them to the book.
    Submit(submit::Options),
    /// Check records that are given: seals, ranges, markup, how they were measured.
    Validate {
        /// Files of records, or folders of machines.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Say what is not translated; of a page, make a place for it in the page's translation.
    Translate {
        /// The translation, as `de/work.md`.
        page: Option<String>,
    },
    /// Print where the book's pages link to beyond itself, for a checker with a network.
    Links,
    /// List the machines there are records of.
    Machines,
    /// Print the JSON Schema of records, as `results/record.schema.json` has it.
    Schema,
    /// Ends what a killed measurement has left running; a measurement starts this itself.
    #[command(hide = true)]
    Guard {
        /// The number of its process.
        press: u32,
    },
    /// The preprocessor, as `mdbook build` starts it.
    Preprocess {
        #[command(subcommand)]
        question: Option<Question>,
    },
}

#[derive(Subcommand)]
enum Question {
    /// Whether a renderer is supported: every one is.
    Supports {
        /// Its name.
        renderer: String,
    },
}

impl Cli {
    /// Does what was asked for, and says why if it cannot.
    pub fn run_to_status(self) -> ExitCode {
        let Err(e) = self.run() else { return ExitCode::SUCCESS };
        if e.is::<say::Unread>() {
            return ExitCode::from(say::UNREAD);
        }
        say::note(&format!("error: {e:#}"));
        match e.is::<Interrupted>() {
            true => ExitCode::from(ending::INTERRUPTED),
            false => ExitCode::FAILURE,
        }
    }

    /// Does what was asked for.
    ///
    /// # Errors
    /// One message, for whoever asked.
    pub fn run(self) -> Result<()> {
        share_work();
        let project = || Project::find(&std::env::current_dir()?);
        match self.verb {
            Verb::Measure(options) => measure::measure(&project()?, options),
            Verb::Calibrate(options) => calibrate::calibrate(&project()?, options),
            Verb::Guard { press } => {
                ending::guard(io::stdin().lock());
                strays::end_those_of(press);
                Ok(())
            }
            Verb::Build => {
                let folder = build::build(&project()?)?;
                say::say(&folder.join("index.html").display().to_string());
                Ok(())
            }
            Verb::Epub => {
                let file = epub::epub(&project()?)?;
                say::say(&file.display().to_string());
                Ok(())
            }
            Verb::Serve { port } => serve::serve(&project()?, port),
            Verb::Check => check::check(&project()?),
            Verb::Python { list } => python::python(&project()?, list),
            Verb::Replicate { machine, against } => {
                replicate::replicate(&project()?, &machine, against.as_deref())
            }
            Verb::Claims { machine } => claims::print(&project()?, machine),
            Verb::Choose(options) => choose::choose(&project()?, &options),
            Verb::Exercises(options) => exercises::answer(&project()?, &options),
            Verb::Quiz(options) => quiz::quiz(&project()?, &options),
            Verb::Submit(options) => submit::submit(&project()?, &options),
            Verb::Validate { paths } => validate::validate(&project()?, &paths),
            Verb::Translate { page } => translate::translate(&project()?, page.as_deref()),
            Verb::Links => links::print(&project()?),
            Verb::Machines => machines::print(&project()?),
            Verb::Schema => say::answer(&schema::text()),
            // mdBook skips a preprocessor that says no, and ships the raw directives.
            Verb::Preprocess { question: Some(Question::Supports { .. }) } => Ok(()),
            Verb::Preprocess { question: None } => preprocess::preprocess(),
        }
    }
}

/// Has work that can be shared done by this thread alone where no others are to be had; rayon
/// would panic.
fn share_work() {
    let wanted = thread::available_parallelism().map_or(1, Into::into);
    let start = |_| thread::Builder::new().spawn(thread::park);
    let started: Vec<_> = (0..wanted).map_while(|i| start(i).ok()).collect();
    let has_all = started.len() == wanted;
    for thread in started {
        thread.thread().unpark();
        let _ = thread.join();
    }
    if !has_all {
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
        let _ = alone.build_global();
    }
}
