//! The chapter's own parts: the pool, the list of orders, the lock.

use std::sync::Arc;
use std::thread;

use stuck::lock::Lock;
use stuck::order::{Circle, Flow, Orders};
use stuck::pool::Pool;

#[test]
fn a_pool_answers_each_job_in_whichever_way_it_is_waited_for() {
    let pool = Pool::start(2);
    let answers: Vec<_> = (0..20).map(|n| pool.submit(move || n * n)).collect();
    let squares = answers.into_iter().enumerate().map(|(n, answer)| {
        if n % 2 == 0 { answer.wait() } else { answer.help() }
    });
    assert!(squares.eq((0..20).map(|n| n * n)));
    pool.close();
}

#[test]
fn a_pool_of_one_thread_does_nested_jobs_if_who_waits_helps() {
    fn below(pool: &Pool, deep: u32) -> u32 {
        let own = pool.clone();
        match deep {
            0 => 0,
            _ => pool.submit(move || below(&own, deep - 1) + 1).help(),
        }
    }
    let pool = Pool::start(1);
    assert_eq!(below(&pool, 5), 5);
    pool.close();
}

#[test]
fn a_job_that_waits_for_its_own_pool_is_refused_though_it_would_get_done() {
    let orders = Orders::default();
    let job = Flow::new(&orders, Some("pool"));
    let circle = Circle { held: "pool", wanted: "pool" };
    assert_eq!(job.wants("pool"), Err(circle));
    assert_eq!(job.wants("another pool"), Ok(()));
}

/// Rayon under a mutex: one waits for the pool and holds the lock, and a job of
/// the pool wants the lock.
#[test]
fn a_lock_that_is_held_over_a_pool_whose_jobs_want_it_is_refused() {
    let orders = Orders::default();
    let mut one = Flow::new(&orders, None);
    assert_eq!(one.wants("lock"), Ok(()));
    one.holds("lock");
    assert_eq!(one.wants("pool"), Ok(()));
    one.lets_go("lock");
    let job = Flow::new(&orders, Some("pool"));
    let refused = job.wants("lock").unwrap_err();
    assert_eq!(refused.to_string(), "waits for lock while it holds pool");
}

#[test]
fn a_circle_of_three_is_found_when_its_last_edge_comes() {
    let orders = Orders::default();
    let edge = |held, wanted| {
        let mut flow = Flow::new(&orders, None);
        flow.holds(held);
        flow.wants(wanted)
    };
    assert_eq!(edge("a", "b"), Ok(()));
    assert_eq!(edge("b", "c"), Ok(()));
    let circle = Circle { held: "c", wanted: "a" };
    assert_eq!(edge("c", "a"), Err(circle));
}

#[test]
fn a_guard_may_be_dropped_on_another_thread() {
    let lock = Arc::new(Lock::default());
    let guard = lock.lock();
    let drops = thread::spawn(move || drop(guard));
    drop(lock.lock());
    drops.join().unwrap();
}
