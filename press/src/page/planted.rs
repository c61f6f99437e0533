//! `{{#planted}}`: what was planted in the experiment `calibration`, and what the lab found.

use anyhow::Result;
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::options::nothing;
use super::verdict::class;
use crate::ask::planted::{ALL, EXPERIMENT};
use crate::figure::html;
use crate::figure::shown::Shown;

pub(super) const NAME: &str = "planted";

struct Found;

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(Found)
}

impl Directive for Found {
    fn cites(&self) -> Vec<&str> {
        vec![EXPERIMENT]
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let blocks: Vec<_> = Shown::all(&pages.results, EXPERIMENT)
            .into_iter()
            .map(|shown| {
                let table = html! {
                    div class="table-wrapper" tabindex="0" role="group" aria-label="known answers" {
                        table {
                            thead { tr {
                                th scope="col" class="text" { "planted" }
                                th scope="col" class="text" { "so it" }
                                th scope="col" class="text" { "measured" }
                                th scope="col" class="text" { "asked" }
                            } }
                            tbody {
                                @for planted in &ALL {
                                    @let (verdict, measured) = planted.found(shown.record);
                                    tr data-of={ (EXPERIMENT) ": " (planted.truth) } {
                                        th scope="row" { (planted.what) }
                                        td class="text" { b class=(class(verdict)) { (verdict) } }
                                        td class="text" { (measured) }
                                        td class="text" { code { (planted.truth) } }
                                    }
                                }
                            }
                    }
                    }
                    p class="provenance" { (html::source(&shown, page.depth, "csv")) }
                };
                (shown, table)
            })
            .collect();
        Ok(markdown::block(html::machines("planted", &blocks)))
    }
}
