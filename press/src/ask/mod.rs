//! What pages and claims may ask of a record.

pub mod claims;
pub mod near;
pub mod number;
pub mod selector;
pub mod slices;

/// Under its former name, for pages and figures.
pub use selector as select;
