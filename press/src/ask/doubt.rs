//! What makes a record doubtful.

use crate::ask::unit::Unit;
use crate::ask::value::Value;
use crate::store::record::{Record, Sitting, Warning};

/// A number that is known no better than this, as a share of itself, is called unstable.
const UNSTABLE: f64 = 0.10;

/// How many numbers a warning names.
const NAMED: usize = 3;

/// What the sittings warn of or should have warned of, and which of the numbers that a figure
/// `shows`, by name, are not well known after all of them. Only times and ratios of times are
/// asked: a count such as that of lost additions may vary by its nature.
pub fn warnings(record: &Record, shows: &[(String, Value)]) -> Vec<Warning> {
    let mut all = record.warnings();
    all.extend(untold(record));
    if record.sittings.len() > 1 && !record.quick {
        all.extend(unstable(record, shows));
    }
    all
}

/// Why no sentence may rest on a record: none of its sittings is one that could be repeated
/// from a commit, on a quiet machine. One such is enough, for the others carry their warnings.
pub fn unfit(record: &Record) -> Option<String> {
    if record.quick {
        return Some("a --quick run decides nothing".into());
    }
    let is_clean = |sitting: &Sitting| {
        let doubts = ["noisy", "quick", "unoptimized"];
        !sitting.modified
            && sitting.rounds.noisy == 0
            && !sitting.warnings.iter().any(|warning| doubts.contains(&warning.kind.as_str()))
    };
    if record.sittings.iter().any(is_clean) {
        return None;
    }
    let modified = record.sittings.iter().filter(|sitting| sitting.modified).count();
    let noisy = record.sittings.len() - modified;
    Some(match (modified, noisy) {
        (_, 0) => "every sitting is of sources that no commit has".into(),
        (0, _) => "every sitting was disturbed".into(),
        _ => "every sitting was disturbed, or is of sources that no commit has".into(),
    })
}

/// What a record says of itself, and no warning of its own.
fn untold(record: &Record) -> Vec<Warning> {
    let has = |sitting: &Sitting, kind| sitting.warnings.iter().any(|w| w.kind == kind);
    let of = |is: &dyn Fn(&Sitting) -> bool| -> Option<String> {
        let all = 1..=record.sittings.len();
        let found: Vec<String> = all
            .zip(&record.sittings)
            .filter(|(_, sitting)| is(sitting))
            .map(|(number, _)| number.to_string())
            .collect();
        match found.len() {
            0 => None,
            n if n == record.sittings.len() => Some(String::new()),
            1 => Some(format!("sitting {}: ", found[0])),
            _ => Some(format!("sittings {}: ", found.join(", "))),
        }
    };
    let modified = of(&|sitting| sitting.modified && !has(sitting, "modified"));
    let modified = modified.map(|which| {
        let text = "the sources had been changed since the commit that is named, so nobody can \
                    tell what ran; commit, and measure again";
        Warning::new("modified", which + text)
    });
    let noisy = of(&|sitting| sitting.rounds.noisy > 0 && !has(sitting, "noisy"));
    let noisy = noisy.map(|which| {
        let text =
            "other work used the machine in some of the rounds; close it and measure again";
        Warning::new("noisy", which + text)
    });
    let quick = of(&|sitting| record.quick && !has(sitting, "quick"));
    let quick = quick.map(|_| Warning::new("quick", "a short run: good for trying"));
    [modified, noisy, quick].into_iter().flatten().collect()
}

/// How far off a number may be, of which the interval reaches that share of it to one side.
fn off(error: f64) -> String {
    match error {
        error if error < 1.0 => format!("may be off by {:.0}\u{202f}%", error * 100.0),
        error => format!("may be off by {error:.1} times its value"),
    }
}

