//! `{{#quiz page}}`: what `book/quiz.toml` asks of a page, with the answers in folds, under a
//! heading of its own; and `{{#quizzes}}`: which page asks what, as the place where a script
//! draws questions of all pages and tells how far the reader is.
//!
//! A question is in the HTML of one page alone; whoever draws it elsewhere fetches it from
//! there.

use anyhow::{Result, bail};
use maud::{Markup, html};

use super::directive::{Directive, Page, Pages, boxed};
use super::options::nothing;
use super::{markdown, verdict};
use crate::ask::claims::Claim;
use crate::ask::quiz::{Choice, Form, Key, Question};
use crate::figure::shown::{Role, machines, title};

/// What asks the questions of a page.
pub(super) const NAME: &str = "quiz";
/// What leads to those of all pages.
pub(super) const ALL: &str = "quizzes";
/// The seed by which a page's own options are shuffled.
const SEED: u32 = 1;

struct OfPage {
    page: String,
}

pub(super) fn parse(rest: &str) -> Result<Box<dyn Directive>> {
    if rest.is_empty() {
        bail!("a page is missing; write `quiz threads`, for the questions of threads.md");
    }
    boxed(OfPage { page: rest.to_owned() })
}

pub(super) fn parse_all(rest: &str) -> Result<Box<dyn Directive>> {
    nothing(rest)?;
    boxed(All)
}

impl Directive for OfPage {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let quiz = &pages.quiz;
        quiz.chapter(&self.page)?;
        // An edition in another language leads to the questions, which have only the book's
        // own.
        if let Some(there) = page.name.strip_suffix(&format!("/{}.md", self.page))
            && pages.words.is_some()
        {
            let up = "../".repeat(there.split('/').count());
            let link = html! {
                p { a href={ (up) (self.page) ".html#quiz" } { "Questions about this page" } }
            };
            return Ok(format!("\n\n## Quiz\n\n{}", markdown::block(link)));
        }
        if page.name != format!("{}.md", self.page) {
            bail!("the questions of {}.md stand on that page", self.page);
        }
        let questions: Vec<&Question> = quiz.of_page(&self.page).collect();
        if questions.is_empty() {
            bail!("book/quiz.toml asks nothing of `{}`", self.page);
        }
        let asked: Vec<Markup> = questions
            .iter()
            .map(|question| asked(pages, page, question))
            .collect::<Result<_>>()?;
        let count = questions.len();
        let up = "../".repeat(page.depth);
        let html = html! {
            details class="quiz" data-page=(self.page) {
                summary { (count) " question" @if count != 1 { "s" } " on this page" }
                p class="note" {
                    "Which option is right is computed from the records, so your own machine's "
                    "records have their own key. "
                    a href={ (up) "quiz.html" } { "All questions, and how far you are" }
                }
                @for one in asked { (one) }
            }
        };
        Ok(format!("\n\n## Quiz\n\n{}", markdown::block(html)))
    }
}

/// A question with its options, and in a fold which is right and why.
fn asked(pages: &Pages, page: &Page, question: &Question) -> Result<Markup> {
    question.reference_key(&pages.results)?;
    let claim = question.claim.as_ref().map(|id| pages.claims.get(id)).transpose()?;
    let mut said = Vec::new();
    for choice in &question.options {
        if let Some(id) = &choice.said {
            said.push((choice, pages.claims.get(id)?));
        }
    }
    Ok(html! {
        div class="question" id={ "quiz-" (question.id) } data-question=(question.id)
            data-ordered[question.form == Form::Ranges] {
            p class="ask-it" id={ "ask-" (question.id) } { (verdict::words(&question.ask)) }
            ul class="options" {
                @for place in question.order(SEED) {
                    li data-option=(place) {
                        span { (verdict::words(&question.options[place].text)) }
                    }
                }
            }
            details class="key-fold" {
                summary { "Answer" }
                @for key in keys(pages, question) { (key) }
                p class="why" {
                    (verdict::words(&question.why)) " " (ways(pages, page, question, claim))
                }
                @for (choice, claim) in said { (said_by(pages, page, choice, claim)) }
            }
        }
    })
}

