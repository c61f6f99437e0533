//! Round numbers in place of measured ones, for tests and exercises.

use crate::{BUSY_STEPS, Costs, Model};

/// What a model costs, in microseconds but for bytes, which are nanoseconds:
/// start, flow, beside the steps of an item, beside a wait, late, a byte.
type Round = (f64, f64, f64, f64, f64, f64);

fn of(model: Model) -> Round {
    match model {
        Model::InTurn | Model::PyInTurn => (0.0, 0.0, 0.0, 0.0, 75.0, 0.0),
        Model::Threads => (0.0, 50.0, 2.0, 20.0, 75.0, 0.0),
        Model::Rayon => (50.0, 0.0, 1.0, 0.0, 75.0, 0.0),
        Model::Tokio => (50.0, 2.0, 1.0, 1.0, 1_100.0, 0.0),
        Model::TokioRayon => (100.0, 3.0, 40.0, 0.0, 1_200.0, 0.0),
        Model::Processes => (800.0, 0.0, 10.0, 0.0, 100.0, 0.5),
        Model::PyThreads => (0.0, 100.0, 8.0, 40.0, 75.0, 0.0),
        Model::PyAsyncio => (400.0, 8.0, 1.0, 4.0, 100.0, 0.0),
        Model::PyToThread => (900.0, 8.0, 60.0, 0.0, 200.0, 0.0),
        Model::PyProcesses => (4_500.0, 0.0, 150.0, 0.0, 100.0, 1.0),
        Model::PyProcessesAsyncio => (5_000.0, 8.0, 2.0, 4.0, 100.0, 3.0),
        Model::PyProcessesThreads => (5_000.0, 100.0, 20.0, 40.0, 75.0, 4.0),
        Model::PyInterpreters => (17_000.0, 0.0, 130.0, 0.0, 200.0, 1.0),
        Model::PyFreeThreads => (0.0, 200.0, 60.0, 40.0, 100.0, 0.0),
        Model::PyFreeToThread => (1_400.0, 10.0, 150.0, 0.0, 400.0, 0.0),
    }
}

impl Costs {
    /// A machine that nobody has, near enough to one that many have.
    pub fn round() -> Costs {
        Costs::from(|name| Some(round(name))).unwrap_or_else(|missing| {
            unreachable!("{missing:?} are named, and have a number")
        })
    }
}

fn round(name: &str) -> f64 {
    let step = |name: &str| match name {
        _ if name.starts_with("py_free_") => 100.0,
        _ if name.starts_with("py_") => 80.0,
        _ => 70.0,
    };
    // The longest name that fits, since `tokio` begins `tokio_rayon`.
    let models = Model::ALL.into_iter();
    let model = models
        .filter(|model| name.starts_with(&format!("{}_", model.id())))
        .max_by_key(|model| model.id().len());
    let part = model.map_or(name, |model| &name[model.id().len() + 1..]);
    let (start, flow, item, wait, late, byte) =
        model.map_or((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), of);
    let steps = f64::from(BUSY_STEPS) * step(name);
    match part {
        "start_ns" => start * 1e3,
        "flow_ns" => flow * 1e3,
        "busy_ns" | "alone_ns" => steps + item * 1e3,
        "full_ns" => steps + (item + wait) * 1e3,
        "late_ns" => late * 1e3,
        "grain_ns" if model == Some(Model::Tokio) => 0.0,
        "grain_ns" if model == Some(Model::TokioRayon) => 0.0,
        "grain_ns" => 1e6,
        "byte_ns" => byte,
        "task_bytes" | "py_task_bytes" => 1e3,
        "thread_bytes" | "py_thread_bytes" => 15e3,
        "process_bytes" | "py_process_bytes" => 500e3,
        "host_message_ns" => 7e3,
        "host_ns_per_byte" => 0.5,
        "host_delay_ns" => 6e5,
        _ if name.ends_with("_bytes") => 7e6,
        _ => step(name),
    }
}
