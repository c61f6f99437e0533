//! What the chapter builds: a scheduler for flows with a stack, one for flows
//! without, a task lowered by hand, and a sheet that tells who ran when.

pub mod callbacks;
pub mod lowered;
pub mod sheet;
pub mod stackful;
pub mod stackless;
