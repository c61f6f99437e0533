//! `{{#expect experiment: condition}}`: invisible when it is so. A committed record that
//! contradicts it stops the book, until the sentence is another or `; except=MACHINE;
//! there="…"` says on the page what is so on that machine. On the reader's own records it is
//! told beside the sentence.

use anyhow::{Context, Result, bail};
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::{apart, split};
use crate::ask::choosing::recorded;
use crate::ask::claims::{Condition, Verdict};
use crate::ask::expectation::Expectation;
use crate::ask::near::Unknown;
use crate::ask::together::BOOK;
use crate::figure::html::runner_title;
use crate::figure::shown::{Role, Shown, machines, title};
use crate::store::record::Record;

pub(super) const NAME: &str = "expect";

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (experiment, body) = split(rest)?;
    let (text, mut options) = apart(body)?;
    let except = options.take("except").unwrap_or_default();
    let except = except.split(',').map(|name| name.trim().to_owned());
    let except: Vec<String> = except.filter(|name| !name.is_empty()).collect();
    let there = options.take("there").unwrap_or_default();
    options.items()?;
    if except.is_empty() != there.is_empty() {
        bail!(
            "an exception says what is so on that machine, in words that go on from “On \
             {}”: `; except=MACHINE; there=\"…\"`",
            except.first().map_or("MACHINE", String::as_str)
        );
    }
    boxed(Expectation {
        experiment: experiment.to_owned(),
        condition: Condition::parse(text)?,
        except,
        there,
    })
}

impl Directive for Expectation {
    fn cites(&self) -> Vec<&str> {
        if self.experiment == BOOK { Vec::new() } else { vec![&self.experiment] }
    }

    fn expects(&self) -> Option<&Expectation> {
        Some(self)
    }

    fn render(&self, pages: &Pages, _: &mut Page) -> Result<String> {
        known(&self.except, pages)?;
        if self.experiment == BOOK {
            return self.of_all(pages);
        }
        let (verdict, measured) = self.condition.judge(pages.record(&self.experiment)?)?;
        if verdict != Verdict::Holds {
            bail!(
                "the text is contradicted by results/{}/{}.json, which has {measured}; rewrite \
                 the sentence",
                pages.results.reference,
                recorded(&self.experiment)
            );
        }
        let mut notes = String::new();
        let mut faults = Vec::new();
        for (role, machine) in machines(&pages.results) {
            let shown = Shown::of(&pages.results, machine, &self.experiment);
            let judged = shown.map(|shown| self.condition.judge(shown.record));
            match (role, judged) {
                (Role::Reference, _)
                | (Role::Local, None | Some(Err(_) | Ok((Verdict::Holds, _)))) => {}
                (Role::Local, Some(Ok((verdict, measured)))) => {
                    let record = shown.map(|shown| shown.record).context("it was judged")?;
                    notes += &self.note(machine, &self.plainly(record, verdict)?, &measured);
                }
                (Role::Other, judged) => match self.on_another(machine, judged) {
                    Ok(note) => notes += &note,
                    Err(fault) => faults.push(fault.to_string()),
                },
            }
        }
        if !faults.is_empty() {
            bail!("{}", faults.join("; "));
        }
        Ok(notes)
    }
}

/// Exceptions are of machines that the build asks, and that the sentence does not rest on.
fn known(except: &[String], pages: &Pages) -> Result<()> {
    let others = machines(&pages.results).into_iter().filter(|(role, _)| *role == Role::Other);
    let others: Vec<&str> = others.map(|(_, name)| name).collect();
    for name in except {
        if *name == pages.results.reference {
            bail!("except={name}: the sentence rests on {name}; rewrite it");
        }
        if !others.contains(&name.as_str()) {
            let text = format!("except={name}: no committed machine is called `{name}`");
            bail!(Unknown::new(text, name, others));
        }
    }
    Ok(())
}

impl Expectation {
    /// A note where the page says that `machine` is an exception, and it is one.
    fn on_another(
        &self,
        machine: &str,
        judged: Option<Result<(Verdict, String)>>,
    ) -> Result<String> {
        let file = format!("results/{machine}/{}.json", recorded(&self.experiment));
        let is_excepted = self.except.iter().any(|name| name == machine);
        match (judged, is_excepted) {
            (Some(Ok((Verdict::Fails, measured))), true) => {
                Ok(self.note(machine, &self.there, &measured))
            }
            (Some(Ok((Verdict::Fails, measured))), false) => bail!(
                "the text is contradicted by {file}, which has {measured}; rewrite the \
                 sentence, or say what is so there by `; except={machine}; there=\"…\"`"
            ),
            (Some(Ok((verdict, measured))), true) => bail!(
                "{machine} is not an exception here: {verdict}, {file} has {measured}; remove \
                 {machine} from `except`"
            ),
            (None | Some(Err(_)), true) => bail!(
                "on {machine} it cannot be tried by {file}; remove {machine} from `except`"
            ),
            (_, false) => Ok(String::new()),
        }
    }

    /// Of all records together there is one answer, whatever the machine.
    fn of_all(&self, pages: &Pages) -> Result<String> {
        if !self.except.is_empty() {
            bail!("all records together have no exceptions");
        }
        let (verdict, measured) = self.condition.judge(pages.together())?;
        if verdict != Verdict::Holds {
            bail!("the text is contradicted by all records together, which have {measured}");
        }
        Ok(String::new())
    }

    /// What nobody wrote a sentence for: that it is not so, and of which variants.
    fn plainly(&self, record: &Record, verdict: Verdict) -> Result<String> {
        let how = match verdict {
            Verdict::Fails => "does not hold",
            _ => "is undecided",
        };
        let parts = self.condition.parts(record)?;
        let asked = parts.iter().map(|part| {
            let (label, case) = part.of.clone().unzip();
            let runner = part.runner.as_deref().map(runner_title);
            let all = [label, case.flatten(), runner, Some(part.about.clone())];
            all.into_iter().flatten().collect::<Vec<_>>().join(", ")
        });
        Ok(format!("this {how} ({})", asked.collect::<Vec<_>>().join("; ")))
    }

    fn note(&self, machine: &str, says: &str, measured: &str) -> String {
        let of = format!("{}: {}", self.experiment, self.condition);
        let note: Markup = html! {
            span class="margin-note" data-machine=(machine) data-of=(of) {
                "On " (title(machine)) " " (says) ": " (measured) "."
            }
        };
        markdown::inline(note)
    }
}
