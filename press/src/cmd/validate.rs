//! `cargo book validate`: whether records are fit to be given to the book.
//!
//! A workflow runs it over what a pull request brings. It reads records and the names of
//! experiments, and runs nothing of either.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::say;
use crate::outside::git;
use crate::outside::project::Project;
use crate::store::offered::Offered;

/// Checks the records at `paths`, which are files of records or folders of machines.
///
/// # Errors
/// A message for each that is refused, with its file, what is wrong, and how to mend it.
pub fn validate(project: &Project, paths: &[PathBuf]) -> Result<()> {
    let mut refused = Vec::new();
    let mut out = String::new();
    for (folder, named) in by_machine(paths)? {
        let offered = read(project, &folder, &named)?;
        refused.extend(offered.refused);
        out.push_str(&format!("{}: {} fit to be given\n", folder.display(), {
            let n = offered.records.len();
            if n == 1 { "1 record is".into() } else { format!("{n} records are") }
        }));
        offered.notes.iter().for_each(|note| out.push_str(&format!("  note: {note}\n")));
    }
    say::answer(&out)?;
    Offered { refused, ..Offered::default() }.is_fit()
}

/// The folders of machines, each with the experiments that are asked for; none: all.
fn by_machine(paths: &[PathBuf]) -> Result<BTreeMap<PathBuf, Vec<String>>> {
    let mut machines: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for path in paths {
        let about = std::fs::symlink_metadata(path)
            .with_context(|| format!("{}: there is nothing there", path.display()))?;
        if about.is_dir() {
            machines.insert(path.clone(), Vec::new());
            continue;
        }
        let (Some(folder), Some(stem)) = (path.parent(), path.file_stem()) else {
            bail!("{}: neither a record nor the folder of a machine", path.display());
        };
        let stem = stem.to_string_lossy().into_owned();
        match machines.get_mut(folder) {
            // All of it is asked for already.
            Some(named) if named.is_empty() => {}
            Some(named) => named.push(stem),
            None => drop(machines.insert(folder.to_owned(), vec![stem])),
        }
    }
    Ok(machines)
}

/// What is given in `folder`. Beyond what a record says of itself, its commit is one of ours.
///
/// # Errors
/// As for [`Offered::read`].
pub(super) fn read(project: &Project, folder: &Path, named: &[String]) -> Result<Offered> {
    let experiments = project.experiments()?;
    let mut offered = Offered::read(folder, named, |name| experiments.contains_key(name))?;
    let mut strange: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, record) in &offered.records {
        for commit in record.sittings.iter().filter_map(|sitting| sitting.commit.as_ref()) {
            if git::has(&project.root, commit) == Some(false) {
                strange.entry(commit.clone()).or_default().push(name.clone());
            }
        }
    }
    for (commit, mut names) in strange {
        names.dedup();
        offered.records.retain(|name, _| !names.contains(name));
        offered.refused.push(format!(
            "{}: measured from commit {commit}, which this repository does not have ({}); push \
             it with the records, or measure again from a commit of the book's",
            folder.display(),
            names.join(", ")
        ));
    }
    Ok(offered)
}
