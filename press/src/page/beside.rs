//! Numbers that stand beside each other: which need more digits than their intervals carry, so
//! that the smaller of two is not printed as the greater.

use std::collections::BTreeMap;

use super::number::Number;
use crate::ask::number::finer;
use crate::store::results::Results;

/// For each number of a page, in their order, how many digits more it has on a machine. With
/// each number comes the paragraph in which it stands.
pub(super) fn digits(
    numbers: &[(usize, &Number)],
    results: &Results,
) -> Vec<BTreeMap<String, usize>> {
    let mut digits = vec![BTreeMap::new(); numbers.len()];
    // By paragraph and machine.
    let mut beside: BTreeMap<(usize, &str), (Vec<usize>, Vec<_>)> = BTreeMap::new();
    for (i, (paragraph, number)) in numbers.iter().enumerate() {
        for (shown, value) in number.values(results) {
            let (places, values) = beside.entry((*paragraph, shown.machine)).or_default();
            places.push(i);
            values.push(value);
        }
    }
    for ((_, machine), (places, values)) in beside {
        for (i, more) in places.into_iter().zip(finer(&values)).filter(|(_, more)| *more > 0) {
            digits[i].insert(machine.to_owned(), more);
        }
    }
    digits
}
