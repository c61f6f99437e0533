//! An accept loop. A client that has left is no reason to wait for the next
//! one; anything else is, since it will be the same for a while.

use std::io::{self, ErrorKind};
use std::thread::sleep;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(10);

/// Serves whoever is accepted, until the listener is closed.
pub fn serve_all<C>(
    mut accept: impl FnMut() -> io::Result<C>,
    mut serve: impl FnMut(C),
) {
    loop {
        match accept() {
            Ok(connection) => serve(connection),
            Err(error) => match error.kind() {
                ErrorKind::NotConnected => return,
                ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset => {}
                _ => sleep(PAUSE),
            },
        }
    }
}
