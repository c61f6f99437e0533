//! `cargo book <verb>`.

use std::process::ExitCode;

use clap::Parser;
use press::cmd::Cli;

fn main() -> ExitCode {
    Cli::parse().run_to_status()
}
