//! `{{#jobs caption="…"}}`: the jobs that people have, each with the model we would take in
//! Rust and in Python, its size, and what it then takes, from each machine's own constants.

use anyhow::{Context, Result, anyhow};
use cost::{Job, Language, Told};
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::Options;
use crate::ask::costs::{COSTS, Known};
use crate::ask::jobs::{Argued, Bound, Decided, Typical};
use crate::figure::html;
use crate::figure::shown::{Role, Shown};

pub(super) const NAME: &str = "jobs";

struct Jobs {
    caption: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    boxed(Jobs { caption: only_caption(rest)? })
}

/// Of a directive that takes a caption and nothing else, with a semicolon before it or without.
pub(super) fn only_caption(rest: &str) -> Result<String> {
    let rest = rest.trim();
    let rest = if rest.starts_with(';') { rest.to_owned() } else { format!("; {rest}") };
    let mut options = Options::parse(&rest)?;
    let caption = options.need("caption")?;
    options.items()?;
    Ok(caption)
}

/// The address of the table on its page.
pub(super) fn address(page: &Page) -> String {
    format!("jobs-{}", page.slug)
}

/// A machine whose constants are its own, and what they are.
pub(super) type Asked<'p> = (Shown<'p>, Known);

impl Pages {
    /// The machines that have measured what the model of cost is made of; the reference must.
    pub(super) fn asked_for_costs(&self) -> Result<Vec<Asked<'_>>> {
        self.choosing.known(&self.results, &self.results.reference)?;
        self.record(COSTS)?;
        let mut asked = Vec::new();
        for shown in Shown::all(&self.results, COSTS) {
            let known = self.choosing.known(&self.results, shown.machine)?;
            if shown.excuse(known.costs())?.is_some() {
                asked.push((shown, known));
            }
        }
        Ok(asked)
    }
}

impl Directive for Jobs {
    fn cites(&self) -> Vec<&str> {
        vec![COSTS]
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let jobs = &pages.choosing.typical.all;
        if jobs.is_empty() {
            return Err(anyhow!(
                "there are no jobs: book/jobs.toml is missing; bring it back with git"
            ));
        }
        let mut blocks = Vec::new();
        for (shown, known) in pages.asked_for_costs()? {
            let rows = jobs.iter().map(|job| rows(job, &shown, &known, pages));
            let rows = rows.collect::<Result<Vec<Markup>>>()?;
            let inner = html! {
                (table(&rows))
                p class="provenance" {
                    "Computed from constants: " (html::source(&shown, page.depth, "csv"))
                }
                (borrowed(&known))
            };
            blocks.push((shown, inner));
        }
        let id = address(page);
        Ok(markdown::block(html! {
            figure class="measured-table jobs" id=(id) {
                (html::caption(page.next_figure().number, &self.caption))
                (html::machines("machines wide", &blocks))
            }
        }))
    }
}

/// What to know where constants are not the machine's own.
fn borrowed(known: &Known) -> Markup {
    let borrowed = known.borrowed();
    html! {
        @if !borrowed.is_empty() {
            ul class="warnings" {
                li {
                    b { "borrowed" } ": " (borrowed.len()) " of " (known.all.len())
                    " constants are those of " (borrowed[0].machine) ": "
                    (borrowed.iter().map(|one| one.name).collect::<Vec<_>>().join(", "))
                    "; measure them with " code { (known.to_measure()) }
                }
            }
        }
    }
}

const HEAD: [&str; 6] = ["in", "model", "workers × flows", "time", "memory", "what binds"];

fn table(jobs: &[Markup]) -> Markup {
    html! {
        div class="table-wrapper" tabindex="0" role="group"
            aria-label="jobs, and what we would take" {
            table {
                thead {
                    tr {
                        @for head in HEAD {
                            @let is_number = ["workers × flows", "time", "memory"].contains(&head);
                            th scope="col" class=[(!is_number).then_some("text")] { (head) }
                        }
                    }
                }
                @for job in jobs { tbody { (job) } }
            }
        }
    }
}

