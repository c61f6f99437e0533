//! What is outside: the book's folder and its manifests, git, interpreters, runners and
//! Criterion.

pub mod criterion;
pub mod git;
pub mod interpreters;
pub mod manifest;
pub mod project;
pub mod runner;
