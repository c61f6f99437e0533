//! How a record grows: by a sitting of the same experiment, from the same sources, by the same
//! tools, on the same machine.
//!
//! A peer that was left out of one of the sittings has no samples of it, and the others go on:
//! the sitting's warning says why.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use lab::known::{Difference, Known, TRANSFER_TOLERANCE};

use crate::store::record::{Record, RunnerInfo, Samples, Variant};

impl Record {
    /// Why the sittings of `other` cannot be told as this record's; empty when they can. What
    /// `other` does not have yet is not compared, so it may be asked before it is measured.
    pub fn unlike(&self, other: &Record) -> Vec<String> {
        let mut why = Vec::new();
        let mut differs = |what: &str, ours: String, theirs: String| {
            if ours != theirs {
                why.push(format!("{what}: {theirs}, not {ours}"));
            }
        };
        differs("experiment", self.experiment.clone(), other.experiment.clone());
        differs("kind of run", kind(self.quick), kind(other.quick));
        differs("workers", self.threads.to_string(), other.threads.to_string());
        let (ours, theirs) = (&self.last().sources, &other.last().sources);
        if ours.is_empty() {
            why.push("sources: this record is older than the notes about them".into());
        } else {
            let changed: Vec<&str> = ours
                .iter()
                .filter(|(part, digest)| theirs.get(*part) != Some(digest))
                .map(|(part, _)| part.as_str())
                .collect();
            if !changed.is_empty() {
                why.push(format!("sources: changed since ({})", changed.join(", ")));
            }
        }
        why.extend(other.machine.differs(&self.machine));
        let (ours, theirs) = (known(&self.last().known), known(&other.last().known));
        why.extend(apart(&theirs, &ours).iter().map(ToString::to_string));
        if !other.variants.is_empty() {
            why.extend(self.unlike_in_what_was_measured(other));
        }
        why
    }

    fn unlike_in_what_was_measured(&self, other: &Record) -> Vec<String> {
        let mut why = Vec::new();
        for ours in &self.runners {
            match other.runners.iter().find(|theirs| theirs.name == ours.name) {
                None if other.left_out(&ours.name) => {}
                None => why.push(format!("runners: {} is missing", ours.name)),
                Some(theirs) if theirs != ours => why.push(format!(
                    "runners: {} is {}, {}, not {}, {}{}",
                    ours.name,
                    theirs.version,
                    theirs.profile,
                    ours.version,
                    ours.profile,
                    if theirs.packages == ours.packages { "" } else { "; packages differ" }
                )),
                Some(_) => {}
            }
        }
        let more = other
            .runners
            .iter()
            .filter(|theirs| !self.runners.iter().any(|ours| ours.name == theirs.name))
            .filter(|theirs| !self.left_out(&theirs.name));
        why.extend(more.map(|runner| format!("runners: {} is new", runner.name)));
        if why.is_empty() {
            let missing = lacks(other, self);
            why.extend(missing.map(|id| format!("variants: {id} was not measured")));
            let new = lacks(self, other);
            why.extend(new.map(|id| format!("variants: {id} is new")));
        }
        for (ours, theirs) in pairs(&self.variants, &other.variants) {
            if !ours.observed && ours.answers.keys().ne(theirs.answers.keys()) {
                let (id, was, is) = (ours.id(), ours.answer(), theirs.answer());
                why.push(format!("answers: {id} says {is}, not {was}"));
            }
        }
        why
    }

