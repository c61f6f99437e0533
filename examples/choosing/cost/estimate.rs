//! The model itself: a job is played, item by item, on cores that are busy or
//! free.

use crate::play::{Play, play};
use crate::{BUSY_STEPS, Costs, Job, Language, Model, say};

/// What a job takes in a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The model.
    pub model: Model,
    /// From the first start to the last answer.
    pub time_ns: f64,
    /// What all cores together compute.
    pub cpu_ns: f64,
    /// What the model itself needs, without the job's own data.
    pub memory_bytes: f64,
    /// What would have to change for it to be faster.
    pub binds: Bind,
    /// Threads, processes, interpreters or a loop's workers.
    pub workers: u32,
    /// Items under way in each.
    pub flows: u32,
}

/// What a job's time is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bind {
    /// The cores compute all the time.
    Cores,
    /// As many wait as may be under way.
    InFlight,
    /// One item's own length: all are under way from the start.
    Item,
    /// The global lock lets one compute.
    Lock,
    /// There is no memory for more at once.
    Memory,
    /// Starting and handing over take longer than the work.
    Overhead,
}

impl Bind {
    /// As it stands in files.
    pub fn id(self) -> &'static str {
        match self {
            Bind::Cores => "cores",
            Bind::InFlight => "in_flight",
            Bind::Item => "item",
            Bind::Lock => "lock",
            Bind::Memory => "memory",
            Bind::Overhead => "overhead",
        }
    }

    /// As a table has it.
    pub fn label(self) -> &'static str {
        match self {
            Bind::Cores => "cores",
            Bind::InFlight => "waits in flight",
            Bind::Item => "an item's own time",
            Bind::Lock => "the global lock",
            Bind::Memory => "memory",
            Bind::Overhead => "overhead",
        }
    }
}

/// How a model spends its cores.
#[derive(Clone, Copy, PartialEq)]
enum Cores {
    /// One core, since there is one flow.
    One,
    /// One at a time, since there is a global lock.
    Locked,
    /// All of them, whoever is free.
    Shared,
    /// One for each process, and a share of the items.
    Each,
}

/// What a model makes of a job: how many workers, with how many items under way
/// in each, and the bytes of a worker and of a flow.
struct Shape {
    cores: Cores,
    workers: f64,
    flows: f64,
    worker_bytes: f64,
    flow_bytes: f64,
}

fn shape(job: &Job, costs: &Costs, model: Model) -> Option<Shape> {
    let at_once = job.at_once.min(job.items).floor().max(1.0);
    let each = job.cores.ceil().min(at_once);
    let share = (at_once / each).floor();
    let (thread, task) = (costs.thread_bytes, costs.task_bytes);
    let (py_thread, py_task) = (costs.py_thread_bytes, costs.py_task_bytes);
    let py_process = costs.py_process_bytes;
    let of = |cores, workers, flows, worker_bytes, flow_bytes| {
        Some(Shape { cores, workers, flows, worker_bytes, flow_bytes })
    };
    use Cores::{Each, Locked, One, Shared};
    match model {
        Model::InTurn | Model::PyInTurn => of(One, 1.0, 1.0, 0.0, 0.0),
        Model::Threads => of(Shared, at_once, 1.0, 0.0, thread),
        Model::Rayon => of(Shared, each, 1.0, 0.0, thread),
        Model::Tokio => of(Shared, each, share, thread, task),
        Model::TokioRayon => of(Shared, each, share, 2.0 * thread, task),
        Model::Processes => of(Shared, each, 1.0, 0.0, costs.process_bytes),
        Model::PyThreads => of(Locked, at_once, 1.0, 0.0, py_thread),
        Model::PyAsyncio => of(Locked, 1.0, at_once, 0.0, py_task),
        Model::PyToThread => {
            of(Locked, 1.0, at_once, each * py_thread, py_task)
        }
        Model::PyProcesses => of(Shared, each, 1.0, 0.0, py_process),
        Model::PyProcessesAsyncio => of(Each, each, share, py_process, py_task),
        Model::PyProcessesThreads => {
            of(Each, each, share, py_process, py_thread)
        }
        Model::PyInterpreters => {
            of(Shared, each, 1.0, 0.0, costs.py_interpreter_bytes?)
        }
        Model::PyFreeThreads => of(Shared, at_once, 1.0, 0.0, py_thread),
        Model::PyFreeToThread => {
            of(Shared, 1.0, at_once, each * py_thread, py_task)
        }
    }
}

