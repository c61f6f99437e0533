//! Known answers: what this machine needs for five things that every machine does. Together
//! with what it says of itself ([`Machine::differs`](crate::os::Machine::differs)) they are
//! its fingerprint, since a cloud gives hosts of several kinds one name.
//!
//! System call, wake-up and pointer chase are measured as lmbench does (McVoy and Staelin,
//! *lmbench: Portable Tools for Performance Analysis*, USENIX 1996: `lat_syscall`, `lat_ctx`
//! and `lat_mem_rd`), with our own code. All parts take turns for some rounds, and the median
//! counts, so that what disturbs one round does not enter. Together they take a fraction of a
//! second.

use std::fmt;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::{os, stats};

/// What was measured. Absent: it cannot be had here, or did not come off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Known {
    /// One step of the chain that the book's experiments compute with, in nanoseconds: two
    /// dependent multiplications, so it follows the core's frequency and design.
    pub spin_ns: Option<f64>,
    /// A system call that does next to nothing (`getppid`), in nanoseconds: the way into the
    /// kernel and back, with what mitigations add to it.
    pub syscall_ns: Option<f64>,
    /// From one thread's `unpark` to the other's running, on another core, in microseconds:
    /// half a round trip.
    pub wake_us: Option<f64>,
    /// One load whose address is what the load before it brought, in nanoseconds: through
    /// 64 MiB in random order, so it misses the caches and mostly the address cache, too.
    pub miss_ns: Option<f64>,
    /// A cache line on its way from one core to another, both of which look at it without
    /// pause, in nanoseconds: half a round trip.
    pub transfer_ns: Option<f64>,
}

/// One of the things that are measured.
pub struct Part {
    /// The field of [`Known`].
    pub name: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// `ns` or `µs`.
    pub unit: &'static str,
    /// By how much the larger of two values may exceed the smaller on one machine: 0.15 is
    /// 15 %.
    pub tolerance: f64,
    value: fn(&Known) -> Option<f64>,
}

/// All of them, in the order of the fields.
pub static PARTS: [Part; 5] = [
    Part {
        name: "spin_ns",
        what: "a step of the chain",
        unit: "ns",
        tolerance: SPIN_TOLERANCE,
        value: |known| known.spin_ns,
    },
    Part {
        name: "syscall_ns",
        what: "a system call",
        unit: "ns",
        tolerance: SYSCALL_TOLERANCE,
        value: |known| known.syscall_ns,
    },
    Part {
        name: "wake_us",
        what: "a wake-up",
        unit: "µs",
        tolerance: WAKE_TOLERANCE,
        value: |known| known.wake_us,
    },
    Part {
        name: "miss_ns",
        what: "a cache miss",
        unit: "ns",
        tolerance: MISS_TOLERANCE,
        value: |known| known.miss_ns,
    },
    Part {
        name: "transfer_ns",
        what: "a transfer between cores",
        unit: "ns",
        tolerance: TRANSFER_TOLERANCE,
        value: |known| known.transfer_ns,
    },
];

/// A virtual core of one host stays within 1 %, turbo moves others by about 5 %, and two hosts
/// of one name were as far apart as 93 and 68.
pub const SPIN_TOLERANCE: f64 = 0.15;
/// Up to a third more was seen on one guest from one minute to the next, and a mitigation more
/// or less can double it.
pub const SYSCALL_TOLERANCE: f64 = 0.5;
/// It depends on how deep an idle core sleeps, and on whether its hypervisor waits a little
/// before it takes it away: threefold was seen on one guest within a minute.
pub const WAKE_TOLERANCE: f64 = 3.0;
/// Neighbors share the last cache and the memory: a third was seen on one guest within minutes.
pub const MISS_TOLERANCE: f64 = 0.75;
/// Cores that share no cache are far apart, and a host may move its guest to such ones: on one
/// guest it was 36 ns and, within the hour, 162. So this tells how a contended lock fares today
/// rather than which machine it is, and only a far larger difference counts.
pub const TRANSFER_TOLERANCE: f64 = 9.0;

/// A part in which two machines differ, or one machine on two days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Its place in [`PARTS`].
    part: usize,
    /// The value on this side.
    pub ours: f64,
    /// The value on the other.
    pub theirs: f64,
}

impl Difference {
    /// What differs.
    pub fn part(&self) -> &'static Part {
        &PARTS[self.part]
    }
}

/// `a step of the chain takes 9.3 ns, not 6.8 ns`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part { what, unit, .. } = self.part();
        write!(f, "{what} takes {:.1} {unit}, not {:.1} {unit}", self.ours, self.theirs)
    }
}

impl Part {
    /// Its value.
    pub fn of(&self, known: &Known) -> Option<f64> {
        (self.value)(known)
    }
}

