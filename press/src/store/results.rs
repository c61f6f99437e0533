//! All records there are, by machine and experiment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::store::record::Record;

/// All records of all machines under `results/`.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// The machine whose numbers the book's sentences rest on.
    pub reference: String,
    /// Machine, then experiment.
    pub machines: BTreeMap<String, BTreeMap<String, Record>>,
}

/// The folder of the reader's own records.
pub const LOCAL: &str = "local";

impl Results {
    /// Reads every record under `folder`.
    ///
    /// # Errors
    /// When one of them is damaged.
    pub fn read(folder: &Path, reference: &str) -> Result<Results> {
        let mut machines = BTreeMap::new();
        for (machine, files) in files(folder)? {
            let mut records = BTreeMap::new();
            for path in files {
                let record = Record::read(&path)?;
                records.insert(record.experiment.clone(), record);
            }
            machines.insert(machine, records);
        }
        Ok(Results { reference: reference.to_owned(), machines })
    }

    /// The reference machine's record of `experiment`.
    pub fn reference(&self, experiment: &str) -> Option<&Record> {
        self.machines.get(&self.reference)?.get(experiment)
    }

    /// The reader's own record of `experiment`.
    pub fn local(&self, experiment: &str) -> Option<&Record> {
        self.machines.get(LOCAL)?.get(experiment)
    }
}

/// The files of all records below `folder`, by machine.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path) -> Result<BTreeMap<String, Vec<PathBuf>>> {
    let mut machines = BTreeMap::new();
    for machine in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
        let mut files = sorted(&machine)?;
        files.retain(|path| path.extension().is_some_and(|e| e == "json"));
        let name = machine.file_name().unwrap_or_default().to_string_lossy().into_owned();
        machines.insert(name, files);
    }
    Ok(machines)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths = read().with_context(|| format!("cannot read {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}
