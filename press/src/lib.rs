//! The book's tool: measures, builds, serves and checks it.
//!
//! It has floors, and imports run down only: [`cmd`] (one file a verb) over [`page`] (the
//! directives) over [`figure`] over [`ask`] (what a page asks of a record) over [`store`]
//! (records). What talks to the world, [`outside`], is used by [`cmd`] alone.

// They panic once nobody reads what they print; `cmd::say` does not.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod ask;
pub mod cmd;
pub mod figure;
pub mod outside;
pub mod page;
pub mod store;
