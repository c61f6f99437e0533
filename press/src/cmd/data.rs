//! What is published beside the pages: each record as it is and as CSV, their schema, and the
//! program that recomputes the pages from them.
//!
//! The reader's own records are not among it: whoever has them has the files.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;

use crate::ask::unit;
use crate::outside::project::Project;
use crate::store::record::{Record, Samples, Variant};
use crate::store::results::{self, LOCAL};
use crate::store::{schema, seal};

/// It shares no line with us, so that it can find us wrong.
const PROGRAM: &str = "recompute.py";

/// Puts all of it below `html`, where the pages are.
///
/// # Errors
/// When a record cannot be read, or its copy not written.
pub(super) fn publish(project: &Project, html: &Path) -> Result<()> {
    let folder = html.join("data");
    let cannot = || format!("cannot publish records in {}", folder.display());
    let schema = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join(schema::FILE), schema::text()));
    schema.with_context(cannot)?;
    let program = project.results_folder().join(PROGRAM);
    if program.is_file() {
        fs::copy(&program, folder.join(PROGRAM)).with_context(cannot)?;
    }
    let kept = project.root.join("target/press/data");
    let cannot_keep = || format!("cannot keep data in {}", kept.display());
    let kept = Kept::at(kept.clone()).with_context(cannot_keep)?;
    let mut records = Vec::new();
    for (machine, files) in results::files(&project.results_folder())? {
        if machine != LOCAL {
            let to = folder.join(&machine);
            fs::create_dir_all(&to).with_context(cannot)?;
            records.extend(files.into_iter().map(|file| (machine.clone(), to.clone(), file)));
        }
    }
    let used: Vec<PathBuf> = records
        .par_iter()
        .map(|(machine, to, file)| {
            let name = to.join(file.file_name().unwrap_or_default());
            let bytes = fs::read(file)?;
            fs::write(&name, &bytes)?;
            let csv = kept.csv(machine, file, &bytes)?;
            // Not a copy, which would be as private as what is kept.
            fs::write(name.with_extension("csv"), fs::read(&csv)?)?;
            Ok(csv)
        })
        .collect::<Result<_>>()
        .with_context(cannot)?;
    kept.forget_all_but(used.into_iter().collect());
    Ok(())
}

/// CSV files of before, each named by the digest of the record that it was made of.
struct Kept(PathBuf);

impl Kept {
    /// Those in `folder`. Where they are older than the press, another press's may be among
    /// them.
    fn at(folder: PathBuf) -> Result<Kept> {
        let changed = |path: &Path| fs::metadata(path)?.modified();
        let press = std::env::current_exe().and_then(|press| changed(&press));
        let is_ours = changed(&folder.join(OURS)).and_then(|ours| Ok(ours > press?));
        if !is_ours.unwrap_or(false) {
            fs::remove_dir_all(&folder).ok();
        }
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(OURS), "")?;
        Ok(Kept(folder))
    }

    /// The record in `file` as CSV.
    fn csv(&self, machine: &str, file: &Path, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.0.join(format!("{machine}-{}.csv", seal::sha256(bytes)));
        if !path.is_file() {
            let mut fresh = tempfile::NamedTempFile::new_in(&self.0)?;
            fresh.write_all(&csv(machine, &Record::read(file)?)?)?;
            fresh.persist(&path)?;
        }
        Ok(path)
    }

    /// Without it there would be one more after each measurement or killed build, and nothing
    /// worse.
    fn forget_all_but(&self, used: BTreeSet<PathBuf>) {
        for path in fs::read_dir(&self.0).into_iter().flatten().flatten().map(|e| e.path()) {
            if !used.contains(&path) && !path.ends_with(OURS) {
                fs::remove_file(path).ok();
            }
        }
    }
}

/// Tells by its age whose files lie beside it.
const OURS: &str = "made";