impl Known {
    /// Measures all of them, on threads of its own: the caller is not moved or pinned.
    pub fn measure() -> Known {
        // A thread that panics has measured nothing.
        thread::spawn(measure_here).join().unwrap_or_default()
    }

    /// The parts in which the two are further apart than one machine is from itself. A part
    /// that is absent on one side does not differ.
    pub fn differs(&self, other: &Known) -> Vec<Difference> {
        let apart = |(part, about): (usize, &Part)| {
            let (ours, theirs) = (about.of(self)?, about.of(other)?);
            let more = ours.max(theirs) / ours.min(theirs);
            (more > 1.0 + about.tolerance).then_some(Difference { part, ours, theirs })
        };
        PARTS.iter().enumerate().filter_map(apart).collect()
    }
}

const ROUNDS: usize = 25;
// Each sample takes about a millisecond, less than what the scheduler gives at a time: of
// several short ones most are whole even where somebody else computes, too.
const SPIN_STEPS: u64 = 100_000;
const CALLS: u64 = 2_000;
const LOADS: u32 = 5_000;
const WAKE_UPS: u32 = 20;
const WAKE_PATIENCE: Duration = Duration::from_millis(20);
const TRANSFERS: u32 = 2_000;
/// So often one looks for the other's answer, about a millisecond: then the other is not
/// running, and the sample is lost.
const LOOKS: u32 = 1 << 20;

fn measure_here() -> Known {
    let cpus = os::cpus_apart();
    let alone = cpus.is_none() && thread::available_parallelism().map_or(1, |n| n.get()) < 2;
    take_place(cpus, 0);
    let chase = chase(64 << 20);
    let mut at = 0;
    let mut samples: [Vec<f64>; PARTS.len()] = Default::default();
    for _ in 0..ROUNDS {
        let (together, at) = (!alone, &mut at);
        let round = [
            Some(each_ns(SPIN_STEPS, || chain(1, SPIN_STEPS))),
            os::enter_kernel().then(|| each_ns(CALLS, || (0..CALLS).for_each(call))),
            together.then(|| wake_us(cpus)),
            Some(each_ns(LOADS.into(), || *at = follow(&chase, *at, LOADS))),
            together.then(|| transfer_ns(cpus)).flatten(),
        ];
        for (all, one) in samples.iter_mut().zip(round) {
            all.extend(one);
        }
    }
    // Half of the samples may get lost.
    let [spin_ns, syscall_ns, wake_us, miss_ns, transfer_ns] =
        samples.map(|mut all| (all.len() > ROUNDS / 2).then(|| stats::median(&mut all)));
    Known { spin_ns, syscall_ns, wake_us, miss_ns, transfer_ns }
}

fn take_place(cpus: Option<[usize; 2]>, which: usize) {
    if let Some(cpus) = cpus {
        // Where it is refused, the scheduler finds a free core.
        os::pin_to(&[cpus[which]]);
    }
}

fn each_ns<T>(count: u64, work: impl FnOnce() -> T) -> f64 {
    let began = Instant::now();
    black_box(work());
    began.elapsed().as_nanos() as f64 / count as f64
}

/// The generator of Park and Miller with the multiplier of 1993, as in the experiments.
#[inline(never)]
fn chain(seed: u64, steps: u64) -> u64 {
    let mut x = black_box(seed);
    for _ in 0..steps {
        x = x * 48_271 % 0x7fff_ffff;
    }
    x
}

fn call(_: u64) {
    os::enter_kernel();
}

/// A cache line of today's x86-64 processors, and of most others.
#[repr(align(64))]
struct Line(u32);

/// Lines of which each names the next, all of them on one cycle in random order.
fn chase(bytes: usize) -> Vec<Line> {
    let mut order: Vec<u32> = (0..(bytes / size_of::<Line>()) as u32).collect();
    let mut random = 1;
    // Sattolo's way to shuffle: what comes out is a single cycle.
    for i in (1..order.len()).rev() {
        random = random * 48_271 % 0x7fff_ffff;
        order.swap(i, (random % i as u64) as usize);
    }
    order.into_iter().map(Line).collect()
}

#[inline(never)]
fn follow(lines: &[Line], from: u32, steps: u32) -> u32 {
    let mut at = from;
    for _ in 0..steps {
        at = lines[at as usize].0;
    }
    at
}

/// Whose turn it is, on a line of its own; some processors fetch two lines at a time.
#[repr(align(128))]
struct Turn(AtomicU32);

const OURS: u32 = 0;
const THEIRS: u32 = 1;
const OVER: u32 = 2;

