//! Finds for each planted bug the order in which it fails, and keeps it.
//!
//! ```text
//! cargo run -p orders_model              # all of them
//! cargo run -p orders_model load_store   # one
//! ```

use std::env;
use std::process::{Command, ExitCode};

use orders::PROGRAMS;
use orders_model::{Found, find, kept, record};

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [verb, name] = &args[..]
        && let "find" | "find-right" = verb.as_str()
    {
        find(name, verb == "find-right");
        return ExitCode::SUCCESS;
    }
    let mut failed = false;
    for program in
        PROGRAMS.iter().filter(|p| args.is_empty() || args.iter().any(|a| a == p.name))
    {
        let name = program.name;
        let exe = env::current_exe().expect("this program has a file");
        // In a process of its own, which ends where loom has found something.
        let output =
            Command::new(exe).args(["find", name]).output().expect("it can be started");
        match Found::read(&String::from_utf8_lossy(&output.stdout)) {
            Some(found) => {
                let text = record(program, &found);
                std::fs::write(kept(name), &text).expect("it can be written");
                println!("{name}: {} steps, {} bytes", found.order.len(), text.len());
            }
            None => {
                let said = String::from_utf8_lossy(&output.stderr);
                eprintln!("{name}: loom found nothing; {said}");
                failed = true;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
