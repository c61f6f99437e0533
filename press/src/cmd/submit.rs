//! `cargo book submit`: the records of the reader's machine, ready for a pull request.
//!
//! It checks them, copies them below a name of their own, tells what came of them, and prints
//! what to do next. It asks nobody and sends nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::replicate::{asked, totals};
use super::{check, say, validate};
use crate::ask::condition::Verdict;
use crate::ask::plain::plain;
use crate::ask::replication::{Asking, Comparison, Pairs};
use crate::figure::html::memory;
use crate::outside::project::Project;
use crate::store::limits;
use crate::store::offered::Offered;
use crate::store::record::Record;
use crate::store::results::{self, LOCAL, Results};

/// What to give.
#[derive(clap::Args, Debug)]
pub struct Options {
    /// Give the records of these experiments only; all that there are, by default.
    pub experiments: Vec<String>,
    /// Whose records; your own by default.
    #[arg(long, value_name = "MACHINE", default_value = LOCAL)]
    pub machine: String,
    /// What the machine is called from now on: letters, digits and dashes, for what it is and
    /// not whose.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

/// Makes a checked set of records ready to be given.
///
/// # Errors
/// When any of them is not fit, or the name is taken; nothing is copied then.
pub fn submit(project: &Project, options: &Options) -> Result<()> {
    let folder = project.results_folder();
    let from = folder.join(&options.machine);
    limits::machine(&options.machine)?;
    let files = results::files(&folder)?.remove(&options.machine).unwrap_or_default();
    if files.is_empty() {
        bail!(
            "there are no records in results/{}; measure first, with `cargo book measure`",
            options.machine
        );
    }
    let mut offered = validate::read(project, &from, &options.experiments)?;
    // As whoever mends it would write the path.
    let root = format!("{}{}", project.root.display(), std::path::MAIN_SEPARATOR);
    offered.refused.iter_mut().for_each(|why| *why = why.replace(&root, ""));
    offered.is_fit().with_context(|| {
        "nothing was copied; mend what is refused, or name the experiments to give, as in \
         `cargo book submit --as NAME threads_cpu`"
    })?;
    let name = name(options, &offered)?;
    let to = folder.join(&name);
    let merged = merged(&folder, &name, &offered)?;
    let results = project.results()?;
    offered.notes.extend(twins(&results, &name, &offered));
    let report = Report::of(project, results, &name, merged, &offered)?;
    if from != to {
        copy(&from, &to, offered.records.keys())?;
    }
    let body = project.root.join("target/press").join(format!("give-{name}.md"));
    fs::create_dir_all(project.root.join("target/press"))
        .and_then(|()| fs::write(&body, report.body()))
        .with_context(|| format!("cannot write {}", body.display()))?;
    say::answer(&report.told(project, &from, &body))
}

/// The name that is asked for, if it is one.
fn name(options: &Options, offered: &Offered) -> Result<String> {
    let name = match &options.name {
        Some(name) => name,
        None if options.machine != LOCAL => &options.machine,
        None => {
            let example = offered.records.values().next().map_or("big-16".into(), called);
            bail!(
                "say what your machine is called from now on, by what it is and not whose: \
                 `cargo book submit --as {example}`"
            );
        }
    };
    limits::machine(name).context("--as")?;
    if name == LOCAL {
        bail!("--as: `{LOCAL}` is every reader's own; choose another name");
    }
    Ok(name.clone())
}

/// A name for the machine, by what it says of itself.
fn called(record: &Record) -> String {
    let machine = &record.machine;
    let cpu = machine.cpu.as_deref().unwrap_or(&machine.arch).to_lowercase();
    let cpu = cpu.split(" with ").next().unwrap_or_default().replace("(r)", " ");
    let cpu = cpu.replace("(tm)", " ");
    let noise = ["cpu", "processor", "core", "the", "virtual"];
    let is_word = |word: &&str| !word.is_empty() && !noise.contains(word);
    let words = cpu.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_word).take(3);
    let mut words: Vec<&str> = words.collect();
    words.push(&machine.os);
    words.join("-")
}

