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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    const JOB: Job = Job {
        items: 2_000.0,
        cpu_ns: 1e5,
        wait_ns: 0.0,
        at_once: 100.0,
        bytes_in: 0.0,
        bytes_out: 0.0,
        cores: 4.0,
        memory_bytes: 0.0,
        language: Language::Python,
    };

    #[test]
    fn the_simple_one_goes_first_where_it_is_as_good() {
        let rust = Job { language: Language::Rust, ..JOB };
        let costs = Costs::round();
        let order: Vec<Model> =
            rank(&rust, &costs).iter().map(|e| e.model).collect();
        // Rayon is ahead by what it takes to start a hundred threads.
        let (at, of) = (order[..2].to_vec(), order.len());
        assert_eq!((at, of), (vec![Model::Rayon, Model::Tokio], 6));
        let alone = Job { items: 1.0, ..rust };
        assert_eq!(rank(&alone, &costs)[0].model, Model::InTurn);
        let ranked = rank(&JOB, &costs);
        for (i, one) in ranked.iter().enumerate() {
            let rest = ranked[i..].iter().map(|e| e.time_ns);
            assert!(one.time_ns <= rest.fold(f64::MAX, f64::min) * AS_GOOD);
        }
    }

    #[test]
    fn a_break_even_is_where_the_faster_one_changes() {
        let costs = Costs::round();
        let (a, b) = (Model::PyInTurn, Model::PyProcesses);
        for what in [Dimension::Cpu, Dimension::Items] {
            let small = what.with(&JOB, 50.0);
            let at = break_even(&small, &costs, a, b, what).unwrap();
            let lead = |value: f64| {
                let job = what.with(&small, value);
                let time = |m| estimate(&job, &costs, m).unwrap().time_ns;
                time(b) / time(a)
            };
            assert!(lead(at * 0.9) > 1.0 && lead(at * 1.1) < 1.0, "{what:?}");
        }
        let waits = Job { wait_ns: 1e8, ..JOB };
        let (a, b) = (Model::PyAsyncio, Model::PyProcesses);
        let never = break_even(&waits, &costs, a, b, Dimension::BytesIn);
        assert_eq!(never, None, "a loop leads, whatever is moved");
    }
}
