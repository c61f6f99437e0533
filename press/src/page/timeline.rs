//! `{{#timeline experiment: lanes; from_ms=…; to_ms=…; caption="…"}}`: who ran when.

use anyhow::{Context, Result, bail};

use super::directive::{Directive, Page, Pages, boxed};
use super::lanes::Lanes;
use super::markdown;
use super::options::Options;
use crate::figure::timeline;

pub(super) const NAME: &str = "timeline";

struct Timeline {
    lanes: Lanes,
    timeline: timeline::Timeline,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (lanes, timeline) = Lanes::parse(rest, |options| {
        Ok(timeline::Timeline {
            from_ns: ns(options, "from_ms")?.unwrap_or(0),
            to_ns: ns(options, "to_ms")?,
            caption: options.need("caption")?,
        })
    })?;
    boxed(Timeline { lanes, timeline })
}

fn ns(options: &mut Options, name: &'static str) -> Result<Option<u64>> {
    let Some(text) = options.take(name) else { return Ok(None) };
    let ms: f64 = text.parse().with_context(|| format!("{name} is a number, not `{text}`"))?;
    Ok(Some((ms * 1e6) as u64))
}

impl Directive for Timeline {
    fn cites(&self) -> Vec<&str> {
        vec![&self.lanes.experiment]
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let drawn = self.lanes.drawn(pages)?;
        let mut variants = drawn.iter().flat_map(|drawn| &drawn.variants);
        if let Some(bare) = variants.find(|variant| variant.timeline.is_empty()) {
            bail!("`{}` recorded no timeline", bare.id());
        }
        Ok(markdown::block(timeline::figure(&self.timeline, page.next_figure(), &drawn)))
    }
}
