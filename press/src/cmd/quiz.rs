//! `cargo book quiz`: questions whose keys the records have, one after the other.

use std::io::{self, BufRead, Read};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::claims::known;
use super::say;
use crate::ask::claims::Claims;
use crate::ask::plain::plain;
use crate::ask::quiz::{FILE, Key, Question, Quiz};
use crate::outside::project::Project;
use crate::store::results::{LOCAL, Results};

/// What is asked, and how.
#[derive(Args)]
pub struct Options {
    /// Which quiz: a number is the same questions in the same order, also on the book's page.
    /// Without one it is drawn, and told.
    #[arg(long, value_name = "N")]
    seed: Option<u32>,
    /// Ask about one page only, as `threads`.
    #[arg(long, value_name = "PAGE", conflicts_with = "part")]
    chapter: Option<String>,
    /// Ask about a chapter and the pages below it.
    #[arg(long, value_name = "PAGE")]
    part: Option<String>,
    /// How many questions; ten, or with `--answers` all.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    questions: Option<u32>,
    /// By whose records; by default your own, and the reference's where you have measured
    /// nothing.
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// Print questions and keys, and ask nothing.
    #[arg(long)]
    answers: bool,
}

/// How many questions there are where nobody says.
const QUESTIONS: usize = 10;
/// More than an answer can be.
const LONGEST: u64 = 4096;

/// Asks, or prints.
///
/// # Errors
/// When the questions or a record are damaged, the reference has no key, or there is no such
/// page or machine.
pub fn quiz(project: &Project, options: &Options) -> Result<()> {
    let (results, claims) = (project.results()?, project.claims()?);
    let quiz = Quiz::read(&project.root)?;
    if quiz.questions.is_empty() {
        bail!("{FILE} is missing, or has no question");
    }
    if let Some(machine) = &options.machine {
        known(&results, machine)?;
    }
    let own = if results.machines.contains_key(LOCAL) { LOCAL } else { &results.reference };
    let machine = options.machine.as_deref().unwrap_or(own);
    let seed = options.seed.unwrap_or_else(any_seed);
    let asked = draw(&quiz, options, seed)?;
    for question in &asked {
        question.reference_key(&results)?;
    }
    let of = Of { quiz: &quiz, claims: &claims, results: &results, machine, seed };
    match options.answers {
        true => say::answer(&of.answers(&asked)),
        false => of.ask(&asked, &mut io::stdin().lock(), say::answer),
    }
}

/// A quiz that nobody has asked for before, or hardly.
fn any_seed() -> u32 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(1, |since| since.subsec_micros() % 100_000)
}

/// The questions of that seed.
///
/// # Errors
/// When there is no such page, or nothing is asked of it.
fn draw<'q>(quiz: &'q Quiz, options: &Options, seed: u32) -> Result<Vec<&'q Question>> {
    let pages: Option<Vec<&str>> = match (&options.chapter, &options.part) {
        (Some(page), _) => Some(vec![&quiz.chapter(page)?.page]),
        (_, Some(part)) => {
            let part = &quiz.chapter(part)?.part;
            let below = quiz.chapters.iter().filter(|chapter| chapter.part == *part);
            Some(below.map(|chapter| chapter.page.as_str()).collect())
        }
        _ => None,
    };
    let default = if options.answers { usize::MAX } else { QUESTIONS };
    let count = options.questions.map_or(default, |count| count as usize);
    let is_wanted =
        |q: &Question| pages.as_ref().is_none_or(|pages| pages.contains(&q.page.as_str()));
    let asked = quiz.draw(seed, count, is_wanted);
    if asked.is_empty() {
        bail!("{FILE} asks nothing of `{}`", plain(&pages.unwrap_or_default().join(", ")));
    }
    Ok(asked)
}

/// What questions are asked of.
struct Of<'a> {
    quiz: &'a Quiz,
    claims: &'a Claims,
    results: &'a Results,
    machine: &'a str,
    seed: u32,
}

