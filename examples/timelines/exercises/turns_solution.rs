//! Exercise 3, solved. Slices of one lane in a row are one turn, with the gaps
//! between them: whoever was stopped still has the lock.

/// When a lane had a core: which one, and from when to when, in nanoseconds.
pub type Slice = (usize, u64, u64);

/// How long each turn lasted: from its beginning until another lane runs. Of
/// the last one nobody knows, and it is left out. Slices come in order and do
/// not overlap.
pub fn turns(slices: &[Slice]) -> Vec<u64> {
    let turns: Vec<&[Slice]> = slices.chunk_by(|a, b| a.0 == b.0).collect();
    // From the first slice of one to the first of the next.
    turns.windows(2).map(|pair| pair[1][0].1 - pair[0][0].1).collect()
}
