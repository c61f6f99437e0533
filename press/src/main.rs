//! `cargo book <verb>`.

use std::process::ExitCode;

use clap::Parser;
use press::ask::plain::lines;
use press::cmd::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {}", lines(&format!("{e:#}")));
            ExitCode::FAILURE
        }
    }
}
