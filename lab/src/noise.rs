//! Is somebody else using the machine while we measure?
//!
//! A neighbor's process on the same two cores halves a speed-up and leaves no other trace:
//! steal stays near zero, and the kernel's pressure figures count our own load too. So we
//! ask how much of the machine's busy time was *not* ours: the busy time in `/proc/stat`
//! less the CPU time of this process and its descendants. The kernel's own threads are left
//! out: they clear up behind us (an ended thread's stack is freed there), and nobody can say
//! behind whom else.

use std::time::{Duration, Instant};

use crate::os;

/// Above this share of the machine, somebody else's work spoils a round.
pub const FOREIGN_LIMIT: f64 = 0.04;

/// How the machine's time was spent over a stretch, as shares of all cores.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Noise {
    /// Busy with other people's work.
    pub foreign: f64,
    /// Given to another guest by the hypervisor.
    pub stolen: f64,
    /// Share of the time in which some task had to wait for a core. Our own count too, so
    /// nothing is judged by it.
    pub pressure: f64,
}

/// Tells how noisy it has been since it was last asked.
pub trait Listen {
    /// The noise since the last call (or since the start). `None`: cannot be told here.
    fn listen(&mut self) -> Option<Noise>;
}

/// Listens to this machine through `/proc`.
pub struct Machine {
    then: Option<Reading>,
}

#[derive(Clone, Copy)]
struct Reading {
    at: Instant,
    machine: os::MachineTime,
    ours: Duration,
    pressure: Duration,
}

impl Machine {
    /// Starts listening now.
    pub fn new() -> Machine {
        Machine { then: Reading::now() }
    }
}

impl Default for Machine {
    fn default() -> Machine {
        Machine::new()
    }
}

impl Reading {
    fn now() -> Option<Reading> {
        Some(Reading {
            at: Instant::now(),
            machine: os::machine_time()?,
            ours: os::family_time(std::process::id())? + os::kernel_time().unwrap_or_default(),
            pressure: os::pressure_time().unwrap_or_default(),
        })
    }
}

impl Listen for Machine {
    fn listen(&mut self) -> Option<Noise> {
        let (now, then) = (Reading::now()?, self.then?);
        self.then = Some(now);
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        let wall = now.at.duration_since(then.at).as_secs_f64();
        let all = now.at.duration_since(then.at).as_secs_f64() * cores as f64;
        let busy = now.machine.busy.saturating_sub(then.machine.busy);
        let ours = now.ours.saturating_sub(then.ours);
        let stolen = now.machine.stolen.saturating_sub(then.machine.stolen);
        Some(Noise {
            foreign: busy.saturating_sub(ours).as_secs_f64() / all,
            stolen: stolen.as_secs_f64() / all,
            pressure: now.pressure.saturating_sub(then.pressure).as_secs_f64() / wall,
        })
    }
}

/// Waits until the machine has been quiet for two seconds, at most `patience`.
/// Returns whether it became quiet; `true` as well where that cannot be told.
pub fn wait_for_quiet(patience: Duration) -> bool {
    let began = Instant::now();
    loop {
        let mut machine = Machine::new();
        std::thread::sleep(Duration::from_secs(2));
        match machine.listen() {
            Some(noise) if noise.foreign > FOREIGN_LIMIT => {}
            _ => return true,
        }
        if began.elapsed() > patience {
            return false;
        }
    }
}

/// Hears nothing: for runs too short to be picked over.
pub struct Ignore;

impl Listen for Ignore {
    fn listen(&mut self) -> Option<Noise> {
        None
    }
}
