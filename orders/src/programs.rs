//! The programs: each a planted bug of a chapter, with what is right beside it.
//!
//! This file is compiled twice, like the chapters' files that it names: with locks that ask
//! before each step, and with loom's. Threads are boxed, so that whoever runs the program
//! starts them as it likes.

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::{Arc, AtomicUsize, Condvar, Mutex, Thread, current, park};

// What these files have and is not needed here is none of our business.
macro_rules! files {
    ($($name:ident: $path:literal)*) => {$(
        #[allow(dead_code, missing_docs, unreachable_pub, clippy::all)]
        #[path = $path]
        pub(crate) mod $name;
    )*};
}

files! {
    attached: "../../examples/circles/src/attached.rs"
    barrier: "../../examples/quota/src/barrier.rs"
    check_then_set: "../../examples/sharing/broken/check_then_set.rs"
    counts_too_late: "../../examples/quota/broken/counts_too_late.rs"
    fair: "../../examples/circles/src/fair.rs"
    limit: "../../examples/overload/src/limit.rs"
    lost_wake: "../../examples/sharing/broken/lost_wake.rs"
    no_order: "../../examples/sharing/broken/no_order.rs"
    opens_unlocked: "../../examples/quota/broken/opens_unlocked.rs"
    order: "../../examples/stuck/src/order.rs"
    order_in_two_turns: "../../examples/stuck/broken/order_in_two_turns.rs"
    park_lock: "../../examples/sharing/src/park.rs"
    party: "../../examples/circles/src/party.rs"
    party_quiet: "../../examples/circles/broken/party_quiet.rs"
    permits: "../../examples/cancelling/src/permits.rs"
    permits_forget: "../../examples/cancelling/broken/permits_forget.rs"
    ready_asks_first: "../../examples/event_loop/broken/ready_asks_first.rs"
    ready: "../../examples/event_loop/src/ready.rs"
    slots: "../../examples/circles/src/slots.rs"
    spin_lock: "../../examples/sharing/src/spin.rs"
    stoppable: "../../examples/cancelling/src/stoppable.rs"
    stoppable_asks_first: "../../examples/cancelling/broken/stoppable_asks_first.rs"
    ticket: "../../examples/fair/src/ticket.rs"
    ticket_no_order: "../../examples/fair/broken/ticket_no_order.rs"
    ticket_same_number: "../../examples/fair/broken/ticket_same_number.rs"
    two_steps: "../../examples/overload/broken/two_steps.rs"
    untagged: "../../examples/order/broken/untagged.rs"
    tagged: "../../examples/order/src/tagged.rs"
}

/// A lock that sleeps stands for the spin lock inside of others: of those who spin, the checker
/// would have to follow every look.
pub(crate) mod spin {
    use crate::sync::Mutex;

    pub(crate) struct SpinLock<T>(Mutex<T>);

    impl<T> SpinLock<T> {
        pub(crate) fn new(value: T) -> SpinLock<T> {
            SpinLock(Mutex::new(value))
        }

        #[track_caller]
        pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
            work(&mut self.0.lock().unwrap())
        }
    }
}

/// A planted bug.
#[derive(Debug)]
pub struct Program {
    /// As pages ask for it.
    pub name: &'static str,
    /// What each thread is called.
    pub lanes: &'static [&'static str],
    /// What is shared, in the order in which it is made; what has no name is not shown.
    pub shared: &'static [&'static str],
    /// The flawed version.
    pub wrong: fn() -> Setup,
    /// What is right in its place.
    pub right: fn() -> Setup,
}

/// A program that is ready to run.
pub struct Setup {
    /// What each thread does.
    pub lanes: Vec<Box<dyn FnOnce() + Send>>,
    /// What must hold when all have ended.
    pub end: Box<dyn FnOnce()>,
}

impl Setup {
    /// Two threads.
    fn two(
        one: impl FnOnce() + Send + 'static,
        other: impl FnOnce() + Send + 'static,
    ) -> Setup {
        Setup { lanes: vec![Box::new(one), Box::new(other)], end: Box::new(|| ()) }
    }

