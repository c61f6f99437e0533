//! How the jobs were drawn that the model of cost is tried on.
//!
//! They were drawn once, before the model was made, with a seed that nobody
//! tried a second one beside; a test draws them again and finds `jobs.csv`.

use cost::{Model, Row};
use lab::random::Random;

/// The day it was drawn.
pub const SEED: u64 = 20_261_127;
/// Half of them is put aside.
pub const JOBS: usize = 40;

/// What a step takes, about, so that a job does not take all day.
const STEP_US: f64 = 0.07;
/// The machine that they are drawn for.
const CORES: f64 = 2.0;
/// A model that must take longer, by its bounds alone, is not run.
const MOST_US: f64 = 500_000.0;
/// So many items cost something by their number already.
const MOST_ITEMS: f64 = 3_000.0;
/// All bytes of a job together.
const MOST_BYTES: f64 = 32e6;

/// The jobs, in the file's order.
pub fn jobs() -> Vec<Row> {
    let mut random = Random::new(SEED);
    let mut rows: Vec<Row> = (1..=JOBS).map(|i| job(&mut random, i)).collect();
    let mut aside: Vec<usize> = (0..JOBS).collect();
    random.shuffle(&mut aside);
    for i in &aside[..JOBS / 2] {
        rows[*i].kept = true;
    }
    rows
}

// ANCHOR: draw
fn job(random: &mut Random, i: usize) -> Row {
    let cpu_us = between(random, 10.0, 20_000.0);
    let waits = random.below(3) > 0;
    let wait_us = if waits { between(random, 1e3, 1e5) } else { 0.0 };
    let at_once = between(random, 1.0, 500.0);
    let good_us = between(random, 20_000.0, 150_000.0);
    // As many items as a good model does in that time.
    let each_us = (cpu_us / CORES).max((cpu_us + wait_us) / at_once);
    let items = (good_us / each_us).ceil().min(MOST_ITEMS);
    let most = (MOST_BYTES / items).min(1e5);
    let mut bytes = || match random.below(2) {
        0 => 0.0,
        _ => between(random, 100.0, most),
    };
    let row = Row {
        id: format!("j{i:02}"),
        kept: false,
        items: items as u32,
        // Two halves.
        steps: (cpu_us / STEP_US / 2.0) as u32 * 2,
        wait_us: wait_us as u32,
        at_once: at_once.min(items) as u32,
        bytes_in: bytes() as u32,
        bytes_out: bytes() as u32,
        left_out: Vec::new(),
    };
    left_out(row)
}
// ANCHOR_END: draw

/// Even on a logarithmic scale, with two digits that count.
fn between(random: &mut Random, least: f64, most: f64) -> f64 {
    let share = (random.bits() >> 11) as f64 / (1_u64 << 53) as f64;
    let value = least * (most / least).powf(share);
    let mut unit = 1.0;
    while value >= 100.0 * unit {
        unit *= 10.0;
    }
    (value / unit).round() * unit
}

/// Notes the models that would take too long: those that wait for one item, or
/// for one on each core, at a time.
fn left_out(mut row: Row) -> Row {
    let alone_us = f64::from(row.steps) * STEP_US + f64::from(row.wait_us);
    let all_us = f64::from(row.items) * alone_us;
    for model in Model::ALL {
        let at_once = match model {
            Model::InTurn | Model::PyInTurn => 1.0,
            Model::Rayon
            | Model::Processes
            | Model::PyProcesses
            | Model::PyInterpreters => CORES,
            _ => continue,
        };
        if all_us / at_once > MOST_US {
            row.left_out.push(model);
        }
    }
    row
}
