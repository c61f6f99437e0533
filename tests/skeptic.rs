//! The pages' complete Rust snippets, each compiled and run.

// Skeptic writes an `extern crate`, which no longer needs to be said.
#![allow(unused_extern_crates)]

include!(concat!(env!("OUT_DIR"), "/skeptic-tests.rs"));
