//! What a coroutine promises, and how it ends when something goes wrong.
#![cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::os::unix::process::ExitStatusExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

use lab::testing::in_child;
use switching::stackful::{Coroutine, State, Yielder};
use switching::switch::{switch, switch_by_jump};
use switching::{preempted, registers};

const STACK: usize = 64 << 10;

fn coroutine(body: impl FnOnce(&Yielder) + 'static) -> Coroutine {
    Coroutine::new(STACK, body).unwrap()
}

#[test]
fn flows_take_turns_and_each_keeps_its_locals() {
    let said = Rc::new(RefCell::new(String::new()));
    let mut all: Vec<Coroutine> = ["abc", "de", "f"]
        .into_iter()
        .map(|letters| {
            let said = Rc::clone(&said);
            coroutine(move |yielder| {
                for (i, letter) in letters.chars().enumerate() {
                    said.borrow_mut().push(letter);
                    yielder.suspend();
                    assert_eq!(letters.chars().nth(i), Some(letter));
                }
            })
        })
        .collect();
    while !all.is_empty() {
        all.retain_mut(|one| one.resume() == State::Suspended);
    }
    assert_eq!(*said.borrow(), "adfbec");
}

#[test]
fn floating_point_survives_in_both_flows() {
    // More values than there are registers, and all of them in use.
    fn step(x: &mut [f64; 24]) {
        for (i, x) in x.iter_mut().enumerate() {
            *x = *x * 1.000_1 + i as f64;
        }
    }
    let mut alone = black_box([1.5; 24]);
    (0..1000).for_each(|_| step(&mut alone));

    let result = Rc::new(Cell::new([0.0; 24]));
    let theirs = Rc::clone(&result);
    let mut other = coroutine(move |yielder| {
        let mut x = black_box([1.5; 24]);
        for _ in 0..1000 {
            step(&mut x);
            yielder.suspend();
        }
        theirs.set(x);
    });
    let mut ours = black_box([1.5; 24]);
    for _ in 0..1000 {
        other.resume();
        step(&mut ours);
    }
    assert_eq!(other.resume(), State::Done);
    assert_eq!((ours, result.get()), (alone, alone));
}

/// What keeps a yielder from outliving its body are lifetimes, and a scoped
/// thread-local variable gets around them while the body stands still.
#[test]
fn nobody_else_can_suspend_a_coroutine_that_stands_still() {
    thread_local! {
        static LENT: Cell<*const Yielder> = const { Cell::new(ptr::null()) };
    }
    let mut lender = coroutine(|yielder| {
        LENT.set(yielder);
        yielder.suspend();
        LENT.set(ptr::null());
    });
    lender.resume();
    // SAFETY: `lender` stands still in `suspend`, so its yielder is there.
    let by_others = || unsafe { &*LENT.get() }.suspend();
    assert!(catch_unwind(by_others).is_err(), "from the thread's own stack");
    let mut other = coroutine(move |_| by_others());
    let resumed = catch_unwind(AssertUnwindSafe(|| other.resume()));
    assert!(resumed.is_err(), "from another coroutine's stack");
    assert_eq!(lender.resume(), State::Done);
}

#[test]
fn nearly_all_of_the_stack_can_be_used() {
    fn deep(yielder: &Yielder, levels: u64) -> u64 {
        let frame = black_box([levels; 128]); // a KiB
        if levels == 0 {
            yielder.suspend(); // from the deepest place
            return 0;
        }
        deep(yielder, levels - 1) + frame[levels as usize % 128]
    }
    let sum = Rc::new(Cell::new(0));
    let result = Rc::clone(&sum);
    let body = move |yielder: &Yielder| result.set(deep(yielder, 800));
    let mut coroutine = Coroutine::new(1 << 20, body).unwrap();
    assert_eq!(coroutine.resume(), State::Suspended);
    assert_eq!(coroutine.resume(), State::Done);
    assert_eq!(sum.get(), 800 * 801 / 2);
}

#[test]
fn a_coroutine_may_resume_another() {
    let mut outer = coroutine(|yielder| {
        let mut inner = coroutine(|yielder| {
            for _ in 0..3 {
                yielder.suspend();
            }
        });
        while inner.resume() != State::Done {
            yielder.suspend();
        }
    });
    let resumed = (1..).find(|_| outer.resume() == State::Done);
    assert_eq!(resumed, Some(4));
}

#[test]
fn a_thousand_of_them_are_no_trouble() {
    let sum = Rc::new(Cell::new(0));
    let mut all: Vec<Coroutine> = (0..1000)
        .map(|i| {
            let sum = Rc::clone(&sum);
            coroutine(move |yielder| {
                yielder.suspend();
                sum.set(sum.get() + i);
            })
        })
        .collect();
    for _ in 0..2 {
        for one in &mut all {
            one.resume();
        }
    }
    assert_eq!(sum.get(), 499_500);
}

#[test]
fn a_panic_goes_on_in_whoever_resumed() {
    let mut coroutine = coroutine(|yielder| {
        yielder.suspend();
        panic!("no luck");
    });
    coroutine.resume();
    let panic = catch_unwind(AssertUnwindSafe(|| coroutine.resume()));
    let message = panic.unwrap_err().downcast::<&str>().unwrap();
    assert_eq!(*message, "no luck");
    assert_eq!(coroutine.state(), State::Done);
    assert!(!std::thread::panicking());
}

