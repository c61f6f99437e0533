//! `{{#chart experiment: lanes; metric=…; caption="…"}}`: bars, or curves over numeric cases.

use anyhow::{Result, bail};

use super::directive::{Directive, Page, Pages, boxed};
use super::lanes::Lanes;
use super::markdown;
use super::options::Options;
use crate::ask::metric::Metric;
use crate::figure::chart::{self, Form};
use crate::figure::scale::Axis;

pub(super) const NAME: &str = "chart";

struct Chart {
    lanes: Lanes,
    chart: chart::Chart,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (lanes, chart) = Lanes::parse(rest, chart)?;
    boxed(Chart { lanes, chart })
}

fn chart(options: &mut Options) -> Result<chart::Chart> {
    let chart = chart::Chart {
        form: match options.take("form").as_deref() {
            None | Some("bars") => Form::Bars,
            Some("curve") => Form::Curve,
            Some(other) => bail!("form is bars or curve, not `{other}`"),
        },
        metric: options.take("metric").map_or(Metric::Wall, |name| Metric::parse(&name)),
        title: options.take("title"),
        across: match options.take("across").as_deref() {
            None => None,
            Some("linear") => Some(Axis::Linear),
            Some("log") => Some(Axis::Log),
            Some(other) => bail!("across is linear or log, not `{other}`"),
        },
        axes: match options.take("axis").as_deref() {
            None | Some("linear") => vec![Axis::Linear],
            Some("log") => vec![Axis::Log],
            Some("both") => vec![Axis::Linear, Axis::Log],
            Some(other) => bail!("axis is linear, log or both, not `{other}`"),
        },
        caption: options.need("caption")?,
        crossing: match options.take("crossing") {
            None => None,
            Some(pair) => match pair.split_once(',') {
                Some((a, b)) => Some((a.trim().to_owned(), b.trim().to_owned())),
                None => bail!("crossing names two variants: crossing=one,other"),
            },
        },
    };
    if chart.across.is_some() && chart.form != Form::Curve {
        bail!("only curves have an axis across; write form=curve");
    }
    if chart.crossing.is_some() && chart.form != Form::Curve {
        bail!("only curves cross; write form=curve");
    }
    Ok(chart)
}

impl Directive for Chart {
    fn cites(&self) -> Vec<&str> {
        vec![&self.lanes.experiment]
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let drawn = self.lanes.drawn(pages)?;
        Ok(markdown::block(chart::figure(&self.chart, page.next_colored(), &drawn)?))
    }
}
