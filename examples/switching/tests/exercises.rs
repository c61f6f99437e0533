//! Every starter fails its test, every solution passes it.

// The exercises are small modules of public functions, as a reader would write
// them.
#![allow(unreachable_pub)]

use std::io::{self, Write};

use lab::testing::fails;

#[path = "../exercises/batch_solution.rs"]
mod batch_solution;
#[path = "../exercises/batch_starter.rs"]
mod batch_starter;
#[cfg(target_os = "linux")]
#[path = "../exercises/count_solution.rs"]
mod count_solution;
#[cfg(target_os = "linux")]
#[path = "../exercises/count_starter.rs"]
mod count_starter;
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
#[path = "../exercises/lazy_solution.rs"]
mod lazy_solution;
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
#[path = "../exercises/lazy_starter.rs"]
mod lazy_starter;

#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod lazy {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    /// A tree, whose leaves are handed over from as deep as it is.
    fn leaves(levels: u32, first: u32, hand: &mut dyn FnMut(u32)) {
        match levels {
            0 => hand(first),
            _ => {
                leaves(levels - 1, first, hand);
                leaves(levels - 1, first + (1 << (levels - 1)), hand);
            }
        }
    }

    macro_rules! lazy {
        ($values:path) => {
            let produced = Rc::new(Cell::new(0));
            let counter = Rc::clone(&produced);
            let mut values = $values(move |hand: &mut dyn FnMut(u32)| {
                leaves(4, 0, &mut |leaf| {
                    counter.set(counter.get() + 1);
                    hand(leaf);
                });
            });
            assert_eq!(produced.get(), 0, "nobody has asked");
            assert_eq!((values.next(), values.next()), (Some(0), Some(1)));
            assert_eq!(produced.get(), 2);
            assert!(values.by_ref().eq(2..16));
            assert_eq!((values.next(), values.next()), (None, None));
        };
    }

    #[test]
    fn a_producer_runs_only_as_far_as_it_is_asked_for() {
        fails(|| {
            lazy!(lazy_starter::values);
        });
        lazy!(lazy_solution::values);
    }
}

/// Two threads give way to each other on one core.
#[cfg(target_os = "linux")]
fn count(switches_of: impl Fn(&mut dyn FnMut()) -> Option<u64> + Sync) {
    use switching::rung::{cpus, on_core};
    let give_way = || (0..1000).for_each(|_| std::thread::yield_now());
    let seen = on_core(cpus()[0], || {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| switches_of(&mut { give_way }));
            let ours = switches_of(&mut { give_way });
            ours.max(other.join().unwrap())
        })
    });
    assert!(seen > Some(500), "{seen:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn giving_way_is_counted_too() {
    fails(|| count(|work| count_starter::switches_of(work)));
    count(|work| count_solution::switches_of(work));
}

/// Counts how often somebody wrote.
#[derive(Default)]
struct Pipe {
    bytes: Vec<u8>,
    writes: usize,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        self.writes += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn batch(send_all: impl Fn(&[u64], &mut Pipe) -> io::Result<()>) {
    let numbers: Vec<u64> = (0..10_000).collect();
    let mut pipe = Pipe::default();
    send_all(&numbers, &mut pipe).unwrap();
    let (words, rest) = pipe.bytes.as_chunks();
    assert!(rest.is_empty());
    let received: Vec<u64> =
        words.iter().map(|&word| u64::from_le_bytes(word)).collect();
    assert_eq!(received, numbers);
    assert!(pipe.writes < 100, "{} writes", pipe.writes);
}

#[test]
fn what_is_sent_together_wakes_the_reader_once() {
    fails(|| batch(|numbers, pipe| batch_starter::send_all(numbers, pipe)));
    batch(|numbers, pipe| batch_solution::send_all(numbers, pipe));
}
