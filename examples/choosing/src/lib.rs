//! What the programs of this chapter share: the jobs, how they were drawn, and
//! the work of an item.

pub mod draw;
pub mod work;

pub use work::{REPEATS, chain};

use cost::Row;

/// The jobs that are run in every model, as they were drawn.
///
/// # Panics
/// When the file is damaged.
pub fn jobs() -> Vec<Row> {
    Row::read(include_str!("../jobs.csv")).expect("rows that were drawn")
}