const HEAD: [&str; 11] = [
    "experiment",
    "machine",
    "sitting",
    "round",
    "runner",
    "case",
    "variant",
    "control",
    "metric",
    "unit",
    "value",
];

/// A row a sample, in the order of the record.
fn csv(machine: &str, record: &Record) -> Result<Vec<u8>> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(HEAD)?;
    let experiment = text(&record.experiment);
    let machine = text(machine);
    let variants = record.variants.iter().map(|variant| (variant, "no"));
    let controls = record.controls.iter().map(|control| (control, "yes"));
    for (variant, control) in variants.chain(controls) {
        let Variant { runner, case, name, samples, .. } = variant;
        let of = [runner, case.as_deref().unwrap_or_default(), name].map(text);
        for (sitting, samples) in (1..).zip(samples) {
            let sitting = i32::to_string(&sitting);
            for (metric, values) in values(samples) {
                let (metric, unit) = (text(metric), unit_of(metric));
                for (round, value) in (1..).zip(values) {
                    let round = i32::to_string(&round);
                    rows.write_record([
                        &experiment,
                        &machine,
                        &sitting,
                        &round,
                        &of[0],
                        &of[1],
                        &of[2],
                        control,
                        &metric,
                        unit,
                        &value,
                    ])?;
                }
            }
        }
    }
    Ok(rows.into_inner()?)
}

/// Every list of a sitting by its name in the record, its values as digits.
fn values(samples: &Samples) -> impl Iterator<Item = (&str, Vec<String>)> {
    let digits = |values: &Vec<u64>| values.iter().map(u64::to_string).collect();
    let counted = samples.counted().into_iter();
    let counted = counted.filter_map(move |(name, values)| Some((name, digits(values?))));
    let own = samples.metrics.iter();
    counted.chain(
        own.map(|(name, values)| (name.as_str(), values.iter().map(f64::to_string).collect())),
    )
}

/// The unit at the end of a metric's name.
fn unit_of(metric: &str) -> &str {
    let (stem, ..) = unit::of_metric(metric);
    metric[stem.len()..].strip_prefix('_').filter(|unit| !unit.is_empty()).unwrap_or("count")
}

