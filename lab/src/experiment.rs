//! An experiment, as an example's `main` writes it down.

use std::fmt::Display;
use std::process::ExitCode;

use crate::{Crew, Run, cli};

/// What does the work, and so the color of its bar in the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One flow of control, nothing concurrent.
    Alone,
    /// Threads of one process.
    Thread,
    /// Several processes.
    Process,
    /// Tasks on an event loop.
    Task,
}

impl Kind {
    /// As it stands in the runner lines and in a record.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Alone => "alone",
            Kind::Thread => "thread",
            Kind::Process => "process",
            Kind::Task => "task",
        }
    }
}

/// A kind of work that several variants do: variants are compared within their case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Short name, the first part of a variant's id. A number makes a point on a curve.
    pub name: String,
    /// One line for the table.
    pub label: String,
}

/// One way to do the work.
pub struct Variant {
    /// The kind of work it does, if the experiment has several.
    pub case: Option<Case>,
    /// Short name, the second part of its id.
    pub name: String,
    /// One line for the table.
    pub label: String,
    /// What does the work.
    pub kind: Kind,
    /// Its answer is what was observed, and need not be the same as another's.
    pub observed: bool,
    /// It takes so long that `--quick` leaves it out.
    pub slow: bool,
    pub(crate) work: Box<dyn Fn(&mut Run) -> String>,
}

impl Variant {
    /// `case/name`, or `name` without a case.
    pub fn id(&self) -> String {
        match &self.case {
            Some(case) => format!("{}/{}", case.name, self.name),
            None => self.name.clone(),
        }
    }
}

type Child = Box<dyn Fn(&[String])>;

/// An experiment: a question and the variants that answer it.
pub struct Experiment {
    pub(crate) name: String,
    pub(crate) question: String,
    pub(crate) baseline: String,
    pub(crate) variants: Vec<Variant>,
    pub(crate) children: Vec<(String, Child)>,
    // What the next variant gets.
    case: Option<Case>,
    observed: bool,
    slow: bool,
}

impl Experiment {
    /// An experiment called like its example, and the question it answers.
    pub fn new(name: &str, question: &str) -> Experiment {
        Experiment {
            name: name.into(),
            question: question.into(),
            baseline: "sequential".into(),
            variants: Vec::new(),
            children: Vec::new(),
            case: None,
            observed: false,
            slow: false,
        }
    }

    /// The variants that speed-ups are taken against; `sequential` unless told.
    pub fn baseline(mut self, name: &str) -> Experiment {
        self.baseline = name.into();
        self
    }

    /// The answers of the variants that follow are what is observed: they may differ.
    pub fn observed(mut self) -> Experiment {
        self.observed = true;
        self
    }

    /// The next variant takes so long that `--quick` leaves it out.
    pub fn slow(mut self) -> Experiment {
        self.slow = true;
        self
    }

    /// The variants that follow do this kind of work.
    pub fn case(mut self, name: &str, label: &str) -> Experiment {
        self.case = Some(Case { name: name.into(), label: label.into() });
        self
    }

    /// Adds a variant. Its answer is compared as text with those of the same case.
    ///
    /// # Panics
    /// When there is a variant of this name in the case: records could not be read.
    #[track_caller]
    pub fn variant<A: Display>(
        mut self,
        kind: Kind,
        name: &str,
        label: &str,
        work: impl Fn(&mut Run) -> A + 'static,
    ) -> Experiment {
        let variant = Variant {
            case: self.case.clone(),
            name: name.into(),
            label: label.into(),
            kind,
            observed: self.observed,
            slow: std::mem::take(&mut self.slow),
            work: Box::new(move |run| work(run).to_string()),
        };
        let id = variant.id();
        assert!(self.find(&id).is_none(), "two variants are called {id}");
        self.variants.push(variant);
        self
    }

    /// What this program does when it is started again with [`crate::rerun_self`].
    pub fn child(mut self, name: &str, work: impl Fn(&[String]) + 'static) -> Experiment {
        self.children.push((name.into(), Box::new(work)));
        self
    }

    /// What member `i` of a [`Crew`] called `name` does: `work(i, args)`, where `args` come
    /// with the word.
    pub fn crew(
        self,
        name: &str,
        work: impl Fn(u64, &[String]) -> String + 'static,
    ) -> Experiment {
        self.child(name, move |args| {
            let i: usize = args.first().and_then(|i| i.parse().ok()).unwrap_or(0);
            Crew::report(i, |args| work(i as u64, args));
        })
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id() == id)
    }

    pub(crate) fn ids(&self) -> String {
        self.variants.iter().map(Variant::id).collect::<Vec<_>>().join(", ")
    }

    /// Reads the command line and does what it says. The status is not 0 when a variant
    /// gave a wrong answer or the command line was not understood.
    pub fn run(self) -> ExitCode {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let name = self.name.clone();
        match cli::dispatch(self, &arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(text) => {
                eprintln!("{name}: {text}");
                ExitCode::FAILURE
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic = "two variants are called small/a"]
    fn a_name_can_be_given_once_in_a_case() {
        let _ = Experiment::new("demo", "Why?")
            .variant(Kind::Alone, "a", "", |_| 42)
            .case("small", "")
            .variant(Kind::Alone, "a", "", |_| 42)
            .variant(Kind::Thread, "a", "", |_| 42);
    }
}
