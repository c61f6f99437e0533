//! The chapter's own parts on real threads, and how it is seen that a process
//! is stuck.
//!
//! That they are right in every order is tested in `model/`.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use circles::attached::Interpreter;
use circles::fair::Fair;
use circles::party::party;
use circles::slots::Slots;

#[test]
fn readers_and_writers_are_never_inside_together() {
    let (door, inside) = (Fair::default(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for i in 0..4 {
            let (door, inside) = (&door, &inside);
            scope.spawn(move || {
                for _ in 0..2_000 {
                    if i == 0 {
                        door.write(|| assert_eq!(inside.load(SeqCst), 0));
                    } else {
                        door.read(|| {
                            inside.fetch_add(1, SeqCst);
                            door.read_recursive(|| ());
                            inside.fetch_sub(1, SeqCst);
                        });
                    }
                }
            });
        }
    });
    assert!(!door.writer_waits());
}

#[test]
fn a_party_meets_as_often_as_its_members_like_and_outlives_one_that_leaves() {
    let came = AtomicUsize::new(0);
    thread::scope(|scope| {
        for (i, place) in party(3).into_iter().enumerate() {
            let came = &came;
            scope.spawn(move || {
                for meeting in 1..=100 {
                    came.fetch_add(1, SeqCst);
                    place.wait();
                    assert!(came.load(SeqCst) >= 3 * meeting);
                }
                if i > 0 {
                    place.wait(); // with two
                }
            });
        }
    });
}

#[test]
fn a_channel_keeps_the_order_and_no_more_than_it_has_places() {
    let slots = Slots::new(2);
    thread::scope(|scope| {
        scope.spawn(|| (0..1_000).for_each(|n| slots.put(n)));
        (0..1_000).for_each(|n| assert_eq!(slots.take(), n));
    });
}

#[test]
fn who_detaches_lets_another_attach() {
    let interpreter = Interpreter::default();
    interpreter.attach(|python| {
        python.detach(|| interpreter.attach(|_| ()));
    });
}

#[cfg(target_os = "linux")]
mod watched {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use circles::fork::fork;
    use circles::watch::{Watched, stuck};

    const PATIENCE: Duration = Duration::from_millis(300);

    #[test]
    fn who_waits_is_stuck_and_who_ends_is_not() {
        let cat = || {
            let mut cat = Command::new("cat");
            cat.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
        };
        let (waits, mut ends) = (cat(), cat());
        drop(ends.stdin.take());
        let id = waits.id();
        let mut left = stuck(vec![waits, ends], PATIENCE);
        assert_eq!(left.iter().map(Watched::pid).collect::<Vec<_>>(), [id]);
        left[0].end();
    }

    #[test]
    fn who_computes_is_not_stuck() {
        let mut busy = Command::new("sh");
        busy.args(["-c", "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done"]);
        assert!(stuck(vec![busy.spawn().unwrap()], PATIENCE).is_empty());
    }

    #[test]
    fn a_forked_child_is_watched_and_ended() {
        // SAFETY: the one child does nothing, and the other waits.
        let children = unsafe {
            vec![
                fork(|| ()),
                fork(|| {
                    libc::pause();
                }),
            ]
        };
        let mut left = stuck(children, PATIENCE);
        assert_eq!(left.len(), 1);
        left[0].end();
        let left_behind = format!("/proc/{}", left[0].pid());
        assert!(!std::path::Path::new(&left_behind).exists());
    }
}
