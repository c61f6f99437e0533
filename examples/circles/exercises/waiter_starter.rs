//! Exercise 2: a waiter brings orders to the kitchen and then the dishes back.
//! With more orders than there is room for, both wait. Mend `serve`, and give
//! neither channel more room.

use super::slots::Slots;

/// Has the kitchen, at the other ends, make something of each order. Dishes
/// come in the order of the orders.
pub fn serve(
    wanted: &[u32],
    orders: &Slots<u32>,
    dishes: &Slots<u32>,
    _room: usize,
) -> Vec<u32> {
    for order in wanted {
        orders.put(*order);
    }
    wanted.iter().map(|_| dishes.take()).collect()
}
