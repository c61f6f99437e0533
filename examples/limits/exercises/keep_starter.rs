//! Asks a server many things, and says goodbye after each. Who closes first
//! keeps the port for a minute, and soon there is none left: `Cannot assign
//! requested address`.

use std::io;

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
    let mut answers = Vec::new();
    for &question in questions {
        answers.push(connect()?.ask(question)?);
    }
    Ok(answers)
}
