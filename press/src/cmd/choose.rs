//! `cargo book choose`: what a job would take in each model, from a machine's own constants.

use anyhow::{Result, anyhow};
use clap::Args;
use cost::{Answer, Job, Language, quoted};

use super::claims::known;
use super::say;
use crate::ask::choosing::CHOOSING;
use crate::ask::costs::{COSTS, Known};
use crate::ask::jobs;
use crate::ask::plain::plain;
use crate::ask::selector::Expression;
use crate::outside::project::Project;
use crate::store::results::{LOCAL, Results};

/// A job, as it is asked for.
#[derive(Args)]
pub struct Options {
    /// What an item computes, on one core, in the language it is written in: 5ms, 200us.
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = jobs::time)]
    cpu: f64,
    /// What an item waits: for an answer, a disk, a timer.
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = jobs::time)]
    wait: f64,
    /// How many items may be under way at the same time.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    at_once: f64,
    /// How many items there are.
    #[arg(long, value_name = "N", default_value_t = 1000.0)]
    items: f64,
    /// What goes into an item: 1kB, 64KiB.
    #[arg(long, value_name = "SIZE", default_value = "0", value_parser = jobs::size)]
    bytes_in: f64,
    /// What comes out of an item.
    #[arg(long, value_name = "SIZE", default_value = "0", value_parser = jobs::size)]
    bytes_out: f64,
    /// How many cores there are, or the part of one that a quota leaves; by default, the
    /// machine's.
    #[arg(long, value_name = "N")]
    cores: Option<f64>,
    /// The memory there is for it; by default, whatever it takes.
    #[arg(long, value_name = "SIZE", default_value = "0", value_parser = jobs::size)]
    memory: f64,
    /// The language.
    #[arg(long, value_name = "LANGUAGE", default_value = "both")]
    #[arg(value_parser = ["rust", "python", "both"])]
    language: String,
    /// Whose constants; by default your own, and the reference's before you have measured any.
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// Print numbers and words as JSON.
    #[arg(long)]
    json: bool,
}

/// Answers for a job.
///
/// # Errors
/// When a number cannot be, there is no such machine, or the constants were not measured.
pub fn choose(project: &Project, options: &Options) -> Result<()> {
    let (results, choosing) = (project.results()?, project.choosing()?);
    if let Some(machine) = &options.machine {
        known(&results, machine)?;
    }
    let constants = choosing.known(&results, &whose(&results, options.machine.as_deref()))?;
    let asked = asked(options, &constants, cores(&results, &constants.machine))?;
    say::answer(&match options.json {
        true => asked.json(),
        false => asked.text(&results),
    })
}

/// The machine whose constants take part.
fn whose(results: &Results, machine: Option<&str>) -> String {
    let has_own = results.record(LOCAL, COSTS).is_some();
    let own = if has_own { LOCAL } else { &results.reference };
    machine.unwrap_or(own).to_owned()
}

/// How many hardware threads it has.
fn cores(results: &Results, machine: &str) -> f64 {
    let records = results.machines.get(machine).into_iter().flatten();
    let threads = records.map(|(_, record)| record.machine.hardware_threads);
    f64::from(threads.max().unwrap_or(1))
}

/// A job in each language that was asked for, answered.
struct Answered<'k> {
    known: &'k Known,
    answers: Vec<Answer>,
}

fn asked<'k>(options: &Options, known: &'k Known, cores: f64) -> Result<Answered<'k>> {
    let costs = known.costs()?;
    let languages = match options.language.as_str() {
        "both" => Language::ALL.to_vec(),
        one => vec![jobs::language(one)?],
    };
    let answers = languages.into_iter().map(|language| {
        let job = Job {
            items: options.items,
            cpu_ns: options.cpu,
            wait_ns: options.wait,
            at_once: options.at_once,
            bytes_in: options.bytes_in,
            bytes_out: options.bytes_out,
            cores: options.cores.unwrap_or(cores),
            memory_bytes: options.memory,
            language,
        };
        cost::answer(&job, &costs).map_err(|why| anyhow!(why))
    });
    Ok(Answered { known, answers: answers.collect::<Result<_>>()? })
}

