//! WRONG: as `src/party.rs`, but whoever leaves does not look whether the
//! others waited for it alone.

use crate::sync::{Arc, Condvar, Mutex};

/// One of those who wait for each other.
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
    meetings: u64,
}

/// A party of so many, with a place for each.
pub fn party(members: usize) -> Vec<Place> {
    let party = Arc::new(Party::default());
    party.state.lock().unwrap().members = members;
    (0..members).map(|_| Place(Arc::clone(&party))).collect()
}

impl Place {
    /// Waits until all who have not left are here, if they hear of it.
    pub fn wait(&self) {
        let mut state = self.0.state.lock().unwrap();
        let meeting = state.meetings;
        state.here += 1;
        if state.here == state.members {
            state.here = 0;
            state.meetings += 1;
            self.0.all_here.notify_all();
        }
        while state.meetings == meeting {
            state = self.0.all_here.wait(state).unwrap();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().members -= 1;
    }
}
