//! Reading a record, of whichever format it is.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use anyhow::{Result, anyhow, bail};

use crate::store::record::Record;
use crate::store::{form, limits, old};

/// The folder of the reader's own records.
pub const LOCAL: &str = "local";

impl Record {
    /// Reads and checks one record.
    ///
    /// # Errors
    /// One message with the file, the field and how to fix it.
    pub fn read(path: &Path) -> Result<Record> {
        let bytes = bytes(path)?;
        let text = std::str::from_utf8(&bytes).map_err(|e| {
            damaged(path, &anyhow!("it is not UTF-8 text, from byte {} on", e.valid_up_to()))
        })?;
        let record = Record::parse(text).map_err(|e| match form::version(text) {
            0..=form::FORMAT => damaged(path, &e),
            _ => {
                let fix = format!("bring this press up to date, or {}", again(path));
                fault(path, &format!("made by another version of press; {fix}: {e:#}"))
            }
        })?;
        if record.experiment != stem(path) {
            let why = anyhow!("experiment: the record is of `{}`", record.experiment);
            return Err(damaged(path, &why));
        }
        Ok(record)
    }

    pub(super) fn parse(text: &str) -> Result<Record> {
        if form::version(text) == old::VERSION {
            return old::parse(text);
        }
        let record: Record = form::read(text)?;
        record.validate()?;
        if record.seal != record.seal() {
            bail!("seal: the file was changed after it was written");
        }
        Ok(record)
    }
}

/// What is in the file, if it is a file: a pipe would be waited for, a device has no end.
fn bytes(path: &Path) -> Result<Vec<u8>> {
    is_file(path)?;
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        // One more, by which a file that is too large is known, though it grows.
        file.take(limits::FILE + 1).read_to_end(&mut bytes)
    });
    read.map_err(|e| unreadable(path, &e))?;
    match bytes.len() as u64 {
        0..=limits::FILE => Ok(bytes),
        _ => Err(damaged(path, &anyhow!("larger than {} bytes", limits::FILE))),
    }
}

/// # Errors
/// When there is something else than a file, or a link to one.
pub(super) fn is_file(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Err(e) => Err(unreadable(path, &e)),
        Ok(about) if !about.is_file() => {
            Err(fault(path, "not a file; a record is a regular file, so take this away"))
        }
        Ok(_) => Ok(()),
    }
}

/// A message about a file, in one line. What is quoted in it may be a stranger's.
fn fault(path: &Path, text: &str) -> anyhow::Error {
    let path = path.display().to_string();
    anyhow!("{}: {}", limits::printable(&path), limits::printable(text))
}

fn damaged(path: &Path, why: &anyhow::Error) -> anyhow::Error {
    fault(path, &format!("damaged record; {}: {why:#}", back(path)))
}

fn unreadable(path: &Path, why: &io::Error) -> anyhow::Error {
    match why.kind() {
        ErrorKind::NotFound => fault(path, &format!("there is no such record; {}", back(path))),
        ErrorKind::PermissionDenied => {
            fault(path, "no permission to read this record; give yourself that permission")
        }
        _ => fault(path, &format!("this record cannot be read: {why}")),
    }
}

/// How a record comes back. Git does not know the reader's own.
fn back(path: &Path) -> String {
    match machine(path) {
        Some(LOCAL) => again(path),
        _ => format!("bring it back with `git checkout {}` or {}", path.display(), again(path)),
    }
}

/// How a record is measured anew.
pub(super) fn again(path: &Path) -> String {
    let of = match machine(path) {
        Some(LOCAL) | None => String::new(),
        Some(machine) => format!(" --as {machine}"),
    };
    format!("measure it again with `cargo book measure {}{of}`", stem(path))
}

