//! What the page on more than one machine shares: the job, the engine that does
//! it, hosts that are processes of this machine, and the links between them.
//!
//! `events` is the job as a plain loop, `engine` the same on timely dataflow.
//! `hosts` starts processes that talk by TCP, `links` makes what they say late,
//! and `namespaces` gives each of them a network of its own.

pub mod engine;
pub mod events;
pub mod hosts;
pub mod links;
pub mod namespaces;
pub mod sink;
