//! Records: what was measured, as it lies in `results/`.

pub mod record;
