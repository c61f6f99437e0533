//! The ladder: what does one switch cost, from a function call to a process?
//!
//! Run:  cargo run --example switch_ladder
//! See:  some nanoseconds inside a thread, a hundred or so for a task of
//!       tokio's, a microsecond or a few once the kernel switches threads or
//!       processes. Across two cores far more still, and not for the
//!       switch: the other core has gone to sleep.
//!
//! Each run makes many switches and divides. A switch leads from one flow to
//! the next, and what lies between (a scheduler, a loop that resumes) is a part
//! of it. `kernel each` is how many of them the kernel has counted: none inside
//! a thread, all of them where threads or processes take turns.

use std::cell::Cell;
use std::hint::black_box;
use std::process::ExitCode;
use std::rc::Rc;

use lab::{Experiment, Kind, Run};
use switching::rung::rung;
use switching::tiny;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

fn main() -> ExitCode {
    let experiment =
        Experiment::new("switch_ladder", "What does one switch cost?")
            .baseline("call")
            .case("program", "inside one thread")
            .variant(Kind::Alone, "call", "a function call", call);
    let experiment = stacks::add_to(experiment)
        .variant(Kind::Task, "poll", "our executor", poll)
        .variant(Kind::Task, "task_yield", "tokio yield_now", |run| {
            task_yield(run, &without_drivers(), 2)
        })
        .variant(Kind::Task, "task_yield_io", "the same, with I/O", |run| {
            task_yield(run, &one_thread(), 2)
        })
        .variant(Kind::Task, "task_yield_100", "100 tasks, with I/O", |run| {
            task_yield(run, &one_thread(), 100)
        })
        .variant(Kind::Task, "task_message", "tokio mpsc", task_message);
    into_the_kernel(experiment).run()
}

/// The rungs that need the kernel. Where a thread cannot be kept on a core,
/// nobody would know what is measured.
#[cfg(unix)]
fn into_the_kernel(experiment: Experiment) -> Experiment {
    use switching::rung::cpus;
    use switching::{kernel, pipes};

    let mut experiment = experiment
        .child("partner", pipes::partner)
        .case("kernel", "into the kernel and back, no switch")
        .variant(Kind::Alone, "syscall", "getppid", kernel::syscall)
        .variant(Kind::Alone, "pipe", "write and read a pipe", kernel::pipe);
    let cpus = cpus();
    if let [first, ..] = cpus[..] {
        experiment = experiment.case("one_core", "two sides on one core");
        experiment = kernel::flows(experiment, [first, first], 20_000);
        experiment = kernel::perf(experiment, first, 20_000);
    }
    if let [first, second, ..] = cpus[..] {
        experiment = experiment.case("two_cores", "two sides, a core each");
        experiment = kernel::flows(experiment, [first, second], 1_000);
    }
    experiment
}

#[cfg(not(unix))]
fn into_the_kernel(experiment: Experiment) -> Experiment {
    experiment
}

const CALLS: u64 = 20_000_000;

fn call(run: &mut Run) -> i64 {
    #[inline(never)]
    fn next(count: u64) -> u64 {
        count + 1
    }
    rung(run, CALLS, || {
        let (mut count, end) = (0, black_box(CALLS));
        while count < end {
            count = next(count);
        }
        count
    })
}

const SWITCHES: u64 = 2_000_000;

fn poll(run: &mut Run) -> i64 {
    let made = Rc::new(Cell::new(0));
    rung(run, SWITCHES, || {
        tiny::run([(); 2].map(|()| {
            let made = Rc::clone(&made);
            Box::pin(async move {
                for _ in 0..SWITCHES / 2 {
                    tiny::give_way().await;
                }
                made.set(made.get() + SWITCHES / 2);
            }) as tiny::Task
        }));
        made.get()
    })
}

fn task_yield(run: &mut Run, runtime: &Runtime, tasks: u64) -> i64 {
    async fn give_way(times: u64) -> u64 {
        for _ in 0..times {
            tokio::task::yield_now().await;
        }
        times
    }
    let switches = SWITCHES / 10;
    rung(run, switches, || {
        let all: Vec<_> = (0..tasks)
            .map(|_| runtime.spawn(give_way(switches / tasks)))
            .collect();
        runtime.block_on(async {
            let mut made = 0;
            for task in all {
                made += task.await.expect("no panic");
            }
            made
        })
    })
}

fn task_message(run: &mut Run) -> i64 {
    let switches = SWITCHES / 20;
    let one_thread = one_thread();
    let (to, mut their_end) = mpsc::channel::<u64>(1);
    let (their_other, mut from) = mpsc::channel::<u64>(1);
    let answer = async move {
        while let Some(ball) = their_end.recv().await {
            their_other.send(ball + 1).await.expect("the other");
        }
    };
    let begin = async move {
        let mut ball = 0;
        for _ in 0..switches / 2 {
            to.send(ball + 1).await.expect("the other");
            ball = from.recv().await.expect("the ball");
        }
        ball
    };
    rung(run, switches, || {
        one_thread.spawn(answer);
        let begin = one_thread.spawn(begin);
        one_thread.block_on(begin).expect("no panic")
    })
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Nothing that such a runtime could look for: neither I/O nor timers.
fn without_drivers() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

/// The rungs for which somebody must have written the switch.
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod stacks {
    use std::cell::Cell;
    use std::rc::Rc;

    use lab::{Experiment, Kind, Run};
    use switching::rung::rung;
    use switching::stackful::{Coroutine, Yielder};
    use switching::switch::{Switch, switch, switch_by_jump};

    use super::SWITCHES;

    pub(super) fn add_to(experiment: Experiment) -> Experiment {
        experiment
            .variant(Kind::Task, "two_stackful", "our coroutine", |run| {
                ours(run, switch)
            })
            .variant(
                Kind::Task,
                "two_stackful_jump",
                "ours, by a jump",
                |run| ours(run, switch_by_jump),
            )
            .variant(Kind::Task, "two_corosensei", "corosensei's", corosensei)
    }

    // ANCHOR: stackful
    fn ours(run: &mut Run, switch: Switch) -> i64 {
        let made = Rc::new(Cell::new(0));
        let mut two = [(); 2].map(|()| {
            let made = Rc::clone(&made);
            let body = move |yielder: &Yielder| {
                for _ in 0..SWITCHES / 2 {
                    made.set(made.get() + 1);
                    yielder.suspend();
                }
            };
            // SAFETY: both of ours save and restore what the ABI names.
            let coroutine = unsafe { Coroutine::with(switch, 64 << 10, body) };
            coroutine.expect("a stack")
        });
        rung(run, SWITCHES, || {
            for _ in 0..SWITCHES / 2 {
                for coroutine in &mut two {
                    coroutine.resume(); // the other one has just suspended
                }
            }
            made.get()
        })
    }
    // ANCHOR_END: stackful

    fn corosensei(run: &mut Run) -> i64 {
        let made = Rc::new(Cell::new(0));
        let mut two = [(); 2].map(|()| {
            let made = Rc::clone(&made);
            corosensei::Coroutine::new(move |yielder, ()| {
                for _ in 0..SWITCHES / 2 {
                    made.set(made.get() + 1);
                    yielder.suspend(());
                }
            })
        });
        rung(run, SWITCHES, || {
            for _ in 0..SWITCHES / 2 {
                for coroutine in &mut two {
                    coroutine.resume(());
                }
            }
            made.get()
        })
    }
}

#[cfg(not(all(unix, any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod stacks {
    pub(super) fn add_to(experiment: lab::Experiment) -> lab::Experiment {
        eprintln!("no stackful switch is written for this platform");
        experiment
    }
}
