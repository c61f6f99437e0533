//! What the chapter builds: a pool that can wait for itself and one that
//! cannot, and a list of who waited for whom. And what its programs share: a
//! lock whose guard may travel, and a look at a process that stands still.

pub mod lock;
pub mod order;
pub mod pool;
mod still;
mod sync;
pub mod watch;
