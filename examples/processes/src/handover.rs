//! A lock and a baton that need nothing but one word of memory, wherever that
//! lies, and a way to sleep until it changes.
//!
//! What they sleep on is a [`Word`], so that a model checker can put its own in
//! place: `model/` tries every order of their steps.

/// A number that a flow of control can sleep on.
pub trait Word {
    /// The number, and with it whatever was written before it was stored.
    fn load(&self) -> u32;
    /// Replaces it, and makes visible what was written before.
    fn store(&self, value: u32);
    /// Replaces it and returns what was there; both of the above.
    fn swap(&self, value: u32) -> u32;
    /// Replaces it if it is `from`; says whether it was.
    fn change(&self, from: u32, to: u32) -> bool;
    /// Sleeps, unless the number is no longer `seen`. May also wake for no
    /// reason.
    fn sleep(&self, seen: u32);
    /// Wakes one that sleeps.
    fn wake(&self);
}

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Held, and somebody may be asleep.
const WANTED: u32 = 2;

/// A lock. All zero bytes are a free one.
#[derive(Debug, Default)]
pub struct Lock<W>(pub W);

/// A held lock; dropping it lets go.
pub struct Held<'a, W: Word>(&'a W);

// ANCHOR: lock
impl<W: Word> Lock<W> {
    /// Takes the lock, sleeping while another has it. If that one has died,
    /// this sleeps forever.
    pub fn lock(&self) -> Held<'_, W> {
        if !self.0.change(FREE, HELD) {
            // From here on the holder knows that it has to wake somebody.
            while self.0.swap(WANTED) != FREE {
                self.0.sleep(WANTED);
            }
        }
        Held(&self.0)
    }
}

impl<W: Word> Drop for Held<'_, W> {
    fn drop(&mut self) {
        // Free first, then wake: the other way round, the woken one would find
        // the lock held and sleep again, forever.
        if self.0.swap(FREE) == WANTED {
            self.0.wake();
        }
    }
}
// ANCHOR_END: lock

/// Whose turn it is, of two. All zero bytes: the first one's.
#[derive(Debug, Default)]
pub struct Baton<W>(pub W);

impl<W: Word> Baton<W> {
    /// Sleeps until it is the turn of `me`.
    pub fn wait_for(&self, me: u32) {
        loop {
            let turn = self.0.load();
            if turn == me {
                return;
            }
            self.0.sleep(turn);
        }
    }

    /// Makes it the turn of `other`.
    pub fn pass_to(&self, other: u32) {
        self.0.store(other);
        self.0.wake();
    }
}
