//! A tree is summed up by a pool, a job for each branch. With a thread to spare
//! for each branch it gets done. It should with one thread.

use stuck::pool::Pool;

/// A number, and what hangs below it.
pub struct Tree {
    pub number: u64,
    pub below: Vec<Tree>,
}

/// The sum of all numbers.
pub fn sum(pool: &Pool, tree: Tree) -> u64 {
    let jobs: Vec<_> = tree
        .below
        .into_iter()
        .map(|branch| {
            let own = pool.clone();
            pool.submit(move || sum(&own, branch))
        })
        .collect();
    tree.number + jobs.into_iter().map(|job| job.wait()).sum::<u64>()
}
