//! Faults from outside: signals at any moment, a disk that is full or read-only, output that
//! nobody reads, no thread to be had. Nothing that was finished is lost, and nobody is left.
//!
//! `PRESS_FAULTS=100 cargo test --package press --test faults` tries more moments.
#![cfg(unix)]

mod builds;
mod disk;
mod experiments;
mod output;
mod project;
mod signals;
