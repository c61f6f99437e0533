//! What every experiment of the book shares.
//!
//! An experiment names its variants; the lab compares their answers, times them in
//! interleaved rounds, reads the kernel's counters beside the clock and prints a table:
//!
//! ```no_run
//! use lab::{Experiment, Kind};
//!
//! fn main() -> std::process::ExitCode {
//!     Experiment::new("sums", "Is the closed form faster than the loop?")
//!         .baseline("loop")
//!         .variant(Kind::Alone, "loop", "add them up", |_| (1..=1_000_000_u64).sum::<u64>())
//!         .variant(Kind::Alone, "formula", "n (n + 1) / 2", |_| 1_000_000_u64 * 1_000_001 / 2)
//!         .run()
//! }
//! ```
//!
//! Started with `--runner` the same program speaks the *runner lines* ([`protocol`]) over
//! stdin and stdout, and `cargo book measure` interleaves it with its Python peers.
//!
//! All durations are nanoseconds, all sizes bytes, unless a name ends in another unit.
//! What a platform cannot count is absent (`None`), never zero.

mod census;
mod cli;
mod counters;
mod crew;
pub mod environment;
mod experiment;
mod helper;
mod here;
mod json;
pub mod known;
pub mod noise;
pub mod os;
pub mod protocol;
pub mod random;
pub mod rounds;
mod sample;
pub mod server;
mod start;
pub mod stats;
mod table;
pub mod testing;
pub mod timeline;

pub use census::Census;
pub use counters::Counters;
pub use crew::Crew;
pub use experiment::{Case, Experiment, Kind, Variant};
pub use helper::{Helper, is_child, rerun_self, take_over};
pub use sample::{Run, Sample};
pub use start::Gate;

/// The compiler that built this program, as `rustc --version` prints it.
pub const RUSTC: &str = env!("LAB_RUSTC");
/// How this program was built: the profile and its optimization level.
pub const PROFILE: &str = concat!(env!("LAB_PROFILE"), ", opt-level ", env!("LAB_OPT_LEVEL"));
/// `true` when the optimizer was off, so that no timing of this build means anything.
pub const UNOPTIMIZED: bool = matches!(env!("LAB_OPT_LEVEL").as_bytes(), b"0");
