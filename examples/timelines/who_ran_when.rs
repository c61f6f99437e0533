//! Who ran when: the same spinning lanes under four arrangements.
//!
//! Run:  cargo run --example who_ran_when
//! See:  as many slices as switches counted, and one more for each lane. Four
//!       threads on one core take turns; two processes have a core each and
//!       are hardly ever stopped. `cargo book measure who_ran_when` records
//!       the lanes, Python's too, and the book draws them.
//!
//! A lane spins and reads the clock; after a gap it asks the kernel whether it
//! was switched. Nothing is traced from outside, and no privilege is needed.
//!
//! On Linux the kernel is also asked how long a slice it grants, how far apart
//! its ticks are, and how long a lane has waited for a core. `long_slices` asks
//! for slices of 10 ms, and should end them at the first tick after that.

use std::process::ExitCode;
use std::thread;

use lab::timeline::{Lane, now_ns, spin};
use lab::{Crew, Experiment, Kind, Run, os};

const RECORD_NS: u64 = 200_000_000;
/// More than what the kernel grants unasked, and no multiple of its tick.
const SLICE_NS: u64 = 10_000_000;

fn main() -> ExitCode {
    Experiment::new(
        "who_ran_when",
        "Who has a core when there are more flows than cores?",
    )
    .baseline("none")
    .observed()
    .variant(Kind::Thread, "one_core", "4 threads on 1 core", |run| {
        threads(run, 4, 1, || ())
    })
    .variant(Kind::Thread, "long_slices", "the same, asking for 10 ms", |run| {
        threads(run, 4, 1, || kernel::ask_for_slices(SLICE_NS))
    })
    .variant(Kind::Thread, "two_cores", "4 threads on 2 cores", |run| {
        threads(run, 4, 2, || ())
    })
    .variant(Kind::Thread, "threads", "2 threads", |run| {
        threads(run, 2, usize::MAX, || ())
    })
    .variant(Kind::Process, "processes", "2 processes", |run| processes(run, 2))
    .crew("spin", |i, args| {
        let epoch = args[0].parse().expect("a time");
        spin(&format!("P{i}"), epoch, RECORD_NS).to_text()
    })
    .run()
}

// ANCHOR: threads
fn threads(run: &mut Run, count: usize, cores: usize, ask: fn()) -> String {
    let cpus: Vec<usize> = os::allowed_cpus().unwrap_or_default();
    let cpus = &cpus[..cores.min(cpus.len())];
    let gate = &run.gate(count);
    let lanes: Vec<(Lane, Told)> = thread::scope(|scope| {
        let all: Vec<_> = (0..count)
            .map(|i| {
                scope.spawn(move || {
                    os::pin_to(cpus);
                    ask();
                    gate.wait();
                    let name = format!("T{i}");
                    told(|| spin(&name, gate.began_ns(), RECORD_NS))
                })
            })
            .collect();
        all.into_iter().map(|lane| lane.join().unwrap()).collect()
    });
    keep_told(run, lanes)
}
// ANCHOR_END: threads

fn processes(run: &mut Run, count: usize) -> String {
    let mut crew = Crew::start("spin", count).expect("child processes");
    // The clock is the same in every process, so one start serves all lanes.
    let epoch = now_ns().to_string();
    let lanes = crew.go(run, &[epoch]).expect("a lane from each child");
    keep(
        run,
        lanes
            .iter()
            .map(|lane| Lane::from_text(lane).expect("a lane"))
            .collect(),
    )
}

/// What the kernel tells a thread of itself.
struct Told {
    waited_ns: Option<u64>,
    granted_ns: Option<u64>,
}

/// Runs `lane`, and asks how long it has waited for a core meanwhile.
fn told(lane: impl FnOnce() -> Lane) -> (Lane, Told) {
    let before = kernel::waited_ns();
    let lane = lane();
    let after = kernel::waited_ns();
    let waited_ns = after.zip(before).map(|(after, before)| after - before);
    (lane, Told { waited_ns, granted_ns: kernel::granted_ns() })
}

fn keep_told(run: &mut Run, lanes: Vec<(Lane, Told)>) -> String {
    let (lanes, told): (Vec<Lane>, Vec<Told>) = lanes.into_iter().unzip();
    let ms = |ns: u64| ns as f64 / 1e6;
    let waited: Option<u64> = told.iter().map(|told| told.waited_ns).sum();
    if let Some(waited) = waited {
        run.metric("waited_core_ms", ms(waited) / told.len() as f64);
    }
    if let Some(granted) = told[0].granted_ns {
        run.metric("granted_ms", ms(granted));
    }
    let slices = slices(&lanes);
    if let Some(&longest) = slices.last() {
        run.metric("slice_ms", ms(slices[slices.len() / 2]));
        run.metric("longest_ms", ms(longest));
    }
    if let Some(tick) = kernel::tick_ns() {
        run.metric("tick_ms", ms(tick));
        if let Some(share) = on_tick(&lanes, tick) {
            run.metric("on_tick_share", share);
        }
    }
    keep(run, lanes)
}

