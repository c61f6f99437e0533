//! The parts of `process_share`.

pub(crate) mod board;
#[cfg(target_os = "linux")]
mod posix;
pub(crate) mod roles;
