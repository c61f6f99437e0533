//! Locks that are wrong on purpose; each file says how.

mod check_then_set;
mod lost_wake;
mod no_order;

pub use check_then_set::CheckThenSet;
pub use lost_wake::LostWake;
pub use no_order::NoOrder;
