//! `{{#matrix experiment: lanes; metric=…; caption="…"}}`: models down, kinds of work across.

use anyhow::Result;

use super::directive::{Directive, Page, Pages, boxed};
use super::lanes::Lanes;
use super::markdown;
use crate::ask::metric::Metric;
use crate::figure;

pub(super) const NAME: &str = "matrix";

struct Matrix {
    lanes: Lanes,
    metric: Metric,
    caption: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (lanes, (metric, caption)) = Lanes::parse(rest, |options| {
        let metric =
            options.take("metric").map_or(Metric::Speedup, |name| Metric::parse(&name));
        Ok((metric, options.need("caption")?))
    })?;
    boxed(Matrix { lanes, metric, caption })
}

impl Directive for Matrix {
    fn cites(&self) -> Vec<&str> {
        vec![&self.lanes.experiment]
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let drawn = self.lanes.drawn(pages)?;
        let place = page.next_colored();
        Ok(markdown::block(figure::matrix::figure(&self.caption, &self.metric, place, &drawn)?))
    }
}
