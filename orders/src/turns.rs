//! Threads that are let go one at a time.
//!
//! Each thread asks before each step on what it shares, and goes when it is told to. A step is
//! all that it does from there to where it asks again; a lock is let go within a step.

use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{self, AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once};
use std::thread;

use crate::clock::Clock;
use crate::programs::{Program, Setup};
use crate::words::words;

/// A thread, by its place in the program: 0 is the first. Inside a run 0 is whoever prepares
/// it.
pub type Lane = usize;

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct At {
    /// The file, as the compiler calls it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    column: u32,
    /// It is not that line, but the next one that wakes somebody.
    pub wakes_below: bool,
}

impl From<&'static Location<'static>> for At {
    fn from(at: &'static Location<'static>) -> At {
        At { file: at.file(), line: at.line(), column: at.column(), wakes_below: false }
    }
}

/// How a run can fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Two reach the same value, and nothing orders one before the other.
    Unordered(&'static str),
    /// Some have not ended, and none of them can go on.
    Stuck,
    /// What a program says must hold does not.
    Wrong(String),
}

impl Failure {
    /// Whether the model checker's message says the same.
    pub fn is(&self, message: &str) -> bool {
        match self {
            Failure::Unordered(_) => message.contains("Concurrent"),
            // By the second it means those who look again and again, in vain.
            Failure::Stuck => {
                message.contains("deadlock") || message.contains("maximum number of branches")
            }
            Failure::Wrong(what) => message.contains(what),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Unordered(name) => {
                write!(f, "two reach {name}, and nothing orders one before the other")
            }
            Failure::Stuck => write!(f, "nobody can go on"),
            Failure::Wrong(what) => write!(f, "{what}"),
        }
    }
}

/// What a thread did.
#[derive(Clone, Debug)]
pub struct Step {
    /// Who.
    pub lane: Lane,
    /// In which line.
    pub at: At,
    /// And what, in a few words.
    pub says: String,
}

/// What a thread may do next.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    /// It can go on in this line.
    Can(At),
    /// It has looked, and looks again once something is different.
    Looks(At),
    /// It waits in this line for somebody else.
    Waits(At),
    /// It has ended.
    Done,
}

/// How far an order led.
#[derive(Debug)]
pub struct Reached {
    /// What was done.
    pub steps: Vec<Step>,
    /// For each thread, what it may do next.
    pub next: Vec<Next>,
    /// What is shared, as far as it is shown: its name, and how it is.
    pub shared: Vec<(&'static str, String)>,
    /// The same for all orders that lead to the same.
    pub signature: u64,
    /// How it failed, if it did.
    pub failure: Option<Failure>,
    /// The first place of the order that could not be taken.
    pub refused: Option<usize>,
    /// The order without those looks at which nothing had changed since the last.
    pub order: Vec<Lane>,
}

/// What a thread waits for before a step.
#[derive(Clone, Copy)]
pub(crate) enum Wants {
    Nothing,
    /// That a lock is free.
    Free(usize),
    /// To be woken where it sleeps, and that a lock is free.
    Woken(usize),
    /// To be woken by its name.
    Token,
}

/// What threads share.
pub(crate) enum Object {
    Number { value: u64, is_flag: bool, told: Clock },
    Lock { holder: Option<Lane>, told: Clock, past: u64, words: Option<String> },
    Bell { asleep: VecDeque<Lane> },
    Cell { last: Clock, past: u64 },
}

/// One of the threads.
#[derive(Default)]
pub(crate) struct Flow {
    asks: Option<(Wants, At)>,
    is_done: bool,
    pub(crate) clock: Clock,
    /// Somebody has woken it by its name, and knew that much.
    pub(crate) token: Option<Clock>,
    /// Somebody has rung where it sleeps.
    pub(crate) is_woken: bool,
    /// It has looked in vain, after so many changes.
    pub(crate) looked: Option<u64>,
    /// All that it did and was told, in one number.
    pub(crate) past: u64,
    /// Its last step.
    last: Option<At>,
}

pub(crate) struct State {
    pub(crate) objects: Vec<Object>,
    pub(crate) flows: Vec<Flow>,
    /// Of what is shared.
    pub(crate) changes: u64,
    pub(crate) failure: Option<Failure>,
    names: &'static [&'static str],
    lanes: &'static [&'static str],
    turn: Option<Lane>,
    is_over: bool,
    steps: Vec<Step>,
}