    /// Two threads that do the same.
    fn twice(work: impl FnOnce() + Clone + Send + 'static) -> Setup {
        Setup::two(work.clone(), work)
    }

    fn at_end(self, end: impl FnOnce() + 'static) -> Setup {
        Setup { lanes: self.lanes, end: Box::new(end) }
    }
}

const TWO: &[&str] = &["A", "B"];

/// All of them, in the book's order.
pub const PROGRAMS: &[Program] = &[
    Program {
        name: "load_store",
        lanes: TWO,
        shared: &["number"],
        wrong: || counts(|number| number.store(number.load(Relaxed) + 1, Relaxed)),
        right: || counts(|number| _ = number.fetch_add(1, Relaxed)),
    },
    Program {
        name: "check_then_set",
        lanes: TWO,
        shared: &["taken", "value"],
        wrong: || {
            let lock = Arc::new(check_then_set::CheckThenSet::new(0));
            Setup::twice(move || lock.with(|n| *n += 1))
        },
        right: spins,
    },
    Program {
        name: "no_order",
        lanes: TWO,
        shared: &["taken", "value"],
        wrong: || {
            let lock = Arc::new(no_order::NoOrder::new(0));
            Setup::twice(move || lock.with(|n| *n += 1))
        },
        right: spins,
    },
    Program {
        name: "lost_wake",
        lanes: TWO,
        shared: &["taken", "asleep", "value"],
        wrong: || {
            let lock = Arc::new(lost_wake::LostWake::new(0));
            Setup::twice(move || lock.with(|n| *n += 1))
        },
        right: || {
            let lock = Arc::new(park_lock::ParkLock::new(0));
            Setup::twice(move || lock.with(|n| *n += 1))
        },
    },
    Program {
        name: "two_sections",
        lanes: TWO,
        shared: &["account"],
        wrong: || {
            withdraws(|account| {
                let enough = *account.lock().unwrap() >= 100;
                if enough {
                    *account.lock().unwrap() -= 100;
                }
            })
        },
        right: || {
            withdraws(|account| {
                let mut account = account.lock().unwrap();
                if *account >= 100 {
                    *account -= 100;
                }
            })
        },
    },
    Program {
        name: "opposite_locks",
        lanes: TWO,
        shared: &["a", "b"],
        wrong: || transfers(|a, b| moves(b, a, 1)),
        right: || transfers(|a, b| moves(a, b, -1)),
    },
    Program {
        name: "ticket_same_number",
        lanes: TWO,
        shared: &["next", "serving", "value"],
        wrong: || {
            let lock = Arc::new(ticket_same_number::SameNumber::new(0));
            Setup::twice(move || lock.with(|n| *n += 1))
        },
        right: tickets,
    },
    Program {
        name: "ticket_no_order",
        lanes: TWO,
        shared: &["next", "serving", "value"],
        wrong: || {
            let lock = Arc::new(ticket_no_order::NoOrder::new(0));
            Setup::twice(move || lock.with(|n| *n += 1))
        },
        right: tickets,
    },
    Program {
        name: "untagged",
        lanes: TWO,
        shared: &["top", "below 0", "below 1", "below 2"],
        wrong: || {
            let slots = Arc::new(untagged::Untagged::new(3));
            let other = Arc::clone(&slots);
            each_has_its_own(
                move || slots.pop(),
                {
                    let slots = Arc::clone(&other);
                    move || slots.pop()
                },
                move |slot| other.push(slot),
            )
        },
        right: || {
            let slots = Arc::new(tagged::Tagged::new(3));
            let other = Arc::clone(&slots);
            each_has_its_own(
                move || slots.pop(),
                {
                    let slots = Arc::clone(&other);
                    move || slots.pop()
                },
                move |slot| other.push(slot),
            )
        },
    },
    Program {
        name: "ready_asks_first",
        lanes: &["loop", "waker"],
        shared: &["queue", "rung", "bell"],
        wrong: || {
            let ready = Arc::new(ready_asks_first::Ready::new());
            let bell = Arc::new(Bell::default());
            let (theirs, rings) = (Arc::clone(&ready), Arc::clone(&bell));
            Setup::two(
                move || {
                    while ready.take().is_none() {
                        if ready.fall_asleep() {
                            bell.wait();
                        }
                    }
                },
                move || {
                    if theirs.push(7) {
                        rings.rings();
                    }
                },
            )
        },
        right: || {
            let ready = Arc::new(ready::Ready::new(Bell::default()));
            let theirs = Arc::clone(&ready);
            let takes = move || {
                let mut turn = VecDeque::new();
                loop {
                    ready.take_all(&mut turn);
                    if !turn.is_empty() {
                        return;
                    }
                    if ready.fall_asleep() {
                        ready.bell().wait();
                    }
                }
            };
            Setup::two(takes, move || theirs.push(7))
        },
    },
    Program {
        name: "stoppable_asks_first",
        lanes: &["future", "stopper"],
        shared: &["stopped", "waiting"],
        wrong: || {
            let shared = Arc::new(stoppable_asks_first::Shared::default());
            let stops = Arc::clone(&shared);
            Setup::two(
                move || block_on(stoppable_asks_first::Stoppable(shared)),
                move || stops.stop(),
            )
        },
        right: || {
            let (future, stop) = stoppable::stoppable(pending::<()>());
            Setup::two(
                move || assert!(block_on(future).is_err(), "it was not stopped"),
                move || stop.stop(),
            )
        },
    },
    Program {
        name: "permits_forget",
        lanes: &["asks", "gives back"],
        shared: &["permits"],
        wrong: || {
            let permits = permits_forget::Permits::new(1);
            let held = now(permits.acquire());
            Setup::two(
                move || {
                    gives_up(permits.acquire());
                    drop(block_on(permits.acquire()));
                },
                move || drop(held),
            )
        },
        right: || {
            let permits = permits::Permits::new(1);
            let held = now(permits.acquire());
            Setup::two(
                move || {
                    gives_up(permits.acquire());
                    drop(block_on(permits.acquire()));
                },
                move || drop(held),
            )
        },
    },
    Program {
        name: "order_in_two_turns",
        lanes: TWO,
        shared: &["edges", "a", "b"],
        wrong: || opposite(order_in_two_turns::wants),
        right: || opposite(|flow, wanted| flow.wants(wanted)),
    },
    Program {
        name: "reads_twice",
        lanes: &["reader", "writer"],
        shared: &["state", "changed"],
        wrong: || beside_a_writer(|door| door.read(|| door.read(|| ()))),
        right: || beside_a_writer(|door| door.read(|| door.read_recursive(|| ()))),
    },
    Program {
        name: "both_full",
        lanes: &["asks", "cook"],
        shared: &["orders' bell", "orders", "dishes' bell", "dishes"],
        wrong: || asks(4, 4),
        right: || asks(2, 1),
    },
    Program {
        name: "party_quiet",
        lanes: &["stays", "leaves"],
        shared: &["state", "all_here"],
        wrong: || {
            let [stays, leaves] = party_quiet::party(2).try_into().ok().unwrap();
            Setup::two(move || stays.wait(), move || drop(leaves))
        },
        right: || {
            let [stays, leaves] = party::party(2).try_into().ok().unwrap();
            Setup::two(move || stays.wait(), move || drop(leaves))
        },
    },
    Program {
        name: "waits_attached",
        lanes: &["Python", "callback"],
        shared: &["global lock", "lock"],
        wrong: || extension(false),
        right: || extension(true),
    },
    Program {
        name: "two_steps",
        lanes: TWO,
        shared: &["in_flight", "inside"],
        wrong: || {
            let limit = two_steps::TwoSteps::of(1);
            let inside = Arc::new(AtomicUsize::new(0));
            Setup::twice(move || {
                if let Some(_pass) = two_steps::TwoSteps::enter(&limit) {
                    alone(&inside);
                }
            })
        },
        right: || {
            let limit = limit::Limit::of(1);
            let inside = Arc::new(AtomicUsize::new(0));
            Setup::twice(move || {
                if let Some(_pass) = limit::Limit::enter(&limit) {
                    alone(&inside);
                }
            })
        },
    },
    Program {
        name: "opens_unlocked",
        lanes: TWO,
        shared: &["missing", "round", "lock", "bell"],
        wrong: || {
            let barrier = Arc::new(opens_unlocked::Barrier::new(2));
            Setup::twice(move || barrier.meet())
        },
        right: || {
            let barrier = Arc::new(barrier::Barrier::new(2));
            Setup::twice(move || barrier.meet(barrier::Way::Sleep, || ()))
        },
    },
    Program {
        name: "counts_too_late",
        lanes: TWO,
        shared: &["missing", "round", "lock", "bell", "A is in", "B is in"],
        wrong: || {
            let barrier = Arc::new(counts_too_late::Barrier::new(2));
            meets_twice(move || barrier.meet())
        },
        right: || {
            let barrier = Arc::new(barrier::Barrier::new(2));
            meets_twice(move || barrier.meet(barrier::Way::Sleep, || ()))
        },
    },
];

