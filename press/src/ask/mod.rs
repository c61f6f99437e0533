//! What pages and claims may ask of a record.
//!
//! A [`selector`] names a lane and a [`metric`]; the answer is a [`value`] with its
//! [`unit`], written by [`number`]. A [`condition`] holds a value against a threshold that its
//! [`domain`] has on both sides, and the ledger of [`claims`] has conditions for tests.
//! A [`quiz`] has conditions for keys.
//! What a job would take is computed of [`costs`]; how far off that is, [`choosing`] tells.

pub mod choosing;
pub mod claims;
pub mod condition;
pub mod costs;
pub mod domain;
pub mod doubt;
pub mod expectation;
pub mod file;
pub mod jobs;
pub mod metric;
pub mod near;
pub mod number;
pub mod plain;
pub mod planted;
pub mod quiz;
pub mod replication;
pub mod selector;
pub mod slices;
pub mod together;
pub mod unit;
pub mod value;