/// One execution.
pub(crate) struct Run {
    state: Mutex<State>,
    changed: Condvar,
}

/// What unwinds a thread that is not needed any more.
struct Over;

thread_local! {
    static CURRENT: RefCell<Option<(Arc<Run>, Lane)>> = const { RefCell::new(None) };
}

pub(crate) fn hash(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// The run that this thread is part of, and who it is.
fn current() -> (Arc<Run>, Lane) {
    CURRENT
        .with_borrow(|current| current.clone())
        .expect("this is for programs that are played")
}

pub(crate) fn me() -> Lane {
    current().1
}

/// Notes something that is shared, and gives its number.
pub(crate) fn share(object: Object) -> usize {
    let (run, _) = current();
    let mut state = run.state();
    state.objects.push(object);
    state.objects.len() - 1
}

/// Asks for a step, and does it when it is our turn. `act` says what was done in words, and in
/// a number what we were told.
pub(crate) fn step<R>(
    wants: Wants,
    at: impl Into<At>,
    act: impl FnOnce(&mut State, Lane) -> (String, u64, R),
) -> R {
    let at = at.into();
    let (run, lane) = current();
    let mut state = run.state();
    if lane > 0 && !thread::panicking() {
        state.flows[lane].asks = Some((wants, at));
        state = run.gives_up_turn(state, lane);
        state.flows[lane].asks = None;
        state.flows[lane].looked = None;
        state.flows[lane].clock.tick(lane);
    }
    let (says, told, answer) = act(&mut state, lane);
    if lane > 0 {
        let flow = &mut state.flows[lane];
        flow.past = hash((flow.past, at, told));
        flow.last = Some(at);
        state.steps.push(Step { lane: lane - 1, at, says });
        if state.failure.is_some() && !thread::panicking() {
            drop(state);
            resume_unwind(Box::new(Over));
        }
    }
    answer
}

/// Below the last step of this thread: who wakes somebody does so through a `Waker`, or as a
/// function that is handed on, and is not called from a line of its own.
pub(crate) fn below(at: &'static Location<'static>) -> At {
    let (run, lane) = current();
    let last = run.state().flows[lane].last;
    last.map_or(at.into(), |last| At { wakes_below: true, ..last })
}

/// What belongs to the step that we are in.
pub(crate) fn within(act: impl FnOnce(&mut State, Lane) -> String) {
    let (run, lane) = current();
    let mut state = run.state();
    let says = act(&mut state, lane);
    if let Some(step) = state.steps.last_mut()
        && step.lane + 1 == lane
    {
        step.says += &says;
    }
}

impl State {
    /// What a thing is called.
    pub(crate) fn name(&self, object: usize) -> &'static str {
        self.names.get(object).copied().unwrap_or("?")
    }

    /// What a thread is called.
    pub(crate) fn lane(&self, lane: Lane) -> &'static str {
        if lane == 0 { "the program" } else { self.lanes[lane - 1] }
    }

    pub(crate) fn number(&mut self, object: usize) -> (&mut u64, &mut Clock) {
        let Object::Number { value, told, .. } = &mut self.objects[object] else {
            unreachable!("a number")
        };
        (value, told)
    }

    /// As it is shown: a flag is no number.
    pub(crate) fn shown(&self, object: usize, value: u64) -> String {
        match self.objects[object] {
            Object::Number { is_flag: true, .. } => (value != 0).to_string(),
            _ if value == u64::from(u32::MAX) => "none".into(),
            _ => value.to_string(),
        }
    }

    /// Takes a free lock; the number is what is known of it.
    pub(crate) fn take(&mut self, lock: usize, lane: Lane) -> u64 {
        let Object::Lock { holder, told, past, .. } = &mut self.objects[lock] else {
            unreachable!("a lock")
        };
        *holder = Some(lane);
        self.flows[lane].clock.join(told);
        *past
    }

    /// Lets a lock go; what it guards is so from now on.
    pub(crate) fn let_go<T>(&mut self, lock: usize, lane: Lane, value: &T) {
        let now = words(value, |lane| self.lane(lane));
        let Object::Lock { holder, told, past, words } = &mut self.objects[lock] else {
            unreachable!("a lock")
        };
        *holder = None;
        *told = self.flows[lane].clock.clone();
        *past = hash((*past, lane, self.flows[lane].past));
        *words = now;
        self.changes += 1;
    }

    fn is_free(&self, lock: usize) -> bool {
        matches!(self.objects[lock], Object::Lock { holder: None, .. })
    }

    fn next(&self, lane: Lane) -> Next {
        let flow = &self.flows[lane];
        let Some((wants, at)) = flow.asks else { return Next::Done };
        let can = match wants {
            Wants::Nothing => true,
            Wants::Free(lock) => self.is_free(lock),
            Wants::Woken(lock) => flow.is_woken && self.is_free(lock),
            Wants::Token => flow.token.is_some(),
        };
        match (can, flow.looked) {
            (false, _) => Next::Waits(at),
            (true, Some(then)) if then == self.changes => Next::Looks(at),
            (true, _) => Next::Can(at),
        }
    }

    /// What is shared, each thing that has a name in its words.
    fn shared(&self) -> Vec<(&'static str, String)> {
        let named = self.objects.iter().enumerate().filter(|(i, object)| {
            !matches!(object, Object::Cell { .. }) && !["", "?"].contains(&self.name(*i))
        });
        named
            .map(|(i, object)| {
                (
                    self.name(i),
                    match object {
                        Object::Number { value, .. } => self.shown(i, *value),
                        Object::Lock { holder: None, words, .. } => {
                            words.clone().unwrap_or("free".into())
                        }
                        Object::Lock { holder: Some(lane), .. } => {
                            format!("{} has it", self.lane(*lane))
                        }
                        Object::Bell { asleep } if asleep.is_empty() => "nobody sleeps".into(),
                        Object::Bell { asleep } => {
                            let names: Vec<_> =
                                asleep.iter().map(|lane| self.lane(*lane)).collect();
                            format!("{} sleeps", names.join(", "))
                        }
                        Object::Cell { .. } => String::new(),
                    },
                )
            })
            .collect()
    }

    fn signature(&self) -> u64 {
        // What can be known matters only where somebody asks.
        let asks = self.objects.iter().any(|object| matches!(object, Object::Cell { .. }));
        let clock = |clock: &Clock| asks.then(|| clock.clone());
        let flows: Vec<u64> = self.flows[1..]
            .iter()
            .map(|flow| {
                let looked = flow.looked.is_some_and(|then| then == self.changes);
                let token = flow.token.as_ref().map(clock);
                hash((
                    flow.past,
                    flow.is_done,
                    token,
                    flow.is_woken,
                    looked,
                    clock(&flow.clock),
                ))
            })
            .collect();
        let objects: Vec<u64> = self
            .objects
            .iter()
            .map(|object| match object {
                Object::Number { value, told, .. } => hash((0, value, clock(told))),
                Object::Lock { holder, told, past, .. } => hash((1, holder, past, clock(told))),
                Object::Bell { asleep } => hash((2, asleep)),
                Object::Cell { last, past } => hash((3, past, clock(last))),
            })
            .collect();
        hash((flows, objects, format!("{:?}", self.failure)))
    }
}

