//! Asks a server many things by one connection. The server may close it when
//! it pleases; only then another is made, and it is asked once more.

use std::io::{self, ErrorKind};

/// A connection, which is closed when it is dropped.
pub trait Connection {
    /// Asks, and waits for the answer.
    fn ask(&mut self, question: u32) -> io::Result<u32>;
}

/// All the answers.
pub fn ask_all<C: Connection>(
    mut connect: impl FnMut() -> io::Result<C>,
    questions: &[u32],
) -> io::Result<Vec<u32>> {
    let mut kept = connect()?;
    let mut answers = Vec::new();
    for &question in questions {
        let answer = match kept.ask(question) {
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                kept = connect()?;
                kept.ask(question)?
            }
            other => other?,
        };
        answers.push(answer);
    }
    Ok(answers)
}
