//! What pages and claims may ask of a record.

pub mod claims;
pub mod near;
pub mod number;
pub mod select;
pub mod slices;
