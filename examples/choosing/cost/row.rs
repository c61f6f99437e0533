//! The jobs that the model is tried on, as `jobs.csv` has them.

use crate::{Costs, Job, Language, Model};

/// A job that was drawn, before anybody knows what a step of its work takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its name, the case in the record of `choose_jobs`.
    pub id: String,
    /// Whether it was put aside: the model was fixed without a look at it.
    pub kept: bool,
    /// How many items.
    pub items: u32,
    /// What an item computes: steps of the chain, half of them before it waits.
    pub steps: u32,
    /// What an item waits, in microseconds.
    pub wait_us: u32,
    /// How many may be under way at the same time.
    pub at_once: u32,
    /// What goes into an item.
    pub bytes_in: u32,
    /// What comes out of an item.
    pub bytes_out: u32,
    /// Models that would take too long, and are not run.
    pub left_out: Vec<Model>,
}

impl Row {
    /// The names of the columns.
    pub const HEADER: &'static str =
        "id,kept,items,steps,wait_us,at_once,bytes_in,bytes_out,left_out";

    /// All rows of a file.
    ///
    /// # Errors
    /// One message, with the line.
    pub fn read(text: &str) -> Result<Vec<Row>, String> {
        let mut lines = text.lines();
        if lines.next() != Some(Row::HEADER) {
            return Err(format!("line 1: not the columns {}", Row::HEADER));
        }
        let numbered = lines.enumerate().map(|(i, line)| (i + 2, line));
        numbered
            .map(|(n, line)| {
                Row::of(line).map_err(|e| format!("line {n}: {e}"))
            })
            .collect()
    }

    fn of(line: &str) -> Result<Row, String> {
        let fields: Vec<&str> = line.split(',').collect();
        let [id, kept, numbers @ .., left_out] = fields.as_slice() else {
            return Err(format!("`{line}` is not a row"));
        };
        let number = |text: &&str| {
            text.parse::<u32>().map_err(|_| format!("`{text}` is not a number"))
        };
        let numbers: Vec<u32> =
            numbers.iter().map(number).collect::<Result<_, _>>()?;
        let [items, steps, wait_us, at_once, bytes_in, bytes_out] = numbers[..]
        else {
            return Err(format!("{} fields, not 9", fields.len()));
        };
        let kept = match *kept {
            "kept" => true,
            "seen" => false,
            other => return Err(format!("`{other}` is neither kept nor seen")),
        };
        let model = |id: &str| {
            Model::find(id).ok_or_else(|| format!("no model is called `{id}`"))
        };
        let left_out =
            left_out.split_whitespace().map(model).collect::<Result<_, _>>()?;
        Ok(Row {
            id: (*id).to_owned(),
            kept,
            items,
            steps,
            wait_us,
            at_once,
            bytes_in,
            bytes_out,
            left_out,
        })
    }

    /// As it stands in the file.
    pub fn line(&self) -> String {
        let Row { id, items, steps, wait_us, at_once, .. } = self;
        let kept = if self.kept { "kept" } else { "seen" };
        let left_out: Vec<&str> =
            self.left_out.iter().map(|model| model.id()).collect();
        format!(
            "{id},{kept},{items},{steps},{wait_us},{at_once},{},{},{}",
            self.bytes_in,
            self.bytes_out,
            left_out.join(" ")
        )
    }

    /// The job itself, on so many cores, where steps take as long as measured.
    pub fn job(&self, language: Language, costs: &Costs, cores: f64) -> Job {
        let step_ns = match language {
            Language::Rust => costs.step_ns,
            Language::Python => costs.py_step_ns,
        };
        Job {
            items: f64::from(self.items),
            cpu_ns: f64::from(self.steps) * step_ns,
            wait_ns: f64::from(self.wait_us) * 1e3,
            at_once: f64::from(self.at_once),
            bytes_in: f64::from(self.bytes_in),
            bytes_out: f64::from(self.bytes_out),
            cores,
            memory_bytes: 0.0,
            language,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_as_it_was_read_and_a_bad_one_names_its_line() {
        let line = "j01,kept,10,200,3000,4,0,100,in_turn rayon";
        let text = format!("{}\n{line}\n", Row::HEADER);
        let rows = Row::read(&text).unwrap();
        assert_eq!(rows[0].line(), line);
        assert_eq!(rows[0].left_out, [Model::InTurn, Model::Rayon]);
        for (from, to, said) in [
            (
                ",kept,10",
                ",aside,10",
                "line 2: `aside` is neither kept nor seen",
            ),
            ("rayon", "rain", "line 2: no model is called `rain`"),
            ("3000", "-1", "line 2: `-1` is not a number"),
            (",0,", ",", "line 2: 8 fields, not 9"),
            ("items,steps", "items,stairs", "line 1: not the columns"),
        ] {
            let told = Row::read(&text.replacen(from, to, 1)).unwrap_err();
            assert!(told.starts_with(said), "{told}");
        }
    }
}
