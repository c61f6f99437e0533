//! The machine, its programs, and the four arrangements.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use global_lock::arrangement::{alone, free, locked, recorded, separate};
use global_lock::lock::GlobalLock;
use global_lock::machine::{Foreign, Job, Team};
use global_lock::object::{Atomic, Immortal, Plain, Value};
use global_lock::program::{Op, Program};
use lab::Gate;
use lab::timeline::State;

/// Short, so that threads take many turns in a test.
const INTERVAL: Duration = Duration::from_micros(50);

fn team<'a>(shared: &[Value], jobs: Vec<Job<'a>>) -> Team<'a> {
    let gate = Gate::of(jobs.len());
    Team { shared: shared.to_vec(), jobs, gate }
}

fn job<'a>(
    program: &'a Program,
    own: &[i64],
    foreign: &[Foreign<'a>],
) -> Job<'a> {
    let own = own.iter().map(|&n| Value::Int(n)).collect();
    Job { program, own, foreign: foreign.to_vec() }
}

fn program(text: &str) -> Program {
    Program::parse(text).unwrap()
}

/// What one thread says, with plain counts.
fn answer(text: &str, own: &[i64]) -> Value {
    let program = program(text);
    alone::<Plain>(&team(&[], vec![job(&program, own, &[])])).remove(0)
}

const SUM: &str = "
    args n
    loop: load i  load n  unless_less done  # while i < n
          load i  const 1  add  store i
          load s  load i  add  store s
          jump loop
    done: load s  return";

#[test]
fn a_program_computes_what_its_text_says() {
    assert_eq!(answer(SUM, &[100]), Value::Int(5050));
    assert_eq!(answer("const 7  const 6  multiply  return", &[]), int(42));
    assert_eq!(answer("const 44  const 7  remainder  return", &[]), int(2));
    let list = "list  store l  load l  const 3  append  load l  return";
    assert_eq!(answer(list, &[]), Value::List(vec![int(3)]));
    assert_eq!(answer("list  length  return", &[]), int(0));
}

fn int(n: i64) -> Value {
    Value::Int(n)
}

#[test]
fn the_assembler_keeps_each_constant_once_and_names_its_mistakes() {
    let twice = program("args a\n const 5  const 5  add  load a  add  return");
    assert_eq!(twice.constants, [5]);
    assert_eq!(twice.ops[..2], [Op::Const(0), Op::Const(0)]);
    for (text, says) in [
        ("dance", "what is `dance`?"),
        ("const", "`const` needs an operand"),
        ("const ten return", "`ten` is not a number"),
        ("jump nowhere", "no label `nowhere`"),
        ("call help return", "`help` is not declared as foreign"),
        ("const 1", "a program must end with `return` or `jump`"),
    ] {
        assert_eq!(Program::parse(text).unwrap_err(), says);
    }
}

#[test]
fn every_arrangement_gives_the_same_answers() {
    let sum = program(SUM);
    let jobs = |n: &[i64]| n.iter().map(|&n| job(&sum, &[n], &[])).collect();
    let two = team(&[], jobs(&[3_000, 4_000]));
    let expected = vec![int(4_501_500), int(8_002_000)];
    assert_eq!(alone::<Plain>(&two), expected);
    assert_eq!(alone::<Atomic>(&two), expected);
    assert_eq!(alone::<Immortal>(&two), expected);
    assert_eq!(locked(&two, &GlobalLock::new(INTERVAL)), expected);
    assert_eq!(separate(&two, INTERVAL), expected);
    assert_eq!(free::<Atomic>(&two), expected);
    assert_eq!(free::<Immortal>(&two), expected);
}

/// Puts the numbers from 0 to n - 1 into the list that is the first argument.
const FILL: &str = "
    args l n
    loop: load i  load n  unless_less done
          load l  load i  append
          load i  const 1  add  store i
          jump loop
    done: load l  length  return";

#[test]
fn threads_that_share_a_list_lose_nothing_and_interpreters_share_none() {
    const N: i64 = 20_000;
    let fill = program(FILL);
    let empty = [Value::List(Vec::new())];
    let jobs = || (0..3).map(|_| job(&fill, &[N], &[])).collect();
    let three = team(&empty, jobs());
    let longest =
        |answers: Vec<Value>| match answers.into_iter().max_by_key(|answer| {
            match answer {
                Value::Int(n) => *n,
                Value::List(_) => panic!("a list"),
            }
        }) {
            Some(Value::Int(n)) => n,
            other => panic!("{other:?}"),
        };
    // Whoever ends last sees what all of them put in.
    assert_eq!(longest(alone::<Plain>(&three)), 3 * N);
    let lock = GlobalLock::new(INTERVAL);
    assert_eq!(longest(locked(&three, &lock)), 3 * N);
    assert_eq!(longest(free::<Atomic>(&three)), 3 * N);
    assert_eq!(longest(free::<Immortal>(&three)), 3 * N);
    assert_eq!(separate(&three, INTERVAL), vec![int(N); 3]);
}