    /// Takes in the sittings of `other`.
    ///
    /// # Errors
    /// When they are unlike this record's; it stays as it was.
    pub fn add(&mut self, mut other: Record) -> Result<()> {
        let why = self.unlike(&other);
        if !why.is_empty() {
            bail!("{}", why.join("; "));
        }
        // A control is chosen by how quick it was, so two sittings may have chosen two. One
        // that only the other side has stays where this side has never had its runner.
        let is_known = |controls: &[Variant], one: &Variant| {
            controls.iter().any(|control| control.id() == one.id())
        };
        self.controls
            .retain(|one| is_known(&other.controls, one) || other.never_had(&one.runner));
        let (ours, never_had) = (&self.controls, |runner: &str| self.never_had(runner));
        other.controls.retain(|one| is_known(ours, one) || never_had(&one.runner));
        let sittings = (self.sittings.len(), other.sittings.len());
        for (ours, theirs) in [
            (&mut self.variants, &mut other.variants),
            (&mut self.controls, &mut other.controls),
        ] {
            *ours = joined(std::mem::take(ours), std::mem::take(theirs), sittings);
        }
        let is_new =
            |runner: &RunnerInfo| !self.runners.iter().any(|ours| ours.name == runner.name);
        let new: Vec<RunnerInfo> = other.runners.into_iter().filter(is_new).collect();
        self.runners.extend(new);
        self.sittings.append(&mut other.sittings);
        Ok(())
    }

    fn left_out(&self, runner: &str) -> bool {
        self.sittings.iter().any(|sitting| sitting.left_out(runner))
    }

    fn never_had(&self, runner: &str) -> bool {
        self.sittings.iter().all(|sitting| sitting.left_out(runner))
    }
}

/// What `record` has no samples of although `other` has, and it does not say that the runner
/// was left out.
fn lacks(record: &Record, other: &Record) -> impl Iterator<Item = String> {
    let ids: BTreeSet<String> = record.variants.iter().map(Variant::id).collect();
    let lacking = other.variants.iter().filter(move |variant| {
        !ids.contains(&variant.id()) && !record.left_out(&variant.runner)
    });
    lacking.map(Variant::id)
}

/// What a host changes under a guest that stays where it is tells no machines apart: a cache
/// miss took one guest 184 to 224 ns, and three hours later, without a restart, 490 to 1 100,
/// its steps and system calls being as quick as before. So a miss has the
/// tolerance of a transfer. It is widened here and not in the lab, since a change of the lab
/// ends every record's life.
const A_MISS_IS_THE_HOSTS: f64 = 1.0 + TRANSFER_TOLERANCE;

/// In what two sittings' known answers are further apart than one machine's are.
pub fn apart(ours: &Known, theirs: &Known) -> Vec<Difference> {
    let mut differences = ours.differs(theirs);
    differences.retain(|one| {
        let more = one.ours.max(one.theirs) / one.ours.min(one.theirs);
        one.part().name != "miss_ns" || more > A_MISS_IS_THE_HOSTS
    });
    differences
}

/// Two records that say they were made on two machines, and in what these differ.
pub(super) fn two_machines<'r>(
    records: impl Iterator<Item = &'r Record>,
) -> Option<(&'r Record, &'r Record, Vec<String>)> {
    // What one does not tell does not differ, so it is not enough to ask the first.
    let mut seen: Vec<&Record> = Vec::new();
    for record in records {
        if seen.iter().any(|other| other.machine == record.machine) {
            continue;
        }
        for other in &seen {
            let why = record.machine.differs(&other.machine);
            if !why.is_empty() {
                return Some((other, record, why));
            }
        }
        seen.push(record);
    }
    None
}

/// A record whose known answers are none of this folder's, after one whose answers are, and in
/// what they differ. A sitting may have been disturbed, so of a record the middle one counts.
pub(super) fn a_stranger<'r>(
    records: impl Iterator<Item = &'r Record>,
) -> Option<(&'r Record, &'r Record, Vec<String>)> {
    let all: Vec<(&Record, Known)> = records
        .map(|record| {
            let sittings = record.sittings.iter().map(|sitting| known(&sitting.known));
            (record, middle(&sittings.collect::<Vec<_>>()))
        })
        .collect();
    let usual = middle(&all.iter().map(|(_, known)| *known).collect::<Vec<_>>());
    let strange = |known: &Known| -> Vec<String> {
        apart(known, &usual).iter().map(ToString::to_string).collect()
    };
    let (stranger, why) = all.iter().find_map(|(record, known)| {
        let why = strange(known);
        (!why.is_empty()).then_some((*record, why))
    })?;
    let others = || all.iter().filter(|(record, _)| !std::ptr::eq(*record, stranger));
    let (one, _) = others().find(|(_, known)| strange(known).is_empty()).or(others().next())?;
    Some((*one, stranger, why))
}