/// What the job is, a row for each language, and what else is to be known.
fn rows(job: &Typical, shown: &Shown<'_>, known: &Known, pages: &Pages) -> Result<Markup> {
    let row = |language| match &job.decided {
        Decided::Computed(numbers) => computed(numbers, language, known),
        Decided::Argued(argued) => self::argued(argued, language, shown, pages),
    };
    let rows = Language::ALL.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    let argued = match &job.decided {
        Decided::Argued(argued) => Some(argued),
        Decided::Computed(_) => None,
    };
    // Across the whole table, and no wider than what is seen of it.
    let across = |inner: Markup| html! { div class="across" { (inner) } };
    Ok(html! {
        tr {
            // Not a head: auditors take two levels of them for heads that cells must name.
            td class="job" colspan=(HEAD.len()) {
                (across(html! { (job.name) span class="note" { (job.words) } }))
            }
        }
        @for row in rows { tr { (row) } }
        @if argued.is_some() || job.also.is_some() {
            tr class="also" {
                td class="text" colspan=(HEAD.len()) {
                    (across(html! {
                        @if let Some(argued) = argued {
                            (argued.because) " (" a href=(argued.link) { (argued.field) } ")"
                        }
                        @if argued.is_some() && job.also.is_some() { " " }
                        @if let Some(also) = &job.also { (also) }
                    }))
                }
            }
        }
    })
}

/// The best model of a language, by the constants.
fn computed(numbers: &Job, language: Language, known: &Known) -> Result<Markup> {
    let best = best(numbers, language, known)?;
    let best = best.with_context(|| format!("no model in {} does it", language.label()))?;
    Ok(html! {
        th scope="row" class="text" { (language.label()) }
        td class="text" { (best.estimate.model.label()) }
        td { (html::unbroken(&best.size)) }
        td { (html::unbroken(&best.time)) }
        td { (html::unbroken(&best.memory)) }
        td class="text" { (best.binds) }
    })
}

fn best(numbers: &Job, language: Language, known: &Known) -> Result<Option<Told>> {
    let job = Job { language, ..*numbers };
    let ranked = cost::ranked(&job, &known.costs()?).map_err(|why| anyhow!(why))?;
    Ok(ranked.into_iter().next())
}

/// What is taken where no model of time decides, and a bound that was measured.
fn argued(
    argued: &Argued,
    language: Language,
    shown: &Shown<'_>,
    pages: &Pages,
) -> Result<Markup> {
    let taken = match language {
        Language::Rust => &argued.rust,
        Language::Python => &argued.python,
    };
    let mut bounds = Vec::new();
    for bound in argued.bounds.iter().filter(|bound| bound.language == language) {
        bounds.extend(self::bound(bound, shown, pages)?);
    }
    Ok(html! {
        th scope="row" class="text" { (language.label()) }
        td class="text" colspan=(HEAD.len() - 1) {
            div class="taken" {
                (taken)
                @for bound in bounds { "; " (bound) }
            }
        }
    })
}

/// A number of the machine itself; where that has none, of the reference, which says so.
fn bound(bound: &Bound, shown: &Shown<'_>, pages: &Pages) -> Result<Option<Markup>> {
    let ours = bound.expression.value(pages.record(&bound.experiment)?)?;
    let own = Shown::of(&pages.results, shown.machine, &bound.experiment);
    let own = own.and_then(|own| bound.expression.value(own.record).ok());
    let of = format!("{}: {}", bound.experiment, bound.expression);
    Ok(match (own, shown.role) {
        (Some(value), _) => Some(html! {
            (bound.what) " " span data-of=(of) { (value.text()) }
        }),
        (None, Role::Local) => Some(html! {
            (bound.what) " " (ours.text()) " on " (pages.results.reference)
        }),
        (None, _) => None,
    })
}
