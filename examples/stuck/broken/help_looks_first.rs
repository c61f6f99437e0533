//! WRONG: whoever helps looks at the queue in one turn, and falls asleep in
//! another. What is done in between wakes nobody.

use crate::pool::Answer;

// ANCHOR: broken
/// Does queued jobs until this one is done.
pub fn help<T>(answer: Answer<T>) -> T {
    let shared = &answer.pool.0;
    loop {
        if let Some(answer) = answer.place.lock().unwrap().take() {
            return answer;
        }
        let job = shared.state.lock().unwrap().jobs.pop_back();
        match job {
            Some(job) => job(),
            None => {
                let state = shared.state.lock().unwrap();
                drop(shared.changed.wait(state)); // it may have been told
            }
        }
    }
}
// ANCHOR_END: broken
