//! What is outside: interpreters, runners, Criterion, manifests.

pub mod criterion;
pub mod interpreters;
pub mod project;
pub mod runner;
