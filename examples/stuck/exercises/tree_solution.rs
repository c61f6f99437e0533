//! A tree is summed up by a pool, a job for each branch. Who waits for a branch
//! does queued jobs meanwhile, so one thread is enough.

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
    tree.number + jobs.into_iter().map(|job| job.help()).sum::<u64>()
}
