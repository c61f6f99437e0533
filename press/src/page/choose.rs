//! `{{#choose}}`: a job of the reader's own, which a script asks for; what it needs to compute
//! the answer stands in the page, and without a script the page leads to its table of jobs.

use anyhow::Result;
use cost::Language;
use maud::html;
use serde_json::{Map, Value as Json, json};

use super::directive::{Directive, Page, Pages, boxed};
use super::jobs::{self, Asked};
use super::markdown;
use super::options::nothing;
use crate::ask::choosing::CHOOSING;
use crate::ask::costs::COSTS;
use crate::ask::jobs::Decided;
use crate::ask::selector::Expression;
use crate::figure::shown::title;

pub(super) const NAME: &str = "choose";

struct Choose;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(Choose)
}

impl Directive for Choose {
    fn cites(&self) -> Vec<&str> {
        vec![COSTS]
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let up = "../".repeat(page.depth);
        let known = known(pages)?.to_string();
        let table = format!("#{}", jobs::address(page));
        Ok(markdown::block(html! {
            div class="choose" data-script={ (up) "choose.js" } data-engine={ (up) "choose.wasm" }
                data-choosing=(known) {
                p class="choose-without" {
                    "A form for your own job stands here where scripts run. Without one, "
                    a href=(table) { "the table of jobs" } " has those that people have, and "
                    code { "cargo book choose" } " answers for yours."
                }
            }
        }))
    }
}

/// What a script needs: each machine's constants and cores, how far the model is off there, and
/// jobs to begin with.
fn known(pages: &Pages) -> Result<Json> {
    let asked = pages.asked_for_costs()?;
    let machines: Vec<Json> = asked.iter().map(machine).collect();
    let errors: Vec<Json> = asked.iter().flat_map(|asked| errors(pages, asked)).collect();
    let computed = pages.choosing.typical.all.iter().filter_map(|job| match &job.decided {
        Decided::Computed(numbers) => Some((job, numbers)),
        Decided::Argued(_) => None,
    });
    let jobs: Vec<Json> = computed
        .map(|(job, numbers)| {
            json!({
                "id": job.id,
                "name": job.name,
                "words": job.words,
                "items": numbers.items,
                "cpu_ns": numbers.cpu_ns,
                "wait_ns": numbers.wait_ns,
                "at_once": numbers.at_once,
                "bytes_in": numbers.bytes_in,
                "bytes_out": numbers.bytes_out,
                "cores": numbers.cores,
                "memory_bytes": numbers.memory_bytes,
            })
        })
        .collect();
    Ok(json!({
        "reference": pages.results.reference,
        "machines": machines,
        "error": errors,
        "jobs": jobs,
    }))
}

fn machine((shown, known): &Asked<'_>) -> Json {
    let costs = known.all.iter().map(|one| (one.name.to_owned(), json!(one.number)));
    let borrowed: Vec<&str> = known.borrowed().iter().map(|one| one.name).collect();
    json!({
        "name": shown.machine,
        "title": title(shown.machine),
        "cores": shown.record.machine.hardware_threads,
        "costs": costs.collect::<Map<String, Json>>(),
        "borrowed": borrowed,
    })
}

/// How far the model was off on the jobs kept aside, as a page prints it.
fn errors(pages: &Pages, (shown, _): &Asked<'_>) -> Vec<Json> {
    let Some(record) = pages.results.record(shown.machine, CHOOSING) else { return vec![] };
    let of = |language: Language| {
        let printed = |metric: &str| {
            let selector = format!("{}/kept.{metric}", language.id());
            Some(Expression::parse(&selector).ok()?.value(record).ok()?.text())
        };
        Some(json!({
            "machine": shown.machine,
            "language": language.id(),
            "median": printed("error_share")?,
            "p90": printed("error_p90_share")?,
            "best_named": printed("best_named_share"),
        }))
    };
    Language::ALL.into_iter().filter_map(of).collect()
}