impl Of<'_> {
    /// Asks one question after the other, and ends politely where nobody answers any more.
    fn ask(
        &self,
        asked: &[&Question],
        input: &mut impl BufRead,
        say: impl Fn(&str) -> Result<()>,
    ) -> Result<()> {
        let all = asked.len();
        say(&format!(
            "{all} question{}. Type a letter and press Enter; Enter alone passes.\n\n",
            if all == 1 { "" } else { "s" }
        ))?;
        let (mut right, mut counted) = (0, 0);
        for (i, question) in asked.iter().enumerate() {
            say(&self.asked(question, i, all))?;
            let Some(answer) = answer(question.options.len(), input, &say)? else {
                say("\n")?;
                let so_far = format!("You stopped after {i} of {all}: ");
                return say(&format!("{so_far}{}", self.score(right, counted)));
            };
            let (whose, key) = self.key(question);
            if let Key::Right(place, _) = &key {
                counted += 1;
                let given = answer.map(|letter| question.order(self.seed)[letter]);
                let word = match given {
                    Some(given) if given == *place => {
                        right += 1;
                        "Right."
                    }
                    Some(_) => "Not so.",
                    None => "Passed.",
                };
                say(&format!("\n{word}\n"))?;
            }
            say(&format!("{}\n", self.told(question, &whose, &key)))?;
        }
        say(&self.score(right, counted))
    }

    /// What was asked with what is right, and nobody is.
    fn answers(&self, asked: &[&Question]) -> String {
        let mut out = format!(
            "Seed {}: {} of {} questions, by the records of {}.\n\n",
            self.seed,
            asked.len(),
            self.quiz.questions.len(),
            plain(self.machine)
        );
        for (i, question) in asked.iter().enumerate() {
            let (whose, key) = self.key(question);
            out.push_str(&self.asked(question, i, asked.len()));
            if let Key::Right(place, _) = &key {
                let at = question.order(self.seed).iter().position(|option| option == place);
                out.push_str(&format!("   Right: {}\n", letter(at.unwrap_or_default())));
            }
            out.push_str(&format!("{}\n", self.told(question, &whose, &key)));
        }
        out
    }

    /// Whose key it is: the machine's, or where that has not measured it, the reference's.
    fn key(&self, question: &Question) -> (String, Key) {
        match question.key(self.results, self.machine) {
            Key::Untried(_) => {
                let reference = &self.results.reference;
                (reference.clone(), question.key(self.results, reference))
            }
            key => (self.machine.to_owned(), key),
        }
    }

    /// `1/10  Threads (threads-gil)`, what is asked, and the options with their letters.
    fn asked(&self, question: &Question, i: usize, all: usize) -> String {
        let chapter = self.quiz.chapter(&question.page);
        let title = chapter.map_or("", |chapter| chapter.title.as_str());
        let mut out =
            format!("{}/{all}  {title} ({})\n   {}\n", i + 1, question.id, question.ask);
        for (at, &option) in question.order(self.seed).iter().enumerate() {
            out.push_str(&format!("   {}) {}\n", letter(at), question.options[option].text));
        }
        out
    }

    /// What is right, why, and where the book says so.
    fn told(&self, question: &Question, whose: &str, key: &Key) -> String {
        let mut out = match key {
            Key::Right(place, measured) => format!(
                "   On {}: {}. {}: {}.\n",
                plain(whose),
                question.options[*place].text,
                question.form.measured(),
                plain(measured)
            ),
            Key::Open(why) | Key::Untried(why) => format!(
                "   On {} it has no key, and does not count: {}.\n",
                plain(whose),
                plain(why)
            ),
        };
        out.push_str(&format!("   {}\n", question.why));
        for choice in &question.options {
            let Some(claim) = choice.said.as_ref().and_then(|id| self.claims.get(id).ok())
            else {
                continue;
            };
            let judged = claim.judge(self.results, whose);
            out.push_str(&format!(
                "   “{}” is what people say: {}. {}: {}.\n",
                choice.text, claim.claim, claim.id, judged.verdict
            ));
        }
        let page = format!("book/{}.md", question.page);
        let see = match &question.see {
            Some(see) if see.starts_with('#') => format!("{page}{see}"),
            Some(see) => format!("book/{see}"),
            None => page,
        };
        let verdict = match &question.claim {
            Some(id) => format!(", and the verdict of {id}"),
            None => String::new(),
        };
        out.push_str(&format!("   See {see}{verdict}.\n"));
        out
    }

    fn score(&self, right: usize, counted: usize) -> String {
        let machine = plain(self.machine);
        format!(
            "{right} of {counted} right, by the records of {machine}. The same again: seed {}.\n",
            self.seed
        )
    }
}