/// The records that the machine has from now on, with those that it has already.
///
/// # Errors
/// When the name is another machine's, or a record that is there is not continued by the one
/// that is given.
fn merged(folder: &Path, name: &str, offered: &Offered) -> Result<BTreeMap<String, Record>> {
    let all = results::files(folder)?;
    let taken = all.keys().find(|other| *other != name && other.eq_ignore_ascii_case(name));
    if let Some(other) = taken {
        bail!("--as: there is a machine `{other}`, and some systems cannot tell them apart");
    }
    let mut records = BTreeMap::new();
    for path in all.get(name).into_iter().flatten() {
        let record = Record::read(path)?;
        records.insert(record.experiment.clone(), record);
    }
    let had = records.clone();
    records.extend(offered.records.iter().map(|(name, record)| (name.clone(), record.clone())));
    results::is_of_one_machine(&folder.join(name), &records, true)
        .context("--as: this name is another machine's; choose another")?;
    for (experiment, was) in &had {
        let Some(is) = offered.records.get(experiment) else { continue };
        if !is.sittings.starts_with(&was.sittings) {
            bail!(
                "results/{name}/{experiment}.json: there is one already, and yours does not go \
                 on from it; nobody picks the better of two, so add sittings with `cargo book \
                 measure {experiment} --as {name} --add`, or give it under another name"
            );
        }
    }
    Ok(records)
}

/// Puts copies of the records `from` a folder `to` another, each whole or not at all.
fn copy<'e>(
    from: &Path,
    to: &Path,
    experiments: impl Iterator<Item = &'e String>,
) -> Result<()> {
    let one = |experiment: &String| -> Result<()> {
        let file = format!("{experiment}.json");
        Record::read(&from.join(&file))?.write(to)?;
        Ok(())
    };
    experiments.into_iter().try_for_each(one)
}

/// Machines that these records cannot be told from: one that is given twice counts twice.
fn twins(results: &Results, name: &str, offered: &Offered) -> Vec<String> {
    let others = results.machines.iter().filter(|(other, _)| *other != name && *other != LOCAL);
    let is_twin = |(other, records): &(&String, &BTreeMap<String, Record>)| {
        // Under names of their own, for both have the same experiments.
        let theirs = records.iter().map(|(name, record)| (format!("{name}-there"), record));
        let ours = offered.records.iter().map(|(name, record)| (name.clone(), record));
        let all = ours.chain(theirs).map(|(name, record)| (name, record.clone())).collect();
        results::is_of_one_machine(Path::new(other), &all, true).is_ok()
    };
    let twins = others.filter(is_twin).map(|(other, _)| {
        format!(
            "by all that they say these may be of the machine `{other}`; if they are, give them \
             as its own, by `cargo book measure --as {other} --add`"
        )
    });
    twins.collect()
}

/// What is told of the records.
struct Report {
    name: String,
    reference: String,
    offered: Vec<Record>,
    notes: Vec<String>,
    comparison: Comparison,
    claims: Asking,
    pages: Asking,
}

impl Report {
    fn of(
        project: &Project,
        mut results: Results,
        name: &str,
        records: BTreeMap<String, Record>,
        offered: &Offered,
    ) -> Result<Report> {
        let reference = results.reference.clone();
        results.machines.insert(name.to_owned(), records);
        let pairs = match name == reference {
            true => Pairs::default(),
            false => Pairs::of_machines(&results, &reference, name),
        };
        Ok(Report {
            name: name.to_owned(),
            offered: offered.records.values().cloned().collect(),
            notes: offered.notes.clone(),
            comparison: Comparison::of(&pairs),
            claims: Asking::of_claims(&project.claims()?, &pairs),
            pages: Asking::of_pages(&check::expectations(&project.root)?, &pairs),
            reference,
        })
    }

    fn title(&self) -> String {
        format!("Records of {}", self.name)
    }

    /// How many sentences fail on this machine, and are sure of it.
    fn contradicted(&self) -> usize {
        self.pages.changed.iter().filter(|changed| changed.again.0 == Verdict::Fails).count()
    }

