//! Two threads that take turns, in every order that loom models.

use lab::testing::is_found;
use switching_model::{Turn, play};

#[test]
fn two_threads_take_turns_in_every_order() {
    play(Turn::wait);
}

/// The planted bug: a wake-up of an earlier turn may still be there, and the
/// question is not asked again.
#[test]
fn asking_only_once_whose_turn_it_is_is_found_out() {
    let asks_once = |turn: &Turn, me| {
        if !turn.is(me) {
            loom::thread::park();
        }
    };
    is_found(|| play(asks_once), "right: [0, 1, 0, 1]");
}
