//! `{{#data}}`: every record that is published, by experiment and machine, to be taken home.

use std::collections::BTreeMap;

use anyhow::Result;
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::nothing;
use crate::figure::shown::{Role, Shown, machines};

pub(super) const NAME: &str = "data";

struct Data;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(Data)
}

impl Directive for Data {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let machines: Vec<&str> = machines(&pages.results)
            .into_iter()
            .filter(|(role, _)| *role != Role::Local)
            .map(|(_, machine)| machine)
            .collect();
        let records = machines.iter().flat_map(|machine| &pages.results.machines[*machine]);
        let questions: BTreeMap<&str, &str> =
            records.map(|(name, record)| (name.as_str(), record.question.as_str())).collect();
        Ok(markdown::block(html! {
            div class="table-wrapper" tabindex="0" role="group" aria-label="records" {
                table {
                    thead {
                        tr {
                            th scope="col" { "experiment" }
                            th scope="col" { "question, and its records" }
                        }
                    }
                    tbody {
                        @for (experiment, question) in questions {
                            tr {
                                th scope="row" { (parted(experiment)) }
                                td {
                                    (question) br;
                                    @for machine in &machines {
                                        @if let Some(shown) = Shown::of(&pages.results, machine, experiment) {
                                            (files(&shown, page.depth))
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }))
    }
}

/// A name that may go on in the next line after each of its words.
fn parted(name: &str) -> Markup {
    html! {
        @for part in name.split_inclusive('_') { (part) wbr; }
    }
}

/// The files of a record.
fn files(shown: &Shown<'_>, depth: usize) -> Markup {
    html! {
        span class="record" {
            (shown.machine)
            @for (kind, title) in [("csv", "CSV"), ("json", "JSON")] {
                " " a href=[shown.data(depth, kind)] { (title) }
            }
        }
    }
}