/// Which option is right: on the machine that the page shows, and on others where it is
/// another. Where the reader's own has no record, the reference's key is theirs, too.
fn keys(pages: &Pages, question: &Question) -> Vec<Markup> {
    let results = &pages.results;
    let reference = question.key(results, &results.reference);
    let place = |key: &Key| match key {
        Key::Right(place, _) => Some(*place),
        _ => None,
    };
    let mut all = Vec::new();
    for (role, machine) in machines(results) {
        let key = question.key(results, machine);
        let shows = match (role, &key) {
            (Role::Reference, _) => true,
            (_, Key::Untried(_)) => false,
            (Role::Local, _) => true,
            (Role::Other, key) => place(key) != place(&reference),
        };
        if !shows {
            continue;
        }
        all.push(html! {
            p class="which" data-machine=(machine) data-right=[place(&key)] {
                @match &key {
                    Key::Right(place, measured) => {
                        "On " (title(machine)) ": "
                        b { (verdict::words(&question.options[*place].text)) }
                        span class="found" { ". " (question.form.measured()) ": " (measured) "." }
                    }
                    Key::Open(why) | Key::Untried(why) => {
                        "On " (title(machine)) " it has no key, and does not count: " (why) "."
                    }
                }
            }
        });
    }
    all
}

/// Where it is told: in a section, and by a verdict.
fn ways(pages: &Pages, page: &Page, question: &Question, claim: Option<&Claim>) -> Markup {
    let up = "../".repeat(page.depth);
    let section = question.see.as_ref().map(|see| match see.split_once('#') {
        Some(("", id)) => format!("{up}{}.html#{id}", question.page),
        Some((file, id)) => format!("{up}{}.html#{id}", file.trim_end_matches(".md")),
        None => format!("{up}{see}"),
    });
    let verdict = claim.map(|claim| {
        let trials = pages.elsewhere.trials(&claim.id);
        let here = trials.iter().find(|trial| trial.place.page == page.name);
        let place = here.or(trials.first()).map(|trial| trial.place.address(page.depth));
        place.or_else(|| Some(pages.elsewhere.in_ledger(&claim.id)?.address(page.depth)))
    });
    html! {
        span class="ways" {
            @if let Some(section) = section { a href=(section) { "The section" } " " }
            @if let Some(Some(verdict)) = verdict { a href=(verdict) { "The verdict" } }
        }
    }
}

/// That people say what an option says, and what came of it.
fn said_by(pages: &Pages, page: &Page, choice: &Choice, claim: &Claim) -> Markup {
    let judged = claim.judge(&pages.results, &pages.results.reference);
    let ledger = pages.elsewhere.in_ledger(&claim.id).map(|place| place.address(page.depth));
    html! {
        p class="said-so" {
            "“" (verdict::words(&choice.text)) "” is what people say: "
            q { (claim.claim) }
            @if let (Some(field), Some(link)) = (&claim.field, &claim.link) {
                " (" a href=(link) { (field) } ")"
            }
            ". "
            @if let Some(ledger) = ledger { a href=(ledger) { "In the ledger" } ": " }
            b class=(verdict::class(judged.verdict)) { (judged.verdict) }
            " on " (title(&pages.results.reference)) "."
        }
    }
}

struct All;

