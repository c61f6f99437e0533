//! A pool of threads, and answers that can be waited for.
//!
//! One lock guards the queue and the answers, so that nobody looks in one turn
//! and falls asleep in another. A real pool would also catch a job's panic and
//! hand it to whoever waits.

use std::collections::VecDeque;

use crate::sync::{Arc, Condvar, Mutex, spawn};

type Job = Box<dyn FnOnce() + Send>;

/// Threads that do jobs. A clone is the same pool.
#[derive(Clone)]
pub struct Pool(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) state: Mutex<State>,
    pub(crate) changed: Condvar,
}

pub(crate) struct State {
    pub(crate) jobs: VecDeque<Job>,
    closed: bool,
}

/// What a job will have answered.
pub struct Answer<T> {
    pub(crate) place: Arc<Mutex<Option<T>>>,
    pub(crate) pool: Pool,
}

impl Pool {
    /// Starts `size` threads.
    pub fn start(size: usize) -> Pool {
        let state = State { jobs: VecDeque::new(), closed: false };
        let (state, changed) = (Mutex::new(state), Condvar::new());
        let pool = Pool(Arc::new(Shared { state, changed }));
        for _ in 0..size {
            let pool = pool.clone();
            drop(spawn(move || pool.work()));
        }
        pool
    }

    /// Puts a job at the end of the queue.
    pub fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Answer<T> {
        let place = Arc::new(Mutex::new(None));
        let answer = Answer { place: Arc::clone(&place), pool: self.clone() };
        let pool = self.clone();
        let job = Box::new(move || {
            let answer = job();
            let _turn = pool.0.state.lock().unwrap();
            *place.lock().unwrap() = Some(answer);
            pool.0.changed.notify_all();
        });
        self.0.state.lock().unwrap().jobs.push_back(job);
        self.0.changed.notify_all();
        answer
    }

    /// Its threads end when the queue is empty.
    pub fn close(&self) {
        self.0.state.lock().unwrap().closed = true;
        self.0.changed.notify_all();
    }

    fn work(&self) {
        let mut state = self.0.state.lock().unwrap();
        loop {
            state = match state.jobs.pop_front() {
                Some(job) => {
                    drop(state);
                    job();
                    self.0.state.lock().unwrap()
                }
                None if state.closed => return,
                None => self.0.changed.wait(state).unwrap(),
            };
        }
    }
}

// ANCHOR: wait
impl<T> Answer<T> {
    /// Sleeps until the job is done. In a job of the same pool this keeps a
    /// thread that the other job may need.
    pub fn wait(self) -> T {
        let mut state = self.pool.0.state.lock().unwrap();
        loop {
            if let Some(answer) = self.place.lock().unwrap().take() {
                return answer;
            }
            state = self.pool.0.changed.wait(state).unwrap();
        }
    }

    /// Does queued jobs until this one is done, the newest first, and sleeps
    /// only when there are none.
    pub fn help(self) -> T {
        let mut state = self.pool.0.state.lock().unwrap();
        loop {
            if let Some(answer) = self.place.lock().unwrap().take() {
                return answer;
            }
            state = match state.jobs.pop_back() {
                Some(job) => {
                    drop(state);
                    job(); // whatever job it is, on top of ours
                    self.pool.0.state.lock().unwrap()
                }
                None => self.pool.0.changed.wait(state).unwrap(),
            };
        }
    }
}
// ANCHOR_END: wait