/// What this job takes in this model; `None` where the job is in another
/// language, or the machine has no such model.
pub fn estimate(job: &Job, costs: &Costs, model: Model) -> Option<Estimate> {
    if model.language() != job.language {
        return None;
    }
    let beside = costs.of(model)?;
    let mut shape = shape(job, costs, model)?;
    let is_bound = bound_by_memory(job, &mut shape);
    let flows = shape.workers * shape.flows;

    // How many can compute at the same time, and how fast.
    let is_one = matches!(shape.cores, Cores::One | Cores::Locked);
    let most = if is_one { job.cores.min(1.0) } else { job.cores };
    let lanes = most.ceil().min(flows);
    let step = steps(costs, model, lanes > 1.0)?;
    let slower = step.now / step.usual * lanes / most.min(lanes);

    // What an item takes of them beside its steps.
    let waits = job.wait_ns > 0.0;
    let measured = match waits {
        true if beside.full_ns > 0.0 => beside.full_ns,
        false if flows == 1.0 && beside.alone_ns > 0.0 => beside.alone_ns,
        _ => beside.busy_ns,
    };
    let bytes = (job.bytes_in + job.bytes_out) * beside.byte_ns;
    let steps = f64::from(BUSY_STEPS) * step.now;
    let item_ns = (measured - steps).max(0.0) + bytes;
    let cpu_ns = job.cpu_ns * slower + item_ns;

    let late_ns = if waits { beside.late_ns } else { 0.0 };
    let starts = shape.workers * beside.start_ns;
    let share = if shape.cores == Cores::Each { shape.workers } else { 1.0 };
    let played = play(&Play {
        items: (job.items / share).ceil(),
        flows: flows / share,
        lanes: if shape.cores == Cores::Each { 1.0 } else { lanes },
        half_ns: cpu_ns / 2.0,
        wait_ns: job.wait_ns,
        late_ns,
        grain_ns: beside.grain_ns,
        flow_ns: beside.flow_ns,
    });
    let time_ns = starts + played;

    let alone_ns = cpu_ns + job.wait_ns + late_ns;
    let by_cores = job.items * cpu_ns / lanes;
    let by_flight = (job.items / flows).ceil() * alone_ns;
    let overhead =
        starts + flows * beside.flow_ns + job.items * item_ns / lanes;
    let binds = if overhead > time_ns / 2.0 {
        Bind::Overhead
    } else if by_cores >= by_flight {
        match shape.cores {
            Cores::Locked => Bind::Lock,
            _ => Bind::Cores,
        }
    } else if is_bound {
        Bind::Memory
    } else if flows >= job.items {
        Bind::Item
    } else {
        Bind::InFlight
    };
    let memory_bytes =
        shape.workers * shape.worker_bytes + flows * shape.flow_bytes;
    Some(Estimate {
        model,
        time_ns,
        cpu_ns: starts + flows * beside.flow_ns + job.items * cpu_ns,
        memory_bytes,
        binds,
        workers: shape.workers as u32,
        flows: shape.flows as u32,
    })
}

/// Fewer at once where there is no memory for more; whether that is so.
fn bound_by_memory(job: &Job, shape: &mut Shape) -> bool {
    let room = job.memory_bytes - shape.workers * shape.worker_bytes;
    let flows = shape.workers * shape.flows;
    if job.memory_bytes == 0.0 || flows * shape.flow_bytes <= room {
        return false;
    }
    let fit = (room / shape.flow_bytes).floor().max(1.0);
    if shape.flows > 1.0 {
        shape.flows = (fit / shape.workers).floor().max(1.0);
    } else {
        shape.workers = fit;
    }
    true
}

/// A step of the work: as the job's CPU is counted, and as it is in this model.
struct Step {
    usual: f64,
    now: f64,
}

fn steps(costs: &Costs, model: Model, crowd: bool) -> Option<Step> {
    let crowded = if crowd { costs.crowd_step_ns / costs.step_ns } else { 1.0 };
    let usual = match model.language() {
        Language::Rust => costs.step_ns,
        Language::Python => costs.py_step_ns,
    };
    let now = match model {
        Model::PyFreeThreads | Model::PyFreeToThread if crowd => {
            costs.py_free_crowd_step_ns?
        }
        Model::PyFreeThreads | Model::PyFreeToThread => costs.py_free_step_ns?,
        _ => usual * crowded,
    };
    Some(Step { usual, now })
}

impl Estimate {
    /// Why it takes that long, in a sentence.
    pub fn reason(&self, job: &Job) -> String {
        let flows = f64::from(self.workers) * f64::from(self.flows);
        let (items, flows) = (say::count(job.items), say::count(flows));
        let (cpu, wait) = (say::time(job.cpu_ns), say::time(job.wait_ns));
        match self.binds {
            Bind::Cores => format!(
                "{items} items of {cpu} keep {} busy all the time.",
                cores(job.cores)
            ),
            Bind::Lock => format!(
                "{items} items of {cpu} compute one at a time, whatever waits."
            ),
            Bind::InFlight => format!(
                "{flows} under way at once of {wait} each: {items} items take \
                 as many turns as that, and cores are idle."
            ),
            Bind::Item => format!(
                "All {items} items are under way at once, and one takes {cpu} \
                 of CPU and {wait} of waiting."
            ),
            Bind::Memory => {
                format!("There is memory for {flows} at once, and no more.")
            }
            Bind::Overhead => format!(
                "Starting and handing over {items} items of {cpu} takes longer \
                 than the work."
            ),
        }
    }
}

