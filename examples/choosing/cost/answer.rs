//! What is told of a job, in words: the same in a terminal, on a page and in a
//! browser, which all ask here.

use std::fmt::Write;

use crate::{Costs, Dimension, Estimate, Job, Model, on_two_hosts, rank, say};

/// A job, and what it comes to in every model that can do it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The job.
    pub job: Job,
    /// The models, the best first.
    pub rows: Vec<Told>,
    /// Where another model becomes the best.
    pub turns: Vec<Turn>,
}

/// A model in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What the words are of.
    pub estimate: Estimate,
    /// How long it takes.
    pub time: String,
    /// What the cores compute.
    pub cpu: String,
    /// What the model needs.
    pub memory: String,
    /// How many workers, and how many items under way in each.
    pub size: String,
    /// What binds.
    pub binds: &'static str,
    /// Why, in a sentence.
    pub reason: String,
    /// How long it takes with a second machine, in nanoseconds.
    pub two_hosts_ns: Option<f64>,
    /// The same in words.
    pub two_hosts: String,
}

/// A break-even point: a number of the job, and who is the best beyond it.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// What is turned.
    pub what: Dimension,
    /// How far, in the unit of the job's field.
    pub at: f64,
    /// Who is the best from there on.
    pub model: Model,
    /// The same in a sentence.
    pub says: String,
}

/// Asks every model of the job's language, and where another is the best.
///
/// # Errors
/// When a number of the job cannot be: one message that names it.
pub fn answer(job: &Job, costs: &Costs) -> Result<Answer, String> {
    Ok(Answer {
        job: *job,
        rows: ranked(job, costs)?,
        turns: turns(job, costs),
    })
}

/// Asks every model of the job's language: the best first.
///
/// # Errors
/// When a number of the job cannot be: one message that names it.
pub fn ranked(job: &Job, costs: &Costs) -> Result<Vec<Told>, String> {
    job.check()?;
    Ok(rank(job, costs).into_iter().map(|e| Told::of(e, job, costs)).collect())
}

impl Told {
    fn of(estimate: Estimate, job: &Job, costs: &Costs) -> Told {
        let two_hosts_ns = on_two_hosts(job, costs, estimate.model);
        let (workers, flows) = (estimate.workers, estimate.flows);
        let count = |n: u32| say::count(f64::from(n));
        Told {
            time: say::time(estimate.time_ns),
            cpu: say::time(estimate.cpu_ns),
            memory: match estimate.memory_bytes {
                bytes if bytes < 1.0 => "–".to_owned(),
                bytes => say::bytes(bytes),
            },
            size: match flows {
                1 => count(workers),
                _ => format!("{} × {}", count(workers), count(flows)),
            },
            binds: estimate.binds.label(),
            reason: estimate.reason(job),
            two_hosts_ns,
            two_hosts: two_hosts_ns.map_or_else(|| "–".to_owned(), say::time),
            estimate,
        }
    }
}

/// The numbers of a job that are turned, and whether they are whole.
const TURNED: [(Dimension, bool); 4] = [
    (Dimension::Cpu, false),
    (Dimension::Wait, false),
    (Dimension::AtOnce, true),
    (Dimension::Items, true),
];

/// For each number of the job the nearest place below and above it at which
/// another model becomes the best.
fn turns(job: &Job, costs: &Costs) -> Vec<Turn> {
    let Some(best) = leader(job, costs) else { return Vec::new() };
    let mut turns = Vec::new();
    for (what, whole) in TURNED {
        for up in [false, true] {
            let walk = Walk { job, costs, what, whole, up };
            let found = walk.to_another_than(best);
            // Of one there is nothing to choose.
            let found = found.filter(|(at, _)| !whole || *at > 1.0);
            let Some((at, model)) = found else { continue };
            let says = sentence(job, what, up, at, model);
            turns.push(Turn { what, at, model, says });
        }
    }
    turns
}

fn leader(job: &Job, costs: &Costs) -> Option<Model> {
    Some(rank(job, costs).first()?.model)
}

/// A step of a walk, and how many lead as far as it is still the same job: a
/// hundredfold, and a little more.
const STEP: f64 = 2.0;
const STEPS: u32 = 7;

/// A number of a job that is turned to one side.
struct Walk<'w> {
    job: &'w Job,
    costs: &'w Costs,
    what: Dimension,
    whole: bool,
    up: bool,
}

impl Walk<'_> {
    /// Where another model than `best` leads, and which. It is the first whole
    /// number there, or as exact as three digits show.
    fn to_another_than(&self, best: Model) -> Option<(f64, Model)> {
        let (least, most) = self.what.bounds();
        // From nothing a walk by ratios leads nowhere.
        let small = if self.whole { 1.0 } else { 1_000.0 };
        let mut same = self.what.of(self.job);
        for _ in 0..STEPS {
            let next = match self.up {
                true => (same * STEP).max(small),
                false => same / STEP,
            };
            let next = self.place(next.clamp(least, most));
            let led = self.leader(next)?;
            if led != best {
                return self.between(same, (next, led), best);
            }
            same = next;
        }
        None
    }

    /// The place between one where `best` leads and one where another does.
    fn between(
        &self,
        mut same: f64,
        mut other: (f64, Model),
        best: Model,
    ) -> Option<(f64, Model)> {
        for _ in 0..24 {
            let middle = self.place((same + other.0) / 2.0);
            let is_close = (other.0 - same).abs() < 5e-4 * same.max(other.0);
            if is_close || middle == same || middle == other.0 {
                break;
            }
            match self.leader(middle)? {
                led if led == best => same = middle,
                led => other = (middle, led),
            }
        }
        Some(other)
    }

    fn leader(&self, value: f64) -> Option<Model> {
        leader(&self.what.with(self.job, value), self.costs)
    }

    fn place(&self, value: f64) -> f64 {
        if self.whole { value.floor().max(1.0) } else { value }
    }
}

