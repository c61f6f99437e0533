//! Exercise 3, solved: a record counts when its end is there. What comes after
//! the last end is to be cut off before anything is appended.

/// The numbers, and up to where the log is good.
pub fn read(log: &[u8]) -> (Vec<u64>, usize) {
    let last = log.iter().rposition(|&byte| byte == b'\n');
    let good = last.map_or(0, |last| last + 1);
    let text = String::from_utf8_lossy(&log[..good]);
    let numbers = text.lines().map(|line| line.parse().expect("a number"));
    (numbers.collect(), good)
}