/// The slices by length, without each lane's first and last, which the
/// recording has cut.
fn slices(lanes: &[Lane]) -> Vec<u64> {
    let whole = lanes.iter().filter(|lane| lane.spans.len() > 2);
    let mut slices: Vec<u64> = whole
        .flat_map(|lane| &lane.spans[1..lane.spans.len() - 1])
        .map(|span| span.to_ns - span.from_ns)
        .collect();
    slices.sort_unstable();
    slices
}

/// Of the slices' ends, the share that lies on one grid with the ticks' step.
/// Ends at any time would hardly share one.
fn on_tick(lanes: &[Lane], tick: u64) -> Option<f64> {
    const NEAR_NS: u64 = 50_000;
    let phases: Vec<u64> = lanes
        .iter()
        .flat_map(|lane| &lane.spans[..lane.spans.len().saturating_sub(1)])
        .map(|span| span.to_ns % tick)
        .collect();
    let near = |a: u64, b: u64| {
        let apart = a.abs_diff(b);
        apart.min(tick - apart) <= NEAR_NS
    };
    let on_grid_of =
        |&grid: &u64| phases.iter().filter(|&&end| near(end, grid)).count();
    let most = phases.iter().map(on_grid_of).max()?;
    Some(most as f64 / phases.len() as f64)
}

fn keep(run: &mut Run, lanes: Vec<Lane>) -> String {
    let gaps: u64 = lanes.iter().map(|lane| lane.false_gaps).sum();
    let spans: usize = lanes.iter().map(|lane| lane.spans.len()).sum();
    let switched: Option<u64> = lanes.iter().map(|lane| lane.involuntary).sum();
    run.metric("slices_seen", spans as f64);
    if let Some(switched) = switched {
        run.metric("switches_counted", switched as f64);
    }
    run.metric("false_gaps", gaps as f64);
    let answer = format!("{} lanes", lanes.len());
    run.timeline(lanes);
    answer
}

/// What Linux tells a thread of itself, and what it may be asked for.
#[cfg(target_os = "linux")]
mod kernel {
    use std::fs;

    /// How long this thread has wanted a core and not had one.
    pub(super) fn waited_ns() -> Option<u64> {
        let said = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        said.split_whitespace().nth(1)?.parse().ok()
    }

    /// How long it may run before it is another one's turn.
    pub(super) fn granted_ns() -> Option<u64> {
        let said = fs::read_to_string("/proc/thread-self/sched").ok()?;
        let line = said.lines().find(|line| line.starts_with("se.slice"))?;
        line.split_whitespace().last()?.parse().ok()
    }

    /// What lies between two ticks: this clock is set by them.
    pub(super) fn tick_ns() -> Option<u64> {
        let mut step = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let clock = libc::CLOCK_MONOTONIC_COARSE;
        // SAFETY: `step` is there to be written to.
        let failed = unsafe { libc::clock_getres(clock, &raw mut step) };
        let ns = u64::try_from(step.tv_nsec).ok().filter(|&ns| ns > 0)?;
        (failed == 0 && step.tv_sec == 0).then_some(ns)
    }

    /// Asks for slices of this length. Kernels before 6.12 pay no attention,
    /// and a sandbox may refuse: what is granted then tells.
    pub(super) fn ask_for_slices(ns: u64) {
        // SAFETY: zeros are a value of it, and ask for nothing unusual.
        let mut wish: libc::sched_attr = unsafe { std::mem::zeroed() };
        wish.size = size_of::<libc::sched_attr>() as u32;
        wish.sched_runtime = ns;
        // SAFETY: it reads as many bytes as `size` says, and 0 is this thread.
        unsafe {
            libc::syscall(libc::SYS_sched_setattr, 0, &raw const wish, 0)
        };
    }
}

/// Elsewhere nobody is asked.
#[cfg(not(target_os = "linux"))]
mod kernel {
    pub(super) fn waited_ns() -> Option<u64> {
        None
    }

    pub(super) fn granted_ns() -> Option<u64> {
        None
    }

    pub(super) fn tick_ns() -> Option<u64> {
        None
    }

    pub(super) fn ask_for_slices(_: u64) {}
}
