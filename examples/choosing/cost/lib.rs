//! What a job costs in each model of concurrency, computed from constants that
//! were measured: how long it takes, the cores' time, the memory, and what
//! binds it.
//!
//! The same code answers in a terminal, on a page and in a browser, to the last
//! digit printed. So it asks no clock, and of a float's functions only those
//! that every machine computes alike: no logarithm, no power.

mod answer;
mod compare;
mod costs;
mod estimate;
mod hosts;
mod job;
mod model;
mod play;
mod round;
mod row;
mod say;

pub use answer::{Answer, Told, Turn, answer, quoted, ranked};
pub use compare::{AS_GOOD, break_even, rank};
pub use costs::{BUSY_STEPS, Beside, Costs};
pub use estimate::{Bind, Estimate, estimate};
pub use hosts::on_two_hosts;
pub use job::{Dimension, Job, Language};
pub use model::Model;
pub use row::Row;
pub use say::{bytes, count, time};
