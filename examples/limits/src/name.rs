//! What an error is called in manuals and in `strace`.

use std::io;

/// The error's name, where it is one of those that limits give, and what it
/// says.
pub fn named(error: &io::Error) -> String {
    match name(error) {
        Some(name) => format!("{name}: {error}"),
        None => error.to_string(),
    }
}

#[cfg(target_os = "linux")]
fn name(error: &io::Error) -> Option<&'static str> {
    Some(match error.raw_os_error()? {
        libc::EAGAIN => "EAGAIN",
        libc::ENOMEM => "ENOMEM",
        libc::EMFILE => "EMFILE",
        libc::EADDRINUSE => "EADDRINUSE",
        libc::EADDRNOTAVAIL => "EADDRNOTAVAIL",
        libc::ETIMEDOUT => "ETIMEDOUT",
        libc::ECONNREFUSED => "ECONNREFUSED",
        _ => return None,
    })
}

#[cfg(not(target_os = "linux"))]
fn name(_: &io::Error) -> Option<&'static str> {
    None
}
