//! What is outside: the book's folder and its manifests, git, cargo, interpreters, runners,
//! Criterion, signals, and other processes of this program.

pub mod cargo;
pub mod criterion;
pub mod ending;
pub mod git;
pub mod interpreters;
pub mod lines;
pub mod lock;
pub mod manifest;
mod patience;
pub mod project;
pub mod runner;
pub mod sources;
pub mod strays;
