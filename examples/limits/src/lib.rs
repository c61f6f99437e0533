//! What the page's programs share: small limits of one's own, for a child
//! process that is to meet them, and the names of what it is told then.

pub mod name;
pub mod own;
pub mod pids;

#[cfg(not(target_os = "linux"))]
mod absent;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
use absent as here;
#[cfg(target_os = "linux")]
use linux as here;
