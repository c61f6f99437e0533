//! Inputs that nobody would write: what lies in `tests/corpus`, and what chance makes of it.
//!
//! Here each target takes a few seconds. To look for longer:
//!
//! ```text
//! FUZZ_SECONDS=600 cargo test --package press --test fuzz -- --nocapture
//! ```
//!
//! Then what makes a target fail, made as small as it gets, is put into its corpus as
//! `found-…`, and the search goes on for other faults. `FUZZ_SEED` repeats a search.

mod chance;
mod edit;
mod target;

#[test]
fn records() {
    chance::fuzz(&target::RECORDS);
}

#[test]
fn selectors() {
    chance::fuzz(&target::SELECTORS);
}

#[test]
fn claims() {
    chance::fuzz(&target::CLAIMS);
}

#[test]
fn jobs() {
    chance::fuzz(&target::JOBS);
}

#[test]
fn runner_lines() {
    chance::fuzz(&target::RUNNER_LINES);
}

#[test]
fn pages() {
    chance::fuzz(&target::PAGES);
}

#[test]
fn builds() {
    chance::fuzz(&target::BUILDS);
}

/// Faults would go unseen if every text were refused at its first line.
#[test]
fn what_the_search_begins_with_is_taken() {
    target::ALL.into_iter().for_each(chance::begins_with_what_is_taken);
}

#[test]
fn what_was_found_once_is_no_fault_any_more() {
    target::ALL.into_iter().for_each(chance::finds_nothing_again);
}

/// Faults would go unseen, too, if the search could not tell one.
#[test]
fn what_runs_loads_or_leads_elsewhere_is_told_from_text() {
    target::markup_is_told_from_text();
}
