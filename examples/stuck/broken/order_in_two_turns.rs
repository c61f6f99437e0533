//! WRONG: asks for a circle in one turn, and notes its own wait in another. Two
//! that come at the same time see nothing of each other.

use crate::order::{Circle, Flow, leads};

/// What `Flow::wants` does, in two turns.
///
/// # Errors
/// When somebody has noted the other way round.
pub fn wants(flow: &Flow, wanted: &'static str) -> Result<(), Circle> {
    let edges = flow.orders.0.lock().unwrap().clone();
    for &held in &flow.held {
        if leads(&edges, wanted, held) {
            return Err(Circle { held, wanted });
        }
    }
    let mut edges = flow.orders.0.lock().unwrap();
    edges.extend(flow.held.iter().map(|&held| (held, wanted)));
    Ok(())
}
