//! Helpers that the tests of the whole book share.
