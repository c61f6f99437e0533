//! Directives that draw.

use anyhow::{Context, Result, bail};

use super::{Page, Pages, block, choose, none_left, options, split};
use crate::ask::select::Expression;
use crate::figure::html;
use crate::figure::{self, Axis, Chart, Form};
use crate::store::record::{LOCAL, Record, Variant};

/// A machine with the lanes of it that are drawn.
type Drawn<'r> = Vec<(&'r str, &'r Record, Vec<&'r Variant>)>;

impl Pages {
    /// The machines that have what was asked for; the reference must.
    fn drawn(&self, experiment: &str, lanes: &[String]) -> Result<Drawn<'_>> {
        self.record(experiment)?;
        let mut machines = Vec::new();
        for (machine, record) in html::shown(&self.results, experiment) {
            match choose(record, lanes) {
                Ok(variants) => machines.push((machine, record, variants)),
                Err(_) if machine != self.results.reference => {}
                Err(e) => return Err(e),
            }
        }
        Ok(machines)
    }

    pub(super) fn machine_block(
        &self,
        position: usize,
        count: usize,
        machine: &str,
        inner: &str,
    ) -> String {
        html::machine_block(position, count, machine, machine == self.results.reference, inner)
    }

    pub(super) fn chart(&self, rest: &str, page: &mut Page) -> Result<String> {
        let (experiment, body) = split(rest)?;
        let (lanes, mut options) = options(body)?;
        let chart = Chart {
            form: match options.remove("form").as_deref() {
                None | Some("bars") => Form::Bars,
                Some("curve") => Form::Curve,
                Some(other) => bail!("form is bars or curve, not `{other}`"),
            },
            metric: options.remove("metric").unwrap_or("wall".into()),
            axis: axis(options.remove("axis"))?,
            caption: options.remove("caption").context("a chart needs a caption=\"…\"")?,
            crossing: match options.remove("crossing") {
                None => None,
                Some(pair) => match pair.split_once(',') {
                    Some((a, b)) => Some((a.trim().to_owned(), b.trim().to_owned())),
                    None => bail!("crossing names two variants: crossing=one,other"),
                },
            },
        };
        none_left(&options, &["form", "metric", "axis", "caption", "crossing"])?;
        if chart.crossing.is_some() && chart.form != Form::Curve {
            bail!("only curves cross; write form=curve");
        }
        page.figures += 1;
        let machines = self.drawn(experiment, &lanes)?;
        Ok(block(&figure::chart(&chart, page.figures, &self.results.reference, &machines)?))
    }

    /// Rungs over decades: selectors of one experiment, then of the next after a `|`.
    pub(super) fn ladder(&self, rest: &str, page: &mut Page) -> Result<String> {
        let (rungs, mut options) = options(rest)?;
        let caption = options.remove("caption").context("a ladder needs a caption=\"…\"")?;
        none_left(&options, &["caption"])?;
        let mut asked: Vec<(&str, Expression, Option<&str>)> = Vec::new();
        let mut experiment = "";
        for rung in rungs.iter().flat_map(|rung| rung.split('|')) {
            let mut rung = rung.trim();
            if let Some((name, first)) = rung.split_once(':') {
                (experiment, rung) = (name.trim(), first.trim());
            }
            if experiment.is_empty() {
                bail!("an experiment is missing; write `experiment: lane.metric`");
            }
            let (selector, title) = match rung.split_once(" as ") {
                Some((selector, title)) => (selector.trim(), Some(title.trim())),
                None => (rung, None),
            };
            asked.push((experiment, Expression::parse(selector)?, title));
        }
        let names: Vec<&str> = {
            let mut names: Vec<&str> = asked.iter().map(|(name, ..)| *name).collect();
            names.dedup();
            names
        };
        for name in &names {
            self.record(name)?;
        }
        let mut machines: Vec<(&str, Vec<figure::ladder::Rung<'_>>)> = Vec::new();
        let mut all: Vec<&str> = Vec::new();
        for name in &names {
            for (machine, _) in html::shown(&self.results, name) {
                if !all.contains(&machine) {
                    all.push(machine);
                }
            }
        }
        // The reader's own machine stands first here too.
        all.sort_by_key(|machine| (*machine != LOCAL, *machine != self.results.reference));
        for machine in all {
            let mut rungs = Vec::new();
            for (experiment, expression, title) in &asked {
                let record =
                    self.results.machines.get(machine).and_then(|r| r.get(*experiment));
                let rung = match record {
                    Some(record) => figure::ladder::rung(record, expression, *title),
                    None => continue,
                };
                match rung {
                    Ok(rung) => rungs.push(rung),
                    Err(_) if machine != self.results.reference => {}
                    Err(e) => return Err(e),
                }
            }
            if !rungs.is_empty() {
                machines.push((machine, rungs));
            }
        }
        page.figures += 1;
        let reference = &self.results.reference;
        Ok(block(&figure::ladder::figure(&caption, page.figures, reference, machines)?))
    }

    /// Models down, kinds of work across.
    pub(super) fn matrix(&self, rest: &str, page: &mut Page) -> Result<String> {
        let (experiment, body) = split(rest)?;
        let (lanes, mut options) = options(body)?;
        let metric = options.remove("metric").unwrap_or("speedup".into());
        let caption = options.remove("caption").context("a matrix needs a caption=\"…\"")?;
        none_left(&options, &["metric", "caption"])?;
        page.figures += 1;
        let machines = self.drawn(experiment, &lanes)?;
        let reference = &self.results.reference;
        Ok(block(&figure::matrix::figure(
            &caption,
            &metric,
            page.figures,
            reference,
            &machines,
        )?))
    }

    pub(super) fn timeline(&self, rest: &str, page: &mut Page) -> Result<String> {
        let (experiment, body) = split(rest)?;
        let (lanes, mut options) = options(body)?;
        let mut window = |name: &str| -> Result<Option<u64>> {
            let Some(text) = options.remove(name) else { return Ok(None) };
            let ms: f64 =
                text.parse().with_context(|| format!("{name} is a number, not `{text}`"))?;
            Ok(Some((ms * 1e6) as u64))
        };
        let (from_ns, to_ns) = (window("from_ms")?.unwrap_or(0), window("to_ms")?);
        let caption = options.remove("caption").context("a timeline needs a caption=\"…\"")?;
        none_left(&options, &["from_ms", "to_ms", "caption"])?;
        let machines = self.drawn(experiment, &lanes)?;
        for (_, _, variants) in &machines {
            if let Some(bare) = variants.iter().find(|variant| variant.timeline.is_empty()) {
                bail!("`{}` recorded no timeline", bare.id());
            }
        }
        page.figures += 1;
        let timeline = figure::timeline::Timeline { caption, from_ns, to_ns };
        Ok(block(&figure::timeline::figure(
            &timeline,
            page.figures,
            &self.results.reference,
            &machines,
        )))
    }
}

fn axis(asked: Option<String>) -> Result<Axis> {
    Ok(match asked.as_deref() {
        None | Some("linear") => Axis::Linear,
        Some("log") => Axis::Log,
        Some("both") => Axis::Both,
        Some(other) => bail!("axis is linear, log or both, not `{other}`"),
    })
}
