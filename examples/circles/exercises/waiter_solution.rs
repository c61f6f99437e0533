//! Exercise 2, solved: no more orders are under way than there are places for
//! dishes.

use super::slots::Slots;

/// Has the kitchen, at the other ends, make something of each order. Dishes
/// come in the order of the orders.
pub fn serve(
    wanted: &[u32],
    orders: &Slots<u32>,
    dishes: &Slots<u32>,
    room: usize,
) -> Vec<u32> {
    let mut served = Vec::new();
    for (n, order) in wanted.iter().enumerate() {
        if n >= room {
            served.push(dishes.take());
        }
        orders.put(*order);
    }
    while served.len() < wanted.len() {
        served.push(dishes.take());
    }
    served
}
