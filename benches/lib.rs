//! Only benches; see the files beside this one.
