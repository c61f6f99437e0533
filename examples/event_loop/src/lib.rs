//! An event loop in five files, to be read in this order: `executor.rs`, which
//! polls tasks; `reactor.rs`, which waits for sockets; `timer.rs`, which waits
//! for time; `net.rs`, which gives tasks sockets; `ready.rs`, what they share
//! with other threads.
//!
//! The rest is what the chapters' experiments share: a server in [`server`],
//! small clients in [`clients`], a large one in [`library`], thousands of
//! requests in [`crowd`], the limit of open files in [`files`], and a ticker in
//! [`ticks`].

pub mod clients;
pub mod crowd;
mod executor;
pub mod files;
pub mod library;
mod net;
mod reactor;
mod ready;
pub mod server;
mod sync;
pub mod ticks;
mod timer;

pub use clients::Site;
pub use executor::{EventLoop, Handle, JoinHandle, yield_now};
pub use net::{TcpListener, TcpStream};
pub use server::Server;
pub use timer::Sleep;
