//! Only tests and an example, which see more than the standard library offers.