impl Answered<'_> {
    fn json(&self) -> String {
        let borrowed = self.known.borrowed();
        let borrowed: Vec<String> = borrowed.iter().map(|one| quoted(one.name)).collect();
        let answers: Vec<String> = self.answers.iter().map(Answer::to_json).collect();
        format!(
            "{{\"machine\":{},\"borrowed\":[{}],\"answers\":[{}]}}\n",
            quoted(&self.known.machine),
            borrowed.join(","),
            answers.join(",")
        )
    }

    fn text(&self, results: &Results) -> String {
        let (known, machine) = (self.known, plain(&self.known.machine));
        let mut out = String::new();
        if let Some(first) = self.answers.first() {
            out.push_str(&format!("{}\n", described(&first.job)));
        }
        let reference =
            if known.machine == results.reference { " (the reference)" } else { "" };
        out.push_str(&format!("Computed from the constants of {machine}{reference}.\n"));
        let borrowed = known.borrowed();
        if let Some(first) = borrowed.first() {
            out.push_str(&format!(
                "Of these {} of {} are those of {}; measure them with `{}`.\n",
                borrowed.len(),
                known.all.len(),
                plain(&first.machine),
                known.to_measure()
            ));
        }
        for answer in &self.answers {
            out.push_str(&told(answer));
        }
        out.push_str(&format!("\n{}", self.errors(results)));
        out
    }

    /// How far the model was off where it was tried.
    fn errors(&self, results: &Results) -> String {
        let machine = &self.known.machine;
        let tried = [machine, &results.reference];
        let tried = tried.into_iter().find_map(|m| Some((m, results.record(m, CHOOSING)?)));
        let Some((machine, record)) = tried else {
            return "Nobody has tried yet how far this is off.\n".to_owned();
        };
        // Nobody ran the jobs on fewer cores than the machine has, or on more.
        let its = cores(results, machine);
        let elsewhere = self.answers.iter().any(|answer| answer.job.cores != its);
        let with = match elsewhere {
            true => format!(" with its {}", some_cores(its)),
            false => String::new(),
        };
        let mut out = format!(
            "How far such times are off, by jobs that the model was not made with, run on \
             {}{with}:\n",
            plain(machine)
        );
        for answer in &self.answers {
            let language = answer.job.language;
            let of = |metric: &str| {
                let selector = format!("{}/kept.{metric}", language.id());
                Some(Expression::parse(&selector).ok()?.value(record).ok()?.text())
            };
            if let (Some(median), Some(p90)) = (of("error_share"), of("error_p90_share")) {
                out.push_str(&format!(
                    "  {:<8}half by {median} at most, nine in ten by {p90}\n",
                    language.label()
                ));
            }
        }
        out
    }
}

/// The job in a line.
fn described(job: &Job) -> String {
    let mut item = vec![format!("{} of CPU", cost::time(job.cpu_ns))];
    if job.wait_ns > 0.0 {
        item.push(format!("{} of waiting", cost::time(job.wait_ns)));
    }
    for (bytes, way) in [(job.bytes_in, "in"), (job.bytes_out, "out")] {
        if bytes > 0.0 {
            item.push(format!("{} {way}", cost::bytes(bytes)));
        }
    }
    let memory = match job.memory_bytes {
        0.0 => String::new(),
        bytes => format!(", {} of memory", cost::bytes(bytes)),
    };
    format!(
        "{} items of {}; {} at once; {}{memory}",
        cost::count(job.items),
        item.join(", "),
        cost::count(job.at_once),
        some_cores(job.cores),
    )
}

fn some_cores(cores: f64) -> String {
    let unit = if cores == 1.0 { "core" } else { "cores" };
    format!("{} {unit}", cost::count(cores))
}