impl Run {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Lets whoever directs go on, and waits for our next turn.
    fn gives_up_turn<'s>(
        &self,
        mut state: MutexGuard<'s, State>,
        lane: Lane,
    ) -> MutexGuard<'s, State> {
        state.turn = None;
        self.changed.notify_all();
        self.waits_for_turn(state, lane)
    }

    fn waits_for_turn<'s>(
        &self,
        mut state: MutexGuard<'s, State>,
        lane: Lane,
    ) -> MutexGuard<'s, State> {
        while state.turn != Some(lane) {
            if state.is_over {
                drop(state);
                resume_unwind(Box::new(Over));
            }
            state = self.changed.wait(state).unwrap_or_else(|e| e.into_inner());
        }
        state
    }

    /// A thread's whole life.
    fn lives(&self, lane: Lane, work: Box<dyn FnOnce() + Send>) {
        let ended = catch_unwind(AssertUnwindSafe(|| {
            drop(self.waits_for_turn(self.state(), lane));
            work();
        }));
        let mut state = self.state();
        state.flows[lane].is_done = true;
        state.flows[lane].asks = None;
        if let Err(why) = ended
            && !why.is::<Over>()
            && !state.is_over
        {
            state.failure = Some(Failure::Wrong(message(why.as_ref())));
        }
        if state.turn == Some(lane) {
            state.turn = None;
        }
        self.changed.notify_all();
    }

    /// Lets a thread go until it asks again or ends.
    fn goes(&self, lane: Lane) {
        let mut state = self.state();
        state.turn = Some(lane);
        self.changed.notify_all();
        while state.turn.is_some() {
            state = self.changed.wait(state).unwrap_or_else(|e| e.into_inner());
        }
    }
}