/// The machine that the record's folder is named after.
fn machine(path: &Path) -> Option<&str> {
    let name = path.parent()?.file_name()?.to_str()?;
    limits::machine(name).is_ok().then_some(name)
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|s| s.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_of_the_book_is_written_back_byte_for_byte() {
        let results = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../results"));
        let mut count = 0;
        for machine in fs::read_dir(results).unwrap().map(|entry| entry.unwrap().path()) {
            for path in fs::read_dir(&machine).into_iter().flatten() {
                let path = path.unwrap().path();
                let record = Record::read(&path).unwrap();
                let text = fs::read_to_string(&path).unwrap();
                // The first format has its own test, in `old`.
                if form::version(&text) != old::VERSION {
                    assert!(form::write(&record) == text, "{}", path.display());
                }
                count += 1;
            }
        }
        assert!(count > 0, "there are none in {}", results.display());
    }

    /// What is said of `demo.json` in the folder of a machine, after `prepare`.
    fn said(machine: &str, prepare: impl Fn(&Path)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(machine).join("demo.json");
        fs::create_dir(path.parent().unwrap()).unwrap();
        prepare(&path);
        let said = Record::read(&path).unwrap_err().to_string();
        assert!(said.contains("demo.json: ") && said.lines().count() == 1, "{said}");
        said.replace(&*folder.path().to_string_lossy(), "results")
    }

    #[test]
    fn the_message_about_a_file_fits_its_cause() {
        let missing = said("big-16", |_| ());
        assert!(
            missing.contains("there is no such record; bring it back with `git"),
            "{missing}"
        );
        assert!(missing.contains("`cargo book measure demo --as big-16`"), "{missing}");
        let bytes = said("big-16", |path| fs::write(path, b"{\"a\": \"\xff").unwrap());
        assert!(bytes.ends_with("not UTF-8 text, from byte 7 on"), "{bytes}");
        assert!(bytes.contains("damaged record; bring it back"), "{bytes}");
        let newer = said("big-16", |path| fs::write(path, "{\"format\": 3}").unwrap());
        assert!(
            newer.contains("made by another version of press; bring this press up to date"),
            "{newer}"
        );
        assert!(newer.contains("format: version 3 is unknown"), "{newer}");
        let folder = said("big-16", |path| fs::create_dir(path).unwrap());
        assert!(folder.contains("demo.json: not a file"), "{folder}");
        let denied = unreadable(Path::new("a/b.json"), &ErrorKind::PermissionDenied.into());
        let denied = denied.to_string();
        assert!(
            denied.contains("no permission to read") && !denied.contains("git"),
            "{denied}"
        );
        let other = unreadable(Path::new("a/b.json"), &io::Error::other("the disk is broken"));
        let other = other.to_string();
        assert!(other.contains("the disk is broken") && !other.contains("git"), "{other}");
    }

    #[test]
    fn the_readers_own_record_is_not_brought_back_by_git() {
        let said = said(LOCAL, |path| fs::write(path, "{").unwrap());
        assert!(said.contains("damaged record; measure it again with"), "{said}");
        assert!(said.contains("`cargo book measure demo`") && !said.contains("git"), "{said}");
    }

    #[test]
    fn what_a_message_quotes_of_a_record_is_text_in_one_line() {
        let long = "x".repeat(1 << 20);
        for evil in ["\u{1b}[2J\u{7}", "\nresults/a.json: all is well", &long] {
            let json = serde_json::json!({ evil: 1 }).to_string();
            let said = said("big-16", |path| fs::write(path, &json).unwrap());
            assert!(said.len() < 2_000, "{} bytes", said.len());
            assert!(!said.contains(|c: char| c.is_control()), "{said:?}");
        }
    }

    #[test]
    fn a_file_of_any_size_and_depth_is_refused_before_it_costs_anything() {
        let large = said("big-16", |path| {
            File::create(path).unwrap().set_len(limits::FILE + 1).unwrap();
        });
        assert!(large.contains("larger than 16777216 bytes"), "{large}");
        let deep = said("big-16", |path| {
            fs::write(path, format!("{{\"format\": {}", "[".repeat(1 << 20))).unwrap();
        });
        assert!(deep.contains("damaged record"), "{deep}");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_a_records_place_is_not_waited_for() {
        let said = said("big-16", |path| {
            let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
            assert!(made.success());
        });
        assert!(said.contains("demo.json: not a file"), "{said}");
    }
}