/// A language's models, the best first, why it is the best, and where another becomes it.
fn told(answer: &Answer) -> String {
    let mut out = format!("\n{}\n", answer.job.language.label());
    let Some(best) = answer.rows.first() else {
        return out + "  No model does this job.\n";
    };
    let mut rows =
        vec![["model", "workers × flows", "time", "CPU", "memory", "two hosts", "what binds"]];
    for row in &answer.rows {
        let label = row.estimate.model.label();
        let (size, two) = (&row.size, &row.two_hosts);
        rows.push([label, size, &row.time, &row.cpu, &row.memory, two, row.binds]);
    }
    let wide = |cell: &str| cell.chars().count();
    let widths: Vec<usize> = (0..7)
        .map(|column| rows.iter().map(|row| wide(row[column])).max().unwrap_or(0))
        .collect();
    for row in &rows {
        let mut line = String::new();
        for (i, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[i] - wide(cell));
            line.push_str(&match i {
                0 | 6 => format!("  {cell}{pad}"),
                _ => format!("  {pad}{cell}"),
            });
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out.push_str(&format!("  {}: {}\n", capital(best.estimate.model.label()), best.reason));
    if !answer.turns.is_empty() {
        out.push_str("  Another model is better:\n");
    }
    for turn in &answer.turns {
        out.push_str(&format!("    {}\n", turn.says));
    }
    out
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::choosing::tests::{choosing, results};
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn options(line: &str) -> Result<Options, String> {
        let words = std::iter::once("choose").chain(line.split(' ').filter(|w| !w.is_empty()));
        Line::try_parse_from(words).map(|line| line.options).map_err(|e| e.to_string())
    }

    /// What is printed, from constants of a microsecond.
    fn printed(line: &str) -> Result<String> {
        let options = options(line).map_err(|e| anyhow!(e))?;
        let results = results(|_, _| 1.1);
        let known = choosing().known(&results, &whose(&results, options.machine.as_deref()))?;
        let asked = asked(&options, &known, cores(&results, &known.machine))?;
        Ok(if options.json { asked.json() } else { asked.text(&results) })
    }

    /// An answer with words that no formula has a part in.
    fn answer(language: Language) -> Answer {
        let job = Job {
            items: 1000.0,
            cpu_ns: 5e6,
            wait_ns: 1e8,
            at_once: 200.0,
            bytes_in: 1000.0,
            bytes_out: 0.0,
            cores: 4.0,
            memory_bytes: 0.0,
            language,
        };
        let row = |model: cost::Model, flows: u32, time: &str| cost::Told {
            estimate: cost::Estimate {
                model,
                time_ns: 1.25e9,
                cpu_ns: 5e9,
                memory_bytes: 4000.0,
                binds: cost::Bind::Cores,
                workers: 4,
                flows,
            },
            time: time.into(),
            cpu: "5 s".into(),
            memory: "4 kB".into(),
            size: if flows == 1 { "4".into() } else { format!("4 × {flows}") },
            binds: "cores",
            reason: "So it is.".into(),
            two_hosts_ns: Some(7.5e8),
            two_hosts: "750 ms".into(),
        };
        let mut models = cost::Model::ALL.into_iter().filter(|m| m.language() == language);
        let (first, second) = (models.next().unwrap(), models.next().unwrap());
        let turn = cost::Turn {
            what: cost::Dimension::Wait,
            at: 1e6,
            model: second,
            says: format!("At 1 ms of waiting and less (here 100 ms), {}.", second.label()),
        };
        let rows = vec![row(first, 50, "1.25 s"), row(second, 1, "1.75 min")];
        Answer { job, rows, turns: vec![turn] }
    }

    #[test]
    fn models_are_listed_with_the_reason_and_where_another_is_better() {
        let results = results(|_, _| 1.234);
        let mut known = choosing().known(&results, "ref").unwrap();
        let answers = Language::ALL.map(answer).to_vec();
        let text = Answered { known: &known, answers: answers.clone() }.text(&results);
        insta::assert_snapshot!(text);
        known.machine = LOCAL.into();
        let text = Answered { known: &known, answers }.text(&results);
        assert!(text.contains("from the constants of local.\nOf these "), "{text}");
        assert!(
            text.contains("those of ref; measure them")
                && text.contains("run on ref with its 2 cores:")
        );
    }

    #[test]
    fn the_fastest_is_first_and_every_model_of_the_language_is_there() {
        let line = "--cpu 5ms --wait 100ms --at-once 200 --items 1000 --cores 4";
        let text = printed(line).unwrap();
        for model in cost::Model::ALL {
            assert!(text.contains(model.label()), "{text}");
        }
        let waits = printed("--wait 100ms --at-once 100 --items 100 --language rust").unwrap();
        let place = |label: &str| waits.find(&format!("\n  {label} ")).unwrap();
        assert!(place("tokio") < place("in turn"), "{waits}");
    }

    #[test]
    fn json_has_the_same_numbers_and_words() {
        let line = "--cpu 5ms --wait 100ms --at-once 200 --language python";
        let (text, json) =
            (printed(line).unwrap(), printed(&format!("{line} --json")).unwrap());
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let answer = &json["answers"][0];
        assert_eq!((json["machine"].as_str(), json["answers"].get(1)), (Some("ref"), None));
        assert_eq!(answer["job"]["language"], "python");
        for model in answer["models"].as_array().unwrap() {
            for said in ["time", "memory", "size"] {
                let said = model["said"][said].as_str().unwrap();
                assert!(text.contains(said), "{said}: {text}");
            }
        }
        for turn in answer["turns"].as_array().unwrap() {
            assert!(text.contains(turn["says"].as_str().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_number_that_cannot_be_is_one_message_that_says_how_it_is_written() {
        for (line, says) in [
            ("--cpu 5", "`5` is not a duration; write 5ms"),
            ("--wait soon", "`soon` is not a duration"),
            ("--bytes-in 1kg", "`1kg` is not a size; write 100B, 1kB"),
            ("--language perl", "[possible values: rust, python, both]"),
            ("--items many", "invalid float"),
        ] {
            let said = options(line).map(|_| ()).unwrap_err();
            assert!(said.contains(says), "{says}: {said}");
        }
        for (line, says) in [
            ("--items 0", "items is 0, and can be from 1"),
            ("--at-once nan", "at_once is NaN"),
            ("--cores=-1", "cores is -1"),
            ("--cpu 9999999999h", "cpu_ns is"),
        ] {
            let said = printed(line).unwrap_err().to_string();
            assert!(said.contains(says) && said.lines().count() == 1, "{says}: {said}");
        }
    }

    #[test]
    fn the_readers_own_constants_come_first_once_there_are_some() {
        let mut results = results(|_, _| 1.0);
        assert_eq!(whose(&results, None), "ref");
        let own = results.machines["ref"].clone();
        results.machines.insert(LOCAL.into(), own);
        assert_eq!(whose(&results, None), LOCAL);
        assert_eq!(whose(&results, Some("ref")), "ref");
        results.machines.get_mut(LOCAL).unwrap().remove(COSTS);
        assert_eq!(whose(&results, None), "ref");
    }
}