/// Spins until somebody puts something into the list, for a bounded time.
const WATCH: &str = "
    args l
    loop: load l  length  const 1  unless_less done
          load i  const 50000000  unless_less done
          load i  const 1  add  store i
          jump loop
    done: load l  length  return";
const PUT: &str = "args l\n load l  const 1  append  const 0  return";

#[test]
fn a_thread_that_only_computes_gives_way_when_asked() {
    let (watch, put) = (program(WATCH), program(PUT));
    let jobs = vec![job(&watch, &[], &[]), job(&put, &[], &[])];
    let both = team(&[Value::List(Vec::new())], jobs);
    let answers = locked(&both, &GlobalLock::new(INTERVAL));
    assert_eq!(answers[0], int(1), "the other thread never had a turn");
}

/// Where several threads must be at the same time.
struct Meeting {
    there: Mutex<usize>,
    changed: Condvar,
}

impl Meeting {
    const fn new() -> Meeting {
        Meeting { there: Mutex::new(0), changed: Condvar::new() }
    }

    /// 1 if `expected` came within a time that only a wrong program needs.
    fn wait(&self, expected: i64) -> i64 {
        let mut there = self.there.lock().unwrap();
        *there += 1;
        self.changed.notify_all();
        let missing = |there: &mut usize| (*there as i64) < expected;
        let patience = Duration::from_millis(1500);
        let waited = self.changed.wait_timeout_while(there, patience, missing);
        i64::from(!waited.unwrap().1.timed_out())
    }
}

#[test]
fn the_lock_is_let_go_around_a_wait_and_kept_through_a_call() {
    for (verb, together) in [("wait", 1), ("call", 0)] {
        let text = format!(
            "foreign meet\n const 2  {verb} meet  store x load x return"
        );
        let (meet, meeting) = (program(&text), Meeting::new());
        let foreign = |expected: i64| meeting.wait(expected);
        let jobs = (0..2).map(|_| job(&meet, &[], &[&foreign])).collect();
        let answers = locked(&team(&[], jobs), &GlobalLock::new(INTERVAL));
        // With the lock kept, the first waits in vain and the second comes
        // when it has left.
        assert_eq!(answers.contains(&int(0)), together == 0, "{verb}");
    }
}

#[test]
fn a_panic_under_the_lock_frees_it_for_the_others() {
    let wrong = program("foreign fail\n const 0  wait fail  return");
    let sum = program(SUM);
    let fail = |_| panic!("on purpose");
    let lock = GlobalLock::new(INTERVAL);
    let both = team(&[], vec![job(&wrong, &[], &[&fail])]);
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        locked(&both, &lock)
    }));
    assert!(broken.is_err());
    let one = team(&[], vec![job(&sum, &[4], &[])]);
    assert_eq!(locked(&one, &lock), [int(10)]);
}

#[test]
fn a_recording_shows_one_holder_at_a_time() {
    let sum = program(SUM);
    let calls = AtomicUsize::new(0);
    let foreign = |n| {
        calls.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(n as u64));
        n
    };
    let nap = program("foreign nap\n const 5  wait nap  return");
    let jobs = vec![
        job(&sum, &[200_000], &[]),
        job(&sum, &[200_000], &[]),
        job(&nap, &[], &[&foreign]),
    ];
    let lock = GlobalLock::new(Duration::from_millis(1));
    let (_, lanes) = recorded(&team(&[], jobs), &lock, &["A", "B", "C"]);
    let mut holding: Vec<(u64, u64)> = lanes
        .iter()
        .flat_map(|lane| &lane.spans)
        .filter(|span| span.state == State::Holding)
        .map(|span| (span.from_ns, span.to_ns))
        .collect();
    holding.sort_unstable();
    assert!(holding.len() > 4, "no turns were taken: {holding:?}");
    assert!(holding.windows(2).all(|pair| pair[0].1 <= pair[1].0));
    let waits = |state| lanes[2].spans.iter().any(|s| s.state == state);
    assert!(waits(State::WaitingIo) && waits(State::WaitingLock), "{lanes:?}");
    assert_eq!(calls.into_inner(), 1);
}