#[test]
fn what_is_done_cannot_be_resumed() {
    let mut coroutine = coroutine(|_| ());
    assert_eq!(coroutine.state(), State::New);
    assert_eq!(coroutine.resume(), State::Done);
    assert!(catch_unwind(AssertUnwindSafe(|| coroutine.resume())).is_err());
}

/// Notes that it was dropped.
struct Noting(Rc<Cell<u32>>);

impl Drop for Noting {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn dropping_a_coroutine_drops_what_lives_on_its_stack() {
    let dropped = Rc::new(Cell::new(0));
    let noting = || Noting(Rc::clone(&dropped));
    let (captured, inside) = (noting(), noting());
    let mut suspended = coroutine(move |yielder| {
        let _captured = captured;
        let _inside = inside;
        loop {
            yielder.suspend();
        }
    });
    suspended.resume();
    let captured = noting();
    let never_begun = coroutine(move |_| drop(captured));
    assert_eq!(dropped.get(), 0);
    drop(suspended);
    assert_eq!(dropped.get(), 2);
    drop(never_begun);
    assert_eq!(dropped.get(), 3);
}

#[test]
fn a_coroutine_can_be_dropped_while_its_owner_panics() {
    let dropped = Rc::new(Cell::new(0));
    let inside = Noting(Rc::clone(&dropped));
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut suspended = coroutine(move |yielder| {
            let _inside = inside;
            yielder.suspend();
        });
        suspended.resume();
        panic!("the owner's");
    }));
    assert_eq!(*result.unwrap_err().downcast::<&str>().unwrap(), "the owner's");
    assert_eq!(dropped.get(), 1);
}

#[test]
fn a_panic_while_a_coroutine_is_dropped_stays_there() {
    let mut suspended = coroutine(|yielder| {
        let caught = catch_unwind(AssertUnwindSafe(|| yielder.suspend()));
        assert!(caught.is_ok(), "it was cancelled"); // another panic
    });
    suspended.resume();
    drop(suspended);
    assert!(!std::thread::panicking());
}

#[test]
fn a_switch_keeps_the_callee_saved_registers() {
    let given = std::array::from_fn(|i| 100 + i as u64);
    assert_eq!(registers::across(switch, &given), given);
    assert_eq!(registers::across(switch_by_jump, &given), given);
}

#[test]
fn a_switch_that_forgets_a_register_is_found_out() {
    let given = std::array::from_fn(|i| 100 + i as u64);
    let found = registers::across(registers::forgetful, &given);
    let lost = found.iter().zip(&given).filter(|(a, b)| a != b).count();
    assert_eq!(lost, 1, "{found:?}");
}

#[test]
fn the_kernel_keeps_all_registers() {
    preempted::set_over(false);
    let spin = |first: u64| {
        let given = std::array::from_fn(|i| first + i as u64);
        move || assert_eq!(preempted::spin(&given), given)
    };
    std::thread::scope(|scope| {
        for i in 0..3 {
            scope.spawn(spin(1000 * i));
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        preempted::set_over(true);
    });
}

#[test]
fn too_deep_a_recursion_ends_the_process_on_the_guard_page() {
    let out = in_child("recurses_too_deep");
    // SIGSEGV; on macOS SIGBUS.
    assert!(matches!(out.status.signal(), Some(10 | 11)), "{out:?}");
}

#[test]
#[ignore = "dies, for the test above"]
fn recurses_too_deep() {
    fn deeper(depth: u64) -> u64 {
        let frame = black_box([depth; 64]);
        let below = if depth < u64::MAX { deeper(depth + 1) } else { 0 };
        below + frame[(depth % 64) as usize]
    }
    let body = |_: &Yielder| assert_ne!(black_box(deeper(0)), 0);
    coroutine(body).resume();
}

#[test]
fn suspending_while_being_dropped_ends_the_process() {
    let out = in_child("suspends_while_being_dropped");
    assert_eq!(out.status.signal(), Some(6), "{out:?}");
}

#[test]
#[ignore = "dies, for the test above"]
fn suspends_while_being_dropped() {
    struct Suspending<'a>(&'a Yielder);
    impl Drop for Suspending<'_> {
        fn drop(&mut self) {
            self.0.suspend();
        }
    }
    let mut suspended = coroutine(|yielder| {
        let _guard = Suspending(yielder);
        yielder.suspend();
    });
    suspended.resume();
    drop(suspended);
}

#[test]
fn a_backtrace_ends_where_the_stack_does() {
    let out = in_child("panics_on_a_stack_of_its_own");
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(101), "{out:?}");
    assert!(said.contains("no luck") && said.contains("through"), "{said}");
}

#[test]
#[ignore = "panics, for the test above"]
fn panics_on_a_stack_of_its_own() {
    #[inline(never)]
    fn through(yielder: &Yielder) {
        yielder.suspend();
        panic!("no luck");
    }
    let mut coroutine = coroutine(|yielder| through(black_box(yielder)));
    coroutine.resume();
    coroutine.resume();
}
