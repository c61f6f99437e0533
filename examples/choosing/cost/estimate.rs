//! The model itself.

use crate::{Costs, Job, Model, say};

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

/// How a model spends a job: its shape, before anything is computed.
struct Shape {
    /// Threads, processes, …
    workers: f64,
    /// Items under way in each.
    flows: f64,
    /// Before the first item can begin, on one core.
    start_ns: f64,
    /// CPU of each item beside its work.
    item_ns: f64,
    /// How late a wait ends.
    late_ns: f64,
    /// How many can compute.
    cores: f64,
    /// Whether one lock is what keeps it to these.
    locked: bool,
    bytes: f64,
    /// A step of the work, over the language's usual one.
    steps: f64,
}

/// What this job takes in this model; `None` where the job is in another
/// language, or the machine has no such model.
pub fn estimate(job: &Job, costs: &Costs, model: Model) -> Option<Estimate> {
    if model.language() != job.language {
        return None;
    }
    let shape = shape(job, costs, model)?;
    let cpu_ns = job.cpu_ns * shape.steps + shape.item_ns;
    let flows = (shape.workers * shape.flows).max(1.0);
    let late_ns = if job.wait_ns > 0.0 { shape.late_ns } else { 0.0 };
    let alone_ns = cpu_ns + job.wait_ns + late_ns;
    let by_cores = job.items * cpu_ns / shape.cores;
    let by_flight = (job.items / flows).ceil() * alone_ns;
    let time_ns = shape.start_ns + by_cores.max(by_flight);
    let binds = if shape.start_ns + job.items * shape.item_ns > time_ns / 2.0 {
        Bind::Overhead
    } else if by_cores >= by_flight {
        if shape.locked { Bind::Lock } else { Bind::Cores }
    } else if flows >= job.items {
        Bind::Item
    } else {
        Bind::InFlight
    };
    Some(Estimate {
        model,
        time_ns,
        cpu_ns: shape.start_ns + job.items * cpu_ns,
        memory_bytes: shape.bytes,
        binds,
        workers: shape.workers as u32,
        flows: shape.flows as u32,
    })
}

