//! How the numbers are made: known answers, to try the method on.