impl Turn {
    fn is(&self, turn: u32) -> bool {
        self.0.load(Ordering::Acquire) == turn
    }

    fn give(&self, turn: u32) {
        self.0.store(turn, Ordering::Release);
    }
}

fn wake_us(cpus: Option<[usize; 2]>) -> f64 {
    let (turn, me) = (Turn(AtomicU32::new(OURS)), thread::current());
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            take_place(cpus, 1);
            loop {
                while turn.is(OURS) {
                    thread::park();
                }
                if turn.is(OVER) {
                    return;
                }
                turn.give(OURS);
                me.unpark();
            }
        });
        let trip = || {
            turn.give(THEIRS);
            other.thread().unpark();
            while turn.is(THEIRS) {
                thread::park();
            }
        };
        trip(); // now it is there
        let (began, mut trips) = (Instant::now(), 0);
        while trips < WAKE_UPS && began.elapsed() < WAKE_PATIENCE {
            trip();
            trips += 1;
        }
        let took = began.elapsed();
        turn.give(OVER);
        other.thread().unpark();
        took.as_secs_f64() * 1e6 / f64::from(2 * trips)
    })
}

fn transfer_ns(cpus: Option<[usize; 2]>) -> Option<f64> {
    let (turn, ready) = (Turn(AtomicU32::new(OURS)), Barrier::new(2));
    // No hint to the core that it spins: on some it costs as much as what is measured.
    let play = |ours: u32, theirs: u32| {
        (0..TRANSFERS).all(|_| {
            let came = (0..LOOKS).any(|_| turn.is(ours));
            turn.give(theirs);
            came
        })
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            take_place(cpus, 1);
            ready.wait();
            play(THEIRS, OURS)
        });
        ready.wait();
        let began = Instant::now();
        let ours = play(OURS, THEIRS);
        let took = began.elapsed();
        let theirs = other.join().unwrap_or(false);
        (ours && theirs).then(|| took.as_nanos() as f64 / f64::from(2 * TRANSFERS))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_gives_the_answer_that_its_authors_published() {
        // As C++ has it for `minstd_rand`.
        assert_eq!(chain(1, 10_000), 399_268_537);
    }

    #[test]
    fn a_chain_twice_as_long_takes_longer() {
        let took = |steps| {
            let once = |_| each_ns(1, || chain(1, steps));
            (0..20).map(once).min_by(f64::total_cmp).unwrap()
        };
        assert!(took(100_000) > took(50_000));
    }

    #[test]
    fn the_chase_comes_through_every_line_before_it_is_back() {
        let lines = chase(100 * 64);
        let places = (0..100).map(|steps| follow(&lines, 0, steps));
        assert_eq!(places.collect::<std::collections::HashSet<_>>().len(), 100);
        assert_eq!(follow(&lines, 0, 100), 0);
    }

    #[test]
    fn what_is_measured_is_more_than_nothing_and_leaves_the_caller_where_it_was() {
        let before = os::allowed_cpus();
        let known = Known::measure();
        assert_eq!(os::allowed_cpus(), before);
        let values: Vec<f64> = PARTS.iter().filter_map(|part| part.of(&known)).collect();
        // On a busy machine two cores may never be had at once.
        assert!(known.spin_ns.is_some() && known.miss_ns.is_some(), "{known:?}");
        assert!(values.iter().all(|value| value.is_finite() && *value > 0.0), "{known:?}");
    }

    const HERE: Known = Known {
        spin_ns: Some(9.3),
        syscall_ns: Some(160.0),
        wake_us: Some(12.0),
        miss_ns: Some(280.0),
        transfer_ns: None,
    };

    #[test]
    fn two_kinds_of_host_of_one_name_are_told_apart_in_words() {
        let there = Known { spin_ns: Some(6.8), miss_ns: Some(100.0), ..HERE };
        let words = |known: &Known, other| {
            known.differs(other).iter().map(Difference::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            words(&HERE, &there),
            [
                "a step of the chain takes 9.3 ns, not 6.8 ns",
                "a cache miss takes 280.0 ns, not 100.0 ns"
            ]
        );
        assert_eq!(words(&there, &HERE)[0], "a step of the chain takes 6.8 ns, not 9.3 ns");
        assert_eq!(HERE.differs(&there)[1].part().name, "miss_ns");
    }

    #[test]
    fn a_machine_on_another_day_is_still_itself() {
        let another_day = Known {
            spin_ns: Some(9.3 * 1.05),
            syscall_ns: None,
            wake_us: Some(33.0),
            miss_ns: Some(220.0),
            transfer_ns: Some(40.0),
        };
        assert_eq!(HERE.differs(&another_day), []);
        assert_eq!(another_day.differs(&HERE), []);
    }
}
