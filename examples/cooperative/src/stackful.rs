//! Takes turns among coroutines, each of which has a stack of its own.

use std::collections::VecDeque;
use std::io;

use switching::stackful::{Coroutine, State, Yielder};

const STACK: usize = 64 << 10;

// ANCHOR: scheduler
/// Coroutines in the order in which their turns come.
#[derive(Default)]
pub struct Scheduler {
    queue: VecDeque<Coroutine>,
}

impl Scheduler {
    /// Adds a coroutine at the end of the queue. It does not run yet.
    ///
    /// # Errors
    /// When there is no memory for its stack, or no switch for this platform.
    pub fn spawn(
        &mut self,
        body: impl FnOnce(&Yielder) + 'static,
    ) -> io::Result<()> {
        self.queue.push_back(Coroutine::new(STACK, body)?);
        Ok(())
    }

    /// Resumes one after another until all of them are done.
    pub fn run(&mut self) {
        while let Some(mut next) = self.queue.pop_front() {
            // Comes back when the coroutine says so, and not before.
            if next.resume() == State::Suspended {
                self.queue.push_back(next);
            }
        }
    }
}
// ANCHOR_END: scheduler

#[cfg(all(test, unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    #[test]
    fn coroutines_take_turns_in_the_order_in_which_they_came() {
        let said = Rc::new(RefCell::new(String::new()));
        let mut scheduler = Scheduler::default();
        for letters in ["ab", "cde", "f"] {
            let said = Rc::clone(&said);
            scheduler
                .spawn(move |yielder| {
                    for letter in letters.chars() {
                        said.borrow_mut().push(letter);
                        yielder.suspend();
                    }
                })
                .unwrap();
        }
        assert_eq!(*said.borrow(), "", "nobody runs before `run`");
        scheduler.run();
        assert_eq!(*said.borrow(), "acfbde");
    }

    /// Dives before it suspends. Nothing in its type says that it does.
    fn deep(levels: u32, yielder: &Yielder) -> u32 {
        match levels {
            0 => {
                yielder.suspend();
                1
            }
            _ => deep(levels - 1, yielder) + 1,
        }
    }

    type Depths = Rc<RefCell<Vec<u32>>>;

    fn dive(body: fn(&Depths, u32, &Yielder)) -> Vec<u32> {
        let depths = Depths::default();
        let mut scheduler = Scheduler::default();
        for levels in [9, 3] {
            let depths = Rc::clone(&depths);
            scheduler
                .spawn(move |yielder| body(&depths, levels, yielder))
                .unwrap();
        }
        scheduler.run();
        depths.take()
    }

    #[test]
    fn a_coroutine_gives_way_from_as_deep_as_it_likes() {
        let depths = dive(|depths, levels, yielder| {
            let depth = deep(levels, yielder);
            depths.borrow_mut().push(depth);
        });
        assert_eq!(depths, [10, 4]);
    }

    // ANCHOR: hidden
    /// WRONG: the list is borrowed first, and then `deep` gives way.
    fn held(depths: &Depths, levels: u32, yielder: &Yielder) {
        depths.borrow_mut().push(deep(levels, yielder));
    }

    #[test]
    #[should_panic = "already borrowed"]
    fn a_borrow_held_while_a_callee_gives_way_meets_the_next_flow() {
        dive(held);
    }
    // ANCHOR_END: hidden
}
