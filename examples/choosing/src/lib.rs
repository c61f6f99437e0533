//! What the programs of this chapter share: the jobs, how they were drawn, the
//! work of an item, and the models that run them.

pub mod crew;
pub mod draw;
pub mod models;
pub mod work;

pub use work::{REPEATS, Work, chain};

use cost::Row;

/// The jobs that are run in every model, as they were drawn.
///
/// # Panics
/// When the file is damaged.
pub fn jobs() -> Vec<Row> {
    Row::read(include_str!("../jobs.csv")).expect("rows that were drawn")
}
