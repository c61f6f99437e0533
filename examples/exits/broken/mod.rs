//! What goes wrong on purpose.

pub mod in_place;