impl Directive for All {
    fn render(&self, pages: &Pages, page: &mut Page) -> Result<String> {
        let quiz = &pages.quiz;
        if quiz.questions.is_empty() {
            bail!("book/quiz.toml has no question");
        }
        // Also of a page that has no place for them.
        for question in &quiz.questions {
            question.reference_key(&pages.results)?;
        }
        let asks = |page: &str| quiz.of_page(page).count();
        let chapters: Vec<_> = quiz.chapters.iter().filter(|c| asks(&c.page) > 0).collect();
        let parts = |part: &str| chapters.iter().filter(|c| c.part == part).count();
        // What guesses of verdicts are compared with, wherever they were made.
        let verdicts: Vec<String> = pages
            .claims
            .all
            .iter()
            .map(|claim| {
                let judged = claim.judge(&pages.results, &pages.results.reference);
                format!("{}={}", claim.id, judged.verdict)
            })
            .collect();
        let up = "../".repeat(page.depth);
        let head = html! {
            div class="draw" data-chapters=(chapters.len()) {
                p class="note on-screen" {
                    "Without a script this page leads to the questions of each chapter, which \
                     have their answers in folds."
                }
            }
        };
        let table = html! {
            div class="table-wrapper" {
                table class="progress" data-verdicts=(verdicts.join(";")) {
                    thead { tr {
                        th scope="col" { "Chapter" }
                        th scope="col" { "Questions" }
                    } }
                    tbody {
                        @for chapter in &chapters {
                            tr data-page=(chapter.page) data-part=(chapter.part)
                                data-parts=(parts(&chapter.part))
                                data-questions=(ids(quiz.of_page(&chapter.page))) {
                                th scope="row" {
                                    a href={ (up) (chapter.page) ".html#quiz" } {
                                        (chapter.title)
                                    }
                                }
                                td { (asks(&chapter.page)) }
                            }
                        }
                    }
                    tfoot { tr {
                        th scope="row" { "All" }
                        td { (quiz.questions.len()) }
                    } }
                }
            }
        };
        Ok(format!(
            "{}\n\n## How far you are\n\n{}",
            markdown::block(head),
            markdown::block(table)
        ))
    }
}