/// Of each known answer the middle one; of two the lesser, so that it is one that was measured.
fn middle(all: &[Known]) -> Known {
    let of = |part: fn(&Known) -> Option<f64>| {
        let mut values: Vec<f64> = all.iter().filter_map(part).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len().saturating_sub(1) / 2).copied()
    };
    Known {
        spin_ns: of(|known| known.spin_ns),
        syscall_ns: of(|known| known.syscall_ns),
        wake_us: of(|known| known.wake_us),
        miss_ns: of(|known| known.miss_ns),
        transfer_ns: of(|known| known.transfer_ns),
    }
}

/// A machine's known answers, as a sitting names them.
pub fn known(by_name: &BTreeMap<String, f64>) -> Known {
    let get = |name: &str| by_name.get(name).copied();
    Known {
        spin_ns: get("spin_ns"),
        syscall_ns: get("syscall_ns"),
        wake_us: get("wake_us"),
        miss_ns: get("miss_ns"),
        transfer_ns: get("transfer_ns"),
    }
}

fn kind(quick: bool) -> String {
    if quick { "--quick" } else { "whole" }.to_owned()
}

fn pairs<'a>(
    ours: &'a [Variant],
    theirs: &'a [Variant],
) -> impl Iterator<Item = (&'a Variant, &'a Variant)> {
    let by_id: BTreeMap<String, &Variant> =
        theirs.iter().map(|variant| (variant.id(), variant)).collect();
    ours.iter().filter_map(move |ours| Some((ours, *by_id.get(&ours.id())?)))
}

