//! Whose records a page shows, and in which order.

use anyhow::Result;

use crate::store::record::{Method, Record, Sitting};
use crate::store::results::{LOCAL, Results};

/// Whose a machine is. The order is that in which pages show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The reader's own.
    Local,
    /// The one that the book's sentences rest on; it must have whatever is asked for.
    Reference,
    /// Somebody else's.
    Other,
}

impl Role {
    /// Whose `machine` is.
    pub fn of(results: &Results, machine: &str) -> Role {
        match machine {
            LOCAL => Role::Local,
            name if name == results.reference => Role::Reference,
            _ => Role::Other,
        }
    }
}

/// A record that a page shows.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'r> {
    /// The machine's name, as its folder is called.
    pub machine: &'r str,
    /// What was measured there.
    pub record: &'r Record,
    /// Whose machine it is.
    pub role: Role,
}

/// Every machine there is, and whose it is, in the order of pages.
pub fn machines(results: &Results) -> Vec<(Role, &str)> {
    let mut all: Vec<(Role, &str)> =
        results.machines.keys().map(|name| (Role::of(results, name), name.as_str())).collect();
    all.sort();
    all
}

impl Shown<'_> {
    /// The record of `experiment` on `machine`.
    pub fn of<'r>(
        results: &'r Results,
        machine: &'r str,
        experiment: &str,
    ) -> Option<Shown<'r>> {
        let record = results.record(machine, experiment)?;
        Some(Shown { machine, record, role: Role::of(results, machine) })
    }

    /// The records of `experiment`, in the order of pages.
    pub fn all<'r>(results: &'r Results, experiment: &str) -> Vec<Shown<'r>> {
        let machines = machines(results).into_iter();
        machines.filter_map(|(_, name)| Shown::of(results, name, experiment)).collect()
    }

    /// What was asked of this record. The reference must have it; others may lack it.
    ///
    /// # Errors
    /// When the reference lacks it.
    pub fn excuse<T>(&self, asked: Result<T>) -> Result<Option<T>> {
        match asked {
            Err(e) if self.role == Role::Reference => Err(e),
            asked => Ok(asked.ok()),
        }
    }

    /// Where its data are published, as a file of that `kind`, for a page that lies `depth`
    /// folders below the book's. The reader's own are nowhere but with the reader.
    pub fn data(&self, depth: usize, kind: &str) -> Option<String> {
        let up = "../".repeat(depth);
        let file = format!("{up}data/{}/{}.{kind}", self.machine, self.record.experiment);
        (self.role != Role::Local).then_some(file)
    }

    /// One line about where and when: machine, rounds, date.
    pub fn provenance(&self) -> String {
        let record = self.record;
        let day =
            |sitting: &Sitting| sitting.date.split('T').next().unwrap_or_default().to_owned();
        let (first, last) = (&record.sittings[0], record.last());
        let days = match (day(first), day(last)) {
            (first, last) if first == last => last,
            (first, last) => format!("{first} to {last}"),
        };
        let quick = if record.quick { "quick run, " } else { "" };
        let commit = match (&last.commit, last.modified) {
            (Some(commit), false) => format!(", commit {commit}"),
            (Some(commit), true) => format!(", after commit {commit}"),
            (None, _) => String::new(),
        };
        let (kept, sittings) = (record.rounds(), record.sittings.len());
        let mut how = match record.method {
            Method::Rounds if kept == 1 => "1 round".to_owned(),
            Method::Rounds => format!("{kept} interleaved rounds"),
            Method::Criterion => format!("Criterion, {kept} samples"),
        };
        if sittings > 1 {
            how.push_str(&format!(" in {sittings} sittings"));
        }
        if record.is_older() {
            how.push_str(", by older rules");
        }
        format!("{}, {quick}{how}, {days}{commit}", title(self.machine))
    }
}

/// What readers call a machine.
pub fn title(machine: &str) -> &str {
    if machine == LOCAL { "your machine" } else { machine }
}
