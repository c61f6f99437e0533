//! What pages and claims may ask of a record.
//!
//! A [`selector`] names a lane and a [`metric`]; the answer is a [`value`] with its
//! [`unit`], written by [`number`]. A [`condition`] holds a value against a threshold that its
//! [`domain`] has on both sides, and the ledger of [`claims`] has conditions for tests.

pub mod claims;
pub mod condition;
pub mod domain;
pub mod doubt;
pub mod expectation;
pub mod metric;
pub mod near;
pub mod number;
pub mod plain;
pub mod planted;
pub mod replication;
pub mod selector;
pub mod slices;
pub mod together;
pub mod unit;
pub mod value;