fn ids<'q>(questions: impl Iterator<Item = &'q Question>) -> String {
    questions.map(|question| question.id.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::quiz::tests::{ASKED, quiz};
    use crate::page::tests::pages;
    use crate::store::record::Record;
    use crate::store::record::tests::demo;
    use scraper::{ElementRef, Html, Selector};

    /// Pages that ask `ASKED`, with the reader's own record, if there is one.
    fn asking(local: Option<Record>) -> Pages {
        let claim = "[[claim]]\nid = 'c'\ntopic = 't'\nclaim = 'It is <b>so</b>'\ndecides = 'd'\n\
                     field = 'who'\nlink = 'https://example.org/'\n[[claim.test]]\n\
                     experiment = 'demo'\nholds = 'chain/threads.speedup > 1.5'\n";
        let claims = toml::from_str(claim).unwrap();
        Pages { quiz: quiz(ASKED), claims, ..pages(local) }
    }

    /// The demo, whose Python threads take `times` as long.
    fn with_python(times: f64) -> Record {
        let mut record = demo();
        for variant in record.variants.iter_mut().filter(|v| v.runner != "rust") {
            let is_it = variant.name == "threads";
            for wall in variant.samples.iter_mut().flat_map(|one| &mut one.wall_ns) {
                *wall = if is_it { (*wall as f64 * times) as u64 } else { *wall };
            }
        }
        record
    }

    fn all<'h>(html: &'h Html, selector: &str) -> Vec<ElementRef<'h>> {
        html.select(&Selector::parse(selector).expect("it is valid CSS")).collect()
    }

    fn text(of: ElementRef<'_>) -> String {
        of.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn said(pages: &Pages, text: &str) -> String {
        pages.render("page.md", text).map(drop).unwrap_err().join("\n")
    }

    #[test]
    fn a_page_has_its_questions_with_their_keys_in_folds_and_text_is_text() {
        let html = asking(None).render("page.md", "{{#quiz page}}").unwrap();
        assert!(html.contains("## Quiz"), "{html}");
        let html = Html::parse_fragment(&html);
        let questions = all(&html, "details.quiz[data-page=page] .question");
        assert_eq!(questions.len(), 3);
        let asked = all(&html, ".ask-it").into_iter().map(text).collect::<Vec<_>>();
        assert_eq!(asked[1], "And in <Python>?");
        assert_eq!(all(&html, "#ask-faster > code").len(), 1);
        let options = all(&html, "#quiz-gil .options > li");
        assert_eq!(options.len(), 3);
        assert!(options.iter().any(|one| text(*one) == "It *crashes*"));
        let keys = all(&html, "#quiz-gil details .which");
        assert_eq!(keys.len(), 1);
        assert_eq!(keys[0].attr("data-right"), Some("0"));
        assert!(
            text(keys[0]).starts_with("On ref: As fast as one. Measured: 0.97"),
            "{keys:?}"
        );
        let ways = all(&html, "#quiz-faster .ways a");
        assert_eq!(ways[0].attr("href"), Some("page.html#why"));
        let said = text(all(&html, "#quiz-gil .said-so")[0]);
        let begin = "“Twice as fast” is what people say: It is <b>so</b> (who).";
        assert!(said.starts_with(begin) && said.ends_with("holds on ref."), "{said}");
    }

    #[test]
    fn a_reader_whose_record_differs_has_another_key_or_none() {
        let right = |times: f64| {
            let html = asking(Some(with_python(times))).render("page.md", "{{#quiz page}}");
            let html = Html::parse_fragment(&html.unwrap());
            let keys = all(&html, "#quiz-gil .which");
            let key = |e: &ElementRef<'_>| {
                let machine = e.attr("data-machine").unwrap_or_default().to_owned();
                (machine, e.attr("data-right").map(str::to_owned))
            };
            (keys.iter().map(key).collect::<Vec<_>>(), text(keys[0]))
        };
        let own = |right: Option<&str>| ("local".to_owned(), right.map(str::to_owned));
        let ours = ("ref".to_owned(), Some("0".to_owned()));
        assert_eq!(right(0.02).0, [own(Some("1")), ours.clone()]);
        assert_eq!(right(1.0).0, [own(Some("0")), ours.clone()]);
        let (keys, said) = right(0.68);
        assert_eq!(keys, [own(None), ours]);
        let none = "On your machine it has no key, and does not count: none of these is so.";
        assert_eq!(said, none);
    }

    #[test]
    fn a_question_without_a_key_on_the_reference_stops_the_build_wherever_it_is_asked() {
        let mut pages = asking(None);
        let records = pages.results.machines.get_mut("ref").unwrap();
        records.insert("demo".into(), with_python(0.68));
        for text in ["{{#quiz page}}", "{{#quizzes}}"] {
            let said = said(&pages, text);
            assert!(
                said.contains("book/quiz.toml:11: the question `gil` has no key"),
                "{said}"
            );
            assert!(said.contains("none of these is so; change its options"), "{said}");
        }
    }

    #[test]
    fn what_asks_for_no_questions_says_how_it_is_written() {
        let mut nobody = asking(None);
        nobody.claims = crate::ask::claims::Claims::default();
        assert!(said(&nobody, "{{#quiz page}}").contains("no claim is called `c`"));
        for (text, says) in [
            ("{{#quiz}}", "write `quiz threads`"),
            ("{{#quiz pages}}", "did you mean `page`?"),
            ("{{#quiz below}}", "the questions of below.md stand on that page"),
            ("{{#quizzes page}}", "it takes nothing"),
        ] {
            let said = said(&asking(None), text);
            assert!(said.contains(says), "{text}: {said}");
        }
        let none = asking(None).render("below.md", "{{#quiz below}}").unwrap_err().join("\n");
        assert!(none.contains("asks nothing of `below`"), "{none}");
        assert!(said(&pages(None), "{{#quizzes}}").contains("has no question"));
    }

    #[test]
    fn the_page_of_all_leads_to_each_and_names_what_a_script_draws() {
        let html = asking(None).render("quiz.md", "{{#quizzes}}").unwrap();
        let html = Html::parse_fragment(&html);
        let rows = all(&html, ".progress tbody tr");
        assert_eq!(rows.len(), 1, "a page without questions is not led to");
        assert_eq!(rows[0].attr("data-questions"), Some("faster gil first"));
        assert_eq!(rows[0].attr("data-part"), Some("page"));
        assert_eq!(all(&html, "a[href='page.html#quiz']").len(), 1);
        assert_eq!(all(&html, ".progress[data-verdicts='c=holds']").len(), 1);
    }
}
