//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::thread;

use lab::testing::fails;

#[path = "../exercises/lend_solution.rs"]
mod lend_solution;
#[path = "../exercises/lend_starter.rs"]
mod lend_starter;
#[path = "../exercises/line_solution.rs"]
mod line_solution;
#[path = "../exercises/line_starter.rs"]
mod line_starter;
#[path = "../exercises/writer_solution.rs"]
mod writer_solution;
#[path = "../exercises/writer_starter.rs"]
mod writer_starter;

macro_rules! line {
    ($exercise:ident) => {
        || {
            let mut line = $exercise::Line::default();
            assert!(line.arrive(1));
            assert!(!line.arrive(2));
            assert!(!line.arrive(3));
            // 1 leaves and is back before 2 is awake.
            assert_eq!(line.leave(), Some(2));
            assert!(!line.arrive(1), "1 passes 2");
            assert!(line.arrive(2));
            assert_eq!(line.leave(), Some(3));
            assert!(line.arrive(3));
            assert_eq!(line.leave(), Some(1));
            assert!(line.arrive(1));
            assert_eq!(line.leave(), None);
            assert!(line.arrive(4), "it is free");
        }
    };
}

#[test]
fn nobody_passes_who_stands_in_line() {
    fails(line!(line_starter));
    line!(line_solution)();
}

macro_rules! writer {
    ($exercise:ident) => {
        || {
            let lock = $exercise::ReadWrite::default();
            assert!(lock.try_read());
            let late = thread::scope(|scope| {
                let writer = scope.spawn(|| {
                    lock.write();
                    lock.write_done();
                });
                while lock.writers_waiting() == 0 {
                    thread::yield_now();
                }
                let late = lock.try_read();
                if late {
                    lock.read_done();
                }
                lock.read_done();
                writer.join().unwrap();
                late
            });
            assert!(!late, "a reader passes the writer");
            assert!(lock.try_read(), "the writer is done");
        }
    };
}

#[test]
fn a_reader_does_not_pass_a_writer_that_waits() {
    fails(writer!(writer_starter));
    writer!(writer_solution)();
}

macro_rules! lend {
    ($exercise:ident) => {
        || {
            let own = [1, 2, 9, 5];
            let runs_with = |i, waits_for: [Option<usize>; 4]| {
                $exercise::priority(i, &own, &waits_for)
            };
            let nobody = [None; 4];
            assert_eq!(runs_with(0, nobody), 1);
            assert_eq!(runs_with(0, [None, None, Some(0), None]), 9);
            // 2 waits for 1, and 1 for 0.
            let chain = [None, Some(0), Some(1), None];
            assert_eq!(runs_with(1, chain), 9);
            assert_eq!(runs_with(0, chain), 9, "it stops halfway");
            assert_eq!(runs_with(3, chain), 5);
        }
    };
}

#[test]
fn a_priority_is_lent_on_along_the_chain() {
    fails(lend!(lend_starter));
    lend!(lend_solution)();
}