fn counts(add: fn(&AtomicUsize)) -> Setup {
    let number = Arc::new(AtomicUsize::new(0));
    let shared = Arc::clone(&number);
    Setup::twice(move || add(&shared))
        .at_end(move || assert!(number.load(Relaxed) == 2, "a turn is lost"))
}

fn spins() -> Setup {
    let lock = Arc::new(spin_lock::SpinLock::new(0));
    Setup::twice(move || lock.with(|n| *n += 1))
}

fn tickets() -> Setup {
    let lock = Arc::new(ticket::TicketLock::new(0));
    Setup::twice(move || lock.with(|n| *n += 1))
}

fn withdraws(withdraw: fn(&Mutex<i64>)) -> Setup {
    let account = Arc::new(Mutex::new(100));
    let shared = Arc::clone(&account);
    Setup::twice(move || withdraw(&shared))
        .at_end(move || assert!(*account.lock().unwrap() >= 0, "the account is overdrawn"))
}

fn moves(from: &Mutex<i64>, to: &Mutex<i64>, amount: i64) {
    let mut from = from.lock().unwrap();
    let mut to = to.lock().unwrap();
    *from -= amount;
    *to += amount;
}

fn transfers(back: fn(&Mutex<i64>, &Mutex<i64>)) -> Setup {
    let both = Arc::new((Mutex::new(100), Mutex::new(100)));
    let shared = Arc::clone(&both);
    Setup::two(move || moves(&both.0, &both.1, 1), move || back(&shared.0, &shared.1))
}

