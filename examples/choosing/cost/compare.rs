//! Models against each other.

use crate::{Costs, Dimension, Estimate, Job, Model, estimate};

/// Of models that are as fast as that, the simple one goes first.
pub const AS_GOOD: f64 = 1.03;

/// All that can do the job, the best first. That is the fastest; of those that
/// take 3 % more at most, it is the one that comes first in [`Model::ALL`],
/// which goes from the simple to the involved.
pub fn rank(job: &Job, costs: &Costs) -> Vec<Estimate> {
    let all = Model::ALL.into_iter();
    let mut left: Vec<Estimate> =
        all.filter_map(|model| estimate(job, costs, model)).collect();
    let mut ranked = Vec::new();
    while !left.is_empty() {
        let least = left.iter().map(|e| e.time_ns).fold(f64::MAX, f64::min);
        let good = |e: &Estimate| e.time_ns <= least * AS_GOOD;
        let next = left.iter().position(good).unwrap_or(0);
        ranked.push(left.remove(next));
    }
    ranked
}

/// Where the faster of two models changes when a job's number is turned up or
/// down: the value next to the job's own. `None` where it never does, or one of
/// them cannot do the job.
pub fn break_even(
    job: &Job,
    costs: &Costs,
    a: Model,
    b: Model,
    what: Dimension,
) -> Option<f64> {
    let a_leads = |value: f64| {
        let job = what.with(job, value);
        let (a, b) = (estimate(&job, costs, a)?, estimate(&job, costs, b)?);
        Some(a.time_ns <= b.time_ns)
    };
    let here = start(job, what);
    let leads = a_leads(what.of(job))?;
    let up = walk(here, STEP, what, leads, &a_leads);
    let down = walk(here, 1.0 / STEP, what, leads, &a_leads);
    // The nearer one, by its ratio to where the job is.
    match (up, down) {
        (Some(up), Some(down)) if up / here <= here / down => Some(up),
        (up, down) => down.or(up),
    }
}

const STEP: f64 = 1.25;

/// Where a walk by ratios begins: a job's zero has none.
fn start(job: &Job, what: Dimension) -> f64 {
    let least = match what {
        Dimension::Cpu | Dimension::Wait => 100.0,
        _ => 1.0,
    };
    let value = what.of(job);
    if what == Dimension::Cores { value } else { value.max(least) }
}

fn walk(
    here: f64,
    step: f64,
    what: Dimension,
    leads: bool,
    a_leads: &impl Fn(f64) -> Option<bool>,
) -> Option<f64> {
    let (least, most) = match what {
        Dimension::Items => (1.0, 1e6),
        Dimension::Cpu | Dimension::Wait => (100.0, 6e10),
        Dimension::AtOnce => (1.0, 1e5),
        Dimension::BytesIn | Dimension::BytesOut => (1.0, 1e9),
        Dimension::Cores => (0.1, 128.0),
    };
    let mut before = here;
    while before >= least && before <= most {
        let next = before * step;
        if a_leads(next)? != leads {
            return bisect(before, next, leads, a_leads);
        }
        before = next;
    }
    None
}

fn bisect(
    mut same: f64,
    mut other: f64,
    leads: bool,
    a_leads: &impl Fn(f64) -> Option<bool>,
) -> Option<f64> {
    for _ in 0..12 {
        let middle = (same * other).sqrt();
        match a_leads(middle)? == leads {
            true => same = middle,
            false => other = middle,
        }
    }
    Some((same * other).sqrt())
}
