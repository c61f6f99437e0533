//! The verbs of `cargo book`, one file each.

pub mod build;
pub mod check;
pub mod claims;
pub mod machines;
pub mod measure;
pub mod preprocess;
pub mod python;
pub mod serve;