/// What a spreadsheet would take for a formula is marked as text, as they do it themselves.
fn text(field: &str) -> String {
    match field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{field}"),
        false => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;
    use std::process::Command;

    fn lines(machine: &str, record: &Record) -> Vec<String> {
        let csv = String::from_utf8(csv(machine, record).unwrap()).unwrap();
        csv.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_row_has_a_sample_and_all_that_tells_it_from_others() {
        let mut record = demo();
        record.controls = vec![record.variants[2].clone()];
        for variant in record.variants.iter_mut().chain(&mut record.controls) {
            variant.samples.push(variant.samples[0].clone());
        }
        record.variants[0].samples[1].metrics.insert("lost".into(), vec![0.1, -2.0, 1e-7]);
        let lines = lines("ref", &record);
        assert_eq!(lines[0], HEAD.join(","));
        assert_eq!(lines[1], "demo,ref,1,1,rust,chain,sequential,no,wall_ns,ns,80000000");
        for row in [
            "demo,ref,1,3,rust,chain,threads,no,wall_ns,ns,39000000",
            "demo,ref,2,2,rust,chain,sequential,no,start_up_us,us,21",
            "demo,ref,1,1,rust,chain,sequential,no,peak_bytes,bytes,3145728",
            "demo,ref,1,1,rust,chain,sequential,no,voluntary,count,2",
            "demo,ref,2,2,rust,chain,sequential,no,lost,count,-2",
            "demo,ref,2,3,rust,chain,sequential,no,lost,count,0.0000001",
            "demo,ref,2,3,cpython-3.11,chain,sequential,yes,wall_ns,ns,790000000",
        ] {
            assert!(lines.iter().any(|line| line == row), "{row}\n{}", lines.join("\n"));
        }
        // Five lists of three rounds, of five variants in two sittings, and one list more.
        assert_eq!(lines.len(), 1 + 5 * 3 * 5 * 2 + 3);
    }

    #[test]
    fn no_field_is_a_formula_and_a_comma_is_no_end() {
        let mut record = demo();
        for (variant, name) in record.variants.iter_mut().zip(["=1+1", "-2", "@x, \"y\"", "+3"])
        {
            variant.name = name.into();
        }
        let lines = lines("ref", &record).join("\n");
        for field in [",'=1+1,", ",'-2,", ",\"'@x, \"\"y\"\"\",", ",'+3,"] {
            assert!(lines.contains(field), "{field}\n{lines}");
        }
    }

    /// A project with a record of two machines, and where its pages would be.
    fn project(root: &Path) -> (Project, PathBuf) {
        fs::write(
            root.join("book.toml"),
            "[preprocessor.measured]\nreference = 'ref'\n[book]\n",
        )
        .unwrap();
        for machine in ["ref", LOCAL] {
            demo().write(&root.join("results").join(machine)).unwrap();
        }
        (Project::find(root).unwrap(), root.join("html"))
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> =
            entries.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn records_are_published_as_they_are_and_the_readers_own_are_not() {
        let root = tempfile::tempdir().unwrap();
        let (project, html) = project(root.path());
        publish(&project, &html).unwrap();
        assert_eq!(names(&html.join("data")), ["record.schema.json", "ref"]);
        fs::write(project.results_folder().join(PROGRAM), "print()\n").unwrap();
        publish(&project, &html).unwrap();
        assert_eq!(
            names(&html.join("data")),
            [PROGRAM, "record.schema.json", "ref"].map(str::to_owned)
        );
        assert_eq!(names(&html.join("data/ref")), ["demo.csv", "demo.json"]);
        let read = |path: &str| fs::read(root.path().join(path)).unwrap();
        assert!(read("html/data/ref/demo.json") == read("results/ref/demo.json"));
        assert!(read("html/data/ref/demo.csv") == csv("ref", &demo()).unwrap());
    }

    #[test]
    fn a_csv_is_made_once_and_anew_when_its_record_or_the_press_is() {
        let root = tempfile::tempdir().unwrap();
        let (project, html) = project(root.path());
        let kept = root.path().join("target/press/data");
        let file = || {
            let file = names(&kept).into_iter().find(|name| name.ends_with(".csv")).unwrap();
            kept.join(file)
        };
        let published = || {
            publish(&project, &html).unwrap();
            fs::read_to_string(html.join("data/ref/demo.csv")).unwrap()
        };
        let fresh = published();
        // What is kept is what is shown, so another text shows that it was taken from there.
        fs::write(file(), "kept").unwrap();
        assert_eq!(published(), "kept");
        let press = fs::metadata(std::env::current_exe().unwrap()).unwrap().modified().unwrap();
        let made = fs::File::options().write(true).open(kept.join(OURS)).unwrap();
        made.set_modified(press).unwrap();
        assert_eq!(published(), fresh);
        let mut other = demo();
        other.variants[0].samples[0].wall_ns[0] = 1;
        other.write(&root.path().join("results/ref")).unwrap();
        assert!(published().contains("wall_ns,ns,1\n"));
        assert_eq!(names(&kept).len(), 2, "the one of before is gone");
    }

    #[test]
    fn the_lines_on_the_page_about_the_data_load_a_published_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("threads_cpu.csv"), csv("ref", &demo()).unwrap()).unwrap();
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/load.py");
        let python = ["python3", "python"].into_iter().find_map(|python| {
            Command::new(python).arg(program).current_dir(folder.path()).output().ok()
        });
        // Without Python there is nothing to be tested here.
        let Some(out) = python else { return };
        let said = String::from_utf8_lossy(&out.stdout);
        assert_eq!(said.trim(), "12 times, the least of them 39000000", "{out:?}");
    }
}
