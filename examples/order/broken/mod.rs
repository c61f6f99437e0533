//! A stack that is wrong on purpose; its file says how.

mod untagged;

pub use untagged::Untagged;
