//! The order of steps in which a planted bug fails, one below the other, each in its thread's
//! lane: who, what, in which line, and how what is shared is after it.
//!
//! It comes from a file that `orders_model` has written. The whole story stands there without a
//! script; with one a reader steps through it, and may order the steps otherwise, since the
//! file has every place that the program can be at.

use anyhow::{Context, Result, bail};
use maud::{Markup, html};
use serde::Deserialize;

use super::html::{self};
use super::place::Place;

/// What was kept of a program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// As pages ask for it.
    pub name: String,
    /// What each thread is called.
    lanes: Vec<String>,
    /// What is shared.
    shared: Vec<String>,
    /// The execution of the model checker in which it was found.
    execution: u64,
    /// Whose step is next, and next, …
    order: Vec<usize>,
    /// What is wrong at its end.
    failure: String,
    /// How many orders there are, and how many of them fail.
    orders: u64,
    failing: u64,
    /// How many there are of what is right. None of them fails.
    right: u64,
    /// The files that the steps are in.
    files: Vec<String>,
    /// Each step: its file, line and code, and what it did, unless it is only waited for.
    steps: Vec<Step>,
    /// How what is shared can be.
    states: Vec<Vec<String>>,
    /// Every place: a state, for each thread a step and where it leads, and what an end says.
    places: Vec<Spot>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Step {
    Done(usize, usize, String, String),
    Awaited(usize, usize, String),
}

impl Step {
    fn line(&self) -> (usize, usize, &str) {
        let (Step::Done(file, line, code, _) | Step::Awaited(file, line, code)) = self;
        (*file, *line, code)
    }

