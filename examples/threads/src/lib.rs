//! What the programs of the Threads chapter are made of, beside themselves:
//! what the kernel says of threads and their memory, and what tools show.

pub mod memory;
pub mod proc;
pub mod screen;
