//! `{{#timeline experiment: lanes; from_ms=…; to_ms=…; caption="…"}}`: who ran when. With
//! `form=kitchens; says="… | …"` as the first page draws it, a sentence about each lane.

use anyhow::{Context, Result, bail};

use super::directive::{Directive, Page, Pages, boxed};
use super::lanes::Lanes;
use super::markdown;
use super::options::Options;
use crate::ask::near::Unknown;
use crate::ask::slices;
use crate::figure::shown::Role;
use crate::figure::timeline::{self, Form};
use crate::store::limits::COUNT;

pub(super) const NAME: &str = "timeline";

struct Timeline {
    lanes: Lanes,
    timeline: timeline::Timeline,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (lanes, timeline) = Lanes::parse(rest, |options| {
        let (from_ns, to_ns) = (ns(options, "from_ms")?.unwrap_or(0), ns(options, "to_ms")?);
        if to_ns.is_some_and(|to_ns| to_ns <= from_ns) {
            bail!("to_ms comes after from_ms");
        }
        let (form, says) = (options.take("form"), options.take("says"));
        let form = match (form.as_deref(), says) {
            (None | Some("lanes"), None) => Form::Lanes,
            (Some("kitchens"), says) => Form::Kitchens {
                says: says
                    .map(|says| says.split('|').map(|one| one.trim().to_owned()).collect())
                    .unwrap_or_default(),
            },
            (None | Some("lanes"), Some(_)) => bail!("`says` is for form=kitchens"),
            (Some(other), _) => bail!(Unknown::new(
                format!("a timeline has no form `{other}`"),
                other,
                ["lanes", "kitchens"]
            )),
        };
        Ok(timeline::Timeline { from_ns, to_ns, form, caption: options.need("caption")? })
    })?;
    boxed(Timeline { lanes, timeline })
}

fn ns(options: &mut Options, name: &'static str) -> Result<Option<u64>> {
    let Some(text) = options.take(name) else { return Ok(None) };
    let ms: f64 = text.parse().with_context(|| format!("{name} is a number, not `{text}`"))?;
    // What a recording cannot last, a window cannot either.
    let longest = COUNT as f64 * 1e-6;
    if !(0.0..=longest).contains(&ms) {
        bail!("{name} is a number of milliseconds from 0 to {longest:e}, not `{text}`");
    }
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
        let drawn_of = |role| drawn.iter().filter(move |drawn| drawn.shown.role == role);
        let ours = drawn_of(Role::Reference).flat_map(|drawn| &drawn.variants);
        if let Form::Kitchens { says } = &self.timeline.form {
            let count = ours.clone().count();
            if !says.is_empty() && says.len() != count {
                bail!("`says` has {} sentences for {count} lanes", says.len());
            }
        }
        let end = ours.map(|variant| slices::end(&variant.timeline)).max().unwrap_or(0);
        if self.timeline.from_ns > 0 && self.timeline.from_ns >= end {
            bail!(
                "from_ms comes after the end of the recording, at {:.3} ms",
                end as f64 * 1e-6
            );
        }
        Ok(markdown::block(timeline::figure(&self.timeline, page.next_colored(), &drawn)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_no_recording_has_is_a_mistake() {
        let fault = |options: &str| {
            let text = format!("demo: a; caption=\"x\"; {options}");
            parse(&text).err().map(|e| format!("{e:#}")).unwrap_or_default()
        };
        for number in ["1e300", "-1", "inf", "NaN", "1e11", "-1e-9"] {
            for name in ["from_ms", "to_ms"] {
                let said = fault(&format!("{name}={number}"));
                assert!(said.starts_with(&format!("{name} is a number of milli")), "{said}");
                assert!(said.ends_with(&format!("not `{number}`")), "{said}");
            }
        }
        assert!(fault("from_ms=soon").contains("from_ms is a number, not `soon`"));
        assert_eq!(fault("from_ms=2; to_ms=1"), "to_ms comes after from_ms");
        assert_eq!(fault("from_ms=1; to_ms=1"), "to_ms comes after from_ms");
        assert_eq!(fault("to_ms=0"), "to_ms comes after from_ms");
        assert_eq!(fault("from_ms=9e9") + &fault("from_ms=0; to_ms=0.5"), "");
    }

    #[test]
    fn a_form_is_one_that_there_is_and_only_kitchens_say_something() {
        let fault = |options: &str| {
            let text = format!("demo: a; caption=\"x\"; {options}");
            parse(&text).err().map(|e| e.to_string()).unwrap_or_default()
        };
        assert_eq!(fault("form=kitchens; says=\"one | two\"") + &fault("form=lanes"), "");
        assert_eq!(
            fault("form=kitchen"),
            "a timeline has no form `kitchen`; did you mean `kitchens`?"
        );
        assert_eq!(fault("says=\"one\""), "`says` is for form=kitchens");
    }
}
