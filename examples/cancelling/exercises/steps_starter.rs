//! Exercise 2: whoever waits for this may give up. The thread does not hear of
//! it, and takes all its steps for nobody.

use tokio::task::spawn_blocking;

/// Takes the step so many times, in a thread that may block.
pub async fn in_thread(steps: usize, mut step: impl FnMut() + Send + 'static) {
    let call = spawn_blocking(move || {
        for _ in 0..steps {
            step();
        }
    });
    call.await.expect("no step panics");
}
