//! `{{#run experiment}}`: the command that runs it, to be copied, and links to its files.

use anyhow::Result;
use maud::html;

use super::directive::{Directive, Page, Pages, boxed};
use super::markdown;
use super::source::Source;

pub(super) const NAME: &str = "run";

struct Run {
    experiment: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    boxed(Run { experiment: rest.to_owned() })
}

impl Directive for Run {
    fn render(&self, pages: &Pages, _: &mut Page) -> Result<String> {
        let Source { path, command } = pages.program(&self.experiment)?;
        let link = |path: &str| match pages.online(path) {
            Some(address) => format!("[`{path}`]({address})"),
            None => format!("`{path}`"),
        };
        let mut files = link(&path);
        if !path.starts_with("benches") {
            files = format!("{files} · {}", link(&pages.peer(&self.experiment)?.path));
        }
        let command = markdown::preformatted(html! {
            pre class="run" tabindex="0" {
                code class="sh" { (command.unwrap_or_default()) "\n" }
            }
        });
        Ok(command + &markdown::around(html! { div class="files" {} }, &files))
    }
}
