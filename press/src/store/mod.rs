//! Records: what was measured, as it lies in `results/`.
//!
//! A [`record`] has the types in memory; how they stand in a file is `form`'s business, and
//! `seal` notices changed bytes. A record may be a stranger's: [`limits`] says how much it may
//! say, and [`validate`] what must hold of it. [`results`] has them all.

pub(crate) mod form;
pub mod grow;
pub mod limits;
pub mod offered;
mod old;
mod read;
pub mod record;
pub mod results;
pub mod schema;
pub mod seal;
pub mod validate;
