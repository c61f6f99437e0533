//! Exercise 1: `total` holds a read lock and calls `price`, which takes one.
//! That is stuck when somebody changes the menu in between. Mend `Menu`; who
//! calls it should not have to know.

use super::fair::Fair;

/// What dishes cost. Many read it, and now and then one changes it.
pub struct Menu {
    door: Fair,
    prices: Vec<u32>,
}

impl Menu {
    /// A menu with these prices.
    pub fn new(prices: Vec<u32>) -> Menu {
        Menu { door: Fair::default(), prices }
    }

    /// What one dish costs.
    pub fn price(&self, dish: usize) -> u32 {
        self.door.read(|| self.prices[dish])
    }

    /// What all dishes cost together, by one and the same menu.
    pub fn total(&self) -> u32 {
        let dishes = 0..self.prices.len();
        self.door.read(|| dishes.map(|dish| self.price(dish)).sum())
    }

    /// Runs `work` while nobody reads.
    pub fn change(&self, work: impl FnOnce()) {
        self.door.write(work);
    }
}