/// The first line of what was panicked with.
fn message(why: &(dyn Any + Send)) -> String {
    let text = why.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| why.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    text.lines().next().unwrap_or_default().to_owned()
}

/// Threads that are played say what is wrong by their failure, and not on the terminal.
fn be_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CURRENT.with_borrow(Option::is_none) {
                others(info);
            }
        }));
    });
}

/// Plays a program by an order: whose step is next, and next, …
pub fn play(program: &Program, make: fn() -> Setup, order: &[Lane]) -> Reached {
    be_quiet();
    let run = Arc::new(Run {
        state: Mutex::new(State {
            objects: Vec::new(),
            flows: vec![Flow::default()],
            changes: 0,
            failure: None,
            names: program.shared,
            lanes: program.lanes,
            turn: None,
            is_over: false,
            steps: Vec::new(),
        }),
        changed: Condvar::new(),
    });
    CURRENT.set(Some((Arc::clone(&run), 0)));
    let Setup { lanes, end } = make();
    let count = lanes.len();
    run.state().flows.extend((0..count).map(|_| Flow::default()));
    let threads: Vec<_> = (1..)
        .zip(lanes)
        .map(|(lane, work)| {
            let run = Arc::clone(&run);
            thread::spawn(move || {
                CURRENT.set(Some((Arc::clone(&run), lane)));
                run.lives(lane, work);
            })
        })
        .collect();
    (1..=count).for_each(|lane| run.goes(lane)); // to where each asks first

    let mut refused = None;
    let mut taken = Vec::new();
    for (i, &lane) in order.iter().enumerate() {
        let next = run.state().next(lane + 1);
        match next {
            Next::Can(_) => {
                run.goes(lane + 1);
                taken.push(lane);
            }
            Next::Looks(_) => {}
            Next::Waits(_) | Next::Done => {
                refused = Some(i);
                break;
            }
        }
        if run.state().failure.is_some() {
            break;
        }
    }

    let mut state = run.state();
    let next: Vec<Next> = (1..=count).map(|lane| state.next(lane)).collect();
    let (shared, signature) = (state.shared(), state.signature());
    let all_done = next.iter().all(|next| matches!(next, Next::Done));
    let some_can = next.iter().any(|next| matches!(next, Next::Can(_)));
    if state.failure.is_none() && !all_done && !some_can {
        state.failure = Some(Failure::Stuck);
    }
    let is_whole = state.failure.is_none() && all_done;
    let known: Vec<Clock> = state.flows.iter().map(|flow| flow.clock.clone()).collect();
    known.iter().for_each(|clock| state.flows[0].clock.join(clock));
    drop(state);
    if is_whole && let Err(why) = catch_unwind(AssertUnwindSafe(end)) {
        run.state().failure.get_or_insert_with(|| Failure::Wrong(message(why.as_ref())));
    }
    let mut state = run.state();
    let (steps, failure) = (std::mem::take(&mut state.steps), state.failure.clone());
    state.is_over = true;
    drop(state);
    run.changed.notify_all();
    for thread in threads {
        let _ = thread.join();
    }
    CURRENT.set(None);
    Reached { steps, next, shared, signature, failure, refused, order: taken }
}