fn shape(job: &Job, costs: &Costs, model: Model) -> Option<Shape> {
    let c = costs;
    let at_once = job.at_once.min(job.items).floor().max(1.0);
    let each = job.cores.ceil().min(job.items).max(1.0);
    let share = (at_once / each).ceil();
    let bytes = job.bytes_in + job.bytes_out;
    let alone = Shape {
        workers: 1.0,
        flows: 1.0,
        start_ns: 0.0,
        item_ns: 0.0,
        late_ns: c.thread_late_ns,
        cores: job.cores.min(1.0),
        locked: false,
        bytes: 0.0,
        steps: 1.0,
    };
    let waits = if job.wait_ns > 0.0 { 1.0 } else { 0.0 };
    Some(match model {
        Model::InTurn => alone,
        Model::Threads => Shape {
            workers: at_once,
            start_ns: at_once * c.thread_start_ns,
            item_ns: waits * c.thread_wake_ns,
            cores: job.cores,
            bytes: at_once * c.thread_bytes,
            ..alone
        },
        Model::Rayon => Shape {
            workers: each,
            start_ns: c.rayon_start_ns,
            item_ns: c.rayon_item_ns + waits * c.thread_wake_ns,
            cores: job.cores,
            bytes: each * c.thread_bytes,
            ..alone
        },
        Model::Tokio | Model::TokioRayon => Shape {
            workers: each,
            flows: share,
            start_ns: c.tokio_start_ns + at_once * c.task_start_ns,
            item_ns: waits * c.task_wake_ns
                + if model == Model::Tokio { 0.0 } else { 2.0 * c.oneshot_ns },
            late_ns: c.task_late_ns,
            cores: job.cores,
            bytes: each * c.thread_bytes + at_once * c.task_bytes,
            ..alone
        },
        Model::Processes => Shape {
            workers: each,
            start_ns: each * c.process_start_ns / job.cores,
            item_ns: c.process_item_ns + bytes * c.process_ns_per_byte,
            cores: job.cores,
            bytes: each * c.process_bytes,
            ..alone
        },
        Model::PyInTurn => Shape { late_ns: c.py_thread_late_ns, ..alone },
        Model::PyThreads => Shape {
            workers: at_once,
            start_ns: at_once * c.py_thread_start_ns,
            item_ns: c.py_thread_item_ns + waits * c.py_thread_wake_ns,
            late_ns: c.py_thread_late_ns,
            locked: true,
            bytes: at_once * c.py_thread_bytes,
            ..alone
        },
        Model::PyAsyncio => Shape {
            flows: at_once,
            start_ns: c.py_loop_start_ns + at_once * c.py_task_start_ns,
            item_ns: waits * c.py_task_wake_ns,
            late_ns: c.py_task_late_ns,
            locked: true,
            bytes: at_once * c.py_task_bytes,
            ..alone
        },
        Model::PyToThread => Shape {
            flows: at_once,
            start_ns: c.py_loop_start_ns + at_once * c.py_task_start_ns,
            item_ns: 2.0 * c.py_to_thread_ns + waits * c.py_task_wake_ns,
            late_ns: c.py_task_late_ns,
            locked: true,
            bytes: at_once * c.py_task_bytes + each * c.py_thread_bytes,
            ..alone
        },
        Model::PyProcesses => Shape {
            workers: each,
            start_ns: each * c.py_process_start_ns,
            item_ns: c.py_process_item_ns
                + bytes * c.py_process_ns_per_byte
                + waits * c.py_thread_wake_ns,
            late_ns: c.py_thread_late_ns,
            cores: job.cores,
            bytes: each * c.py_process_bytes,
            ..alone
        },
        Model::PyProcessesAsyncio => Shape {
            workers: each,
            flows: share,
            start_ns: each * c.py_process_start_ns,
            item_ns: bytes * c.py_process_ns_per_byte
                + waits * c.py_task_wake_ns,
            late_ns: c.py_task_late_ns,
            cores: job.cores,
            bytes: each * c.py_process_bytes + at_once * c.py_task_bytes,
            ..alone
        },
        Model::PyProcessesThreads => Shape {
            workers: each,
            flows: share,
            start_ns: each * c.py_process_start_ns
                + share * c.py_thread_start_ns,
            item_ns: bytes * c.py_process_ns_per_byte
                + c.py_thread_item_ns
                + waits * c.py_thread_wake_ns,
            late_ns: c.py_thread_late_ns,
            cores: job.cores,
            bytes: each * c.py_process_bytes + at_once * c.py_thread_bytes,
            ..alone
        },
        Model::PyInterpreters => Shape {
            workers: each,
            start_ns: each * c.py_interpreter_start_ns?,
            item_ns: c.py_interpreter_item_ns?
                + bytes * c.py_interpreter_ns_per_byte?
                + waits * c.py_thread_wake_ns,
            late_ns: c.py_thread_late_ns,
            cores: job.cores,
            bytes: each * c.py_interpreter_bytes?,
            ..alone
        },
        Model::PyFreeThreads => Shape {
            workers: at_once,
            start_ns: at_once * c.py_free_thread_start_ns?,
            item_ns: c.py_free_thread_item_ns?
                + waits * c.py_free_thread_wake_ns?,
            late_ns: c.py_thread_late_ns,
            cores: job.cores,
            bytes: at_once * c.py_thread_bytes,
            steps: c.py_free_steps?,
            ..alone
        },
        Model::PyFreeToThread => Shape {
            flows: at_once,
            start_ns: c.py_loop_start_ns + at_once * c.py_free_task_start_ns?,
            item_ns: 2.0 * c.py_free_to_thread_ns?
                + waits * c.py_free_task_wake_ns?,
            late_ns: c.py_task_late_ns,
            cores: job.cores,
            bytes: at_once * c.py_task_bytes + each * c.py_thread_bytes,
            steps: c.py_free_steps?,
            ..alone
        },
    })
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
