//! Records: what was measured, as it lies in `results/`.
//!
//! A [`record`] has the types in memory; how they stand in a file is `form`'s business, and
//! `seal` notices changed bytes. [`results`] has them all.

pub(crate) mod form;
pub mod grow;
mod old;
mod read;
pub mod record;
pub mod results;
pub mod schema;
pub mod seal;