/// One takes two slots, puts the first back and takes the top again; the other takes one. What
/// they have must not be the same.
fn each_has_its_own(
    other: impl Fn() -> Option<u32> + Send + 'static,
    pop: impl Fn() -> Option<u32> + Send + 'static,
    push: impl Fn(u32) + Send + 'static,
) -> Setup {
    // Not one of the locks that are watched: what is noted here changes nothing.
    let taken = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (ours, theirs) = (taken.clone(), taken.clone());
    Setup::two(
        move || {
            let slot = other();
            theirs.lock().unwrap().extend(slot);
        },
        move || {
            let (first, second) = (pop(), pop());
            push(first.expect("three slots, and three are taken"));
            let third = pop();
            ours.lock().unwrap().extend(second.into_iter().chain(third));
        },
    )
    .at_end(move || {
        let mut taken = taken.lock().unwrap();
        taken.sort_unstable();
        assert!(taken.windows(2).all(|two| two[0] != two[1]), "a slot is given to two");
    })
}

/// What rings for the loop.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    fn rings(&self) {
        *self.rung.lock().unwrap() = true;
        self.changed.notify_one();
    }

    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.changed.wait(rung).unwrap();
        }
    }
}

impl ready::Bell for Bell {
    fn ring(&self) {
        self.rings();
    }
}

