//! Exercise 3: a call that blocks should not block the loop. Wrapped in an
//! `async` function it still does.

/// Runs `call`, which may take long, and returns its answer, or panics as it
/// did. Other tasks go on meanwhile.
pub async fn off_the_loop<T: Send + 'static>(
    call: impl FnOnce() -> T + Send + 'static,
) -> T {
    call()
}
