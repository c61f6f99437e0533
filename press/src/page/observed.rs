//! `{{#observed experiment: lanes; rows=…; marks="sees ●, misses ·"; caption="…"}}`: what was
//! observed, by its first word: a row for each case, a column for each variant.

use anyhow::{Result, anyhow, bail};
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::lanes::Lanes;
use super::markdown;
use crate::figure::{Drawn, html};
use crate::store::record::Variant;

pub(super) const NAME: &str = "observed";

struct Observed {
    lanes: Lanes,
    /// What stands above the names of rows.
    rows: String,
    /// What a word is drawn as.
    marks: Vec<(String, String)>,
    caption: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let (lanes, (rows, marks, caption)) = Lanes::parse(rest, |options| {
        let rows = options.take("rows").unwrap_or("work".into());
        let marks = options.take("marks").unwrap_or_default();
        Ok((rows, marks, options.need("caption")?))
    })?;
    let marks = marks.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let marks = marks
        .map(|pair| {
            let (word, mark) = pair.rsplit_once(' ').ok_or_else(|| {
                anyhow!("`{pair}` is not a mark; write `marks=\"word ●, other ·\"`")
            })?;
            Ok((word.to_owned(), mark.to_owned()))
        })
        .collect::<Result<_>>()?;
    boxed(Observed { lanes, rows, marks, caption })
}

impl Directive for Observed {
    fn cites(&self) -> Vec<&str> {
        vec![&self.lanes.experiment]
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let mut blocks = Vec::new();
        for drawn in self.lanes.drawn(pages)? {
            let inner = html! {
                (self.table(&drawn)?)
                p class="provenance" { (html::source(&drawn.shown, page.depth, "csv")) }
                (html::warnings(&drawn.shown, &[]))
            };
            blocks.push((drawn.shown, inner));
        }
        Ok(markdown::block(html! {
            figure class="measured-table" {
                (html::caption(page.next_figure().number, &self.caption))
                (html::machines("machines wide", &blocks))
            }
        }))
    }
}

/// What was observed, by its first word, the most frequent first.
fn words(variant: &Variant) -> Vec<&str> {
    let mut counts: Vec<(&str, u32)> = Vec::new();
    for (answer, n) in &variant.answers {
        let word = answer.split(':').next().unwrap_or_default();
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += n,
            None => counts.push((word, *n)),
        }
    }
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts.into_iter().map(|(word, _)| word).collect()
}

impl Observed {
    fn table(&self, drawn: &Drawn<'_>) -> Result<Markup> {
        let (mut cases, mut names) = (Vec::new(), Vec::new());
        for variant in &drawn.variants {
            let Some(case) = &variant.case else {
                bail!("what is observed needs cases; `{}` has none", variant.id());
            };
            if !cases.contains(&case) {
                cases.push(case);
            }
            if !names.contains(&&variant.name) {
                names.push(&variant.name);
            }
        }
        let cell = |case: &String, name: &String| {
            let is_it = |v: &&&Variant| v.case.as_ref() == Some(case) && v.name == *name;
            drawn.variants.iter().find(is_it).map(|variant| self.cell(variant))
        };
        let label = |case: &String| {
            let of_it = drawn.variants.iter().find(|v| v.case.as_ref() == Some(case));
            of_it.and_then(|v| v.case_label.clone()).unwrap_or_else(|| case.clone())
        };
        Ok(html! {
            div class="table-wrapper" tabindex="0" role="group" aria-label=(self.rows) {
                table class="by-marks" {
                    thead {
                        tr {
                            th scope="col" { (self.rows) }
                            @for name in &names {
                                th scope="col" { span { (name.replace('_', " ")) } }
                            }
                        }
                    }
                    tbody {
                        @for case in cases {
                            tr {
                                th scope="row" { (label(case)) }
                                @for name in &names { td { (cell(case, name).unwrap_or_default()) } }
                            }
                        }
                    }
                }
            }
        })
    }

    /// Marks to see and words to hear; a word without a mark for both.
    fn cell(&self, variant: &Variant) -> Markup {
        let words = words(variant);
        let mark = |word: &&str| self.marks.iter().find(|(known, _)| known == word);
        let marks: Option<Vec<_>> = words.iter().map(mark).collect();
        html! {
            @if let Some(marks) = marks {
                span aria-hidden="true" {
                    @for (_, mark) in marks { (mark) }
                }
                span class="heard" { (words.join(" or ")) }
            } @else {
                (words.join(" or "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::tests::demo;

    #[test]
    fn the_word_that_was_observed_most_often_comes_first() {
        let mut variant = demo().variants.remove(0);
        variant.answers = [("misses", 2), ("sees: a", 1), ("sees: b", 3)]
            .map(|(answer, n)| (answer.to_owned(), n))
            .into();
        assert_eq!(words(&variant), ["sees", "misses"]);
    }

    #[test]
    fn a_mark_has_a_word() {
        let said = parse("demo: */*; marks=\"sees\"; caption=\"x\"").err().unwrap();
        assert!(said.to_string().contains("`sees` is not a mark"), "{said}");
    }
}
