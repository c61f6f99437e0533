//! `{{#run experiment}}`: the command that runs it, to be copied, and links to its files. With
//! lanes, `{{#run experiment: chain/*}}`, also what it prints of them, out of the record, in a
//! fold: who has yet to guess does not see it.

use anyhow::Result;
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::source::Source;
use super::table;

pub(super) const NAME: &str = "run";

/// The columns of the lab's own table, as far as they are about numbers.
const COLUMNS: &str = "columns=wall (time),speedup,utilization (CPU),switches,peak";

struct Run {
    experiment: String,
    prints: Option<Box<dyn Directive>>,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    let Some((experiment, body)) = rest.split_once(':') else {
        return boxed(Run { experiment: rest.to_owned(), prints: None });
    };
    let columns = if body.contains("columns=") { "" } else { COLUMNS };
    let prints = Some(table::parse(&format!("{rest}; {columns}"))?);
    boxed(Run { experiment: experiment.trim().to_owned(), prints })
}

impl Directive for Run {
    fn cites(&self) -> Vec<&str> {
        self.prints.iter().flat_map(|prints| prints.cites()).collect()
    }

    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let Source { path, command } = pages.program(&self.experiment)?;
        let link = |path: &str| match pages.online(path) {
            Some(address) => format!("[`{path}`]({address})"),
            None => format!("`{path}`"),
        };
        let mut files = link(&path);
        let peer = pages.peer(&self.experiment)?.path;
        // Not every question is one in Python.
        if !path.starts_with("benches") && pages.root.join(&peer).is_file() {
            files = format!("{files} · {}", link(&peer));
        }
        let command = markdown::preformatted(html! {
            pre class="run" tabindex="0" {
                code class="sh" { (command.unwrap_or_default()) "\n" }
            }
        });
        let mut run = command + &markdown::around(html! { div class="files" {} }, &files);
        if let Some(prints) = &self.prints {
            let html =
                html! { details class="fold" { summary { "Its numbers, as recorded" } } };
            run += &markdown::around(html, &prints.render(pages, page)?);
        }
        Ok(run)
    }
}
