//! What the chapter builds: a stackful switch, a tiny executor, and the games
//! of ping-pong that its experiments time.

pub mod echo;
pub mod rung;
pub mod tiny;
pub mod touch;
pub mod turn;
pub mod xstate;

#[cfg(unix)]
pub mod kernel;
#[cfg(unix)]
pub mod pipes;

// The switch is written for two processors and the ABI of Unix. Elsewhere what
// needs it is left out.
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
pub mod preempted;
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
pub mod registers;
#[cfg_attr(
    not(all(unix, any(target_arch = "x86_64", target_arch = "aarch64"))),
    path = "stackful_elsewhere.rs"
)]
pub mod stackful;
#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
pub mod switch;

/// What [`turn`] is made of. `model/` puts loom's in place of these.
mod sync {
    pub(crate) use std::sync::atomic::{AtomicUsize, Ordering};
    pub(crate) use std::thread::{Thread, park};
}
