//! The machine that runs programs, whatever the arrangement.

use lab::Gate;

use crate::object::{Heap, List, Object, Value};
use crate::program::{Op, Program};

/// What a program may call: it gets a number and gives one, so that it never
/// sees an object.
pub type Foreign<'a> = &'a (dyn Fn(i64) -> i64 + Sync);

/// One flow of control: a program, and arguments that are its own.
#[derive(Clone)]
pub struct Job<'a> {
    /// What it runs.
    pub program: &'a Program,
    /// Its last arguments, made by the thread that runs it.
    pub own: Vec<Value>,
    /// The foreign functions, in the order that the program declares them.
    pub foreign: Vec<Foreign<'a>>,
}

/// Jobs that run together.
pub struct Team<'a> {
    /// Their first arguments: one object each, shared by all jobs.
    pub shared: Vec<Value>,
    /// The jobs, each to get a thread.
    pub jobs: Vec<Job<'a>>,
    /// Where these threads meet before they run.
    pub gate: Gate,
}

/// What an arrangement decides: how references are counted, and what else a
/// thread does at the two places where others may get their turn.
pub trait Rules {
    /// How references are counted.
    type Heap: Heap;

    /// Called where a program jumps back: the *eval breaker*.
    fn breaker(&mut self);

    /// Runs something that waits and touches no object.
    fn waiting(&mut self, wait: impl FnOnce() -> i64) -> i64;
}

/// The references that a job sets out with.
pub struct Start<H: Heap> {
    constants: Vec<H::Ref>,
    shared: Vec<H::Ref>,
}

impl<H: Heap> Start<H> {
    /// A start for each job of the team. Shared arguments are made once, and
    /// so are the constants of a program that several jobs run.
    pub fn all(team: &Team<'_>) -> Vec<Start<H>> {
        let mut first: Vec<(&Program, Start<H>)> = Vec::new();
        for job in &team.jobs {
            if !first.iter().any(|(p, _)| std::ptr::eq(*p, job.program)) {
                let mut new = Start::one(team, job);
                if let Some((_, other)) = first.first() {
                    new.shared = other.shared.clone();
                }
                first.push((job.program, new));
            }
        }
        let start = |job: &Job<'_>| {
            let of = first.iter().find(|(p, _)| std::ptr::eq(*p, job.program));
            let start = &of.expect("one for each program").1;
            Start {
                constants: start.constants.clone(),
                shared: start.shared.clone(),
            }
        };
        team.jobs.iter().map(start).collect()
    }

    /// A start for one job that shares nothing with the others.
    pub fn one(team: &Team<'_>, job: &Job<'_>) -> Start<H> {
        let constants = job.program.constants.iter();
        Start {
            constants: constants.map(|n| H::constant(*n)).collect(),
            shared: team.shared.iter().map(Object::<H>::from_value).collect(),
        }
    }
}

/// Runs a job to its end. All references it holds are gone when it returns.
///
/// # Panics
/// When the program is wrong: pops what is not there, or adds to a list.
// ANCHOR: run
pub fn run<R: Rules>(
    job: &Job<'_>,
    start: Start<R::Heap>,
    rules: &mut R,
) -> Value {
    let Start { constants, shared } = start;
    let mut locals = locals::<R::Heap>(job, shared);
    let mut stack: Vec<Ref<R>> = Vec::with_capacity(8);
    let mut next = 0;
    loop {
        let op = job.program.ops[next];
        next += 1;
        match op {
            // Each clone counts up, and what is overwritten or popped and
            // dropped counts down: several times for every line of a program.
            Op::Const(i) => stack.push(constants[i].clone()),
            Op::Load(i) => stack.push(locals[i].clone()),
            Op::Store(i) => locals[i] = pop(&mut stack),
            Op::Add => binary::<R::Heap>(&mut stack, i64::wrapping_add),
            Op::Multiply => binary::<R::Heap>(&mut stack, i64::wrapping_mul),
            Op::Remainder => binary::<R::Heap>(&mut stack, i64::rem_euclid),
            Op::Jump(to) => {
                if to < next {
                    rules.breaker();
                }
                next = to;
            }
            // ANCHOR_END: run
            Op::UnlessLess(to) => {
                let (b, a) = (pop(&mut stack), pop(&mut stack));
                if a.int() >= b.int() {
                    next = to;
                }
            }
            Op::List => {
                let empty = Value::List(Vec::new());
                stack.push(Object::<R::Heap>::from_value(&empty));
            }
            Op::Append => {
                let (item, list) = (pop(&mut stack), pop(&mut stack));
                list.list().with(|items| items.push(item));
            }
            Op::Length => {
                let length = pop(&mut stack).list().with(|items| items.len());
                stack.push(int::<R::Heap>(length as i64));
            }
            Op::Call(i) => {
                let n = pop(&mut stack).int();
                stack.push(int::<R::Heap>(job.foreign[i](n)));
            }
            Op::Wait(i) => {
                // The number is taken out of its object beforehand: whoever
                // waits has no right to touch one.
                let n = pop(&mut stack).int();
                let answer = rules.waiting(|| job.foreign[i](n));
                stack.push(int::<R::Heap>(answer));
            }
            Op::Return => return pop(&mut stack).to_value(),
        }
    }
}

type Ref<R> = <<R as Rules>::Heap as Heap>::Ref;

/// Shared arguments first, then the job's own, then zeros. Made by the thread
/// itself: were they neighbors in memory of another thread's, the two would
/// slow each other down by writing into the same cache line.
fn locals<H: Heap>(job: &Job<'_>, shared: Vec<H::Ref>) -> Vec<H::Ref> {
    let own = job.own.iter().map(Object::<H>::from_value);
    let mut locals: Vec<H::Ref> = shared.into_iter().chain(own).collect();
    assert_eq!(locals.len(), job.program.arguments, "number of arguments");
    locals.resize_with(job.program.locals.len(), || int::<H>(0));
    locals
}

fn int<H: Heap>(n: i64) -> H::Ref {
    H::make(Object::Int(n))
}

fn pop<T>(stack: &mut Vec<T>) -> T {
    stack.pop().expect("something on the stack")
}

fn binary<H: Heap>(stack: &mut Vec<H::Ref>, work: fn(i64, i64) -> i64) {
    let (b, a) = (pop(stack), pop(stack));
    stack.push(int::<H>(work(a.int(), b.int())));
}
