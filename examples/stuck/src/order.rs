//! Who waits for what while holding what: locks, and threads of pools.
//!
//! To run in a pool is to hold one of its threads; to wait for its job is to
//! want one. So a pool is noted as a lock is, and a circle is found in any run
//! that goes through its edges, stuck or not.

use std::collections::BTreeSet;
use std::fmt;

use crate::sync::{Arc, Mutex};

type Name = &'static str;

/// What was ever wanted while something else was held.
#[derive(Clone)]
pub struct Orders(pub(crate) Arc<Mutex<BTreeSet<(Name, Name)>>>);

/// One flow of control, and what it holds.
pub struct Flow {
    pub(crate) orders: Orders,
    pub(crate) held: Vec<Name>,
}

/// The waiting could form a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circle {
    /// What is held.
    pub held: Name,
    /// What is wanted, and leads back to what is held.
    pub wanted: Name,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "waits for {} while it holds {}", self.wanted, self.held)
    }
}

impl Default for Orders {
    fn default() -> Orders {
        Orders(Arc::new(Mutex::new(BTreeSet::new())))
    }
}

// ANCHOR: order
impl Flow {
    /// A flow that holds nothing yet, or a thread of a pool.
    pub fn new(orders: &Orders, pool: Option<Name>) -> Flow {
        Flow { orders: orders.clone(), held: pool.into_iter().collect() }
    }

    /// To be asked before each wait: for a lock, or for a job of a pool.
    ///
    /// # Errors
    /// When somebody waits, or once waited, the other way round.
    pub fn wants(&self, wanted: Name) -> Result<(), Circle> {
        let mut edges = self.orders.0.lock().unwrap();
        for &held in &self.held {
            if leads(&edges, wanted, held) {
                return Err(Circle { held, wanted });
            }
        }
        edges.extend(self.held.iter().map(|&held| (held, wanted)));
        Ok(())
    }

    /// The wait was for a lock, and has ended.
    pub fn holds(&mut self, name: Name) {
        self.held.push(name);
    }

    /// The lock is let go.
    pub fn lets_go(&mut self, name: Name) {
        self.held.retain(|&held| held != name);
    }
}

/// Whether who holds `from` may have to wait for `to`, by way of others.
pub(crate) fn leads(
    edges: &BTreeSet<(Name, Name)>,
    from: Name,
    to: Name,
) -> bool {
    from == to || edges.iter().any(|&(a, b)| a == from && leads(edges, b, to))
}
// ANCHOR_END: order
