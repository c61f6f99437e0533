//! What a switch saves, found by looking for it afterwards.
//!
//! Run:  cargo run --example switch_saves
//! See:  our own switch keeps every register that a function must not change.
//!       One that forgets a register loses it. The kernel, which may stop a
//!       thread between any two instructions, keeps all of them.
//!
//! A flow marks its registers, other flows run that overwrite them all, and
//! then it looks.

use std::process::ExitCode;

use lab::Experiment;

fn main() -> ExitCode {
    let experiment =
        Experiment::new("switch_saves", "What does a switch save?")
            .baseline("none")
            .observed();
    flows::add_to(experiment).run()
}

#[cfg(all(unix, any(target_arch = "x86_64", target_arch = "aarch64")))]
mod flows {
    use std::thread;
    use std::time::Duration;

    use lab::{Experiment, Kind, Run, os};
    use switching::rung::{cpus, on_core};
    use switching::switch::{Flow, SAVED, Switch, switch};
    use switching::{preempted, registers, xstate};

    pub(super) fn add_to(experiment: Experiment) -> Experiment {
        experiment
            .variant(Kind::Task, "ours", "our own switch", |run| {
                // The registers, where to go on, and where all that is.
                let saved = SAVED + size_of::<Flow>();
                run.metric("saved_bytes", saved as f64);
                across(run, switch)
            })
            .variant(Kind::Task, "forgetful", "one register forgotten", |run| {
                across(run, registers::forgetful)
            })
            .variant(Kind::Thread, "preempted", "threads, stopped", stopped)
    }

    /// Marks the registers, switches to a flow that overwrites them and back,
    /// and counts the marks that are still there.
    fn across(run: &mut Run, switch: Switch) -> String {
        let marked: [u64; registers::CALLEE_SAVED] =
            std::array::from_fn(|i| 1000 + i as u64);
        let found = registers::across(switch, &marked);
        let kept = marked.iter().zip(&found).filter(|(a, b)| a == b).count();
        note(run, marked.len(), kept)
    }

    /// Two threads on one core, with a mark in every register, until each was
    /// stopped many times.
    fn stopped(run: &mut Run) -> String {
        let spin = |first: u64| {
            move || {
                let marked: [u64; preempted::WORDS] =
                    std::array::from_fn(|i| first + i as u64);
                let before = os::thread_switches();
                let found = preempted::spin(&marked);
                let after = os::thread_switches();
                let kept = preempted::registers_kept(&marked, &found);
                let times = after.zip(before).map(|(after, before)| {
                    after.involuntary - before.involuntary
                });
                (kept, times)
            }
        };
        preempted::set_over(false);
        let cpu = cpus().first().copied().unwrap_or(0);
        let all = on_core(cpu, || {
            thread::scope(|scope| {
                let threads = [1000, 2000].map(|i| scope.spawn(spin(i)));
                thread::sleep(Duration::from_millis(150));
                preempted::set_over(true);
                threads.map(|thread| thread.join().expect("no panic"))
            })
        });
        let times: Option<u64> = all.iter().map(|(_, times)| *times).sum();
        if let Some(times) = times {
            run.metric("stops", times as f64);
        }
        if let Some(state) = xstate::vector_state() {
            run.metric("vector_bytes", state.usual as f64);
            run.metric("vector_most_bytes", state.most as f64);
        }
        let kept = all.iter().map(|(kept, _)| kept).min().expect("two threads");
        note(run, preempted::REGISTERS, *kept)
    }

    fn note(run: &mut Run, marked: usize, kept: usize) -> String {
        run.metric("kept", kept as f64);
        run.metric("lost", (marked - kept) as f64);
        format!("{kept} of {marked} registers kept")
    }
}

#[cfg(not(all(unix, any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod flows {
    use lab::{Experiment, Kind};

    pub(super) fn add_to(experiment: Experiment) -> Experiment {
        let label = "no switch is written for this platform";
        experiment.variant(
            Kind::Alone,
            "none",
            label,
            |_| "not on this platform",
        )
    }
}
