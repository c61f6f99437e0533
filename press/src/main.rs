//! `cargo book <verb>`.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use press::cmd::{build, check, claims, machines, measure, preprocess, python, serve};
use press::outside::project::Project;

/// Measures, builds, serves and checks the book.
#[derive(Parser)]
#[command(bin_name = "cargo book", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Measure experiments on this machine and record the results.
    Measure(measure::Options),
    /// Build the book into target/book.
    Build,
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
    /// Print every claim with its verdict, or why it has none.
    Claims {
        /// By the records of this machine; the reference unless told.
        #[arg(long)]
        machine: Option<String>,
    },
    /// List the machines there are records of.
    Machines,
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

fn main() -> ExitCode {
    match run(Cli::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> Result<()> {
    let project = || Project::find(&std::env::current_dir()?);
    match verb {
        Verb::Measure(options) => measure::measure(&project()?, options),
        Verb::Build => {
            let folder = build::build(&project()?)?;
            println!("{}", folder.join("index.html").display());
            Ok(())
        }
        Verb::Serve { port } => serve::serve(&project()?, port),
        Verb::Check => check::check(&project()?),
        Verb::Python { list } => python::python(&project()?, list),
        Verb::Claims { machine } => claims::print(&project()?, machine),
        Verb::Machines => machines::print(&project()?),
        // mdBook skips a preprocessor that says no, and ships the raw directives.
        Verb::Preprocess { question: Some(Question::Supports { .. }) } => Ok(()),
        Verb::Preprocess { question: None } => preprocess::preprocess(),
    }
}
