//! The chapter's own parts: the jobs that were drawn, the constants' places,
//! and the handing out of items.

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use choosing::models::Items;
use choosing::{Work, draw, jobs, models};
use cost::{Costs, Row};

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

#[test]
fn every_constant_has_its_place_in_the_records() {
    let file = include_str!("../costs.toml");
    let lines: Vec<&str> = file.lines().collect();
    let tables = lines.iter().filter_map(|line| line.strip_prefix('['));
    let named: Vec<&str> =
        tables.map(|name| name.trim_end_matches(']')).collect();
    let known: Vec<&str> =
        Costs::NAMES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(named, known);
}

#[test]
fn each_item_is_handed_out_once() {
    let items = &Items::of(10_000);
    let take = || std::iter::from_fn(|| items.take()).sum::<u64>();
    let all: u64 = thread::scope(|scope| {
        let takers: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
        takers.into_iter().map(|taker| taker.join().unwrap()).sum()
    });
    assert_eq!(all, 9_999 * 10_000 / 2);
    assert_eq!(items.take(), None);
}

#[test]
fn every_model_answers_with_the_sum_of_all_items_and_their_bytes() {
    let input = vec![b'x'; 3].into();
    let (items, half, bytes_out) = (20, 10, 5);
    let nothing = Work::nothing(items, 2);
    let work = Work { half, input, bytes_out, at_once: 4, ..nothing };
    for model in [
        models::in_turn,
        models::threads,
        models::rayon,
        models::tokio,
        models::tokio_rayon,
    ] {
        assert_eq!(model(&work), work.sum());
    }
    assert_ne!(work.sum(), Work { bytes_out: 4, ..work.clone() }.sum());
}