/// `a`, `b` …
fn letter(place: usize) -> char {
    char::from(b'a' + u8::try_from(place).unwrap_or(25))
}

/// The place of the letter that was typed: none inside where it was passed, none at all where
/// the input has ended.
fn answer(
    options: usize,
    input: &mut impl BufRead,
    say: impl Fn(&str) -> Result<()>,
) -> Result<Option<Option<usize>>> {
    loop {
        say("> ")?;
        let mut line = Vec::new();
        let read = input.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        if read.context("cannot read standard input")? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line).trim().to_lowercase();
        if text.is_empty() {
            return Ok(Some(None));
        }
        let typed = (0..options).find(|&place| text == letter(place).to_string());
        if typed.is_some() {
            return Ok(Some(typed));
        }
        let last = letter(options - 1);
        say(&format!("A letter from a to {last}, or Enter alone to pass.\n"))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::quiz::tests::{ASKED, quiz};
    use crate::store::record::tests::demo;
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    fn results() -> Results {
        let records = BTreeMap::from([("demo".to_owned(), demo())]);
        let machines = BTreeMap::from([("ref".to_owned(), records)]);
        Results { reference: "ref".into(), machines, ..Results::default() }
    }

    /// What is said to who types `input`.
    fn heard(input: &str, machine: &str) -> String {
        let (quiz, results, claims) = (quiz(ASKED), results(), Claims::default());
        let of = Of { quiz: &quiz, claims: &claims, results: &results, machine, seed: 7 };
        let asked: Vec<&Question> = quiz.questions.iter().collect();
        let out = RefCell::new(String::new());
        let say = |text: &str| {
            out.borrow_mut().push_str(text);
            Ok(())
        };
        of.ask(&asked, &mut input.as_bytes(), say).unwrap();
        out.into_inner()
    }

    /// The letters of what is right.
    fn right() -> Vec<char> {
        let (quiz, results) = (quiz(ASKED), results());
        let of_one = |question: &Question| {
            let (place, _) = question.reference_key(&results).unwrap();
            letter(question.order(7).iter().position(|&option| option == place).unwrap())
        };
        quiz.questions.iter().map(of_one).collect()
    }

    #[test]
    fn who_answers_is_told_whether_it_is_so_why_and_where() {
        let right = right();
        let said = heard(&format!("{}\n{}\n\n", right[0], right[1].to_uppercase()), "ref");
        assert_eq!(said.matches("\nRight.\n").count(), 2, "{said}");
        assert_eq!(said.matches("\nPassed.\n").count(), 1, "{said}");
        assert!(said.contains("On ref: 1.7 × or more. Measured: 2.0"), "{said}");
        assert!(said.contains("Each has a core."), "{said}");
        assert!(said.contains("See book/page.md#why."), "{said}");
        assert!(said.contains("See book/page.md, and the verdict of c."), "{said}");
        assert!(
            said.ends_with("2 of 3 right, by the records of ref. The same again: seed 7.\n")
        );
    }

    #[test]
    fn what_is_not_a_letter_is_asked_again_and_the_end_of_input_ends_it() {
        let wrong = if right()[0] == 'a' { 'b' } else { 'a' };
        let said = heard(&format!("yes\nd\n\u{1b}\n{wrong}\n"), "ref");
        let again = "A letter from a to c, or Enter alone to pass.";
        assert_eq!(said.matches(again).count(), 3, "{said}");
        assert_eq!(said.matches("\nNot so.\n").count(), 1, "{said}");
        assert!(said.contains("You stopped after 1 of 3: 0 of 1 right"), "{said}");
        assert!(heard("", "ref").contains("You stopped after 0 of 3: 0 of 0 right"));
    }

    #[test]
    fn where_a_machine_has_no_record_the_references_key_is_taken() {
        let said = heard(&right().iter().map(|c| format!("{c}\n")).collect::<String>(), "none");
        assert_eq!(said.matches("\nRight.\n").count(), 3, "{said}");
        assert!(said.contains("On ref: "), "{said}");
    }
}
