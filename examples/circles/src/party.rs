//! A barrier that one may leave.

use crate::sync::{Arc, Condvar, Mutex};

/// One of those who wait for each other. Dropped, it leaves for good, and the
/// others wait for one less: also when a panic drops it.
pub struct Place(Arc<Party>);

#[derive(Default)]
struct Party {
    state: Mutex<State>,
    all_here: Condvar,
}

#[derive(Default)]
struct State {
    members: usize,
    here: usize,
    /// How often all have been here.
    meetings: u64,
}

/// A party of so many, with a place for each.
pub fn party(members: usize) -> Vec<Place> {
    let party = Arc::new(Party::default());
    party.state.lock().unwrap().members = members;
    (0..members).map(|_| Place(Arc::clone(&party))).collect()
}

// ANCHOR: party
impl Place {
    /// Waits until all who have not left are here.
    pub fn wait(&self) {
        let mut state = self.0.state.lock().unwrap();
        let meeting = state.meetings;
        state.here += 1;
        self.0.meet(&mut state);
        while state.meetings == meeting {
            state = self.0.all_here.wait(state).unwrap();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap();
        state.members -= 1;
        self.0.meet(&mut state); // perhaps they waited for us alone
    }
}

impl Party {
    fn meet(&self, state: &mut State) {
        if state.here == state.members {
            state.here = 0;
            state.meetings += 1;
            self.all_here.notify_all();
        }
    }
}
// ANCHOR_END: party
