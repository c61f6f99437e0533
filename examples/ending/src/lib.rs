//! What the page builds: a door that a signal closes, and a shutdown of tasks
//! with a deadline. And what its programs share: a server of its own process,
//! and those who ask it.

pub mod crowd;
pub mod drain;
#[cfg(not(unix))]
#[path = "no_os.rs"]
pub mod os;
#[cfg(unix)]
pub mod os;
pub mod talk;