fn unstable(record: &Record, shows: &[(String, Value)]) -> Option<Warning> {
    let mut wide: Vec<(f64, &str)> = shows
        .iter()
        .filter(|(_, value)| matches!(value.unit, Unit::Seconds | Unit::Times))
        .map(|(name, value)| (value.estimate.relative_error(), name.as_str()))
        .filter(|(error, _)| *error > UNSTABLE)
        .collect();
    if wide.is_empty() {
        return None;
    }
    wide.sort_by(|a, b| b.0.total_cmp(&a.0));
    let named: Vec<String> = wide
        .iter()
        .take(NAMED)
        .map(|(error, name)| format!("“{name}” {}", off(*error)))
        .collect();
    let more = match wide.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let text = format!(
        "the sittings differ, so that some numbers are known only roughly: {}{more}; more \
         sittings (cargo book measure {} --add) narrow that",
        named.join(", "),
        record.experiment
    );
    Some(Warning::new("unstable", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::metric::Metric;
    use crate::ask::value::value;
    use crate::store::record::tests::demo;

    fn of_three_sittings() -> Record {
        let mut record = demo();
        for _ in 0..2 {
            record.add(demo()).unwrap();
        }
        record
    }

    fn shown(record: &Record, metric: Metric) -> Vec<(String, Value)> {
        let of = |variant: &_| value(record, variant, &metric).unwrap();
        record.variants.iter().map(|variant| (variant.id(), of(variant))).collect()
    }

    #[test]
    fn sittings_that_differ_make_a_time_unstable_and_those_that_agree_do_not() {
        let mut record = of_three_sittings();
        assert_eq!(warnings(&record, &shown(&record, Metric::Wall)), []);
        let slow = &mut record.variants[1].samples[2].wall_ns;
        slow.iter_mut().for_each(|ns| *ns *= 2);
        let found = warnings(&record, &shown(&record, Metric::Wall));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].kind, "unstable");
        assert!(
            found[0].text.contains("“rust/chain/threads” may be off by "),
            "{}",
            found[0].text
        );
        assert!(!found[0].text.contains("sequential"), "{}", found[0].text);
    }

    #[test]
    fn a_figure_is_doubtful_for_what_it_shows_and_not_for_what_else_was_measured() {
        let mut record = of_three_sittings();
        // A slow sitting, in which all variants are slow alike.
        for variant in &mut record.variants {
            variant.samples[2].wall_ns.iter_mut().for_each(|ns| *ns *= 2);
        }
        assert_eq!(warnings(&record, &shown(&record, Metric::Wall)).len(), 1);
        assert_eq!(warnings(&record, &shown(&record, Metric::Speedup)), []);
        assert_eq!(warnings(&record, &[]), []);
    }

    fn sittings(change: impl Fn(usize, &mut Sitting)) -> Record {
        let mut record = of_three_sittings();
        for (s, sitting) in record.sittings.iter_mut().enumerate() {
            change(s, sitting);
        }
        record
    }

    #[test]
    fn what_was_changed_noisy_or_quick_is_told_though_no_warning_says_so() {
        let told = |record: &Record| -> Vec<String> {
            let all = warnings(record, &[]).into_iter();
            all.map(|warning| format!("{}: {}", warning.kind, warning.text)).collect()
        };
        let first = told(&sittings(|s, sitting| sitting.modified = s == 0));
        assert!(first[0].starts_with("modified: sitting 1: the sources had been"), "{first:?}");
        let two = told(&sittings(|s, sitting| sitting.rounds.noisy = u32::from(s > 0)));
        assert!(two[0].starts_with("noisy: sittings 2, 3: other work"), "{two:?}");
        let all = told(&sittings(|_, sitting| sitting.modified = true));
        assert!(all[0].starts_with("modified: the sources") && all.len() == 1, "{all:?}");
        let mut quick = demo();
        quick.quick = true;
        assert!(told(&quick)[0].starts_with("quick: a short run"));
        // What has its warning is not told twice.
        let warned = sittings(|_, sitting| {
            sitting.rounds.noisy = 1;
            sitting.warnings = vec![Warning::new("noisy", "in 1 of 3 rounds")];
        });
        assert_eq!(told(&warned), ["noisy: in 1 of 3 rounds"]);
    }

    #[test]
    fn a_reference_needs_one_sitting_that_is_neither_changed_nor_disturbed() {
        assert_eq!(unfit(&demo()), None);
        assert_eq!(unfit(&sittings(|s, sitting| sitting.modified = s < 2)), None);
        let all = unfit(&sittings(|_, sitting| sitting.modified = true));
        assert_eq!(all.unwrap(), "every sitting is of sources that no commit has");
        let all = unfit(&sittings(|_, sitting| sitting.rounds.noisy = 1));
        assert_eq!(all.unwrap(), "every sitting was disturbed");
        let warned = |s: usize, sitting: &mut Sitting| match s {
            0 => sitting.modified = true,
            _ => sitting.warnings = vec![Warning::new("noisy", "x")],
        };
        assert!(unfit(&sittings(warned)).unwrap().contains("disturbed, or is of sources"));
        let mut quick = demo();
        quick.quick = true;
        assert!(unfit(&quick).unwrap().contains("--quick"));
    }
}
