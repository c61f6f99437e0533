//! What is kept of a program: the order that fails, and every place there is, as JSON.
//!
//! A line for each step, each state and each place, so that what changes is seen. `press` reads
//! it, and says in `figure/order.rs` what each field is.

use std::collections::HashMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::graph::{Move, count, explore};
use crate::programs::Program;
use crate::turns::{At, Reached};

/// The folder of the book's repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Things that are kept once, each by its number.
#[derive(Default)]
struct Table {
    lines: Vec<String>,
    known: HashMap<String, usize>,
}

impl Table {
    fn number(&mut self, value: &Value) -> usize {
        let line = value.to_string();
        let next = self.lines.len();
        *self.known.entry(line.clone()).or_insert_with(|| {
            self.lines.push(line);
            next
        })
    }

    fn text(&self) -> String {
        self.lines.join(",\n    ")
    }
}

/// A file as the repository names it, a line of it, and what it says.
fn line(at: At, texts: &mut HashMap<String, String>) -> (String, usize, String) {
    let parts: Vec<&str> = at.file.split(['/', '\\']).collect();
    // From `orders/src/../../examples/…`, as the compiler has it.
    let from = parts.iter().rposition(|part| *part == "..").map_or(0, |up| up + 1);
    let file = parts[from..].join("/");
    let text = texts
        .entry(file.clone())
        .or_insert_with(|| fs::read_to_string(root().join(&file)).expect("a file of ours"));
    let mut lines = (1..).zip(text.lines().map(str::trim)).skip(at.line as usize - 1);
    let is_it = |code: &str| code.contains("unpark") || code.contains(".wake()");
    let found = lines.find(|(_, code)| !at.wakes_below || is_it(code));
    let (number, code) = found.expect("a line of it");
    (file, number, code.to_owned())
}

/// All that is kept of a program that fails by this order, which loom found in that execution.
///
/// # Panics
/// When it does not fail, or has too many places to be kept.
pub fn text(program: &Program, reached: &Reached, execution: u64) -> String {
    let places = explore(program, program.wrong);
    let (orders, failing) = count(&places);
    let (right, _) = count(&explore(program, program.right));
    let (mut files, mut steps, mut states) =
        (Table::default(), Table::default(), Table::default());
    let mut texts = HashMap::new();
    let mut place = |at: At| {
        let (file, number, code) = line(at, &mut texts);
        json!([files.number(&json!(file)), number, code])
    };
    let lines: Vec<String> = places
        .iter()
        .map(|at| {
            let values: Vec<&str> = at.shared.iter().map(|(_, value)| value.as_str()).collect();
            let moves: Vec<Value> = at
                .moves
                .iter()
                .map(|next| match next {
                    Move::To(step, to) => {
                        let Value::Array(mut line) = place(step.at) else { unreachable!() };
                        line.push(json!(step.says));
                        json!([steps.number(&json!(line)), to])
                    }
                    Move::Waits(at) => json!([steps.number(&place(*at))]),
                    Move::Done => json!(null),
                })
                .collect();
            let mut kept = vec![json!(states.number(&json!(values))), json!(moves)];
            match &at.end {
                Some(Ok(())) => kept.push(json!("")),
                Some(Err(failure)) => kept.push(json!(failure.to_string())),
                None => {}
            }
            json!(kept).to_string()
        })
        .collect();
    let shared: Vec<&str> = places[0].shared.iter().map(|(name, _)| *name).collect();
    let failure = reached.failure.as_ref().expect("it fails").to_string();
    let mut out = String::new();
    let mut field = |name: &str, value: Value| {
        writeln!(out, "  \"{name}\": {value},").expect("a string takes all");
    };
    field("name", json!(program.name));
    field("lanes", json!(program.lanes));
    field("shared", json!(shared));
    field("execution", json!(execution));
    field("order", json!(reached.order));
    field("failure", json!(failure));
    field("orders", json!(orders));
    field("failing", json!(failing));
    field("right", json!(right));
    field("files", json!(files.lines.iter().map(|f| f.trim_matches('"')).collect::<Vec<_>>()));
    format!(
        "{{\n{out}  \"steps\": [\n    {}\n  ],\n  \"states\": [\n    {}\n  ],\n  \
         \"places\": [\n    {}\n  ]\n}}\n",
        steps.text(),
        states.text(),
        lines.join(",\n    ")
    )
}
