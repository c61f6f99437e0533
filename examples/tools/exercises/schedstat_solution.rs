//! The second number tells how long it was ready and had no core: behind a
//! neighbor, or under a quota.

/// What a thread did.
#[derive(Debug, PartialEq, Eq)]
pub enum Did {
    /// Most of the time it ran.
    Ran,
    /// Most of the time it was ready to, and had no core.
    WaitedForACore,
    /// Most of the time it slept.
    Slept,
}

/// By two looks, each `ran waited slices`, the first two in nanoseconds.
pub fn did(before: &str, after: &str) -> Did {
    let numbers = |look: &str| -> [u64; 2] {
        let mut words = look.split_whitespace();
        [(); 2].map(|()| words.next().expect("two").parse().expect("ns"))
    };
    let ([ran, waited], [ran_now, waited_now]) =
        (numbers(before), numbers(after));
    match (ran_now - ran, waited_now - waited) {
        (500_000_000.., _) => Did::Ran,
        (_, 500_000_000..) => Did::WaitedForACore,
        _ => Did::Slept,
    }
}
