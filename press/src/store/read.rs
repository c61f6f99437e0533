//! Reading a record, of whichever format it is.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use crate::store::record::Record;
use crate::store::{form, old};

impl Record {
    /// Reads and checks one record.
    ///
    /// # Errors
    /// One message with the file, the field and how to fix it.
    pub fn read(path: &Path) -> Result<Record> {
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let fix = || {
            format!(
                "{}: damaged record; bring it back with `git checkout {}` or measure it again \
                 with `cargo book measure {stem}`",
                path.display(),
                path.display()
            )
        };
        let text = fs::read_to_string(path).with_context(fix)?;
        let record = Record::parse(&text).with_context(fix)?;
        if record.experiment != stem {
            return Err(anyhow!("experiment: the record is of `{}`", record.experiment))
                .with_context(fix);
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
}
