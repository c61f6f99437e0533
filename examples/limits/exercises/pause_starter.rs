//! An accept loop. When there is no file left it asks a hundred thousand times
//! a second whether there is one now.

use std::io;

/// Serves whoever is accepted, until the listener is closed.
pub fn serve_all<C>(
    mut accept: impl FnMut() -> io::Result<C>,
    mut serve: impl FnMut(C),
) {
    loop {
        match accept() {
            Ok(connection) => serve(connection),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => return,
            Err(_) => continue,
        }
    }
}
