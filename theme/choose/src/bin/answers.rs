//! Answers as the form does, in this machine's own code: a line of numbers in, a line of text
//! out. A test holds the two against each other.

use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        // What is no number is none to the model, either.
        let number = |text: &str| text.parse().unwrap_or(f64::NAN);
        let numbers: Vec<f64> = line.split_whitespace().map(number).collect();
        match numbers.is_empty() {
            true => writeln!(out, "{}", choose_form::about())?,
            false => writeln!(out, "{}", choose_form::answered(&numbers))?,
        }
    }
    Ok(())
}
