//! All records there are, by machine and experiment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub use crate::store::read::LOCAL;
use crate::store::record::Record;
use crate::store::{grow, limits, read};

/// All records of all machines under `results/`.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// The machine whose numbers the book's sentences rest on.
    pub reference: String,
    /// Machine, then experiment.
    pub machines: BTreeMap<String, BTreeMap<String, Record>>,
    /// What was computed of a machine's records and is asked like one, by the name it is asked
    /// by. It is no file, and whoever lists records leaves it out.
    pub derived: BTreeMap<String, BTreeMap<String, Record>>,
}

impl Results {
    /// Reads every record under `folder`.
    ///
    /// # Errors
    /// When one of them is damaged, a folder has records of two machines, or the reference has
    /// none.
    pub fn read(folder: &Path, reference: &str) -> Result<Results> {
        let files = files(folder)?;
        if files.get(reference).is_none_or(Vec::is_empty) {
            bail!("{}", without_reference(folder, reference, &files));
        }
        let mut machines = BTreeMap::new();
        for (machine, files) in files {
            let mut records = BTreeMap::new();
            for path in files {
                let record = Record::read(&path)?;
                records.insert(record.experiment.clone(), record);
            }
            is_of_one_machine(&folder.join(&machine), &records, machine != LOCAL)?;
            machines.insert(machine, records);
        }
        Ok(Results { reference: reference.to_owned(), machines, derived: BTreeMap::new() })
    }

    /// What `machine` says of `experiment`: its record, or what was computed of its records.
    pub fn record(&self, machine: &str, experiment: &str) -> Option<&Record> {
        let measured = self.machines.get(machine).and_then(|records| records.get(experiment));
        let computed = || self.derived.get(machine)?.get(experiment);
        measured.or_else(computed)
    }

    /// The reference machine's record of `experiment`.
    pub fn reference(&self, experiment: &str) -> Option<&Record> {
        self.record(&self.reference, experiment)
    }

    /// The reader's own record of `experiment`.
    pub fn local(&self, experiment: &str) -> Option<&Record> {
        self.record(LOCAL, experiment)
    }
}

/// One message, where else every number of every page would have its own.
fn without_reference(
    folder: &Path,
    reference: &str,
    files: &BTreeMap<String, Vec<PathBuf>>,
) -> String {
    let own = folder.join(reference);
    let others: Vec<&str> = files
        .iter()
        .filter(|(name, files)| !files.is_empty() && *name != reference)
        .map(|(name, _)| name.as_str())
        .collect();
    let others = match others.is_empty() {
        true => String::new(),
        false => format!("; there are those of {}", others.join(", ")),
    };
    format!(
        "{own}: there are no records of the machine that book.toml names as `reference`; bring \
         them back with `git checkout {own}`, or measure them with `cargo book measure --as \
         {reference}`{others}",
        own = own.display(),
    )
}

/// # Errors
/// When two records in `folder` are of two machines, by what these say of themselves and, if
/// `known` is asked, by their known answers.
pub fn is_of_one_machine(
    folder: &Path,
    records: &BTreeMap<String, Record>,
    known: bool,
) -> Result<()> {
    let apart = grow::two_machines(records.values()).or_else(|| {
        // The reader's own machine may be set to another clock rate from day to day.
        known.then(|| grow::a_stranger(records.values())).flatten()
    });
    let Some((one, other, why)) = apart else { return Ok(()) };
    let file = |record: &Record| folder.join(format!("{}.json", record.experiment));
    bail!(
        "{}: made on another machine than {} ({}); a machine's records have a folder of their \
         own, so move it there, or measure it again",
        file(other).display(),
        file(one).display(),
        limits::printable(&why.join("; "))
    )
}