/// Wakes a thread that polls.
struct Wakes(Thread);

impl Wake for Wakes {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls, and sleeps in between.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(std::sync::Arc::new(Wakes(current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => park(),
        }
    }
}

/// What is there without waiting.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("it is there"),
    }
}

/// Asks once, and does not wait.
fn gives_up<T>(future: impl Future<Output = T>) {
    let mut asked = pin!(future);
    let _: Poll<T> = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

/// A lock, and what it is called.
type Named<'a> = (&'static str, &'a Mutex<()>);

fn opposite(wants: fn(&order::Flow, &'static str) -> Result<(), order::Circle>) -> Setup {
    let orders = order::Orders::default();
    let locks = Arc::new((Mutex::new(()), Mutex::new(())));
    let (orders2, locks2) = (orders.clone(), Arc::clone(&locks));
    let flow = move |orders: &order::Orders, first: Named<'_>, second: Named<'_>| {
        let mut flow = order::Flow::new(orders, None);
        if wants(&flow, first.0).is_err() {
            return;
        }
        let _first = first.1.lock().unwrap();
        flow.holds(first.0);
        if wants(&flow, second.0).is_err() {
            return;
        }
        let _second = second.1.lock().unwrap();
    };
    Setup::two(
        move || flow(&orders, ("a", &locks.0), ("b", &locks.1)),
        move || flow(&orders2, ("b", &locks2.1), ("a", &locks2.0)),
    )
}

fn beside_a_writer(read: fn(&fair::Fair)) -> Setup {
    let door = Arc::new(fair::Fair::default());
    let other = Arc::clone(&door);
    Setup::two(move || read(&door), move || other.write(|| ()))
}

/// Asks so many questions, so many of them at once.
fn asks(questions: usize, under_way: usize) -> Setup {
    let orders = Arc::new(slots::Slots::new(1));
    let dishes = Arc::new(slots::Slots::new(1));
    let (orders2, dishes2) = (Arc::clone(&orders), Arc::clone(&dishes));
    Setup::two(
        move || {
            for n in 0..questions {
                if n >= under_way {
                    dishes.take();
                }
                orders.put(n);
            }
            for _ in 0..under_way {
                dishes.take();
            }
        },
        move || (0..questions).for_each(|_| dishes2.put(orders2.take())),
    )
}

fn extension(detaches: bool) -> Setup {
    let interpreter = Arc::new(attached::Interpreter::default());
    let lock = Arc::new(Mutex::new(0));
    let (interpreter2, lock2) = (Arc::clone(&interpreter), Arc::clone(&lock));
    Setup::two(
        move || {
            interpreter.attach(|python| {
                let add = || *lock.lock().unwrap() += 1;
                if detaches { python.detach(add) } else { add() }
            });
        },
        move || {
            let mut value = lock2.lock().unwrap();
            interpreter2.attach(|_| *value += 1);
        },
    )
}

/// Nobody else is where this is.
fn alone(inside: &AtomicUsize) {
    let others = inside.fetch_add(1, Relaxed);
    assert!(others == 0, "more in flight than may be");
    inside.fetch_sub(1, Relaxed);
}

/// Two meet twice, and nobody goes on before the other has come.
fn meets_twice(meet: impl Fn() + Clone + Send + 'static) -> Setup {
    let rounds = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let flow = move |me: usize| {
        let (rounds, meet) = (Arc::clone(&rounds), meet.clone());
        move || {
            for round in 1..=2 {
                rounds[me].store(round, Relaxed);
                meet();
                let other = rounds[1 - me].load(Relaxed);
                assert!(other >= round, "went on before the other came");
            }
        }
    };
    Setup::two(flow(0), flow(1))
}
