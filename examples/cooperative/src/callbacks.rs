//! A loop that calls you back: what stands below every event loop.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

type Callback = Box<dyn FnOnce()>;

/// Callbacks in the order in which they are due.
#[derive(Default)]
pub struct Timers {
    due: RefCell<BTreeMap<(Instant, u64), Callback>>,
    // Two may be due at the same instant.
    number: Cell<u64>,
}

impl Timers {
    /// Has `callback` called when `delay` is over.
    pub fn call_later(
        &self,
        delay: Duration,
        callback: impl FnOnce() + 'static,
    ) {
        let number = self.number.replace(self.number.get() + 1);
        let when = Instant::now() + delay;
        self.due.borrow_mut().insert((when, number), Box::new(callback));
    }

    /// Calls whatever is due, until nothing is left to be called.
    pub fn run(&self) {
        loop {
            let first = self.due.borrow_mut().pop_first();
            let Some(((when, _), callback)) = first else { return };
            thread::sleep(when.saturating_duration_since(Instant::now()));
            callback(); // which may ask to be called later
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn callbacks_come_when_they_are_due_and_may_ask_for_more() {
        let timers = Rc::new(Timers::default());
        let said = Rc::new(RefCell::new(String::new()));
        let say = |letter: char| {
            let said = Rc::clone(&said);
            move || said.borrow_mut().push(letter)
        };
        let ms = Duration::from_millis;
        let (later, c) = (Rc::clone(&timers), say('c'));
        let b = say('b');
        timers.call_later(ms(300), say('d')); // or a pause would reorder them
        timers.call_later(ms(0), say('a'));
        timers.call_later(ms(10), move || {
            b();
            later.call_later(ms(1), c);
        });
        timers.run();
        assert_eq!(*said.borrow(), "abcd");
    }
}