/// The files of all records below `folder`, by machine. What is hidden is nobody's record.
///
/// # Errors
/// When a folder cannot be read, is named unlike a machine, or has something else than a file
/// in a record's place.
pub fn files(folder: &Path) -> Result<BTreeMap<String, Vec<PathBuf>>> {
    let mut machines = BTreeMap::new();
    for machine in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
        let name = machine.file_name().unwrap_or_default().to_string_lossy().into_owned();
        limits::machine(&name).with_context(|| {
            format!("{}: rename this folder", limits::printable(&machine.to_string_lossy()))
        })?;
        let mut files = sorted(&machine)?;
        files.retain(|path| path.extension().is_some_and(|e| e == "json"));
        files.iter().try_for_each(|path| read::is_file(path))?;
        machines.insert(name, files);
    }
    Ok(machines)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths = read().with_context(|| format!("cannot read {}", folder.display()))?;
    let is_hidden = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    paths.retain(|path| !is_hidden(path));
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    /// Records of `ref`, and of `far` as `change` makes them of the demo.
    fn results(change: impl Fn(&mut Record)) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        demo().write(&folder.path().join("ref")).unwrap();
        for name in ["a", "b", "c"] {
            let mut record = demo();
            record.experiment = name.into();
            record.sittings[0].known = BTreeMap::from([("spin_ns".into(), 6.8)]);
            if name == "b" {
                change(&mut record);
            }
            record.write(&folder.path().join("far")).unwrap();
        }
        folder
    }

    fn said(folder: &tempfile::TempDir) -> String {
        let said = format!("{:#}", Results::read(folder.path(), "ref").unwrap_err());
        assert_eq!(said.lines().count(), 1, "{said}");
        said.replace(&*folder.path().to_string_lossy(), "results").replace('\\', "/")
    }

    #[test]
    fn a_folder_of_two_machines_is_refused_with_both_files_and_what_differs() {
        type Change = fn(&mut Record);
        let cases: [(Change, &str, &str); 3] = [
            (|r| r.machine.arch = "aarch64".into(), "a", "architecture aarch64, not x86_64"),
            (|r| r.machine.cpu = Some("Another".into()), "a", "processor Another, not A proc"),
            (
                |r| r.sittings[0].known = BTreeMap::from([("spin_ns".into(), 9.3)]),
                "a",
                "a step of the chain takes 9.3 ns, not 6.8 ns",
            ),
        ];
        for (change, with, why) in cases {
            let said = said(&results(change));
            let both = format!(
                "results/far/b.json: made on another machine than results/far/{with}.json ("
            );
            assert!(said.starts_with(&both) && said.contains(why), "{said}");
        }
        let same = results(|record| record.machine.kernel = Some("7.0".into()));
        assert_eq!(Results::read(same.path(), "ref").unwrap().machines["far"].len(), 3);
    }

    #[test]
    fn a_reference_without_records_is_one_message_and_names_who_has_some() {
        for machine in ["ref", "far"] {
            let folder = results(|_| ());
            fs::remove_file(folder.path().join("ref/demo.json")).unwrap();
            if machine == "far" {
                fs::remove_dir(folder.path().join("ref")).unwrap();
            }
            let said = said(&folder);
            assert!(said.starts_with("results/ref: there are no records of the"), "{said}");
            assert!(said.contains("`git checkout results/ref`"), "{said}");
            assert!(said.ends_with("--as ref`; there are those of far"), "{said}");
        }
    }

    #[test]
    fn a_folder_that_is_named_like_markup_or_a_path_is_no_machine() {
        for name in ["<img src=x>", "a b", "{{#include x}}", "a.b"] {
            let folder = results(|_| ());
            if fs::create_dir(folder.path().join(name)).is_err() {
                continue; // Windows has fewer names.
            }
            let said = said(&folder);
            assert!(
                said.contains("rename this folder: a machine's name has letters"),
                "{said}"
            );
        }
        let folder = results(|_| ());
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join("ref/._demo.json"), "x").unwrap();
        Results::read(folder.path(), "ref").expect("what is hidden is no record");
    }

    #[test]
    fn a_folder_in_a_records_place_is_named() {
        let folder = results(|_| ());
        fs::create_dir(folder.path().join("ref/x.json")).unwrap();
        assert!(said(&folder).starts_with("results/ref/x.json: not a file"));
    }
}
