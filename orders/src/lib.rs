//! The planted bugs of the book, step by step.
//!
//! The very files of `examples/*/broken/` and `examples/*/src/` are compiled here with locks
//! and atomics that ask before they do anything ([`sync`]). So threads can be let go one at a
//! time, by any order ([`turns`]), and all orders can be tried ([`graph`]). Which one fails is
//! found by loom, in `model/`, which compiles the same programs; both together are kept in
//! `book/orders/`, and pages draw what is kept there by `{{#order …}}`.
//!
//! One thing is simpler here than on a processor: whoever reads gets what was written last.
//! That something is not *ordered* is noticed all the same, by clocks that say what each thread
//! can know ([`clock`]); an old value is never read.

pub mod clock;
pub mod graph;
pub mod kept;
pub mod programs;
pub mod sync;
pub mod turns;
mod words;

// What some of the files look for at the top of their crate.
use programs::{order, spin};

pub use programs::PROGRAMS;
pub use turns::Failure;