/// Each variant with the samples of all sittings, of which there are so many ours and theirs.
fn joined(
    ours: Vec<Variant>,
    mut theirs: Vec<Variant>,
    sittings: (usize, usize),
) -> Vec<Variant> {
    let absent = |sittings| std::iter::repeat_n(Samples::default(), sittings);
    let mut joined = Vec::new();
    for mut variant in ours {
        match theirs.iter().position(|other| other.id() == variant.id()) {
            Some(at) => {
                let other = theirs.remove(at);
                variant.samples.extend(other.samples);
                for (answer, count) in other.answers {
                    *variant.answers.entry(answer).or_default() += count;
                }
                variant.threads = variant.threads.max(other.threads);
                variant.timeline = other.timeline;
            }
            None => variant.samples.extend(absent(sittings.1)),
        }
        joined.push(variant);
    }
    for mut variant in theirs {
        variant.samples = absent(sittings.0).chain(variant.samples).collect();
        joined.push(variant);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::Warning;
    use crate::store::record::tests::demo;

    fn today() -> Record {
        let mut record = demo();
        record.sittings[0].known = BTreeMap::from([("spin_ns".into(), 6.8)]);
        record
    }

    #[test]
    fn a_sitting_joins_a_record_and_its_samples_stay_apart() {
        let (mut record, mut other) = (today(), today());
        other.sittings[0].date = "2026-11-21T12:00:00Z".into();
        other.variants.reverse();
        other.variants[3].samples[0].wall_ns = vec![1, 2, 3];
        record.controls = vec![record.variants[0].clone()];
        other.controls = vec![other.variants[3].clone()];
        record.add(other).unwrap();
        record.validate().unwrap();
        assert_eq!((record.sittings.len(), record.rounds()), (2, 6));
        assert_eq!(record.variants[0].samples[0].wall_ns, [80_000_000, 81_000_000, 79_000_000]);
        assert_eq!(record.variants[0].samples[1].wall_ns, [1, 2, 3]);
        assert_eq!(record.variants[0].answers["42"], 6);
        assert_eq!(record.controls[0].samples.len(), 2);
    }

    #[test]
    fn a_peer_that_is_left_out_of_a_sitting_costs_only_its_own_samples() {
        let python = "cpython-3.11";
        let with = || today();
        let without = || {
            let mut record = today();
            record.runners.retain(|runner| runner.name != python);
            record.variants.retain(|variant| variant.runner != python);
            let text = format!("{python} left out: it died at `run chain/threads`");
            record.sittings[0].warnings.push(Warning::new("runner", text));
            record
        };
        for (which, (mut record, mut other)) in
            [(with(), without()), (without(), with())].into_iter().enumerate()
        {
            other.sittings[0].date = "2026-11-21T12:00:00Z".into();
            record.add(other).unwrap();
            record.validate().unwrap();
            assert_eq!(record.runners.len(), 2);
            let of =
                |runner: &str| record.variants.iter().find(|v| v.runner == runner).unwrap();
            assert!(of("rust").samples.iter().all(|samples| !samples.are_absent()));
            let absent: Vec<bool> =
                of(python).samples.iter().map(Samples::are_absent).collect();
            assert_eq!(absent, [which == 1, which == 0]);
        }
        // It comes back, and another of its variants is the control.
        let again = |date: &str, mut record: Record| {
            record.sittings[0].date = date.into();
            record
        };
        let controlled = |at: usize| {
            let mut record = with();
            let of_it: Vec<_> = record.variants.iter().filter(|v| v.runner == python).collect();
            record.controls = vec![of_it[at].clone()];
            record
        };
        let mut record = controlled(0);
        record.add(again("2026-11-21T12:00:00Z", without())).unwrap();
        record.add(again("2026-11-22T12:00:00Z", controlled(1))).unwrap();
        record.validate().unwrap();
        assert_eq!(record.controls, []);
        // Whom nobody left out, nobody may leave out.
        let (mut record, mut silent) = (with(), without());
        silent.sittings[0].warnings.clear();
        assert!(record.add(silent).is_err());
    }

    #[test]
    fn a_miss_that_the_host_makes_slow_does_not_make_it_another_machine() {
        let of = |spin_ns, miss_ns| Known {
            spin_ns: Some(spin_ns),
            miss_ns: Some(miss_ns),
            ..Known::default()
        };
        let names = |differences: Vec<Difference>| -> Vec<&str> {
            differences.iter().map(|one| one.part().name).collect()
        };
        assert_eq!(apart(&of(3.8, 1099.6), &of(3.8, 183.2)), []);
        assert_eq!(names(apart(&of(6.8, 1099.6), &of(3.8, 183.2))), ["spin_ns"]);
        assert_eq!(names(apart(&of(3.8, 2000.0), &of(3.8, 183.2))), ["miss_ns"]);
    }

    #[test]
    fn what_is_not_the_same_is_refused_with_its_reason_and_nothing_is_lost() {
        type Change = fn(&mut Record);
        let cases: [(Change, &str); 10] = [
            (|r| r.experiment = "other".into(), "experiment: other, not demo"),
            (|r| r.quick = true, "kind of run: --quick, not whole"),
            (|r| r.threads = 4, "workers: 4, not 2"),
            (
                |r| drop(r.sittings[0].sources.insert("program".into(), "2e".into())),
                "sources: changed since (program)",
            ),
            (
                |r| r.sittings[0].known = BTreeMap::from([("spin_ns".into(), 9.3)]),
                "a step of the chain takes 9.3 ns, not 6.8 ns",
            ),
            (|r| r.machine.arch = "aarch64".into(), "aarch64, not x86_64"),
            (|r| r.runners[0].version = "rustc 1.96.0".into(), "rustc 1.96.0"),
            (|r| drop(r.runners.pop()), "runners: cpython-3.11 is missing"),
            (
                |r| drop(r.variants.pop()),
                "variants: cpython-3.11/chain/threads was not measured",
            ),
            (
                |r| r.variants[0].answers = BTreeMap::from([("43".into(), 3)]),
                "answers: rust/chain/sequential says 43, not 42",
            ),
        ];
        for (change, says) in cases {
            let (mut record, mut other) = (today(), today());
            change(&mut other);
            let text = record.add(other).unwrap_err().to_string();
            assert!(text.contains(says), "{says}: {text}");
            assert_eq!(record, today());
        }
        let mut old = demo();
        old.sittings[0].sources.clear();
        let text = old.add(today()).unwrap_err().to_string();
        assert!(text.contains("older than"), "{text}");
    }
}