fn cores(cores: f64) -> String {
    let unit = if cores == 1.0 { "core" } else { "cores" };
    format!("{} {unit}", say::count(cores))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: Job = Job {
        items: 1_000.0,
        cpu_ns: 1e6,
        wait_ns: 0.0,
        at_once: 50.0,
        bytes_in: 0.0,
        bytes_out: 0.0,
        cores: 2.0,
        memory_bytes: 0.0,
        language: Language::Rust,
    };
    const WAITS: Job = Job { wait_ns: 50e6, cpu_ns: 1e5, ..JOB };

    fn of(job: Job, model: Model) -> Estimate {
        let job = Job { language: model.language(), ..job };
        estimate(&job, &Costs::round(), model).unwrap()
    }

    /// Whether it is so many times as long, but for a twentieth.
    fn is_times(long: Estimate, short: Estimate, times: f64) -> bool {
        (long.time_ns / short.time_ns / times - 1.0).abs() < 0.05
    }

    #[test]
    fn what_computes_is_as_many_times_faster_as_there_are_cores_or_locks() {
        let one = of(JOB, Model::InTurn);
        assert_eq!((one.time_ns, one.binds), (1e9, Bind::Cores));
        for model in [Model::Threads, Model::Rayon, Model::Tokio] {
            assert!(is_times(one, of(JOB, model), 2.0), "{model:?}");
            let quota = Job { cores: 1.5, ..JOB };
            assert!(is_times(one, of(quota, model), 1.5), "{model:?}");
        }
        for model in [Model::PyThreads, Model::PyAsyncio, Model::PyToThread] {
            let locked = of(JOB, model);
            assert!(locked.time_ns >= one.time_ns, "{model:?}");
            assert_eq!(locked.binds, Bind::Lock, "{model:?}");
        }
        let many = of(JOB, Model::PyProcessesAsyncio);
        assert!(is_times(one, many, 2.0), "{many:?}");
    }

    #[test]
    fn what_waits_takes_as_many_turns_as_do_not_fit_at_once() {
        let threads = of(WAITS, Model::Threads);
        assert_eq!(threads.binds, Bind::InFlight);
        assert!((1e9..1.02e9).contains(&threads.time_ns), "{threads:?}");
        // Two wait at a time, and not fifty.
        assert!(is_times(of(WAITS, Model::Rayon), threads, 25.0));
        let few = Job { items: 30.0, ..WAITS };
        assert_eq!(of(few, Model::PyAsyncio).binds, Bind::Item);
    }

    #[test]
    fn work_smaller_than_its_message_is_bound_by_overhead() {
        let tiny = Job { cpu_ns: 1e4, ..JOB };
        for model in [Model::PyProcesses, Model::PyInterpreters] {
            assert_eq!(of(tiny, model).binds, Bind::Overhead, "{model:?}");
        }
        let more = Job { bytes_in: 1e6, ..JOB };
        let times = of(more, Model::Processes).time_ns
            / of(JOB, Model::Processes).time_ns;
        assert!((1.4..1.6).contains(&times), "half a millisecond: {times}");
        let same = of(more, Model::Threads);
        assert_eq!(same, of(JOB, Model::Threads), "nothing is copied");
    }

    #[test]
    fn no_more_wait_than_there_is_memory_for() {
        let room = Job { memory_bytes: 150e3, ..WAITS };
        let (tight, free) =
            (of(room, Model::Threads), of(WAITS, Model::Threads));
        assert_eq!((tight.binds, tight.workers), (Bind::Memory, 10));
        assert!(is_times(tight, free, 5.0), "{tight:?}");
        assert!(tight.memory_bytes <= room.memory_bytes);
        assert_eq!(of(room, Model::PyAsyncio).binds, Bind::InFlight);
    }

    #[test]
    fn a_job_has_the_models_of_its_language_that_the_machine_has() {
        let python = Job { language: Language::Python, ..JOB };
        let (full, mut old) = (Costs::round(), Costs::round());
        assert_eq!(estimate(&python, &full, Model::Threads), None);
        old.py_free_step_ns = None;
        old.py_free_crowd_step_ns = None;
        assert_eq!(estimate(&python, &old, Model::PyFreeThreads), None);
        assert!(estimate(&python, &full, Model::PyFreeThreads).is_some());
    }

    #[test]
    fn every_reason_is_a_sentence_and_a_job_that_cannot_be_is_refused() {
        for model in Model::ALL {
            for job in [JOB, WAITS, Job { cpu_ns: 1e4, ..JOB }] {
                let reason = of(job, model).reason(&job);
                assert!(reason.ends_with('.'), "{reason}");
            }
        }
        assert_eq!(JOB.check(), Ok(()));
        for (job, said) in [
            (Job { items: 0.0, ..JOB }, "items is 0"),
            (Job { cores: f64::NAN, ..JOB }, "cores is NaN"),
            (Job { memory_bytes: -1.0, ..JOB }, "memory_bytes is -1"),
        ] {
            assert!(job.check().unwrap_err().starts_with(said));
        }
    }
}
