//! The chapter's own part: the way from a task to a pool that computes.

use std::time::Duration;

use hidden::compute;
use lab::testing::caught;
use rayon::ThreadPoolBuilder;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

#[test]
fn a_task_gets_what_the_pool_has_computed() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let answer = one_thread().block_on(compute(&pool, || 6 * 7));
    assert_eq!(answer.unwrap(), 42);
}

#[test]
fn a_panic_is_told_to_who_asked_and_the_pool_goes_on() {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    one_thread().block_on(async {
        let failed = compute(&pool, || panic!("no answer")).await;
        let said = caught(|| {
            failed.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        assert_eq!(said, Err::<(), _>("no answer".to_owned()));
        assert_eq!(compute(&pool, || 1).await.unwrap(), 1);
    });
}

#[test]
fn who_no_longer_waits_disturbs_nobody() {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    one_thread().block_on(async {
        let pause = Duration::from_millis(20);
        let slow = compute(&pool, move || std::thread::sleep(pause));
        assert!(timeout(pause / 20, slow).await.is_err());
        assert_eq!(compute(&pool, || 1).await.unwrap(), 1);
    });
}