fn sentence(
    job: &Job,
    what: Dimension,
    up: bool,
    at: f64,
    model: Model,
) -> String {
    let (at, now) = (what.say(at), what.say(what.of(job)));
    let (at, now) = match what {
        Dimension::Cpu | Dimension::Wait => {
            (format!("{at} of {}", what.label()), now)
        }
        _ => (format!("{at} {}", what.label()), now),
    };
    let model = model.label();
    match up {
        true => format!("From {at} on (here {now}), {model}."),
        false => format!("At {at} and less (here {now}), {model}."),
    }
}

impl Answer {
    /// The whole answer as JSON: numbers as they were computed, and the words.
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"job\":{");
        for what in Dimension::ALL {
            let _ = write!(out, "\"{}\":{},", what.id(), what.of(&self.job));
        }
        let (memory, language) = (self.job.memory_bytes, self.job.language);
        let _ = write!(
            out,
            "\"memory_bytes\":{memory},\"language\":{}}},\"models\":[",
            quoted(language.id())
        );
        for (i, row) in self.rows.iter().enumerate() {
            let e = &row.estimate;
            let _ = write!(
                out,
                "{}{{\"model\":{},\"label\":{},\"time_ns\":{},\"cpu_ns\":{},\
                 \"memory_bytes\":{},\"binds\":{},\"workers\":{},\
                 \"flows\":{},\"two_hosts_ns\":{},\"said\":{{",
                if i > 0 { "," } else { "" },
                quoted(e.model.id()),
                quoted(e.model.label()),
                e.time_ns,
                e.cpu_ns,
                e.memory_bytes,
                quoted(e.binds.id()),
                e.workers,
                e.flows,
                row.two_hosts_ns
                    .map_or_else(|| "null".to_owned(), |ns| ns.to_string()),
            );
            let said = [
                ("time", row.time.as_str()),
                ("cpu", &row.cpu),
                ("memory", &row.memory),
                ("size", &row.size),
                ("binds", row.binds),
                ("reason", &row.reason),
                ("two_hosts", &row.two_hosts),
            ];
            let said =
                said.map(|(name, text)| format!("\"{name}\":{}", quoted(text)));
            out.push_str(&said.join(","));
            out.push_str("}}");
        }
        out.push_str("],\"turns\":[");
        for (i, turn) in self.turns.iter().enumerate() {
            let _ = write!(
                out,
                "{}{{\"what\":{},\"at\":{},\"model\":{},\"says\":{}}}",
                if i > 0 { "," } else { "" },
                quoted(turn.what.id()),
                turn.at,
                quoted(turn.model.id()),
                quoted(&turn.says),
            );
        }
        out.push_str("]}");
        out
    }
}

/// A string of JSON.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    /// Every constant a microsecond, ten kilobytes or once.
    fn costs() -> Costs {
        Costs::from(|name| match name {
            name if name.ends_with("_ns") => Some(1_000.0),
            name if name.ends_with("_bytes") => Some(10_000.0),
            _ => Some(1.0),
        })
        .unwrap()
    }

    fn job() -> Job {
        Job {
            items: 100.0,
            cpu_ns: 1e6,
            wait_ns: 1e8,
            at_once: 50.0,
            bytes_in: 0.0,
            bytes_out: 0.0,
            cores: 2.0,
            memory_bytes: 0.0,
            language: Language::Python,
        }
    }

    #[test]
    fn beyond_a_turn_its_model_is_the_best_and_before_it_another() {
        let (job, costs) = (job(), costs());
        let answer = answer(&job, &costs).unwrap();
        let best = answer.rows[0].estimate.model;
        assert!(!answer.turns.is_empty());
        for turn in &answer.turns {
            let led = |value| leader(&turn.what.with(&job, value), &costs);
            let whole = TURNED.contains(&(turn.what, true));
            let step = if whole { 1.0 } else { turn.at / 1000.0 };
            let up = turn.at > turn.what.of(&job);
            let before = if up { turn.at - step } else { turn.at + step };
            assert_eq!(led(turn.at), Some(turn.model), "{turn:?}");
            assert_eq!(led(before), Some(best), "{turn:?}");
            assert_ne!(turn.model, best);
            assert!(turn.says.contains(turn.model.label()), "{turn:?}");
        }
    }

    #[test]
    fn a_job_that_cannot_be_is_refused_by_the_name_of_its_field() {
        let bad = Job { items: f64::NAN, ..job() };
        let said = super::answer(&bad, &costs()).unwrap_err();
        assert!(said.contains("items"), "{said}");
    }

    #[test]
    fn text_of_json_is_quoted() {
        assert_eq!(quoted("a\"b\\c\n×"), "\"a\\\"b\\\\c\\u000a×\"");
    }
}