    /// What the pull request says.
    fn body(&self) -> String {
        let mut out = String::new();
        if let Some(record) = self.offered.first() {
            let machine = &record.machine;
            let guest =
                if machine.virtual_machine == Some(true) { ", a virtual machine" } else { "" };
            out.push_str(&plain(&format!(
                "{}, {} hardware threads, {}, {} {}{guest}.",
                machine.cpu.as_deref().unwrap_or("A processor that is not told"),
                machine.hardware_threads,
                machine.memory_bytes.map_or("memory not told".into(), memory),
                machine.os,
                machine.kernel.as_deref().unwrap_or_default(),
            )));
            out.push_str("\n\n");
        }
        let all = |of: &dyn Fn(&Record) -> Vec<String>| -> String {
            let set: BTreeSet<String> = self.offered.iter().flat_map(of).collect();
            plain(&set.into_iter().collect::<Vec<_>>().join(", ")).into_owned()
        };
        let sittings: Vec<usize> = self.offered.iter().map(|r| r.sittings.len()).collect();
        let (least, most) = (sittings.iter().min(), sittings.iter().max());
        let (least, most) = (least.copied().unwrap_or(0), most.copied().unwrap_or(0));
        let sittings = match least == most {
            true => format!("{most} each"),
            false => format!("{least} to {most}"),
        };
        let day = |date: &str| date.split('T').next().unwrap_or_default().to_owned();
        out.push_str(&format!(
            "- Experiments: {}\n- Sittings: {sittings}, on {}\n- Commits: {}\n- Runners: {}\n",
            self.offered.len(),
            all(&|r| r.sittings.iter().map(|sitting| day(&sitting.date)).collect()),
            all(&|r| r.sittings.iter().filter_map(|sitting| sitting.commit.clone()).collect()),
            all(&|r| r.runners.iter().map(|runner| runner.name.clone()).collect()),
        ));
        self.notes.iter().for_each(|note| out.push_str(&format!("- Note: {}\n", plain(note))));
        out.push('\n');
        if self.name == self.reference {
            out.push_str("These are records of the reference: every sentence rests on them.\n");
            return out;
        }
        out.push_str(&format!("Against `{}`:\n\n```text\n", self.reference));
        out.push_str(&totals(&self.comparison));
        out.push_str(&asked("tests of claims", &self.claims));
        out.push_str(&asked("expectations of pages", &self.pages));
        out.push_str(
            "```\n\nNot tried is what asks experiments that are not among these. *Undecided* \
             contradicts nothing: an interval has the threshold within, and more sittings may \
             decide it.\n\nChecked by `cargo book submit`.\n",
        );
        out
    }

    /// What is printed: what was done, what came of it, what to do next.
    fn told(&self, project: &Project, from: &Path, body: &Path) -> String {
        let below = |path: &Path| {
            let path = path.strip_prefix(&project.root).unwrap_or(path);
            path.display().to_string().replace('\\', "/")
        };
        let (name, n) = (&self.name, self.offered.len());
        let of = format!("results/{name}");
        let mut out = match below(from) == of {
            true => format!("{of}: {n} records, checked\n"),
            false => format!("{of}: {n} records, checked and copied from {}\n", below(from)),
        };
        out.push_str(&format!("\n{}", self.body()));
        let contradicted = self.contradicted();
        if contradicted > 0 {
            out.push_str(&format!(
                "\nSentences that these records contradict: {contradicted}. That is a finding, \
                 and not your mistake: the build of the whole book stops until we have named \
                 the machine beside them, which we do in your pull request.\n"
            ));
        }
        let body = below(body);
        let title = self.title();
        out.push_str(&format!(
            "\nNothing has been sent. To give them, in a clone of your fork:\n\n  \
             git switch -c records-{name}\n  \
             git add {of}\n  \
             git commit -m \"{title}\"\n  \
             git push -u origin records-{name}\n  \
             gh pr create --title \"{title}\" --body-file {body}\n"
        ));
        if let Some(repository) = &project.repository {
            let address = format!("{repository}/compare");
            out.push_str(&format!(
                "\nWithout `gh`, open {address}, choose your branch, and take title and text \
                 from above; the text is in {body}.\n"
            ));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    #[test]
    fn a_machine_is_called_by_what_it_is() {
        let of = |cpu: Option<&str>, os: &str| {
            let mut record = demo();
            record.machine.cpu = cpu.map(str::to_owned);
            record.machine.os = os.into();
            called(&record)
        };
        for (cpu, os, name) in [
            (Some("Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz"), "linux", "intel-i7-8650u-linux"),
            (Some("AMD Ryzen 9 7950X 16-Core Processor"), "linux", "amd-ryzen-9-linux"),
            (Some("Apple M2 Pro"), "macos", "apple-m2-pro-macos"),
            (Some("<img src=x>"), "windows", "img-src-x-windows"),
            (None, "linux", "x86-64-linux"),
        ] {
            assert_eq!(of(cpu, os), name);
            limits::machine(name).unwrap();
        }
    }
}