    fn says(&self) -> &str {
        if let Step::Done(_, _, _, says) = self { says } else { "" }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Spot {
    Ends(usize, Vec<Option<Move>>, String),
    GoesOn(usize, Vec<Option<Move>>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Move {
    To(usize, usize),
    Waits([usize; 1]),
}

impl Spot {
    fn state(&self) -> usize {
        let (Spot::Ends(state, ..) | Spot::GoesOn(state, _)) = self;
        *state
    }

    fn moves(&self) -> &[Option<Move>] {
        let (Spot::Ends(_, moves, _) | Spot::GoesOn(_, moves)) = self;
        moves
    }
}

/// As the script reads it.
fn list(names: &[String]) -> String {
    serde_json::json!(names).to_string()
}

/// A step of the story.
struct Told<'o> {
    lane: usize,
    step: &'o Step,
    state: usize,
}

impl Order {
    /// Reads a file. `code` gives a line of a source file, to compare.
    ///
    /// # Errors
    /// When it is none, leads nowhere, or is of other code.
    pub fn parse(text: &str, code: impl Fn(&str, usize) -> Option<String>) -> Result<Order> {
        let order: Order = serde_json::from_str(text)?;
        for spot in &order.places {
            let state = order.states.get(spot.state()).context("a place has no state")?;
            if state.len() != order.shared.len() || spot.moves().len() != order.lanes.len() {
                bail!("a place tells of other threads, or other things, than there are");
            }
            for next in spot.moves().iter().flatten() {
                let (step, to) = match next {
                    Move::To(step, to) => (step, to),
                    Move::Waits([step]) => (step, &0),
                };
                if *step >= order.steps.len() || *to >= order.places.len() {
                    bail!("a place leads to a step or a place that is not there");
                }
            }
        }
        for step in &order.steps {
            let (file, line, kept) = step.line();
            let file = order.files.get(file).context("a step is in no file")?;
            let now = code(file, line);
            if now.as_deref() != Some(kept) {
                bail!(
                    "{file}:{line} was `{kept}` and is `{}`; run `cargo run -p orders_model {}`",
                    now.unwrap_or_default(),
                    order.name
                );
            }
        }
        let (told, last) = order.told()?;
        if told.is_empty() {
            bail!("it has no step");
        }
        match &order.places[last] {
            Spot::Ends(_, _, failure) if *failure == order.failure => Ok(order),
            _ => bail!("its order does not end in `{}`", order.failure),
        }
    }

    /// The story, and the place where it ends.
    fn told(&self) -> Result<(Vec<Told<'_>>, usize)> {
        let mut at = 0;
        let mut told = Vec::new();
        for &lane in &self.order {
            let next = self.places.get(at).and_then(|spot| spot.moves().get(lane));
            let Some(Some(Move::To(step, to))) = next else {
                bail!("step {} cannot be taken", told.len() + 1);
            };
            at = *to;
            let state = self.places[at].state();
            told.push(Told { lane, step: &self.steps[*step], state });
        }
        Ok((told, at))
    }

    /// The figure. `data` is the address of its file, `online` that of a source file's line.
    pub fn figure(
        &self,
        caption: &str,
        place: Place<'_>,
        data: &str,
        online: impl Fn(&str, usize) -> Option<String>,
    ) -> Markup {
        let (told, end) = self.told().unwrap_or_default();
        let first = self.places[0].state();
        let before = |i: usize| i.checked_sub(1).map_or(first, |i| told[i].state);
        html! {
            figure class="order" {
                (html::caption(place.number, caption))
                // A script may step through what it wraps; without one it is nothing.
                losing-order data-from=(data) data-lanes=(list(&self.lanes))
                    data-shared=(list(&self.shared)) {
                    p class="order-state" {
                        span { "Before:" }
                        (self.state(first, first))
                    }
                    ol class={ "order-steps of-" (self.lanes.len()) } {
                        @for (i, step) in told.iter().enumerate() {
                            li class={ "lane-" (step.lane) } data-lane=(step.lane) {
                                p {
                                    b { (self.lanes[step.lane]) } " " (step.step.says())
                                }
                                (self.line(step.step, &online))
                                p class="order-state" { (self.state(step.state, before(i))) }
                            }
                        }
                    }
                    p class="order-end is-wrong" {
                        b { "Wrong:" } " " (self.failure) "."
                        @for (lane, code) in self.waits(end) {
                            " " (lane) " is at " code { (code) } "."
                        }
                    }
                }
                p class="order-counts" {
                    "Found by the model checker in execution " (self.execution) ". "
                    @if self.failing == self.orders {
                        "Of the orders in which these steps can come, each fails; "
                    } @else {
                        (self.failing) " of the " (self.orders)
                        " orders in which these steps can come fail; "
                    }
                    "of the right version’s " (self.right) ", none. "
                    a href=(data) aria-label=(format!("data of the order {}", self.name)) {
                        "data"
                    }
                }
            }
        }
    }

    /// Where those are who have not ended.
    fn waits(&self, at: usize) -> impl Iterator<Item = (&str, &str)> {
        let moves = self.places[at].moves();
        self.lanes.iter().zip(moves).filter_map(|(lane, next)| match next {
            Some(Move::Waits([step])) => Some((lane.as_str(), self.steps[*step].line().2)),
            _ => None,
        })
    }

    fn line(&self, step: &Step, online: impl Fn(&str, usize) -> Option<String>) -> Markup {
        let (file, line, code) = step.line();
        let file = &self.files[file];
        let name = file.rsplit('/').next().unwrap_or(file);
        let at = format!("{name}:{line}");
        html! {
            p class="order-code" {
                code { (code) } " "
                @match online(file, line) {
                    Some(address) => { a class="order-at" href=(address) { (at) } }
                    None => { span class="order-at" { (at) } }
                }
            }
        }
    }

    /// How what is shared is; what was otherwise before stands out.
    fn state(&self, now: usize, before: usize) -> Markup {
        let values = self.states[now].iter().zip(&self.states[before]);
        html! {
            @for (name, (now, before)) in self.shared.iter().zip(values) {
                span class=[(now != before).then_some("is-new")] {
                    (name) " " b { (now) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"{
        "name": "demo", "lanes": ["A", "B"], "shared": ["n"], "execution": 3,
        "order": [0, 1], "failure": "lost", "orders": 2, "failing": 1, "right": 2,
        "files": ["a.rs"],
        "steps": [[0, 1, "one", "says one"], [0, 2, "two", "says two"], [0, 2, "two"]],
        "states": [["0"], ["1"]],
        "places": [[0, [[0, 1], [2]]], [1, [null, [1, 2]]], [0, [null, null], "lost"]]
    }"#;

    fn code(_: &str, line: usize) -> Option<String> {
        ["one", "two"].get(line - 1).map(|&line| line.to_owned())
    }

    fn refuses(change: (&str, &str), why: &str) {
        assert_eq!(TWO.matches(change.0).count(), 1, "{change:?}");
        let text = TWO.replace(change.0, change.1);
        let error = Order::parse(&text, code).expect_err(change.1);
        assert!(format!("{error:#}").contains(why), "{error:#}");
    }

    #[test]
    fn a_story_is_whole_without_a_script() {
        let order = Order::parse(TWO, code).unwrap();
        let place = Place { number: 2, depth: 0, slug: "p", is_first: false };
        let html = order.figure("A < B.", place, "orders/demo.json", |_, _| None).into_string();
        for said in ["A &lt; B.", "says one", "<code>two</code>", "a.rs:2", "<b>1</b>", "lost"]
        {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert_eq!(html.matches("<li").count(), 2);
    }

    #[test]
    fn an_order_that_is_none_is_refused() {
        refuses(("[0, 1], \"failure\"", "[1, 0], \"failure\""), "step 1 cannot be taken");
        refuses(("\"failure\": \"lost\"", "\"failure\": \"found\""), "does not end in `found`");
        refuses(("[[0, 1], [2]]", "[[0, 7], [2]]"), "not there");
        refuses(("[[0, 1], [2]]", "[[0, 1]]"), "other threads");
        refuses(("[\"1\"]", "[\"1\", \"2\"]"), "other things");
        refuses(("[0, 1], \"failure\"", "[], \"failure\""), "no step");
    }

    #[test]
    fn an_order_of_other_code_is_refused_with_what_makes_it_anew() {
        refuses(("\"one\"", "\"once\""), "a.rs:1 was `once` and is `one`; run `cargo run -p");
    }
}
