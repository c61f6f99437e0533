//! The jobs are those that were drawn.

use std::collections::BTreeSet;
use std::fs;

use choosing::{draw, jobs};
use cost::Row;

/// With `DRAW=1` it writes the file, which was done once.
#[test]
fn the_jobs_are_those_that_the_seed_draws() {
    let rows = draw::jobs();
    let lines: Vec<String> = rows.iter().map(Row::line).collect();
    let drawn = format!("{}\n{}\n", Row::HEADER, lines.join("\n"));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/jobs.csv");
    if std::env::var_os("DRAW").is_some() {
        fs::write(path, &drawn).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), drawn);
}

#[test]
fn half_of_them_is_kept_aside_and_no_two_are_alike() {
    let rows = jobs();
    let kept = rows.iter().filter(|row| row.kept).count();
    assert_eq!((rows.len(), kept), (draw::JOBS, draw::JOBS / 2));
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids.len(), rows.len());
}
