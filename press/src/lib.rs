//! The book's tool: measures, builds, serves and checks it.
//!
//! The way of the data is one way: [`measure`] writes records, [`preprocess`] puts what
//! they say into the pages, [`build`] makes HTML of it. `ARCHITECTURE.md` has the picture.

pub mod bench;
pub mod book;
pub mod build;
pub mod check;
pub mod claims;
pub mod code;
pub mod figure;
pub mod html;
pub mod machines;
pub mod measure;
pub mod near;
pub mod number;
pub mod preprocess;
pub mod python;
pub mod record;
pub mod runner;
pub mod select;
pub mod serve;
pub mod timeline;
