//! What the chapter builds: an init, and ways to replace a file. And what its
//! programs share: what they ask of the system about other processes.

#[path = "../broken/mod.rs"]
pub mod broken;
#[cfg(target_os = "linux")]
pub mod init;
pub mod save;
pub mod system;
