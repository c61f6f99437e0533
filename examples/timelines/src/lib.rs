//! What the programs of this chapter are made of, beside themselves: dishes
//! that record their lanes, and kitchens to cook them in.

pub mod dish;
pub mod kitchen;
